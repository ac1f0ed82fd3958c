// kill -9 of each part of the real product in the middle of a playbook on twelve real sshds: every step runs exactly
// once on every host, and no event and no byte of output is missing or doubled.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EventRecord, LogChunk, RunDetail } from '#contracts/runs/runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { type Fleet, startFleet } from '../kit/host-fleet.ts';
import { openSse, type SseFrame } from '../kit/sse-client.ts';
import { type Supervised, superviseProduct } from '../kit/supervised.ts';
import { type Furnished, furnish, until } from '../kit/test-app.ts';

const hostCount = 12;
/** How many lines each step prints: the blow falls in the second, and finds it at work. */
const lines = { one: 6, two: 24, three: 6 } as const;
const steps = ['one', 'two', 'three'] as const;
type StepId = (typeof steps)[number];
let product: Supervised;
let api: Furnished;
let fleet: Fleet;
let playbookId: string;

beforeAll(async () => {
  product = await superviseProduct();
  await product.start();
  api = await furnish(product.origin);
  fleet = await startFleet(api, { hosts: hostCount });
  const step = (id: StepId): object => ({
    id,
    kind: 'ssh',
    hosts: { tags: ['fleet'] },
    // One more byte in the counter for each start; then output in small pieces, with bytes of several lengths.
    command: `printf x >>$HOME/\${{ inputs.tag }}.${id}; for i in $(seq ${lines[id]}); do echo "${id} $i ✓ of \${HOME##*/}"; [ $((i % 5)) = 0 ] && echo "e $i" >&2; sleep 0.1; done; true`,
  });
  const definition = {
    name: 'Chaos',
    inputs: [{ name: 'tag', type: 'string', required: true }],
    steps: steps.map(step),
    outputs: { done: '${{ size(steps.three.output.succeeded) }}' },
  };
  playbookId = (await api.ok('POST', '/playbooks', { definition })).id;
}, 240_000);
afterAll(async () => {
  await product?.stop();
  await fleet?.stop();
}, 60_000);

const numbersOf = (step: StepId): number[] => Array.from({ length: lines[step] }, (_, at) => at + 1);
const expectedOutput = (step: StepId, home: string): string =>
  numbersOf(step)
    .map((i) => `${step} ${i} ✓ of ${home}\n`)
    .join('');
const expectedErrors = (step: StepId): string =>
  numbersOf(step)
    .filter((i) => i % 5 === 0)
    .map((i) => `e ${i}\n`)
    .join('');
const counterOf = (home: string, tag: string, step: string): string => {
  const file = join(home, `${tag}.${step}`);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

/** The stream of events over all interruptions: opened again with the last id, as a browser does. */
function followEvents(runId: string): { frames: SseFrame[]; stop: () => void } {
  const frames: SseFrame[] = [];
  let isOver = false;
  let close = (): void => {};
  const follow = async (): Promise<void> => {
    let lastId: string | undefined;
    while (!isOver) {
      try {
        const stream = await openSse(`${product.origin}/api/v1/events?run=${runId}`, { token: api.key, lastId });
        close = stream.close;
        await stream.untilEnd();
        frames.push(...stream.frames.filter(({ event }) => event !== 'hello'));
        lastId = stream.lastId() ?? lastId;
      } catch {
        // The API is away; a browser waits a moment too.
      }
      await sleep(100);
    }
  };
  void follow();
  return {
    frames,
    stop: () => {
      isOver = true;
      close();
    },
  };
}

/** The run once it has ended, whatever is away meanwhile. */
const untilEnded = (runId: string): Promise<RunDetail> =>
  until(async () => {
    const run = await api.ok('GET', `/runs/${runId}`).catch(() => undefined);
    return run && isEnded(run.status) ? (run as RunDetail) : undefined;
  }, 200);

async function readAll<T>(path: string): Promise<T[]> {
  const all: T[] = [];
  for (let cursor = ''; ;) {
    const page = await api.ok('GET', `${path}${cursor}`);
    all.push(...page.data);
    const next: string | null = page.nextCursor ?? page.pagination?.nextCursor ?? null;
    if (next === null) return all;
    cursor = path.includes('/logs') ? `&after=${next}` : `&cursor=${next}`;
  }
}

async function runThrough(tag: string, disturb: () => Promise<void>): Promise<RunDetail> {
  const { runId } = await api.ok('POST', `/playbooks/${playbookId}/runs`, { inputs: { tag } });
  const stream = followEvents(runId);
  const isInTheMiddle = (): boolean => fleet.hosts.every(({ home }) => counterOf(home, tag, 'two') !== '');
  await until(isInTheMiddle, 20);
  await disturb();
  const run = await untilEnded(runId);
  expect(run, product.logs()).toMatchObject({ status: 'succeeded', outputs: { done: hostCount } });

  for (const { home, name } of fleet.hosts)
    for (const step of steps) expect(counterOf(home, tag, step), `${step} on ${name}`).toBe('x');

  const chunks = await readAll<LogChunk>(`/runs/${runId}/logs?limit=5000`);
  for (const { home, name } of fleet.hosts) {
    for (const step of steps) {
      const of = (stream: string): LogChunk[] =>
        chunks.filter((chunk) => chunk.host === name && chunk.address === step && chunk.stream === stream);
      expect(
        of('stdout')
          .map(({ text }) => text)
          .join(''),
        `${step} on ${name}`,
      ).toBe(expectedOutput(step, home.split('/').at(-1) ?? ''));
      expect(
        of('stderr')
          .map(({ text }) => text)
          .join(''),
      ).toBe(expectedErrors(step));
    }
  }
  await checkEvents(runId, stream);
  return run;
}

async function asOwner<T>(work: (sql: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: product.urls().owner });
  await client.connect();
  return work(client).finally(() => client.end());
}

async function checkEvents(runId: string, stream: ReturnType<typeof followEvents>): Promise<void> {
  const events = await readAll<EventRecord>(`/runs/${runId}/events?limit=200`);
  const count = (type: string, status?: string): number =>
    events.filter((event) => event.type === type && (status === undefined || event.data['status'] === status)).length;
  expect({ queued: count('run.queued'), started: count('run.started'), ended: count('run.ended') }).toEqual({
    queued: 1,
    started: 1,
    ended: 1,
  });
  const hostTimes = hostCount * steps.length;
  expect([count('host.updated', 'running'), count('host.updated', 'succeeded')]).toEqual([hostTimes, hostTimes]);
  expect(
    events
      .map(({ type }) => type)
      .filter((type) => type.startsWith('run.'))
      .at(-1),
  ).toBe('run.ended');

  const { rows } = await asOwner((sql) =>
    sql.query<{ place: string }>(
      `select xid::text || '.' || seq::text as place from events where run_id = $1 order by xid, seq`,
      [runId],
    ),
  );
  const placeOf = (cursor: string | undefined): string => (cursor ?? '').split('.').slice(1).join('.');
  expect(events.map(({ cursor }) => placeOf(cursor))).toEqual(rows.map(({ place }) => place));

  // The stream was opened a moment after the start: from its first event on it has every one, once, in order.
  await until(async () => {
    stream.stop();
    await sleep(150);
    return true;
  });
  const seen = stream.frames.map(({ id }) => placeOf(id));
  const from = rows.findIndex(({ place }) => place === seen[0]);
  expect(seen).toEqual(rows.slice(from).map(({ place }) => place));
}

const limit = 150_000;
const well = { status: 'succeeded', warnings: 0 };
test.each([
  ['the worker that speaks to the hosts', 'work'],
  ['the API and the main worker', 'app'],
  ['the Temporal server', 'temporal'],
  ['PostgreSQL', 'postgres'],
] as const)('kill -9 of %s', { timeout: limit }, async (_, part) => {
  expect(await runThrough(part, () => product.kill(part))).toMatchObject(well);
});
test(
  'kill -9 of the supervisor: the run goes on without it, and a new one adopts what lives',
  { timeout: limit },
  async () => {
    expect(await runThrough('supervisor', () => product.kill('supervisor'))).toMatchObject(well);
    const servers = (): unknown[] => (['postgres', 'temporal'] as const).map((part) => product.markOf(part)?.pid);
    const before = servers();
    await product.start();
    expect(servers()).toEqual(before);
  },
);
test('kill -9 of everything, and a new start', { timeout: limit }, async () => {
  const restart = async (): Promise<void> => {
    await product.killAll();
    await product.start();
  };
  expect(await runThrough('all', restart)).toMatchObject(well);
});

/** Whether a process of a host, these being ours, still runs. */
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
test(
  'a cancel that meets the death of the worker that speaks to the hosts stops what runs on them',
  { timeout: limit },
  async () => {
    const command = 'echo $$ >$HOME/canceled.pid; sleep 600';
    const definition = { name: 'Long', steps: [{ id: 'long', kind: 'ssh', hosts: { tags: ['fleet'] }, command }] };
    const { id } = await api.ok('POST', '/playbooks', { definition });
    const { runId } = await api.ok('POST', `/playbooks/${id}/runs`, { inputs: {} });
    const pids = (): number[] =>
      fleet.hosts
        .map(({ home }) => join(home, 'canceled.pid'))
        .flatMap((file) => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : []));
    await until(() => pids().length === hostCount && pids().every((pid) => pid > 0), 20);
    expect(pids().every(isAlive)).toBe(true);
    await product.kill('work');
    await api.ok('POST', `/runs/${runId}/cancel`, {});
    // Of one host not even the row knows: the blow fell before that was written.
    const [first] = fleet.hosts;
    await asOwner((sql) =>
      sql.query('update run_hosts set phase = null, started_at = null where run_id = $1 and host = $2', [
        runId,
        first?.name,
      ]),
    );
    const run = await untilEnded(runId);
    expect(run, product.logs()).toMatchObject({ status: 'canceled' });
    expect(new Set(run.hosts.map(({ status }) => status))).toEqual(new Set(['canceled']));
    expect(pids().filter(isAlive)).toEqual([]);
  },
);
