import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { appendEvent } from '#db/events/append-event.ts';
import { openDatabase } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { createLog } from '#system/log.ts';
import { connectWakeups } from '#system/wakeups.ts';
import { ms, spreadOf, spreadText } from '../kit/figures.ts';
import { type Row, rounds } from '../kit/row.ts';

const clients = 1_000;
const Report = z.object({ delays: z.array(z.number()) });

export const events: Row = {
  name: 'events',
  notes: [
    `Events: ${clients.toLocaleString('en')} open event streams (SSE over HTTP, one workspace, one process that also takes the times); a third process commits an event 10 times a second as the product's own processes do and notes the machine's monotonic clock as it sends COMMIT. Each figure is one frame at one client, so the last client of each event counts, and the clients' own reading too.`,
  ],
  async measure(tools) {
    const { url, api, urls, workspaceId } = await tools.product();
    const listeners = fork(fileURLToPath(new URL('../peers/stream-clients.ts', import.meta.url)), [
      url,
      api.token ?? '',
      String(clients),
    ]);
    const db = openDatabase(urls.app, { max: 2, applicationName: 'bench writer' });
    const wakeups = await connectWakeups(urls.app, {
      onWake: () => {},
      onLog: () => {},
      log: createLog({ level: 'silent' }),
    });
    try {
      await told(listeners);
      const write = async (): Promise<void> => {
        await inTenant(db, workspaceId, async (tx) => {
          const runId = uuidv7();
          const committedAtMs = Number(process.hrtime.bigint()) / 1e6;
          await appendEvent(tx, { type: 'run.progressed', subject: `run:${runId}`, runId, data: { committedAtMs } });
        });
        wakeups.tell();
      };
      const writeMany = async (count: number): Promise<void> => {
        for (let event = 0; event < count; event++) {
          const next = performance.now() + 100;
          await write();
          await sleep(Math.max(0, next - performance.now()));
        }
        await sleep(1_000);
      };
      await writeMany(20);
      listeners.send('reset');
      const count = rounds(tools, 200);
      await writeMany(count);
      const report = told(listeners);
      listeners.send('report');
      const { delays } = Report.parse(await report);
      if (delays.length !== count * clients) throw new Error(`${delays.length} frames came, not ${count * clients}.`);
      const spread = spreadOf(delays);
      return [
        {
          what: 'event committed → at 1,000 open SSE clients, p50 / p95 / p99',
          ours: spreadText(spread),
          peer: '–',
          target: `p99 < ${ms(100)}`,
          isMet: spread.p99 < 100,
        },
      ];
    } finally {
      listeners.disconnect();
      await wakeups.close();
      await db.destroy();
    }
  },
};

/** The child's next message. */
function told(child: ChildProcess): Promise<unknown> {
  return new Promise((done, fail) => {
    child.once('message', done);
    child.once('exit', (code) => fail(new Error(`The clients' process ended with ${code}.`)));
  });
}
