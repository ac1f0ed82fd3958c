import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertRun, newRunId } from './insert-run.ts';
import { admitRuns } from './admit-runs.ts';
import { type TriggerWorld, triggerWorld } from '#tests/kit/trigger-world.ts';

let world: TriggerWorld;
beforeAll(async () => void (world = await triggerWorld()));
afterAll(() => world?.close());

const add = (subject: string, limit: number): Promise<string> =>
  world.tx(async (tx) => {
    const { id } = await insertRun(tx, {
      kind: 'query',
      title: 'Q',
      trigger: 'api',
      actor: { kind: 'system', id: null, name: 'Test' },
      subject: { kind: 'connection', id: subject },
      workflowType: 'runQuery',
      taskQueue: 'main',
      sealedInput: 'x',
      concurrency: { key: `connection:${subject}`, limit },
    });
    return id;
  });

test('hundreds that wait for one connection do not hide who waits behind them for another', async () => {
  const [busy, free] = [newRunId(), newRunId()];
  await world.sql('update settings set concurrency = 5000');
  for (let at = 0; at < 10; at++) await add(busy, 2);
  await world.sql(
    `insert into runs (workspace_id, id, kind, shape, title, status, trigger, actor, workflow_type, task_queue, subject_kind, subject_id, concurrency_key, concurrency_limit)
     select workspace_id, ('01890000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, kind, shape, title, 'queued', trigger, actor, workflow_type, task_queue, subject_kind, subject_id, concurrency_key, concurrency_limit
     from (select * from runs where subject_id = $1 limit 1) one, generate_series(1, 600) n`,
    [busy],
  );
  const last = await add(free, 1);
  const { rows } = { rows: await world.sql('select admitted_at from runs where id = $1', [last]) };
  expect(rows[0]?.['admitted_at']).not.toBeNull();
  expect(await world.tx((tx) => admitRuns(tx))).toEqual([]);
});
