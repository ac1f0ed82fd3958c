import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { z } from 'zod';
import { isEnded } from '#contracts/runs/status.ts';
import { keyOfRun } from '#connectors/sfmc/run-state.ts';
import { startAmcSimulator } from '#simulators/amc/amc-simulator.ts';
import { quickScenario } from '#simulators/amc/plain-client.ts';
import { addFaults } from '#simulators/sfmc/faults.ts';
import { startSfmcSimulator } from '#simulators/sfmc/sfmc-simulator.ts';
import { readJson } from '#system/embedded/files.ts';
import { startPostgres } from '#system/embedded/postgres.ts';
import { freePort } from '#system/embedded/processes.ts';
import { type Connected, connectServices, type Services } from '#tests/kit/connect-services.ts';
import type { Api } from '../kit/api.ts';
import { newHome, openProduct, type Product, removeHome, startInstallation } from '../kit/product.ts';
import type { Row, RowTools } from '../kit/row.ts';
import { databaseAsSuperuser } from '../kit/seed-runs.ts';

type Kind = keyof Connected;
const kinds = ['sfmc', 'amc', 'postgres'] as const;
/** How a run is meant to go. */
const fates = ['success', 'refused', 'success', 'cancel at once', 'failing', 'cancel later', 'success'] as const;
type Fate = (typeof fates)[number];

const Note = z.object({ mark: z.object({ pid: z.number() }) });
const Started = z.object({ runId: z.string() });
const Run = z.object({ status: z.string() });

const texts: Readonly<Record<Kind, { good: string; refused: string }>> = {
  sfmc: {
    good: 'SELECT SubscriberKey, City FROM Members WHERE Points < 1000',
    refused: 'SELECT SubscriberKey, Town AS City FROM Members',
  },
  amc: {
    good: 'SELECT campaign, COUNT(*) AS n FROM dsp_impressions GROUP BY campaign',
    refused: 'SELECT no_such_column FROM dsp_impressions',
  },
  postgres: { good: 'select n, md5(n::text) from generate_series(1, 500) n', refused: 'select nothing from nowhere' },
};
const options = (kind: Kind): object =>
  kind === 'amc'
    ? { timeWindow: { type: 'ALL', timeZone: 'UTC' } }
    : kind === 'sfmc'
      ? { columns: ['SubscriberKey', 'City'].map((name) => ({ name, type: 'text', length: 254 })) }
      : {};

/** Asks until it is answered: processes of the product are killed meanwhile, and a full queue asks for patience. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isForGood = error instanceof Error && /: 4(?!29)\d\d /.test(error.message);
      if (isForGood) throw error;
      await sleep(200);
    }
  }
}

export const mixedRuns: Row = {
  name: 'mixed-runs',
  notes: [
    'Mixed runs: 1,000 query runs over the simulators of Marketing Cloud and Amazon Marketing Cloud and a PostgreSQL, in an installation of its own, a third each: of seven, three succeed (a quarter of those is read, half are closed, the others age), one is refused, one fails while it runs, two are cancelled, at once or later. Meanwhile the worker is killed (-9) four times and the process with API and workflows once. Counted at the simulators after all have ended and the sweep has had its turn: data extensions, query activities, saved workflows, and sessions of runs at the database.',
  ],
  async measure(tools) {
    const count = tools.scale < 1 ? 100 : 1_000;
    const { product, services } = await startAll(tools);
    const { token = '' } = product.owner;
    const person = { origin: product.url, token, workspaceId: product.workspaceId };
    const connections = await connectServices(person, services);
    tools.say('connected to both simulators and a database');

    const ended = new Map<string, string>();
    const begun = new Set<string>();
    const numbers = Array.from({ length: count }, (_, n) => n).values();
    const one = async (): Promise<void> => {
      for (const n of numbers) {
        const kind = kinds[n % kinds.length] ?? 'sfmc';
        const fate = fates[Math.floor(n / kinds.length) % fates.length] ?? 'success';
        const runId = await go(product.api, services, { kind, fate, connectionId: connections[kind] });
        begun.add(runId);
        const status = await untilEnded(product.api, runId);
        ended.set(runId, status);
        if (status !== 'succeeded') continue;
        // Of a database five results may be open at once: those that are read are closed.
        if (n % 4 === 0) await patiently(() => product.api.get(`/query-runs/${runId}/rows?limit=50`));
        if (n % 2 === 0) await patiently(() => product.api.post(`/query-runs/${runId}/close`));
      }
    };
    const killing = killOften(product, () => ended.size / count, tools.say);
    await Promise.all(Array.from({ length: 45 }, one));
    const kills = await killing;
    const counts = Object.entries(Object.groupBy([...ended.values()], (status) => status))
      .map(([status, all]) => `${all?.length ?? 0} ${status}`)
      .join(', ');
    tools.say(`${ended.size} runs have ended: ${counts}`);

    const { left, told } = await afterSweep(product, services, [...begun]);
    const twice = [...begun].filter((runId) => (services.sfmc.world.performs.get(keyOfRun(runId)) ?? 0) > 1).length;
    return [
      {
        what: `${count.toLocaleString('en-US')} runs mixed of success, failure, cancel and crash: temporary assets left`,
        ours: `${left} (${counts}; ${kills} kills, ${twice} started twice)${left > 0 ? `: ${told}` : ''}`,
        peer: '–',
        target: '0',
        isMet: left === 0 && twice === 0 && ended.size === count,
      },
    ];
  },
};

async function startAll(tools: RowTools): Promise<{ product: Product; services: Services }> {
  const own = mkdtempSync(join(tmpdir(), 'windlass-bench-'));
  chmodSync(own, 0o711); // as root the server is a user of its own, who must get in
  tools.onEnd(async () => rmSync(own, { recursive: true, force: true }));
  const server = await startPostgres({ home: own, at: join(own, 'pg'), isDurable: false });
  tools.onEnd(() => server.stop());
  const sfmc = await startSfmcSimulator({
    scenario: { knobs: { queueMs: [0, 300], runMs: [100, 800], statusLagMs: [0, 300], extensionLagMs: [0, 300] } },
  });
  tools.onEnd(() => sfmc.stop());
  const amc = await startAmcSimulator({
    ...quickScenario,
    knobs: { ...quickScenario.knobs, pendingMs: [0, 200], runningMs: [100, 600] },
  });
  tools.onEnd(() => amc.stop());
  const home = newHome();
  tools.onEnd(async () => removeHome(home));
  const installation = await startInstallation(home, await freePort());
  tools.onEnd(() => installation.stop());
  return { product: await openProduct(installation), services: { sfmc, amc, postgresUrl: server.urls.owner } };
}

/** Starts one run and sees to its fate. */
async function go(
  api: Api,
  { sfmc, amc }: Services,
  { kind, fate, connectionId }: { kind: Kind; fate: Fate; connectionId: string },
): Promise<string> {
  const sql = fate === 'refused' ? texts[kind].refused : texts[kind].good;
  if (fate === 'failing' && kind === 'amc')
    amc.world.outcomes.push({ status: 'FAILED', reasonField: 'statusReason', reason: 'The execution failed.' });
  const body = { connectionId, sql, options: options(kind) };
  const { runId } = Started.parse(await patiently(() => api.post('/query-runs', body)));
  if (fate === 'failing' && kind === 'sfmc')
    addFaults(sfmc.world, [{ kind: 'query_fails', at: keyOfRun(runId), times: 1, after: 0 }]);
  if (fate === 'cancel later') await sleep(100 + Math.random() * 2_000);
  if (fate.startsWith('cancel')) await patiently(() => api.post(`/runs/${runId}/cancel`)).catch(() => undefined); // it had ended already
  return runId;
}

async function untilEnded(api: Api, runId: string): Promise<string> {
  for (;;) {
    const { status } = Run.parse(await patiently(() => api.get(`/runs/${runId}`)));
    if (isEnded(status as Parameters<typeof isEnded>[0])) return status;
    await sleep(1_000);
  }
}

/** Kills the worker at each fifth of the way, and once the other process too. @returns how often */
async function killOften({ home }: Product, share: () => number, say: (line: string) => void): Promise<number> {
  const pidOf = (part: string): number => Note.parse(readJson(join(home, 'run', `${part}.json`))).mark.pid;
  let kills = 0;
  for (const [at, parts] of [
    [0.2, ['work']],
    [0.4, ['work']],
    [0.6, ['work', 'app']],
    [0.8, ['work']],
  ] as const) {
    // prettier-ignore
    while (share() < at) await sleep(50);
    for (const part of parts) {
      await patiently(async () => process.kill(pidOf(part), 'SIGKILL')); // it may be on its way back from the last time
      kills += 1;
    }
    say(`killed ${parts.join(' and ')} at ${Math.round(share() * 100)} %`);
  }
  return kills;
}

/** What is left once the sweep has removed what it could: looked for until nothing is, for two minutes at most. */
async function afterSweep(
  product: Product,
  { sfmc, amc, postgresUrl }: Services,
  runIds: readonly string[],
): Promise<{ left: number; told: string }> {
  const client = new pg.Client({ connectionString: databaseAsSuperuser(product) });
  const own = new pg.Client({ connectionString: postgresUrl });
  await Promise.all([client.connect(), own.connect()]);
  try {
    for (const until = Date.now() + 120_000; ;) {
      // Rows that nobody closed are due within the day: that day is over.
      await client.query('update remote_assets set due_at = now() where due_at > now()');
      await sleep(2_000);
      const { rows } = await own.query('select 1 from pg_stat_activity where application_name = any($1)', [
        runIds.map((runId) => `windlass ${runId}`),
      ]);
      const all = {
        extensions: [...sfmc.world.extensions.values()].filter(({ madeAt }) => madeAt !== null).length,
        queries: sfmc.world.queries.size,
        workflows: amc.assets().workflows.length,
        executions: amc.assets().openExecutions.length,
        sessions: rows.length,
        onRecord: Number((await client.query('select count(*) as n from remote_assets')).rows[0]?.n ?? 0),
      };
      const left = Object.values(all).reduce((sum, some) => sum + some, 0);
      const told = Object.entries(all)
        .filter(([, some]) => some > 0)
        .map(([what, some]) => `${some} ${what}`)
        .join(', ');
      if (left === 0 || Date.now() >= until) return { left, told };
    }
  } finally {
    await Promise.all([client.end(), own.end()]);
  }
}
