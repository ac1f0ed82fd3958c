import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mid, membersQuery, type QueryWorld, queryWorld } from '#tests/kit/query-world.ts';

let world: QueryWorld;
beforeAll(async () => void (world = await queryWorld({ withSweeps: false })), 120_000);
afterAll(() => world?.close());

/** Calls, and says which entries it left in the audit log. */
async function entriesOf(method: 'POST' | 'PATCH' | 'PUT' | 'DELETE' | 'GET', path: string, body?: object) {
  const [before] = await world.sql("select coalesce(max(id::text), '') as id from audit_entries");
  const answer = await world.app.call(method, path, body, { headers: { 'idempotency-key': randomUUID() } });
  expect([path, answer.status < 300 || answer.text]).toEqual([path, true]);
  // Ids are ordered by time, and nobody else is at work.
  const left = await world.sql('select * from audit_entries where id::text > $1', [before?.['id']]);
  return { answer, actions: left.map((entry) => entry['action']), text: JSON.stringify(left) };
}

test('each call that changes a state of queries leaves exactly one entry, without a value or a row', async () => {
  const { sfmc } = world.connections;
  const sql = `${membersQuery} AND City <> 'a value nobody may keep'`;
  const started = await entriesOf('POST', '/query-runs', { connectionId: sfmc, unit: mid, sql });
  expect(started.actions).toEqual(['query.run']);
  const { runId } = started.answer.body;
  await world.until(runId);
  const again = await entriesOf('POST', `/query-runs/${runId}/again`);
  await world.until(again.answer.body.runId);
  const made = await entriesOf('POST', '/queries', { name: 'Once', body: { engine: 'sfmc', sql, connectionId: sfmc } });
  const path = `/queries/${made.answer.body.id}`;
  const saved = await entriesOf('PATCH', path, { body: { engine: 'sfmc', sql: 'SELECT 2 AS a' } });
  const restored = await entriesOf('POST', `${path}/versions/1/restore`);
  const exported = await entriesOf('GET', `/query-runs/${runId}/export?format=csv`);
  const closed = await entriesOf('POST', `/query-runs/${runId}/close`);
  const rule = await entriesOf('POST', '/query-rules', { role: 'viewer', connectionId: sfmc, denied: ['export'] });
  const lifted = await entriesOf('DELETE', `/query-rules/${rule.answer.body.id}`);
  const drained = await entriesOf('POST', `/query-queue/${sfmc}/drain`, { reason: 'the night' });
  const resumed = await entriesOf('POST', `/query-queue/${sfmc}/resume`);
  const deleted = await entriesOf('DELETE', path);
  const all = { again, made, saved, restored, exported, closed, rule, lifted, drained, resumed, deleted };
  expect(Object.fromEntries(Object.entries(all).map(([name, { actions }]) => [name, actions]))).toEqual({
    again: ['query.run'],
    made: ['query.created'],
    saved: ['query.saved'],
    restored: ['query.restored'],
    exported: ['query.exported'],
    closed: ['query.closed'],
    rule: ['query_rule.created'],
    lifted: ['query_rule.removed'],
    drained: ['queue.drained'],
    resumed: ['queue.resumed'],
    deleted: ['query.deleted'],
  });
  for (const { text } of [started, ...Object.values(all)]) expect(text).not.toContain('nobody may keep');
});

test('what changes nothing that others see leaves none: looking, trying out, one’s own tabs and favourites, closing twice', async () => {
  const { sfmc } = world.connections;
  const runId = await world.start('sfmc', membersQuery);
  await world.until(runId);
  const { id } = await world.app.ok('POST', '/queries', {
    name: 'None',
    body: { engine: 'sfmc', sql: 'SELECT 1 AS a' },
  });
  await entriesOf('POST', `/query-runs/${runId}/close`);
  const tab = uuidv7();
  const calls: Parameters<typeof entriesOf>[] = [
    ['POST', '/query-runs/validate', { connectionId: sfmc, unit: mid, sql: membersQuery }],
    ['GET', `/query-runs/${runId}`],
    ['PUT', `/query-tabs/${tab}`, { base: 0, sql: 'select' }],
    ['PUT', `/queries/${id}/marks`, { favourite: true }],
    ['POST', `/query-runs/${runId}/close`],
  ];
  for (const call of calls) expect((await entriesOf(...call)).actions).toEqual([]);
});
