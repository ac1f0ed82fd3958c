import type { Locator, Page } from 'playwright-core';

type Role = Parameters<Page['getByRole']>[0];

/** Somebody without a pointer: they press keys, type, and look where the focus is. There is no way to click here. */
export interface Hands {
  press(...keys: string[]): Promise<void>;
  type(text: string): Promise<void>;
  /**
   * Goes by Tab to what is called so, as a person does who watches the ring. Fails where a stop on the way cannot be
   * seen, and where the thing is not among the next stops.
   */
  to(role: Role, name: string | RegExp, options?: { back?: boolean; stops?: number }): Promise<void>;
  /** The same, then presses Enter. */
  enter(role: Role, name: string | RegExp): Promise<void>;
  /** Stops whose focus was looked at so far. */
  readonly stops: number;
}

interface Stop {
  what: string;
  fault: string | null;
}

/** What has the focus, and why it cannot be seen there, if so. */
const look = (page: Page): Promise<Stop> =>
  page.evaluate(() => {
    const node = document.activeElement as HTMLElement | null;
    if (!node || node === document.body) return { what: 'the page', fault: null };
    const what = `${node.tagName.toLowerCase()} “${(node.ariaLabel ?? node.textContent ?? '').trim().slice(0, 60)}”`;
    const { left, top, width, height } = node.getBoundingClientRect();
    if (width === 0 || height === 0) return { what, fault: 'it has no size' };
    const [x, y] = [
      Math.min(Math.max(left + width / 2, 0), innerWidth - 1),
      Math.min(Math.max(top + height / 2, 0), innerHeight - 1),
    ];
    if (top + height < 0 || top > innerHeight || left + width < 0 || left > innerWidth)
      return { what, fault: 'it is off the screen' };
    const hit = document.elementFromPoint(x, y);
    const isCovered = hit && hit !== node && !node.contains(hit) && !hit.contains(node);
    // Toasts lie on one another as they come and go.
    if (isCovered && !node.closest('[data-sonner-toast]')) return { what, fault: 'something covers it' };
    const isRinged = (each: Element) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(each);
      return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
    };
    // Some fields are drawn by what is around them; the field of a list that is searched shows its caret alone.
    const around = [node, node.parentElement, node.parentElement?.parentElement].filter(
      (each) => each instanceof Element,
    );
    const isSearched = node.matches('[cmdk-input], [role=dialog], [role=alertdialog], .monaco-editor *');
    return {
      what,
      fault:
        around.some(isRinged) || isSearched
          ? null
          : `it has no ring (${getComputedStyle(node).outline}, by key: ${node.matches(':focus-visible')})`,
    };
  });

/** The same, looked at again while something may still be moving. */
async function lookWell(page: Page): Promise<Stop> {
  let seen = await look(page);
  for (const end = Date.now() + 5_000; seen.fault && Date.now() < end; seen = await look(page))
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(drawn)));
  return seen;
}

export function handsOn(page: Page): Hands {
  let stops = 0;
  const isThere = async (wanted: Locator): Promise<boolean> =>
    (await wanted.evaluateAll((nodes) => nodes.some((node) => node === document.activeElement))) === true;
  const hands: Hands = {
    press: async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    },
    type: (text) => page.keyboard.type(text),
    to: async (role, name, { back = false, stops: most = 60 } = {}) => {
      const wanted = page.getByRole(role, { name, exact: typeof name === 'string' });
      await wanted.first().waitFor();
      const passed: string[] = [];
      for (let stop = 0; stop <= most; stop += 1) {
        const { what, fault } = await (stop > 0 ? lookWell(page) : look(page));
        if (stop > 0 && fault) throw new Error(`By Tab one comes to ${what}, but ${fault}.`);
        if (await isThere(wanted)) return;
        passed.push(what);
        await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
        stops += 1;
      }
      throw new Error(`${String(name)} is not among the next ${most} stops: ${passed.join(', ')}`);
    },
    enter: async (role, name) => {
      await hands.to(role, name);
      await page.keyboard.press('Enter');
    },
    get stops() {
      return stops;
    },
  };
  return hands;
}
