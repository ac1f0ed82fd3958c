import type { Chrome } from '#tests/kit/chromium.ts';
import { median, ms } from '../../kit/figures.ts';
import type { GridBench } from '../grid/page.tsx';
import { serveGrid } from '../grid/serve.ts';
import type { ConsoleResult, ConsoleRow } from '../row.ts';
import { traceScroll } from './scrolling.ts';

const seconds = 5;
/** Cells of a row that the grid draws in the bench's window. */
const cellsOfRow = 12;

export const grid: ConsoleRow = {
  name: 'grid',
  notes: [
    'Grid: the result grid of the query console on a page of its own, filled with 1,000,000 rows of 50 columns of every type, in the worker of its store. Scrolled by the wheel as the lists are. A sort is measured from the call until the sorted rows are on screen, by a number column each time another; a profile and a comparison until the worker has answered. The trace tells when a picture was drawn; what is drawn some milliseconds late is still seen at the same refresh of the screen, so a frame counts as so many refreshes of 16.7 ms, and the figure as drawn stands beside it. Beside it, the same scroll in the same browser over a page of plain elements, all of them made before, that does nothing when it is scrolled.',
  ],
  async measure({ browser, say, isQuick }) {
    const served = await serveGrid();
    try {
      return await measureGrid(await browser({ isSignedIn: false }), {
        url: served.url,
        rows: isQuick ? 100_000 : 1_000_000,
        say,
      });
    } finally {
      await served.close();
    }
  },
};

const refreshMs = 1_000 / 60;
/** How long the picture before it was seen: whole refreshes of the screen. */
const seenFor = (frame: number): number => Math.max(1, Math.round(frame / refreshMs)) * refreshMs;
const p95Of = (frames: readonly number[]): number =>
  frames.toSorted((a, b) => a - b)[Math.floor(frames.length * 0.95)] ?? Number.POSITIVE_INFINITY;

/** The same scroll over elements that were all made before, in a tab of the same browser: what the machine itself can do. */
async function scrollPlain(context: Chrome['context'], url: string): Promise<number[]> {
  const page = await context.newPage();
  try {
    await page.goto(url);
    await page.waitForFunction('globalThis.bench !== undefined');
    await page.evaluate(`globalThis.bench.plain(${cellsOfRow})`);
    const client = await context.newCDPSession(page);
    await traceScroll(client, page, { inside: '.plain-row', seconds: 1, isAtEnd: false });
    return (await traceScroll(client, page, { inside: '.plain-row', seconds, isAtEnd: false })).frames;
  } finally {
    await page.close();
  }
}

/** The grid's figures in one browser. */
export async function measureGrid(
  { page, context, complaints }: Chrome,
  { url, rows, say }: { url: string; rows: number; say: (line: string) => void },
): Promise<ConsoleResult[]> {
  const inPage = <T>(ask: string) => page.evaluate<T>(`globalThis.bench.${ask}`);
  page.setDefaultTimeout(600_000);
  await page.goto(url);
  await page.waitForFunction('globalThis.bench !== undefined');
  const filled = await inPage<Awaited<ReturnType<GridBench['fill']>>>(`fill(${rows})`);
  say(`filled in ${(filled.ms / 1_000).toFixed(1)} s, ${Math.round(filled.bytes / 1e6)} MB in the worker`);
  const client = await page.context().newCDPSession(page);
  const inside = '[role="grid"] [role="row"][data-place]';
  await traceScroll(client, page, { inside, seconds: 1, isAtEnd: false }); // what runs for the first time is compiled
  const { frames, longTasks } = await traceScroll(client, page, { inside, seconds, isAtEnd: false });
  const p95 = p95Of(frames);
  const drawn = await page.evaluate(() => document.querySelectorAll('[role="grid"] [role="gridcell"]').length);
  say(
    `${frames.length} frames, median ${ms(median(frames))}; tasks over 50 ms: ${longTasks.map(ms).join(', ') || 'none'}; ${drawn} cells in the page`,
  );
  const plain = await scrollPlain(context, url);
  say(`the page without a framework: ${plain.length} frames, median ${ms(median(plain))}, p95 ${ms(p95Of(plain))}`);
  const sorts = await inPage<number[]>('sort(7)');
  say(`sorts: ${sorts.map(ms).join(', ')}`);
  const profiles = [
    await inPage<number>('profile(1)'),
    await inPage<number>('profile(2)'),
    await inPage<number>('profile(4)'),
  ];
  say(`profiles of decimals, unique texts, instants: ${profiles.map(ms).join(', ')}`);
  const diff = await inPage<number>('diff()');
  for (const complaint of complaints) say(`the page complains: ${complaint}`);
  const size = `${rows.toLocaleString('en')} × 50`;
  return [
    {
      what: `scrolling a grid of ${size} for ${seconds} s: frame p95`,
      figure: `${ms(p95Of(frames.map(seenFor)))} (${ms(p95)} as drawn, ${frames.length} frames); a page of plain elements: ${ms(p95Of(plain.map(seenFor)))} (${ms(p95Of(plain))})`,
      target: '≤ 16.7 ms',
      isMet: p95Of(frames.map(seenFor)) < 17,
    },
    {
      what: `sort of a number column of ${size}, until it is on screen`,
      figure: ms(median(sorts)),
      target: '≤ 400 ms',
      isMet: median(sorts) <= 400,
    },
    {
      what: `profile of a column of ${rows.toLocaleString('en')} rows, the slowest type`,
      figure: ms(Math.max(...profiles)),
      target: '≤ 1 s',
      isMet: Math.max(...profiles) <= 1_000,
    },
    {
      what: `column store of ${size} in the worker of the tab`,
      figure: `${Math.round(filled.bytes / 1e6)} MB`,
      target: 'stated',
      isMet: true,
    },
    { what: 'rows of two results of 100,000 × 20 compared', figure: ms(diff), target: '≤ 1 s', isMet: diff <= 1_000 },
  ];
}
