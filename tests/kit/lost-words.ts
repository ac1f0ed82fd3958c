import type { Page } from 'playwright-core';

/** WCAG 1.4.12: what a reader may set, and nothing may be lost by it. */
export const spacing = `
  * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
  p { margin-bottom: 2em !important; }`;

/**
 * Words that cannot be read: cut off by a box that neither scrolls nor says the rest, or lying beside the screen where
 * nothing scrolls to them.
 */
export const lostWords = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const lost: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) lost.push('the page is wider than the screen');
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const node = text.parentElement;
      const words = (text.textContent ?? '').trim();
      if (!node || words === '' || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      // Drawn for the eye beside what says it, for readers alone, or said whole by a title.
      if (node.closest('.sr-only, .text-transparent, [aria-hidden=true], script, style, svg, .monaco-editor')) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      const { left, right, top, bottom, width } = range.getBoundingClientRect();
      if (width === 0) continue;
      for (let box: HTMLElement | null = node; box && box !== document.body; box = box.parentElement) {
        const style = getComputedStyle(box);
        if (style.position === 'fixed') break;
        const [x, y] = [style.overflowX, style.overflowY];
        const edge = box.getBoundingClientRect();
        const isCutX = ['hidden', 'clip'].includes(x) && (right > edge.right + 2 || left < edge.left - 2);
        const isCutY = ['hidden', 'clip'].includes(y) && (bottom > edge.bottom + 3 || top < edge.top - 3);
        // Shortened by an ellipsis: then the whole is its title, its name or its tooltip.
        const isShortened = style.textOverflow === 'ellipsis';
        if (isShortened && isCutX && !isCutY) {
          if (!node.closest('[title], [aria-label], a[href], button'))
            lost.push(`shortened, and nowhere whole: ${words.slice(0, 60)}`);
          break;
        }
        if (isCutX && node.closest('[title]')) break;
        if (isCutX || isCutY) {
          lost.push(`cut off ${isCutX ? 'sideways' : 'below'}: ${words.slice(0, 60)} in ${box.className.slice(0, 60)}`);
          break;
        }
        if (/auto|scroll/.test(x + y)) break;
      }
    }
    return lost;
  });
