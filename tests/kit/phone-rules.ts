import type { Page } from 'playwright-core';

/** What can be pressed and answers to less than a thumb's 44 px; links within a sentence are as high as its line. */
export const tooSmall = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, a[href], input, select, textarea, [role=tab], [role=checkbox]')]
      .filter((node) => node.checkVisibility() && !node.closest('[aria-hidden=true], .sr-only, p, dd, td'))
      .flatMap((node) => {
        node.scrollIntoView({ block: 'center' });
        const { width, height, top, left } = node.getBoundingClientRect();
        // A row is pressed as a whole, a box by its label.
        const around = node.closest('[role=row], label, li')?.getBoundingClientRect().height ?? 0;
        if (width === 0 || Math.max(height, around) >= 44) return [];
        // Some are drawn smaller than what answers: asked is what lies 21 px above and below the middle.
        const hits = [-21, 21].map((off) => document.elementFromPoint(left + width / 2, top + height / 2 + off));
        if (hits.every((hit) => hit !== null && (node === hit || node.contains(hit)))) return [];
        const name = node.getAttribute('aria-label') ?? node.textContent;
        return [`${node.tagName} "${name}" ${Math.round(width)}×${Math.round(height)}`];
      }),
  );
export const isWiderThanScreen = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
