import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CreateQuerySnippet } from '#contracts/queries/query-snippets.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import {
  changeQuerySnippet,
  createQuerySnippet,
  deleteQuerySnippet,
  listQuerySnippets,
} from '#db/queries/query-snippets.ts';
import { type TriggerWorld, triggerWorld } from '#tests/kit/trigger-world.ts';
import { streamFilter } from '../events/stream-filter.ts';
import { querySnippetRoom } from './query-snippets.ts';

let world: TriggerWorld;
beforeAll(async () => void (world = await triggerWorld({ querySnippets: querySnippetRoom })));
afterAll(() => world?.close());

type Person = TriggerWorld['people']['mia'];
const make = (trigger: string, more: object = {}, by: Person = world.people.mia) =>
  world.post('/query-snippets', { trigger, text: 'SELECT ${1:a} FROM t WHERE b >= {{ since: date }}', ...more }, by);
const triggers = async (by: Person): Promise<string[]> =>
  (await world.get('/query-snippets', by)).json().data.map(({ trigger }: { trigger: string }) => trigger);

test('201: a snippet is there for all who read queries, and changed by all who edit them; who only reads cannot', async () => {
  const { mia, max, vic } = world.people;
  const made = await make('subs30', { engine: 'sfmc', description: 'Those of the last days' });
  expect([made.statusCode, made.headers.etag]).toEqual([201, '"1"']);
  const { id } = made.json();
  expect(made.json()).toMatchObject({
    trigger: 'subs30',
    engine: 'sfmc',
    sharing: 'workspace',
    owner: { name: 'Mia' },
  });
  expect(await triggers(vic)).toContain('subs30');
  expect((await make('own', {}, vic)).statusCode).toBe(403);
  expect((await world.patch(`/query-snippets/${id}`, { trigger: 'x' }, vic)).statusCode).toBe(403);
  expect((await world.del(`/query-snippets/${id}`, vic)).statusCode).toBe(403);
  const changed = await world.patch(`/query-snippets/${id}`, { description: 'Of Max' }, max);
  expect(changed.json()).toMatchObject({ version: 2, description: 'Of Max', engine: 'sfmc', owner: { name: 'Mia' } });
  expect(changed.json().text).toBe('SELECT ${1:a} FROM t WHERE b >= {{ since: date }}');
  const stale = await world.call('PATCH', `/query-snippets/${id}`, mia, { trigger: 'y' }, { 'if-match': '"1"' });
  expect([stale.statusCode, stale.json().error]).toEqual([412, 'request.stale']);
  expect((await world.del(`/query-snippets/${id}`, max)).statusCode).toBe(204);
  expect(await triggers(mia)).not.toContain('subs30');
});

test('what is private is there for its owner alone, and only its owner makes a shared one private', async () => {
  const { mia, olga } = world.people;
  const { id } = (await make('mine', { sharing: 'private' })).json();
  expect(await triggers(mia)).toContain('mine');
  expect(await triggers(olga)).not.toContain('mine');
  expect((await world.patch(`/query-snippets/${id}`, { trigger: 'x' }, olga)).statusCode).toBe(404);
  expect((await world.del(`/query-snippets/${id}`, olga)).statusCode).toBe(404);
  await world.patch(`/query-snippets/${id}`, { sharing: 'workspace' }, mia);
  expect(await triggers(olga)).toContain('mine');
  expect((await world.patch(`/query-snippets/${id}`, { sharing: 'private' }, olga)).statusCode).toBe(403);
  expect((await world.patch(`/query-snippets/${id}`, { sharing: 'private' }, mia)).statusCode).toBe(200);
  expect(await triggers(olga)).not.toContain('mine');
});

test('409: a trigger is one thing in the workspace, whatever its case, and one among a person’s own', async () => {
  const { mia, olga } = world.people;
  await make('Window');
  expect((await make('wINDOW', {}, olga)).json()).toMatchObject({ error: 'query_snippet.trigger_taken' });
  const own = await make('window', { sharing: 'private' });
  expect(own.statusCode).toBe(201);
  expect((await make('WINDOW', { sharing: 'private' })).statusCode).toBe(409);
  expect((await make('window', { sharing: 'private' }, olga)).statusCode).toBe(201);
  expect((await world.patch(`/query-snippets/${own.json().id}`, { sharing: 'workspace' }, mia)).statusCode).toBe(409);
});

test('422: a text whose stops or parameters are wrong is refused with the reason, also when only the engine changes', async () => {
  const refused = await make('bad', { text: 'select 1\nfrom ${1:orders' });
  expect(refused.json()).toMatchObject({
    statusCode: 422,
    error: 'query_snippet.text_invalid',
    message: 'This is no snippet. Line 2: The stop ${1:… has no }.',
  });
  expect((await make('bad', { text: 'select {{ a: data }}' })).statusCode).toBe(422);
  // In brackets Marketing Cloud reads a name, PostgreSQL a parameter.
  const { id } = (await make('inner', { engine: 'sfmc', text: 'select [a {{ b: data }}]' })).json();
  expect((await world.patch(`/query-snippets/${id}`, { engine: 'postgres' })).json()).toMatchObject({
    error: 'query_snippet.text_invalid',
  });
  for (const trigger of ['', '3days', 'two words', 'a'.repeat(41)]) expect((await make(trigger)).statusCode).toBe(400);
  expect((await make('long', { text: 'a'.repeat(20_001) })).statusCode).toBe(400);
  expect((await make('last-30_d', { text: 'a'.repeat(20_000) })).statusCode).toBe(201);
});

test('409: an editor knows all snippets, so there are no more of them than it can offer', async () => {
  const { max } = world.people;
  await world.tx((tx) =>
    tx
      .insertInto('querySnippets')
      .values(
        Array.from({ length: 199 }, (_, index) => ({
          id: `01900000-0000-7000-8000-${String(index).padStart(12, '0')}`,
          trigger: `many${index}`,
          description: '',
          body: 'a',
          engine: null,
          sharing: 'private' as const,
          owner: JSON.stringify({ kind: 'user', id: max.id, name: 'Max' }),
          ownerId: max.id,
        })),
      )
      .execute(),
  );
  expect((await make('twohundredth', { sharing: 'private' }, max)).statusCode).toBe(201);
  expect((await make('more', { sharing: 'private' }, max)).json()).toMatchObject({ error: 'query_snippet.too_many' });
  expect((await make('more', { sharing: 'workspace' }, max)).statusCode).toBe(201);
});

test('each change leaves one audit entry and one event, and that of a private one is told to its owner alone', async () => {
  const { mia, max } = world.people;
  const { id } = (await make('told', { sharing: 'private' })).json();
  await world.patch(`/query-snippets/${id}`, { description: 'x' }, mia);
  await world.del(`/query-snippets/${id}`, mia);
  const about = await world.tx(async (tx) => ({
    audit: await tx.selectFrom('auditEntries').selectAll().where('subject', '=', `query_snippet:${id}`).orderBy('id').execute(),
    events: await tx.selectFrom('events').selectAll().where('subject', '=', `query_snippet:${id}`).where('type', 'like', 'query_snippet.%').orderBy('seq').execute(),
  })); // prettier-ignore
  expect(about.audit.map(({ action }) => action)).toEqual([
    'query_snippet.created',
    'query_snippet.changed',
    'query_snippet.deleted',
  ]);
  expect(JSON.stringify(about)).not.toContain('since');
  expect(about.events).toHaveLength(3);
  const toMia = streamFilter({ permissions: new Set(['queries:read']), id: mia.id }, {});
  const toMax = streamFilter({ permissions: new Set(['queries:read']), id: max.id }, {});
  for (const { type, subject, data } of about.events) {
    const event = { type, subject, runId: null, data: data as Record<string, unknown> };
    expect([type, toMia(event), toMax(event)]).toEqual(['query_snippet.changed', true, false]);
  }
});

test('another workspace sees none of them, changes none, and has the same triggers to itself', async () => {
  const { mia } = world.people;
  const { id } = (await make('apart')).json();
  const other = uuidv7();
  await world.sql("insert into workspaces (id, slug, name) values ($1, 'other', 'Other')", [other]);
  const somebody = { kind: 'user' as const, id: mia.id, name: 'Mia' };
  await inTenant(world.db, other, async (tx) => {
    expect(await listQuerySnippets(tx, mia.id)).toEqual([]);
    expect(await changeQuerySnippet(tx, id, { trigger: 'taken' }, somebody)).toBe(false);
    expect(await deleteQuerySnippet(tx, id, somebody)).toBeNull();
    await createQuerySnippet(tx, uuidv7(), CreateQuerySnippet.parse({ trigger: 'apart', text: 'theirs' }), somebody);
  });
  const mine = (await world.get('/query-snippets', mia)).json().data;
  expect(mine.filter(({ trigger }: { trigger: string }) => trigger === 'apart')).toMatchObject([{ id, version: 1 }]);
});
