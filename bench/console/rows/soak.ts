import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession } from 'playwright-core';
import { appendEvent } from '#db/events/append-event.ts';
import { openDatabase } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { createLog } from '#system/log.ts';
import { connectWakeups } from '#system/wakeups.ts';
import { openConsole } from '../seed.ts';
import type { ConsoleRow } from '../row.ts';

const eventsASecond = 20;
const most = 20 * 1_048_576;

export const soak: ConsoleRow = {
  name: 'soak',
  notes: [
    `Soak: the list of runs and a run’s page, each in a tab that nobody touches, while ${eventsASecond} events a second of that run and others are committed as the product’s own processes do. Heap used after a forced collection, after the first half minute and at the end.`,
  ],
  async measure({ world, browser, say, soakMinutes }) {
    const { context, page } = await browser();
    const second = await context.newPage();
    second.setDefaultTimeout(60_000);
    await openConsole(page, `${world.base}/runs`);
    await openConsole(second, `${world.base}/runs/${world.waitingRunId}`);
    const { urls, workspaceId } = world.product;
    const db = openDatabase(urls.app, { max: 2, applicationName: 'bench writer' });
    const wakeups = await connectWakeups(urls.app, {
      onWake: () => {},
      onLog: () => {},
      log: createLog({ level: 'silent' }),
    });
    try {
      const runs = await inTenant(db, workspaceId, (tx) =>
        tx.selectFrom('runs').select('id').orderBy('id', 'desc').limit(50).execute(),
      );
      const ids = [world.waitingRunId, ...runs.map(({ id }) => id)];
      let sent = 0;
      const writeFor = async (seconds: number): Promise<void> => {
        const begun = performance.now();
        for (let at = 0; at < seconds * eventsASecond; at++) {
          const runId = ids[sent % ids.length] ?? world.waitingRunId;
          const progress = { done: sent % 100, total: 100, unit: 'steps' };
          await inTenant(db, workspaceId, async (tx) => {
            await tx
              .updateTable('runs')
              .set({ progress: JSON.stringify(progress) })
              .where('id', '=', runId)
              .execute();
            await appendEvent(tx, { type: 'run.progressed', subject: `run:${runId}`, runId, data: progress });
          });
          wakeups.tell();
          sent += 1;
          await sleep(Math.max(0, begun + ((at + 1) * 1_000) / eventsASecond - performance.now()));
        }
      };
      const tabs = [
        { name: 'list of runs', client: await context.newCDPSession(page), first: 0, last: 0 },
        { name: 'run', client: await context.newCDPSession(second), first: 0, last: 0 },
      ];
      await writeFor(30);
      for (const tab of tabs) tab.first = await heapOf(tab.client);
      for (let minute = 1; minute <= soakMinutes; minute++) {
        await writeFor(60);
        if (minute % 5 !== 0 && minute !== soakMinutes) continue;
        for (const tab of tabs) tab.last = await heapOf(tab.client);
        say(
          `after ${minute} min, ${sent} events: ${tabs.map((tab) => `${tab.name} ${megabytes(tab.last)} (${megabytes(tab.last - tab.first)} more)`).join(', ')}`,
        );
      }
      return tabs.map(({ name, first, last }) => ({
        what: `${name} open for ${soakMinutes} minutes under ${eventsASecond} events/s: heap growth`,
        figure: `${megabytes(last - first)} (from ${megabytes(first)} to ${megabytes(last)})`,
        target: '< 20 MB in 30 minutes',
        isMet: last - first < most,
      }));
    } finally {
      await wakeups.close();
      await db.destroy();
    }
  },
};

const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MB`;

/** What the page holds after everything was collected that can be. */
async function heapOf(client: CDPSession): Promise<number> {
  for (let pass = 0; pass < 3; pass++) {
    await client.send('HeapProfiler.collectGarbage');
    await sleep(200);
  }
  const { usedSize } = await client.send('Runtime.getHeapUsage');
  return usedSize;
}
