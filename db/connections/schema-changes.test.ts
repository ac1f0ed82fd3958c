import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SchemaObject } from '#contracts/queries/engine.ts';
import { type TriggerWorld, triggerWorld } from '#tests/kit/trigger-world.ts';
import { beginReading, endReading, keepColumns, keepObjects, listObjects } from './schema-objects.ts';
import { listSchemaChanges } from './schema-changes.ts';

let world: TriggerWorld;
const of = { connectionId: uuidv7(), unit: '' };
beforeAll(async () => {
  world = await triggerWorld();
  await world.tx((tx) =>
    tx
      .insertInto('connections')
      .values({
        id: of.connectionId,
        name: 'Shop',
        nameKey: 'shop',
        kind: 'postgres',
        config: '{}',
        slots: 5,
        createdBy: JSON.stringify({ kind: 'system', id: null, name: 'Test' }),
      })
      .execute(),
  );
});
afterAll(() => world?.close());

const table = (name: string, columns: readonly [name: string, length: number][] | null): SchemaObject => ({
  id: name,
  kind: 'table',
  name,
  sqlName: name,
  parentId: null,
  description: null,
  details: {},
  columns: columns?.map(([column, length]) => ({ name: column, type: 'text' as const, length })) ?? null,
});
/** A reading of all that there is. */
const read = (...objects: SchemaObject[]) =>
  world.tx(async (tx) => {
    const readNo = await beginReading(tx, of);
    const changes = await keepObjects(tx, of, readNo, objects);
    await endReading(tx, of, { readNo, cut: null, changes, name: 'Shop' });
    return readNo;
  });
const changesOf = async (object?: string) =>
  (await world.tx((tx) => listSchemaChanges(tx, of, { object, limit: 50 }))).data;

test('the first reading is no change; later ones say what came, went and changed, by their version', async () => {
  await read(table('orders', [['city', 50]]), table('old', null));
  expect(await changesOf()).toEqual([]);
  const second = await read(table('orders', [['city', 80], ['total', 10]]), table('fresh', null)); // prettier-ignore
  expect((await changesOf()).map(({ name, what, version }) => [name, what, version]).toSorted()).toEqual([
    ['fresh', 'added', second],
    ['old', 'removed', second],
    ['orders', 'changed', second],
  ]);
  expect(await changesOf('orders')).toMatchObject([
    { columns: { added: ['total'], removed: [], changed: [{ name: 'city', before: 'text(50)', after: 'text(80)' }] } },
  ]);
  await read(table('orders', [['city', 80], ['total', 10]]), table('fresh', null)); // prettier-ignore
  expect(await changesOf('orders')).toHaveLength(1);
});

test('what the service says of an object’s state is told when it becomes another, and only then', async () => {
  const tagged = (tags: string | null) => ({
    ...table('orders', null),
    details: { tags, tagNote: 'Use fresh instead.' },
  });
  await read(tagged('NEW'), table('fresh', null));
  await read(tagged('DEPRECATED RENAMED'), table('fresh', null));
  await read(tagged('DEPRECATED RENAMED'), table('fresh', null));
  await read(tagged(null), table('fresh', null));
  const told = (await changesOf('orders')).map(({ tags, columns }) => ({ tags, columns }));
  expect(told.slice(0, 3)).toEqual([
    { tags: [], columns: null },
    { tags: ['deprecated', 'renamed'], columns: null },
    { tags: ['new'], columns: null },
  ]);
});

test('columns that are read when somebody looks are compared as well, and found by their name', async () => {
  const columns = [{ name: 'Certificate', type: 'text' as const }];
  await world.tx((tx) => keepColumns(tx, of, 'fresh', columns));
  expect(await changesOf('fresh')).toHaveLength(1); // that it came
  await world.tx((tx) => keepColumns(tx, of, 'fresh', [...columns, { name: 'Number', type: 'integer' as const }]));
  expect((await changesOf('fresh'))[0]).toMatchObject({ what: 'changed', columns: { added: ['Number'] } });
  const found = async (q: string) =>
    (await world.tx((tx) => listObjects(tx, of, { q, limit: 10 }))).data.map(({ name }) => name);
  expect(await found('certificate')).toEqual(['fresh']);
  // A reading that knows no columns keeps what is known.
  await read(table('orders', [['city', 80]]), table('fresh', null));
  expect(await found('certificate')).toEqual(['fresh']);
  expect(await found('nowhere')).toEqual([]);
});
