import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTenant } from '#db/kit/in-tenant.ts';
import { endRun } from '#db/runs/end-run.ts';
import { keepHouse } from '#db/system/sweeps.ts';
import { type TriggerWorld, triggerWorld } from '#tests/kit/trigger-world.ts';
import { trimKept } from './trim-kept.ts';

let world: TriggerWorld;
let other: string;
beforeAll(async () => {
  world = await triggerWorld();
  other = uuidv7();
  await world.sql(`insert into workspaces (id, slug, name) values ($1, 'other', 'Other')`, [other]);
  await world.sql('insert into settings (workspace_id, retention_days) values ($1, 60)', [other]);
  await world.sql('update settings set retention_days = 10, audit_retention_days = 100 where workspace_id = $1', [
    world.workspaceId,
  ]);
});
afterAll(() => world.close());

const sweep = (): Promise<void> => {
  const { system, db, log } = world;
  return trimKept({ system, inTenant: (workspaceId, work) => inTenant(db, workspaceId, work), log }).run();
};
const endedRun = async (daysAgo: number): Promise<string> => {
  const id = await world.run(await world.playbook());
  await world.tx((tx) => endRun(tx, id, { status: 'succeeded', endedAt: new Date(Date.now() - daysAgo * 86_400_000) }));
  return id;
};
const isThere = async (id: string): Promise<boolean> =>
  (await world.sql('select 1 from runs where id = $1', [id])).length > 0;

test('runs that ended longer ago than the workspace keeps them go with their children and steps; younger and open ones stay', async () => {
  const [old, young] = [await endedRun(11), await endedRun(9)];
  const open = await world.run(await world.playbook());
  const [child, childOfOpen] = [await endedRun(12), await endedRun(400)];
  await world.sql('update runs set parent_run_id = $1 where id = $2', [old, child]);
  await world.sql('update runs set parent_run_id = $1 where id = $2', [open, childOfOpen]);
  await world.sql(
    `insert into run_steps (workspace_id, run_id, address, id, kind, status, position) values ($1, $2, 'a', 'a', 'set', 'succeeded', 0)`,
    [world.workspaceId, child],
  );
  await sweep();
  expect([await isThere(old), await isThere(child)]).toEqual([false, false]);
  expect(await world.sql('select 1 from run_steps where run_id = $1', [child])).toEqual([]);
  expect([await isThere(young), await isThere(open), await isThere(childOfOpen)]).toEqual([true, true, true]);
});

test('messages, which are parts of no other run, go like runs; parts of a run that stays stay with it', async () => {
  const [message, young, part] = [await endedRun(11), await endedRun(9), await endedRun(11)];
  await world.sql(`update runs set shape = 'part' where id = any ($1)`, [[message, young, part]]);
  await world.sql('update runs set parent_run_id = $1 where id = $2', [await endedRun(1), part]);
  await sweep();
  expect([await isThere(message), await isThere(young), await isThere(part)]).toEqual([false, true, true]);
});

test('a workspace’s own days count for its events and logs, however long others keep theirs', async () => {
  for (const workspace of [world.workspaceId, other])
    await world.sql(
      `insert into events (workspace_id, at, type) select $1, now() - make_interval(days => d), 'test.kept' from unnest(array[9, 11, 61]) d`,
      [workspace],
    );
  await sweep();
  const left = async (workspace: string) =>
    (
      await world.sql(
        `select (extract(epoch from now() - at) / 86400)::int as days from events where type = 'test.kept' and workspace_id = $1 order by at desc`,
        [workspace],
      )
    ).map(({ days }) => days);
  expect(await left(world.workspaceId)).toEqual([9]);
  // What the longest retention is up to is left to the partitions, which go whole.
  expect(await left(other)).toEqual([9, 11, 61]);
});

test('the audit log has days of its own, and goes in as many chunks as it takes', async () => {
  await world.sql(
    `insert into audit_entries (workspace_id, id, at, actor, action)
     select $1, gen_random_uuid(), now() - make_interval(days => case when n <= 4100 then 101 else 99 end), '{}', 'test.kept' from generate_series(1, 4110) n`,
    [world.workspaceId],
  );
  await sweep();
  expect(await world.sql(`select count(*)::int as n from audit_entries where action = 'test.kept'`)).toEqual([
    { n: 10 },
  ]);
});

test('under a legal hold nothing of a workspace goes; what is due goes once it is over', async () => {
  const hold = (isOn: boolean) =>
    world.sql('update settings set legal_hold = $2 where workspace_id = $1', [world.workspaceId, isOn]);
  const old = await endedRun(400);
  await world.sql(`insert into events (workspace_id, at, type) values ($1, now() - interval '20 days', 'test.held')`, [
    world.workspaceId,
  ]);
  const events = async () => (await world.sql(`select 1 from events where type = 'test.held'`)).length;
  await hold(true);
  await sweep();
  await keepHouse(world.system);
  expect([await isThere(old), await events()]).toEqual([true, 1]);
  await hold(false);
  await sweep();
  expect([await isThere(old), await events()]).toEqual([false, 0]);
});

test('nothing else can be trimmed, and the app’s role cannot trim at all', async () => {
  await expect(world.sql(`select windlass_trim('users', null, now(), 1)`)).rejects.toThrow(/nothing is trimmed here/);
  expect(
    await world.sql(
      `select has_function_privilege('windlass_app', 'windlass_trim(text, uuid, timestamptz, integer)', 'execute') as app,
        has_function_privilege('windlass_system', 'windlass_trim(text, uuid, timestamptz, integer)', 'execute') as system`,
    ),
  ).toEqual([{ app: false, system: true }]);
});
