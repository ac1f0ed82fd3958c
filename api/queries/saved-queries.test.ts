import { afterAll, beforeAll, expect, test } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { type TriggerWorld, triggerWorld } from '#tests/kit/trigger-world.ts';
import { streamFilter } from '../events/stream-filter.ts';
import { createPresenceBoard } from '../kit/presence-board.ts';
import { savedQueryRoom } from './saved-queries.ts';

let world: TriggerWorld;
const board = createPresenceBoard({ spread: () => undefined });
beforeAll(async () => void (world = await triggerWorld({ savedQueries: savedQueryRoom }, { presence: board })));
afterAll(async () => {
  board.close();
  await world?.close();
});

const body = (sql: string) => ({ engine: 'sfmc', sql });
const save = async (name: string, more: object = {}, by = world.people.mia) =>
  (await world.post('/queries', { name, body: body('SELECT 1 AS a'), ...more }, by)).json();

test('each saved text is a version that never changes; an earlier one comes back as a version of its own', async () => {
  const { mia, max } = world.people;
  const query = await save('Members', { folder: 'Sales / Weekly' });
  expect(query).toMatchObject({ version: 1, folder: 'Sales/Weekly', owner: { name: 'Mia' } });
  const path = `/queries/${query.id}`;
  expect((await world.patch(path, { body: body('SELECT 2 AS a') }, max)).json()).toMatchObject({ version: 2 });
  expect((await world.patch(path, { body: body('SELECT 2 AS a'), tags: ['x'] }, max)).json()).toMatchObject({
    version: 2,
    tags: ['x'],
  });
  const restored = (await world.post(`${path}/versions/1/restore`, undefined, mia)).json();
  expect(restored).toMatchObject({ version: 3, body: { sql: 'SELECT 1 AS a' } });
  const { data } = (await world.get(`${path}/versions`)).json();
  expect(
    data.map(({ version, restoredFrom }: { version: number; restoredFrom: number | null }) => [version, restoredFrom]),
  ).toEqual([
    [3, 1],
    [2, null],
    [1, null],
  ]);
  await expect(
    world.tx((tx) =>
      tx
        .updateTable('queryVersions')
        .set({ note: 'changed' } as never)
        .execute(),
    ),
  ).rejects.toThrow('permission denied');
  const stale = await world.call('PATCH', path, mia, { name: 'Other' }, { 'if-match': '"1"' });
  expect(stale.statusCode).toBe(412);
});

test('what is private is there for its owner alone', async () => {
  const { mia, olga } = world.people;
  const query = await save('Mine alone', { sharing: 'private' });
  expect((await world.get(`/queries/${query.id}`, mia)).statusCode).toBe(200);
  for (const answer of [
    await world.get(`/queries/${query.id}`, olga),
    await world.patch(`/queries/${query.id}`, { name: 'x' }, olga),
    await world.del(`/queries/${query.id}`, olga),
  ])
    expect(answer.statusCode).toBe(404);
  expect((await world.get('/queries?q=mine%20alone', olga)).json().data).toEqual([]);
});

test('favourites are one’s own; a version is reviewed by somebody other than its author, and a newer one is not', async () => {
  const { mia, max, vic } = world.people;
  const { id } = await save('Reviewed');
  const mark = (by: typeof mia, marks: object) => world.call('PUT', `/queries/${id}/marks`, by, marks);
  expect((await mark(vic, { favourite: true })).json()).toMatchObject({ isFavourite: true });
  expect((await world.get('/queries?favourite=true', vic)).json().data).toHaveLength(1);
  expect((await world.get('/queries?favourite=true', mia)).json().data).toEqual([]);
  expect((await mark(mia, { reviewed: true })).json()).toMatchObject({ error: 'query.own_review' });
  expect((await mark(vic, { reviewed: true })).statusCode).toBe(403);
  expect((await mark(max, { reviewed: true })).json()).toMatchObject({ reviewed: { by: { name: 'Max' } } });
  expect((await world.patch(`/queries/${id}`, { body: body('SELECT 3 AS a') }, mia)).json()).toMatchObject({
    reviewed: null,
  });
});

test('two browsers with one tab merge what was typed, and another person has no part in it', async () => {
  const { mia, max } = world.people;
  const id = uuidv7();
  const keep = async (by: typeof mia, given: object) =>
    (await world.call('PUT', `/query-tabs/${id}`, by, given)).json();
  const first = await keep(mia, { base: 0, title: 'T', sql: 'select a\nfrom t\nwhere x = 1' });
  expect(first).toMatchObject({ revision: 1, hasConflict: false });
  await keep(mia, { base: 1, sql: 'select a, b\nfrom t\nwhere x = 1' });
  const merged = await keep(mia, { base: 1, sql: 'select a\nfrom t\nwhere x = 2' });
  expect(merged).toMatchObject({
    revision: 3,
    hasConflict: false,
    title: 'T',
    sql: 'select a, b\nfrom t\nwhere x = 2',
  });
  expect(await keep(max, { base: 0, sql: 'of Max' })).toMatchObject({ revision: 1, sql: 'of Max' });
  expect((await world.get('/query-tabs', mia)).json().data).toMatchObject([{ id, sql: merged.sql }]);
  expect((await world.del(`/query-tabs/${id}`, mia)).statusCode).toBe(204);
  expect((await world.get('/query-tabs', mia)).json().data).toEqual([]);
  expect((await world.get('/query-tabs', max)).json().data).toHaveLength(1);
});

test('what a browser kept of a tab is told to the person’s other browsers alone, without the text', async () => {
  const { mia, max } = world.people;
  const told: string[] = [];
  const toMia = streamFilter({ permissions: new Set(['queries:read']), id: mia.id }, {});
  const toMax = streamFilter({ permissions: new Set(['queries:read']), id: max.id }, {});
  const stop = board.listen(world.workspaceId, (event) => {
    expect(toMax({ ...event, runId: null })).toBe(false);
    if (toMia({ ...event, runId: null })) told.push(event.json());
  });
  const id = uuidv7();
  await world.call('PUT', `/query-tabs/${id}`, mia, { base: 0, sql: 'select secret_of_mia' });
  await world.del(`/query-tabs/${id}`, mia);
  stop();
  expect(told.map((text) => JSON.parse(text).data)).toEqual([
    { tab: id, revision: 1 },
    { tab: id, revision: null },
  ]);
  expect(told.join()).not.toContain('secret_of_mia');
});
