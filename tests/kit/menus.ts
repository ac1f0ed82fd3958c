import type { Page } from 'playwright-core';
import { eventually } from './browser.ts';

/** Waits until some element of the page has the focus: what closes gives it back in the next moment. */
export const focusIsBack = (page: Page): Promise<void> =>
  eventually(() => page.evaluate(() => document.activeElement !== document.body)).toBe(true);

/** Waits until no menu is left, also none that is just closing. */
export const menuIsGone = (page: Page): Promise<void> => page.getByRole('menu').waitFor({ state: 'detached' });

/**
 * To an act of a menu that is open, by the arrows. An arrow moves the focus in the next moment: each is waited for, as one
 * too many goes past what is wanted.
 */
export async function goInMenu(
  page: Page,
  act: string | RegExp,
  role: 'menuitem' | 'menuitemradio' = 'menuitem',
): Promise<void> {
  const wanted = page.getByRole(role, { name: act, exact: typeof act === 'string' });
  await wanted.waitFor();
  const focused = () =>
    page.evaluate(() => (document.activeElement?.closest('[role="menu"]') ? document.activeElement.textContent : null));
  await eventually(focused).not.toBeNull();
  const isThere = () => wanted.evaluate((node) => node === document.activeElement);
  for (let step = 0; step < 20 && !(await isThere()); step += 1) {
    const before = await focused();
    await page.keyboard.press('ArrowDown');
    await eventually(focused).not.toBe(before);
  }
}

/** The same, and chooses it. Ends when the menu is gone and the focus is where it goes from there. */
export async function chooseByKeys(page: Page, act: string): Promise<void> {
  await goInMenu(page, act);
  await page.keyboard.press('Enter');
  await menuIsGone(page);
  await focusIsBack(page);
}
