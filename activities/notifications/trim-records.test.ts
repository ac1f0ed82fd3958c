import { afterAll, beforeAll, expect, test } from 'vitest';
import { triggerWorld, type TriggerWorld } from '#tests/kit/trigger-world.ts';
import { trimTriggerRecords } from './trim-records.ts';

let world: TriggerWorld;
beforeAll(async () => void (world = await triggerWorld()));
afterAll(() => world.close());

test('records older than the workspace keeps go, in as many chunks as it takes; younger and open ones stay', async () => {
  const id = world.workspaceId;
  await world.sql('update settings set retention_days = 10');
  await world.sql(
    `insert into deliveries (workspace_id, id, key, channel, kind, target, subject, status, created_at)
     select $1, gen_random_uuid(), 'k' || n, '#ops', 'email', 'a@b', 's', 'delivered', now() - make_interval(days => case when n <= 2500 then 11 else 9 end) from generate_series(1, 2600) n`,
    [id],
  );
  await world.sql(
    `insert into run_triggers (workspace_id, id, name, statuses, target_id, created_by) values ($1, $2, 't', '{succeeded}', $2, '{}')`,
    [id, world.people.olga.id],
  );
  await world.sql(
    `insert into run_trigger_firings (workspace_id, trigger_id, ended_run_id, status, depth, at)
     select $1, $2, gen_random_uuid(), s, 1, now() - interval '20 days' from unnest(array['started', 'pending']) s`,
    [id, world.people.olga.id],
  );
  const sweep = () => trimTriggerRecords({ db: world.db, system: world.system }).run();
  await world.sql('update settings set legal_hold = true');
  await sweep();
  expect(await world.sql('select count(*)::int as n from deliveries'), 'under a legal hold').toEqual([{ n: 2_600 }]);
  await world.sql('update settings set legal_hold = false');
  await sweep();
  expect(await world.sql('select count(*)::int as n from deliveries')).toEqual([{ n: 100 }]);
  expect(await world.sql('select status from run_trigger_firings')).toEqual([{ status: 'pending' }]);
});
