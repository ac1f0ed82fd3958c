import { AxeBuilder } from '@axe-core/playwright';
import { openConsole, pagesOf } from '../seed.ts';
import type { ConsoleRow } from '../row.ts';

export const axe: ConsoleRow = {
  name: 'axe',
  notes: [
    'axe: every rule of axe-core, best practices included, on each page with its data, in light and dark, and with palette, keys and menu open. A violation counts once for each element.',
  ],
  async measure({ world, browser, say }) {
    const { page, context, complaints } = await browser();
    let pages = 0;
    let violations = 0;
    /** A menu lies over the page in a layer outside its landmarks, as Radix and the ARIA practices have it. */
    const look = async (name: string, { isLayer = false } = {}): Promise<void> => {
      // What fades in is measured when it is there: a text half transparent has another contrast.
      await page.evaluate(() =>
        Promise.all(
          document
            .getAnimations()
            .filter((each) => each.effect?.getComputedTiming().iterations !== Infinity)
            .map((each) => each.finished.catch(() => undefined)),
        ),
      );
      const found = await new AxeBuilder({ page }).disableRules(isLayer ? ['region'] : []).analyze();
      pages += 1;
      for (const { id, nodes } of found.violations) {
        violations += nodes.length;
        for (const { target, failureSummary } of nodes.slice(0, 3))
          say(`${name}: ${id}: ${String(target)}: ${(failureSummary ?? '').split('\n').slice(1, 2).join(' ').trim()}`);
      }
    };
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      for (const [name, path] of Object.entries(pagesOf(world))) {
        await openConsole(page, `${world.base}${path}`);
        await look(`${name}, ${theme}`);
      }
      await openConsole(page, `${world.base}/runs`);
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').waitFor();
      await look(`palette, ${theme}`);
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      await look(`keys, ${theme}`);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'New', exact: true }).click();
      await page.getByRole('menu').waitFor();
      await look(`menu, ${theme}`, { isLayer: true });
    }
    await context.clearCookies();
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await openConsole(page, `${world.product.url}/sign-in`);
      await look(`sign-in, ${theme}`);
    }
    for (const complaint of complaints) say(`the console complains: ${complaint}`);
    return [
      {
        what: `axe on ${pages} pages and layers, light and dark`,
        figure: `${violations} violations`,
        target: '0 violations',
        isMet: violations === 0,
      },
      {
        what: 'errors in the browser’s console meanwhile',
        figure: String(complaints.length),
        target: '0',
        isMet: complaints.length === 0,
      },
    ];
  },
};
