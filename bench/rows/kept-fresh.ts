import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { z } from 'zod';
import { startAmcSimulator } from '#simulators/amc/amc-simulator.ts';
import { readJson } from '#system/embedded/files.ts';
import { freePort } from '#system/embedded/processes.ts';
import { cpuSecondsOf } from '../kit/cpu.ts';
import { memoryOf } from '../kit/memory.ts';
import { newHome, openProduct, removeHome, startInstallation } from '../kit/product.ts';
import type { Row } from '../kit/row.ts';
import { seedConnections } from '../kit/seed-connections.ts';
import { databaseAsSuperuser } from '../kit/seed-runs.ts';

const Note = z.object({ mark: z.object({ pid: z.number() }) });
const names = ['app', 'work', 'temporal', 'postgres'] as const;
/** A token of Amazon's is renewed on this tick. */
const tickMs = 10 * 60_000;
const settleMs = 10_000;
const idleMs = 30_000;
const windowMs = 90_000;

export const keptFresh: Row = {
  name: 'kept-fresh',
  notes: [
    `Kept fresh: connections to Amazon Marketing Cloud, each renewed on a tick of ten minutes against the simulator’s token endpoint on loopback, in an installation of its own. They are written ready-made, each with its lifecycle where that stands after a day without trouble, and the product is started again, as it was before the idle one was looked at; renewals are spread over the tick, and ${windowMs / 1_000} s of it are measured, in which none may be late by 15 s. CPU is that of all processes of the product with PostgreSQL and Temporal, less what they used in ${idleMs / 1_000} s before with no connection; memory likewise.`,
  ],
  async measure(tools) {
    const count = Math.round(10_000 * tools.scale);
    const home = newHome();
    tools.onEnd(async () => removeHome(home));
    const port = await freePort();
    let installation = await startInstallation(home, port);
    tools.onEnd(() => installation.stop());
    const product = await openProduct(installation);
    await product.owner.patch('/settings', { egressAllow: ['127.0.0.1'] });
    const simulator = await startAmcSimulator();
    tools.onEnd(() => simulator.stop());
    const findRoots = () =>
      names.map((name) => ({ name, pid: Note.parse(readJson(join(home, 'run', `${name}.json`))).mark.pid }));
    let roots = findRoots();
    /** What making ten thousand things at once leaves in a heap is no part of keeping them. */
    const startAgain = async () => {
      await installation.stop();
      installation = await startInstallation(home, port);
      roots = findRoots();
    };
    const cpu = () => roots.map(({ pid }) => cpuSecondsOf([pid]));
    const memory = () => roots.map((root) => memoryOf([root]).get(root.name) ?? 0);
    const less = (now: readonly number[], before: readonly number[]) => now.map((part, at) => part - (before[at] ?? 0));
    const sum = (parts: readonly number[]) => parts.reduce((all, part) => all + part, 0);
    const parts = (figures: readonly number[], digits: number, unit: string) =>
      names.map((name, at) => `${name} ${(figures[at] ?? 0).toFixed(digits)}${unit}`).join(', ');

    await startAgain();
    await sleep(settleMs);
    const idleFrom = cpu();
    await sleep(idleMs);
    const idlePerSecond = less(cpu(), idleFrom).map((part) => part / (idleMs / 1_000));
    const idleMemory = memory();
    tools.say(`idle: ${parts(idlePerSecond.map((part) => part * 1_000), 0, ' ms/s')}`); // prettier-ignore

    await seedConnections(product, simulator, count);
    tools.say(`${count} connections are written, their lifecycles at rest`);
    await startAgain();
    const client = new pg.Client({ connectionString: databaseAsSuperuser(product) });
    await client.connect();
    try {
      const one = async (text: string): Promise<number> => Number((await client.query(text)).rows[0]?.n ?? 0);
      await client.query(
        `update connection_tokens set refresh_at = now() + due, expires_at = now() + due + interval '48 minutes'
         from (select connection_id as id, random() * interval '${tickMs} ms' as due from connection_tokens) as each where connection_id = id`,
      );
      await sleep(settleMs);
      const renewed = () => one('select sum(attempts) as n from connection_tokens');
      const [from, before] = [cpu(), await renewed()];
      await sleep(windowMs);
      const used = less(cpu(), from).map((part, at) => part / (windowMs / 1_000) - (idlePerSecond[at] ?? 0));
      const renewals = (await renewed()) - before;
      const late = await one(
        `select count(*) as n from connection_tokens where expires_at < now() or refresh_at < now() - interval '15 seconds'`,
      );
      const grown = less(memory(), idleMemory);
      const percent = (sum(used) / 2) * 100;
      tools.say(`CPU: ${parts(used.map((part) => part * 1_000), 0, ' ms/s')}`); // prettier-ignore
      tools.say(`memory: ${parts(grown, 0, ' MB')}`);
      return [
        {
          what: `${count} connections kept fresh: CPU of two cores`,
          ours: `${percent.toFixed(1)} % (${(renewals / (windowMs / 1_000)).toFixed(1)} renewals/s, ${late} late or expired)`,
          peer: '–',
          target: '< 5 %, none expires',
          isMet: percent < 5 && late === 0,
        },
        {
          what: `${count} connections kept fresh: memory over idle`,
          ours: `${sum(grown).toFixed(0)} MB`,
          peer: '–',
          target: '< 300 MB',
          isMet: sum(grown) < 300,
        },
      ];
    } finally {
      await client.end();
    }
  },
};
