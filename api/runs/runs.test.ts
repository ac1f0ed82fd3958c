import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLog, appendLog } from '#db/runs/run-logs.ts';
import { triggerWorld, type TriggerWorld } from '#tests/kit/trigger-world.ts';
import { runBulkRoom } from './bulk.ts';
import { runFigureRoom } from './figures.ts';
import { runViewRoom } from './run-views.ts';
import { runsRoom } from './runs.ts';

let world: TriggerWorld;
let playbook: string;
const ids: Record<'good' | 'bad' | 'slow' | 'alive', string> = { good: '', bad: '', slow: '', alive: '' };
const hour = 3_600_000;

beforeAll(async () => {
  world = await triggerWorld({ runs: runsRoom, figures: runFigureRoom, views: runViewRoom, bulk: runBulkRoom });
  playbook = await world.playbook();
  for (const name of ['good', 'bad', 'slow', 'alive'] as const) ids[name] = await world.run(playbook);
  const end = (id: string, status: string, tookMs: number, code: string | null) =>
    world.sql(
      `update runs set status = $2, started_at = now() - make_interval(secs => $3), ended_at = now(), error = $4 where id = $1`,
      [id, status, tookMs / 1_000, code === null ? 'null' : JSON.stringify({ code, message: 'It did.' })],
    );
  await end(ids.good, 'succeeded', 1_000, null);
  await end(ids.bad, 'failed', 2_000, 'ssh.unreachable');
  await end(ids.slow, 'timed_out', hour, null);
});
afterAll(() => world?.close());

const listed = async (query: string): Promise<string[]> =>
  (await world.get(`/runs?${query}`)).json().data.map(({ id }: { id: string }) => id);

test('a filter narrows by what failed, by how long it took, and leaves out what begins with an exclamation mark', async () => {
  expect(await listed('error=ssh.unreachable')).toEqual([ids.bad]);
  expect(await listed('error=timed_out')).toEqual([ids.slow]);
  expect(await listed(`longerMs=${hour / 2}`)).toEqual([ids.slow]);
  expect(await listed('status=!failed,!succeeded,!timed_out')).toEqual([ids.alive]);
  expect(await listed('kind=!playbook')).toEqual([]);
});

test('the total, the ids and the histogram are those of the list that the same filter shows', async () => {
  expect((await world.get('/runs/total?status=failed,timed_out')).json()).toEqual({ total: 2, isCapped: false });
  expect((await world.get('/runs/ids?status=failed,timed_out')).json()).toEqual({
    ids: [ids.slow, ids.bad],
    isCapped: false,
  });
  const sums = async (query: string) => {
    const { buckets } = (await world.get(`/runs/histogram?${query}`)).json();
    return ['succeeded', 'failed', 'canceled', 'alive'].map((word) =>
      buckets.reduce((sum: number, bucket: Record<string, number>) => sum + (bucket[word] ?? 0), 0),
    );
  };
  expect(await sums('by=created')).toEqual([1, 2, 0, 1]);
  expect(await sums('')).toEqual([1, 2, 0, 0]);
  expect(await sums('by=created&error=ssh.unreachable')).toEqual([0, 1, 0, 0]);
});

test('children are counted by their parents, and parents without any are left out', async () => {
  await world.sql('update runs set parent_run_id = $1 where id = $2', [ids.good, ids.slow]);
  const { counts } = (await world.get(`/runs/children?of=${ids.good},${ids.bad}`)).json();
  await world.sql('update runs set parent_run_id = null where id = $1', [ids.slow]);
  expect(counts).toEqual({ [ids.good]: 1 });
});

test('trends tell what was started and ended, how long it took, and whose runs they were', async () => {
  const { buckets } = (await world.get('/runs/trends?buckets=1')).json();
  expect(buckets).toMatchObject([{ started: 4, succeeded: 1, failed: 2, canceled: 0, durationP50Ms: 2_000 }]);
  const mine = (await world.get(`/runs/trends?buckets=1&actor=${world.people.olga.id}`)).json();
  expect(mine.buckets).toMatchObject([{ started: 0, failed: 0, durationP50Ms: null }]);
});

test('the overview looks back over the span that is asked for', async () => {
  const day = (await world.get('/overview')).json();
  expect(day).toMatchObject({ span: '24h', started: 4, ended: 3, failed: 2, queued: 1, isNew: false });
  expect(day.failures).toEqual([
    { code: 'ssh.unreachable', count: 1 },
    { code: 'timed_out', count: 1 },
  ]);
  expect((await world.get(`/overview?actor=${world.people.olga.id}&span=7d`)).json()).toMatchObject({
    span: '7d',
    started: 0,
    queued: 0,
  });
});

test('of many, each is done or named with why it was not', async () => {
  const unknown = uuidv7();
  const { results } = (
    await world.post('/runs/cancel', { ids: [ids.alive, ids.good, unknown] }, world.people.mia)
  ).json();
  expect(results).toMatchObject([
    { id: ids.alive, ok: true },
    { id: ids.good, ok: false, error: { code: 'run.already_ended' } },
    { id: unknown, ok: false, error: { code: 'request.not_found' } },
  ]);
  const again = (await world.post('/runs/rerun', { ids: [ids.good, unknown] }, world.people.mia)).json();
  expect(again.results).toMatchObject([{ ok: true }, { ok: false, error: { code: 'request.not_found' } }]);
  expect((await world.get(`/runs/${again.results[0].runId}`)).json()).toMatchObject({ rerunOf: ids.good });
  expect((await world.post('/runs/cancel', { ids: [ids.good] }, world.people.vic)).statusCode).toBe(403);
});

test('tags are added to many and taken off again; the answer says what has changed of each, so that it can be taken back', async () => {
  const tag = async (body: object) => (await world.post('/runs/tag', body)).json().results;
  await tag({ ids: [ids.bad], add: ['eu'] });
  expect(await tag({ ids: [ids.good, ids.bad], add: ['night', 'eu'] })).toMatchObject([
    { id: ids.good, ok: true, added: ['night', 'eu'], removed: [] },
    { id: ids.bad, ok: true, added: ['night'], removed: [] },
  ]);
  expect(await tag({ ids: [ids.good, ids.bad], remove: ['eu', 'never'] })).toMatchObject([
    { removed: ['eu'] },
    { removed: ['eu'] },
  ]);
  expect((await world.get(`/runs/${ids.good}`)).json().tags).toEqual(['night']);
  expect(new Set(await listed('tag=night'))).toEqual(new Set([ids.good, ids.bad]));
});

test('a run carries twenty tags at most', async () => {
  const many = Array.from({ length: 20 }, (_, place) => `t${place}`);
  const { results } = (await world.post('/runs/tag', { ids: [ids.slow], add: many })).json();
  expect(results).toMatchObject([{ ok: true }]);
  const more = (await world.post('/runs/tag', { ids: [ids.slow], add: ['one-more'] })).json();
  expect(more.results).toMatchObject([{ ok: false, error: { code: 'run.too_many_tags' } }]);
  await world.post('/runs/tag', { ids: [ids.slow], remove: many });
});

test('runs leave as CSV: all that the filter shows, or those that were chosen, and what looks like a formula is none', async () => {
  await world.sql('update runs set title = $2, tags = $3 where id = $1', [ids.good, '=1+1, "quoted"', ['a', 'b']]);
  const file = async (answer: Awaited<ReturnType<typeof world.get>>) => {
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="runs-\d{4}-\d\d-\d\d\.csv"$/);
    const [head, ...lines] = answer.body.split('\r\n');
    expect(head?.startsWith('id,title,kind,status')).toBe(true);
    expect(lines.pop()).toBe('');
    return lines;
  };
  const all = await file(await world.get('/runs/export'));
  expect(all.map((line) => line.split(',')[0])).toEqual(await listed('limit=200'));
  const failed = await file(await world.get('/runs/export?status=failed', world.people.vic));
  expect(failed).toHaveLength(1);
  expect(failed[0]).toContain('ssh.unreachable');
  const [good] = await file(await world.post('/runs/export', { ids: [ids.good, uuidv7()] }));
  expect(good).toContain(`${ids.good},"'=1+1, ""quoted""",playbook,succeeded`);
  expect(good).toContain(',a b,');
});

test('a list is narrowed by when its runs ended', async () => {
  const at = (await world.get(`/runs/${ids.bad}`)).json().endedAt;
  const next = new Date(Date.parse(at) + 1).toISOString();
  expect(await listed(`endedFrom=${next}`)).not.toContain(ids.bad);
  expect(await listed(`endedFrom=${at}&endedTo=${next}`)).toContain(ids.bad);
  expect(await listed(`endedTo=${at}`)).not.toContain(ids.bad);
});

test('a saved view is its owner’s until it is shared, and only the owner changes it', async () => {
  const { mia, max } = world.people;
  const saved = await world.post('/run-views', { name: 'Failed today', query: 'status=failed&started=24h' }, mia);
  expect(saved.statusCode).toBe(201);
  const { id } = saved.json();
  const seenBy = async (person: typeof mia) => (await world.get('/run-views', person)).json();
  expect(await seenBy(mia)).toMatchObject([{ id, isMine: true, isShared: false }]);
  expect(await seenBy(max)).toEqual([]);
  expect((await world.post('/run-views', { name: 'failed TODAY', query: '' }, mia)).json().error).toBe(
    'run_view.name_taken',
  );

  await world.patch(`/run-views/${id}`, { isShared: true }, mia);
  expect(await seenBy(max)).toMatchObject([{ id, name: 'Failed today', isMine: false, owner: { name: 'Mia' } }]);
  expect((await world.patch(`/run-views/${id}`, { name: 'Mine now' }, max)).statusCode).toBe(404);
  expect((await world.del(`/run-views/${id}`, max)).statusCode).toBe(404);
  expect((await world.del(`/run-views/${id}`, mia)).statusCode).toBe(204);
  expect(await seenBy(max)).toEqual([]);
});

test('a search counts the lines of the whole log, by host and stream, not the chunks nor the page', async () => {
  const chunk = { address: 'a', attempt: 1, fromByte: 0 };
  await world.tx((tx) =>
    appendLog(tx, ids.bad, [
      { ...chunk, host: 'web-1', stream: 'stdout', text: 'Timed out\nfine\ntimed OUT again\n' },
      { ...chunk, host: 'web-2', stream: 'stderr', text: 'timed out\n' },
    ]),
  );
  const matches = async (query: string) =>
    (await world.get(`/runs/${ids.bad}/logs?limit=1&q=timed%20out${query}`)).json().matches;
  expect(await matches('')).toBe(3);
  expect(await matches('&host=web-1')).toBe(2);
  expect(await matches('&stream=stderr')).toBe(1);
  expect((await world.tx((tx) => readLog(tx, ids.bad, { q: 'nowhere', limit: 5 }))).data).toEqual([]);
});
