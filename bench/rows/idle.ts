import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { readJson } from '#system/embedded/files.ts';
import { freePort } from '#system/embedded/processes.ts';
import { median } from '../kit/figures.ts';
import { memoryOf } from '../kit/memory.ts';
import { type Installation, newHome, openProduct, removeHome, startInstallation } from '../kit/product.ts';
import { type Result, type Row, rounds } from '../kit/row.ts';

const Note = z.object({ mark: z.object({ pid: z.number() }) });
const settleMs = 60_000;

export const idle: Row = {
  name: 'idle',
  notes: [
    'Idle: an installation of its own with one owner and nothing to do, a minute after its later start. Resident memory (RSS) of the supervisor, the two processes of the product and Temporal; PostgreSQL by its proportional share (PSS), because its processes share their memory.',
    "Ready: from the start of the process to the line `Ready`, everything built (`npm ci` builds). First: empty home, so with `initdb`, migrations and Temporal's first start. Later: the same home after Ctrl-C.",
  ],
  async measure(tools) {
    const home = newHome();
    tools.onEnd(async () => removeHome(home));
    const port = await freePort();
    const first = await startInstallation(home, port);
    await openProduct(first);
    await first.stop();
    const later: number[] = [];
    let running: Installation | undefined;
    for (let round = 0; round < rounds(tools, 3); round++) {
      await running?.stop();
      running = await startInstallation(home, port);
      later.push(running.readyMs);
    }
    if (!running) throw new Error('It was not started.');
    const last = running;
    tools.onEnd(() => last.stop());
    await sleep(settleMs);
    const parts = memoryOf([
      ...['app', 'work', 'temporal', 'postgres'].map((name) => ({
        name,
        pid: Note.parse(readJson(join(home, 'run', `${name}.json`))).mark.pid,
      })),
      { name: 'supervisor', pid: last.pid },
    ]);
    await last.stop();
    const total = [...parts.values()].reduce((sum, part) => sum + part, 0);
    const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
    const ready = (what: string, tookMs: number, limit: number): Result => ({
      what,
      ours: seconds(tookMs),
      peer: '–',
      target: `≤ ${limit} s`,
      isMet: tookMs <= limit * 1000,
    });
    return [
      {
        what: `whole product idle, resident memory (${[...parts.keys()].join(' / ')})`,
        ours: `${total.toFixed(0)} MB (${[...parts.values()].map((part) => part.toFixed(0)).join(' / ')})`,
        peer: '–',
        target: '< 1,200 MB',
        isMet: total < 1_200,
      },
      ready('ready, first start', first.readyMs, 20),
      ready('ready, later start', median(later), 6),
    ];
  },
};
