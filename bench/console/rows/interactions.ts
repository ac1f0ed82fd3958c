import type { Page } from 'playwright-core';
import { ms, percentile } from '../../kit/figures.ts';
import { openConsole, type World } from '../seed.ts';
import type { ConsoleRow } from '../row.ts';

interface Interaction {
  id: number;
  name: string;
  duration: number;
  path: string;
}
declare global {
  interface Window {
    benchInteractions: Interaction[];
  }
  interface Performance {
    readonly interactionCount: number;
  }
}

export const interactions: ConsoleRow = {
  name: 'interactions',
  notes: [
    'Interactions: each click and key of a scripted walk over all pages, from the input to the next paint as the browser’s Event Timing tells it (what web.dev calls an interaction; steps of 8 ms, and what took less than 16 ms is told as 16 ms). The walk waits between two of them until the page is quiet, as a person does.',
  ],
  async measure({ world, browser, say, isQuick }) {
    const { page } = await browser();
    await page.addInitScript(() => {
      window.benchInteractions = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as PerformanceEventTiming[]) {
          if (entry.interactionId === 0) continue;
          const { interactionId: id, name, duration } = entry;
          window.benchInteractions.push({ id, name, duration, path: location.pathname });
        }
      }).observe({ type: 'event', durationThreshold: 16, buffered: true });
    });
    await openConsole(page, world.base);
    for (let round = 0; round < (isQuick ? 1 : 3); round++) await walk(page, world);
    await page.waitForTimeout(500);
    const { seen, count } = await page.evaluate(() => ({
      seen: window.benchInteractions,
      count: performance.interactionCount,
    }));
    const slowest = new Map<number, Interaction>();
    for (const each of seen) if (each.duration > (slowest.get(each.id)?.duration ?? 0)) slowest.set(each.id, each);
    const durations = [...slowest.values()].map(({ duration }) => duration);
    // Those that were quicker than the browser tells of.
    while (durations.length < count) durations.push(16);
    for (const { name, duration, path } of [...slowest.values()]
      .toSorted((a, b) => b.duration - a.duration)
      .slice(0, 12))
      say(`${ms(duration)} ${name} on ${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, ':id')}`);
    const p95 = percentile(durations, 95);
    return [
      {
        what: 'interaction to next paint, p50 / p95 / slowest',
        figure: `${ms(percentile(durations, 50))} / ${ms(p95)} / ${ms(Math.max(...durations))} of ${durations.length}`,
        target: 'p95 ≤ 100 ms',
        isMet: p95 <= 100,
      },
    ];
  },
};

/** Through all rooms by the rail, with palette, filters, lists by keyboard, details, tabs and an editor on the way. */
async function walk(page: Page, { longRunId }: World): Promise<void> {
  const quiet = async () => {
    await page.waitForFunction(() => document.querySelector('[aria-label="Loading"]') === null);
    await page.evaluate(() => new Promise((done) => requestIdleCallback(done, { timeout: 1_000 })));
  };
  const press = async (...keys: string[]) => {
    for (const key of keys) {
      await page.keyboard.press(key);
      await quiet();
    }
  };
  const rail = page.getByRole('navigation', { name: 'Main' });
  const room = async (name: string) => {
    await rail.getByRole('link', { name }).first().click();
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await quiet();
  };
  const row = page.locator('[role="grid"] [role="row"][data-index]');
  const openRow = async () => {
    if ((await row.count()) === 0) return;
    await row.first().focus();
    await press('j', 'j', 'k', 'Enter');
    await press('Escape');
  };

  await room('Runs');
  await row.first().focus();
  await press('j', 'j', 'j', 'x', 'j', 'x', 'k', 'Home');
  await page
    .goto(`${page.url().replace(/\/w\/([^/]+).*/, '/w/$1')}/runs/${longRunId}`.replace(/^/, ''))
    .catch(() => undefined);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await quiet();
  const search = page.getByLabel('Search the log').first();
  if (await search.isVisible()) {
    await search.click();
    await press('v', 'a', 'l', 'i', 'd', 'Enter', 'Enter', 'Escape');
  }
  for (const name of ['Playbooks', 'Approvals', 'Servers', 'Credentials', 'Schedules', 'Webhooks']) {
    await room(name);
    await openRow();
  }
  await room('Settings');
  const inner = page.getByRole('navigation', { name: 'Settings' }).getByRole('link');
  for (let at = 0; at < (await inner.count()); at++) {
    await inner.nth(at).click();
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await quiet();
  }
  const dialog = page.getByRole('dialog');
  await press('Control+k');
  await dialog.waitFor();
  await press('s', 'h', 'o', 'p', 'ArrowDown', 'ArrowDown', 'Escape');
  await press('?');
  await dialog.waitFor();
  await press('Escape');
  await press('Control+Shift+L', 'Control+Shift+L');
  await press('[', '[');
  await room('Overview');
}
