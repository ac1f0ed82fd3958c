// What goes wrong at a service or in our own workers: the query still ends, it was started once, and nothing is left.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { sweepAssets } from '#activities/queries/sweep-assets.ts';
import { keyOfRun } from '#connectors/sfmc/run-state.ts';
import { type QueryWorld, membersQuery, queryWorld } from '../kit/query-world.ts';

let world: QueryWorld;
beforeAll(async () => void (world = await queryWorld({ withSweeps: false, environment: { LOG_LEVEL: 'silent' } })));
afterAll(() => world?.close());
afterEach(() => {
  world.sfmc.simulator.world.faults = [];
});

const performs = (runId: string): number => world.sfmc.simulator.world.performs.get(keyOfRun(runId)) ?? 0;

test('an answer lost at the start is no second start: what began is found and adopted', async () => {
  world.sfmc.faults({ kind: 'reset_after', at: 'Perform' });
  const runId = await world.start('sfmc', membersQuery);
  expect(await world.until(runId)).toMatchObject({ status: 'succeeded', isAdopted: true });
  expect(performs(runId)).toBe(1);
});

test('a storm of 429 and 500 delays a query and does not fail it', async () => {
  world.sfmc.faults({ kind: 'rate_limited', times: 4, retryAfter: '0' }, { kind: 'unavailable', times: 3, after: 4 });
  const columns = [{ name: 'SubscriberKey', type: 'text', length: 254 }];
  const runId = await world.start('sfmc', 'SELECT SubscriberKey FROM Members', { options: { columns } });
  expect(await world.until(runId)).toMatchObject({ status: 'succeeded' });
  expect(performs(runId)).toBe(1);
}, 120_000);

test('a token that ends between pages is renewed, and no row is missing', async () => {
  const runId = await world.start('sfmc', membersQuery);
  await world.until(runId);
  const first = await world.app.ok('GET', `/query-runs/${runId}/rows?limit=10`);
  for (const access of world.sfmc.simulator.world.access.values()) access.expiresAt = 0;
  const second = await world.app.ok(
    'GET',
    `/query-runs/${runId}/rows?limit=10&cursor=${encodeURIComponent(first.cursor)}`,
  );
  expect([second.offset, second.rows.length]).toEqual([10, 10]);
});

test('rows are kept nowhere: neither in the database, nor on the disk, nor in what Temporal was told', async () => {
  const marker = 'zebra-7f3a91c2';
  await world.own.query(
    `create table kept_nowhere as select 'zebra-' || '7f3a91c2' as secret from generate_series(1, 50)`,
  );
  const runId = await world.start('postgres', 'select secret from kept_nowhere');
  await world.until(runId);
  const page = await world.app.ok('GET', `/query-runs/${runId}/rows?limit=10`);
  expect(page.rows[0]).toEqual([marker]);
  for (const format of ['csv', 'json', 'ndjson', 'xlsx', 'parquet']) {
    const address = `${world.app.origin}/api/v1/query-runs/${runId}/export?format=${format}`;
    const file = await fetch(address, { headers: { authorization: `Bearer ${world.app.key}` } });
    expect([format, file.status]).toEqual([format, 200]);
    expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(0);
  }
  const tables = await world.sql(
    `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  for (const { name } of tables)
    expect(
      await world.sql(`select 1 from ${String(name)} t where t::text like $1 limit 1`, [`%${marker}%`]),
      String(name),
    ).toEqual([]);
  const files = (folder: string): string[] =>
    readdirSync(folder).flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? files(path) : [path];
    });
  for (const file of files(world.app.home)) expect(readFileSync(file).includes(marker), file).toBe(false);
  // Temporal's own log of the run, opened: what was handed around is in its payloads.
  const { workflows, converter } = world.app.parts;
  const history = await workflows.client.workflow.getHandle(runId).fetchHistory();
  const payloads: { data?: Uint8Array }[] = [];
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
    if ('metadata' in value && 'data' in value) payloads.push(value as { data?: Uint8Array });
    else for (const inner of Object.values(value)) collect(inner);
  };
  collect(history.events);
  expect(payloads.length).toBeGreaterThan(0);
  // Search attributes are not sealed: those are looked at as they are.
  const opened = await Promise.all(
    payloads.map(async (payload) => (await converter.codec.decode([payload as never]).catch(() => [payload]))[0] ?? {}),
  );
  for (const { data } of opened) expect(Buffer.from(data ?? []).includes(marker)).toBe(false);
});

test('success, failure and cancel, many at once: nothing of ours is left at the service', async () => {
  const asked = Array.from({ length: 24 }, (_, index) => index % 3);
  const runs = await Promise.all(
    asked.map(async (kind) => ({
      kind,
      runId: await world.start(
        'sfmc',
        kind === 1 ? 'SELECT Town AS City FROM Members' : membersQuery,
        kind === 1 ? { options: { columns: [{ name: 'City', type: 'text', length: 80 }] } } : {},
      ),
    })),
  );
  await Promise.all(
    runs.filter(({ kind }) => kind === 2).map(({ runId }) => world.app.call('POST', `/runs/${runId}/cancel`)),
  );
  for (const { runId } of runs) {
    const run = await world.until(runId);
    if (run.status === 'succeeded') await world.app.ok('POST', `/query-runs/${runId}/close`);
  }
  const { system, inTenant, engines, log } = world.app.parts;
  await expect
    .poll(
      async () => {
        await world.sql('update remote_assets set due_at = now()');
        await sweepAssets({ system, inTenant, engines, log }).run();
        return { ...(await world.assets()), onRecord: (await world.sql('select 1 from remote_assets')).length };
      },
      { timeout: 60_000, interval: 500 },
    )
    .toMatchObject({ extensions: 0, queries: 0, onRecord: 0 });
}, 120_000);
