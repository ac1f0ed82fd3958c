import type { Page } from 'playwright-core';

/** What a row of the peer holds: the height and the texts that the console's own rows have. */
export interface BareList {
  count: number;
  rowHeight: number;
  what: 'runs' | 'log';
}

/**
 * Fills the page with a bare virtual list of the same rows: plain DOM, no framework, no colours, nothing to load. What it
 * loses in frames is lost by the machine and the browser; it is measured in the same run as the console's list.
 */
export async function openBareList(page: Page, list: BareList): Promise<void> {
  await page.goto('about:blank');
  await page.evaluate(({ count, rowHeight, what }) => {
    const [overscan, step] = [what === 'log' ? 20 : 16, 4];
    document.body.style.cssText = 'margin:0;font:13px sans-serif';
    const box = document.createElement('div');
    box.style.cssText = 'position:absolute;left:240px;right:20px;top:260px;bottom:60px;overflow:auto';
    const inner = document.createElement('div');
    inner.style.cssText = `position:relative;height:${count * rowHeight}px`;
    box.append(inner);
    document.body.replaceChildren(box);
    const textsOf = (index: number): string[] =>
      what === 'log'
        ? ['14:02:31.118', `shop-${index % 12}`, `line ${index} of the check: certificate ${index * 7919} is valid`]
        : [
            'Succeeded',
            `Rotate the certificates of shop ${index}`,
            'Playbook',
            '3 of 3 steps',
            '4.0 s',
            'bench',
            '20 Nov 14:02',
          ];
    const draw = (index: number): HTMLElement => {
      const row = document.createElement('div');
      row.dataset['row'] = String(index);
      row.style.cssText = `position:absolute;left:0;right:0;display:flex;gap:12px;contain:strict;white-space:pre;height:${rowHeight}px;top:${index * rowHeight}px`;
      for (const text of textsOf(index)) {
        const cell = document.createElement('span');
        cell.textContent = text;
        row.append(cell);
      }
      return row;
    };
    const drawn = new Map<number, HTMLElement>();
    const show = (): void => {
      const first = Math.floor(box.scrollTop / rowHeight / step) * step;
      const from = Math.max(0, first - overscan);
      const to = Math.min(count, first + Math.ceil(box.clientHeight / rowHeight) + step + overscan);
      for (const [index, row] of drawn)
        if (index < from || index >= to) {
          row.remove();
          drawn.delete(index);
        }
      for (let index = from; index < to; index++)
        if (!drawn.has(index)) {
          const row = draw(index);
          drawn.set(index, row);
          inner.append(row);
        }
    };
    box.addEventListener('scroll', show, { passive: true });
    show();
  }, list);
}
