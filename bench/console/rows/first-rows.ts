import type { Page } from 'playwright-core';
import { ms, percentile } from '../../kit/figures.ts';
import { watchProvider } from '../../kit/provider.ts';
import { connectSfmc, startSfmc } from '../../kit/sfmc.ts';
import { openConsole } from '../seed.ts';
import type { ConsoleRow } from '../row.ts';

const patienceMs = 30_000;
/** A page of rows, not the look that asks for their count by a page of one. */
const isRows = (path: string): boolean => /\/rowset\?/.test(path) && Number(/pageSize=(\d+)/.exec(path)?.[1]) > 1;

export const firstRows: ConsoleRow = {
  name: 'first-rows',
  notes: [
    'First rows: a query on Marketing Cloud is run by key in the open console; from the last byte of the first page of rows that the simulator gives until a row of it is painted in the grid of the browser.',
  ],
  async measure({ world, browser, isQuick, onEnd }) {
    const simulator = await startSfmc({ onEnd }, {});
    const [connectionId] = await connectSfmc(world.product, simulator, [{ name: `First rows ${Date.now()}` }]);
    const { answers, stop } = watchProvider(Number(new URL(simulator.origin).port));
    try {
      const { page } = await browser();
      await openConsole(page, `${world.base}/queries?c=${connectionId}`);
      const delays: number[] = [];
      for (let round = -1; round < (isQuick ? 5 : 20); round++) {
        const word = `seen${Math.random().toString(36).slice(2, 10)}`;
        await write(page, `SELECT SubscriberKey, City, Points, '${word}' AS Mark FROM Members WHERE Points < 5000`);
        await page.locator('[data-testid="queries.editor"]').getByText(word).first().waitFor();
        answers.length = 0;
        const seen = await whenInGrid(page, word);
        await page.keyboard.press('ControlOrMeta+Enter');
        const at = await seen();
        const given = answers.find(({ path }) => isRows(path))?.span[1];
        if (at === null || given === undefined) throw new Error('No rows came on screen within half a minute.');
        if (round >= 0) delays.push(at - given); // the first warms the page
      }
      const p95 = percentile(delays, 95);
      return [
        {
          what: 'the provider’s first page of rows → a row on screen, p50 / p95',
          figure: `${ms(percentile(delays, 50))} / ${ms(p95)} of ${delays.length}`,
          target: 'p95 < 300 ms',
          isMet: p95 < 300,
        },
      ];
    } finally {
      stop();
    }
  },
};

/** Puts a text in the place of what the editor holds. */
async function write(page: Page, sql: string): Promise<void> {
  await page.getByTestId('queries.editor').locator('.view-lines').click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(sql);
}

/** Begins to look for a text in the grid. @returns when it was painted (milliseconds since 1970), or null */
async function whenInGrid(page: Page, text: string): Promise<() => Promise<number | null>> {
  const handle = await page.evaluateHandle(
    ({ wanted, most }) => {
      const found = new Promise<number | null>((resolve) => {
        const look = () => {
          if (![...document.querySelectorAll('[role=grid]')].some((grid) => grid.textContent.includes(wanted))) return;
          observer.disconnect();
          requestAnimationFrame(() => setTimeout(() => resolve(performance.timeOrigin + performance.now())));
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { subtree: true, childList: true, characterData: true });
        setTimeout(() => resolve(null), most);
      });
      return { found };
    },
    { wanted: text, most: patienceMs },
  );
  return () => handle.evaluate(({ found }) => found);
}
