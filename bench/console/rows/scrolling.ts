import type { CDPSession, Page } from 'playwright-core';
import { z } from 'zod';
import { median, ms } from '../../kit/figures.ts';
import { lineCount, openConsole, runCount } from '../seed.ts';
import type { ConsoleRow } from '../row.ts';
import { openBareList, type BareList } from './bare-list.ts';

const traceSeconds = 5;
const pixelsASecond = 4_000;

export const scrolling: ConsoleRow = {
  name: 'scrolling',
  notes: [
    `Scrolling: ${traceSeconds} s of wheel scrolling at ${pixelsASecond.toLocaleString('en')} pixels a second, down and up again, each way a trace by the DevTools protocol. A frame is the time between two pictures that the compositor drew. Lists load what follows as they are scrolled. Without a graphics card the pictures are drawn by the processor. The bare list beside it is as many rows of the same height and words in plain DOM, without framework, colours or anything to load, scrolled in the same way a moment later: what it loses is lost by the machine and the browser. Work is processor time, which other programs do not stretch: a task of less than a frame makes no frame late by itself.`,
  ],
  async measure({ world, browser, say }) {
    const results = [];
    for (const { what, address, ready, peer } of [
      {
        what: `${runCount.toLocaleString('en')} runs`,
        address: `${world.base}/runs`,
        ready: '[role="grid"] [role="row"][data-index]',
        peer: { what: 'runs', count: runCount, rowHeight: 43 },
      },
      {
        what: `${lineCount.toLocaleString('en')} log lines`,
        address: `${world.base}/runs/${world.longRunId}`,
        ready: '[role="log"] [data-line]',
        peer: { what: 'log', count: lineCount, rowHeight: 19 },
      },
    ] satisfies { what: string; address: string; ready: string; peer: BareList }[]) {
      const { page } = await browser();
      await openConsole(page, address);
      await page.locator(ready).first().waitFor();
      await untilStill(page);
      // A long log is read to its end when somebody asks for the end.
      const end = page.getByRole('button', { name: 'Jump to the end' });
      const isAtEnd = await end.isVisible();
      if (isAtEnd) {
        await end.click();
        await untilStill(page);
      }
      await page.waitForTimeout(1_500);
      const client = await page.context().newCDPSession(page);
      await traceScroll(client, page, { inside: ready, seconds: 1, isAtEnd }); // what runs for the first time is compiled
      const { frames, longTasks, mostWork } = await traceScroll(client, page, {
        inside: ready,
        seconds: traceSeconds,
        isAtEnd,
      });
      const long = longOf(frames);
      say(
        `${what}: ${frames.length} frames, ${long.length} over 33 ms (${long.slice(0, 8).map(ms).join(', ')}); tasks over 50 ms: ${longTasks.map(ms).join(', ') || 'none'}`,
      );
      await openBareList(page, peer);
      const bare = { inside: '[data-row]', isAtEnd: false };
      await traceScroll(client, page, { ...bare, seconds: 1 });
      const beside = await traceScroll(client, page, { ...bare, seconds: traceSeconds });
      results.push({
        what: `scrolling ${what} for ${traceSeconds} s: median / longest frame`,
        figure: `${inWords(frames)}, at most ${ms(mostWork)} of work in one task; a bare list ${inWords(beside.frames)}, ${ms(beside.mostWork)}`,
        target: 'median ≤ 17 ms, none over 33 ms',
        isMet: median(frames) <= 17 && long.length === 0,
      });
    }
    return results;
  },
};

const longOf = (frames: readonly number[]): number[] => frames.filter((frame) => frame > 33.4);
const inWords = (frames: readonly number[]): string =>
  `${ms(median(frames))} / ${ms(Math.max(...frames))} (${frames.length} frames, ${longOf(frames).length} over 33 ms)`;

const TraceEvent = z.object({
  name: z.string(),
  ts: z.number(),
  dur: z.number().optional(),
  /** Processor time, which a busy machine does not stretch. */
  tdur: z.number().optional(),
  ph: z.string(),
});

/** What the compositor and the page's main thread did in a scroll, in milliseconds. */
interface Scrolled {
  /** Between one picture and the next. */
  frames: number[];
  longTasks: number[];
  /** The most processor time that one task took. */
  mostWork: number;
}

/**
 * Scrolls there and back, each way a trace of its own: between the two nothing moves, and where nothing moves nothing is
 * drawn, which is no late frame.
 */
export async function traceScroll(
  client: CDPSession,
  page: Page,
  { inside, seconds, isAtEnd }: { inside: string; seconds: number; isAtEnd: boolean },
): Promise<Scrolled> {
  const box = await page.locator(inside).first().boundingBox();
  const middle = { x: (box?.x ?? 400) + 200, y: 500 };
  const ways: Scrolled[] = [];
  for (const sign of isAtEnd ? [1, -1] : [-1, 1])
    ways.push(
      await traceGesture(client, {
        ...middle,
        yDistance: (sign * pixelsASecond * seconds) / 2,
        speed: pixelsASecond,
        gestureSourceType: 'mouse',
      }),
    );
  return {
    frames: ways.flatMap(({ frames }) => frames),
    longTasks: ways.flatMap(({ longTasks }) => longTasks),
    mostWork: Math.max(...ways.map(({ mostWork }) => mostWork)),
  };
}

async function traceGesture(
  client: CDPSession,
  gesture: { x: number; y: number; yDistance: number; speed: number; gestureSourceType: 'mouse' },
): Promise<Scrolled> {
  const events: z.infer<typeof TraceEvent>[] = [];
  const take = ({ value }: { value: object[] }) => {
    for (const each of value) {
      const event = TraceEvent.safeParse(each).data;
      if (event && (event.name === 'DrawFrame' || event.name === 'RunTask')) events.push(event);
    }
  };
  client.on('Tracing.dataCollected', take);
  const done = new Promise((resolve) => client.once('Tracing.tracingComplete', resolve));
  await client.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: {
      includedCategories: [
        'disabled-by-default-devtools.timeline',
        'disabled-by-default-devtools.timeline.frame',
        'devtools.timeline',
      ],
    },
  });
  await client.send('Input.synthesizeScrollGesture', gesture);
  await client.send('Tracing.end');
  await done;
  client.off('Tracing.dataCollected', take);
  const drawn = events
    .filter(({ name }) => name === 'DrawFrame')
    .map(({ ts }) => ts / 1_000)
    .toSorted((one, other) => one - other);
  const [begin = 0, end = 0] = [drawn[0], drawn.at(-1)];
  const tasks = events.filter(({ name, ts }) => name === 'RunTask' && ts / 1_000 >= begin && ts / 1_000 <= end);
  return {
    frames: drawn.slice(1).map((at, index) => at - (drawn[index] ?? at)),
    longTasks: tasks.filter(({ dur = 0 }) => dur > 50_000).map(({ dur = 0 }) => dur / 1_000),
    mostWork: Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1_000)),
  };
}

/** Until the list or log says the same count twice, two seconds apart: all is there that comes by itself. */
async function untilStill(page: Page): Promise<void> {
  const count = () =>
    page.evaluate(() => {
      const list = document.querySelector('[role="log"],[role="grid"]');
      return `${list?.getAttribute('aria-label')} ${list?.getAttribute('aria-rowcount')}`;
    });
  for (let [before, now] = ['', await count()]; before !== now; [before, now] = [now, await count()])
    await page.waitForTimeout(2_000);
}
