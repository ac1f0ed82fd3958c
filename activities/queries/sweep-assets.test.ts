import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '#system/log.ts';
import { type QueryWorld, membersQuery, queryWorld } from '#tests/kit/query-world.ts';
import { sweepAssets, sweepOrphans } from './sweep-assets.ts';

let world: QueryWorld;
beforeAll(async () => void (world = await queryWorld({ withSweeps: false })));
afterAll(() => world?.close());

const tools = () => {
  const { system, inTenant, engines } = world.app.parts;
  return { system, inTenant, engines, log: createLog({ level: 'silent' }) };
};
const rows = () => world.sql('select run_id, kind from remote_assets order by kind');

test('rows that nobody has read for long are removed at the service, and those that are read stay', async () => {
  const [idle, read] = [await world.start('sfmc', membersQuery), await world.start('sfmc', membersQuery)];
  await world.until(idle, ({ cleanup }) => cleanup.removed === 1);
  await world.until(read, ({ cleanup }) => cleanup.removed === 1);
  await sweepAssets(tools()).run();
  expect((await world.assets()).extensions).toBe(2);
  await world.sql(`update remote_assets set due_at = now() where run_id = $1`, [idle]);
  await sweepAssets(tools()).run();
  expect(await world.assets()).toMatchObject({ extensions: 1, queries: 0 });
  expect(await world.until(idle)).toMatchObject({
    phase: 'closed',
    isReadable: false,
    cleanup: { state: 'done', removed: 2 },
  });
  expect((await world.app.call('GET', `/query-runs/${read}/rows`)).status).toBe(200);
  await world.app.ok('POST', `/query-runs/${read}/close`);
  await world.until(read, ({ cleanup }) => cleanup.state === 'done');
  expect(await rows()).toEqual([]);
});

test('what a service does not let go is told and comes up again', async () => {
  const runId = await world.start('sfmc', membersQuery);
  await world.until(runId, ({ cleanup }) => cleanup.removed === 1);
  world.sfmc.faults({ kind: 'unavailable', at: 'Delete DataExtension', times: 100 });
  await world.sql(`update remote_assets set due_at = now() where run_id = $1`, [runId]);
  await sweepAssets(tools()).run();
  expect(await world.until(runId)).toMatchObject({ cleanup: { state: 'left', left: 1 } });
  expect((await world.app.ok('GET', '/query-assets')).data).toMatchObject([
    { runId, kind: 'data_extension', failure: { kind: 'provider' } },
  ]);
  world.sfmc.simulator.world.faults = [];
  await world.sql(`update remote_assets set due_at = now() where run_id = $1`, [runId]);
  await sweepAssets(tools()).run();
  expect(await world.assets()).toMatchObject({ extensions: 0, queries: 0 });
  expect(await rows()).toEqual([]);
}, 60_000);

test('orphans that no record tells of are removed, and what open runs have stays', async () => {
  const [kept, lost] = [await world.start('sfmc', membersQuery), await world.start('sfmc', membersQuery)];
  await world.until(kept, ({ cleanup }) => cleanup.removed === 1);
  await world.until(lost, ({ cleanup }) => cleanup.removed === 1);
  await world.sql('delete from remote_assets where run_id = $1', [lost]);
  await world.sql('delete from runs where id = $1', [lost]);
  for (const extension of world.sfmc.simulator.world.extensions.values())
    if (extension.madeAt !== null) extension.madeAt -= 24 * 3_600_000;
  await sweepOrphans(tools()).run();
  expect((await world.assets()).extensions).toBe(1);
  expect((await world.app.call('GET', `/query-runs/${kept}/rows`)).status).toBe(200);
});
