import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SchemaObject } from '#contracts/queries/engine.ts';
import { postgresWorld, type PostgresWorld } from '#tests/kit/postgres-world.ts';
import { failureOf } from '#tests/kit/query-failure.ts';

let world: PostgresWorld;
beforeAll(async () => {
  world = await postgresWorld();
  await world.owner.query(`
    create schema sales; comment on schema sales is 'What was sold';
    create table public.customers (id int primary key, email varchar(200) not null default '');
    comment on table public.customers is 'People who buy'; comment on column public.customers.email is 'Where to write';
    insert into public.customers (id) select generate_series(1, 500); analyze public.customers;
    create table sales."Order Lines" ("order" int, line int, customer int references public.customers, price numeric(10,2),
      total numeric generated always as (price * 2) stored, primary key ("order", line));
    alter table sales."Order Lines" drop column price cascade; alter table sales."Order Lines" add price numeric(12,3);
    create view sales.totals as select 1 as n; create materialized view sales.kept as select 1 as n;
    create table sales.parts (day date) partition by range (day);
    create table sales.parts_2026 partition of sales.parts for values from ('2026-01-01') to ('2027-01-01')`);
  await world.superuser.query(
    'create schema hidden; create table hidden.secrets (id int); create table closed (id int)',
  );
});
afterAll(() => world.close());

async function everything(): Promise<SchemaObject[]> {
  const objects: SchemaObject[] = [];
  let cursor: string | null = null;
  do {
    const page = await world.engine.describe({ what: 'objects', cursor });
    objects.push(...page.objects);
    cursor = page.cursor;
  } while (cursor !== null);
  return objects;
}

test('what may be read is listed: schemas, tables and views, with comments, keys and row counts', async () => {
  const objects = await everything();
  expect(objects.map(({ kind, name, sqlName, details }) => [kind, name, sqlName, details['type'] ?? null])).toEqual([
    ['schema', 'public', null, null],
    ['schema', 'sales', null, null],
    ['table', 'customers', 'customers', 'table'],
    ['table', 'Order Lines', 'sales."Order Lines"', 'table'],
    ['view', 'kept', 'sales.kept', 'materialised view'],
    ['table', 'parts', 'sales.parts', 'partitioned table'],
    ['table', 'parts_2026', 'sales.parts_2026', 'table'],
    ['view', 'totals', 'sales.totals', 'view'],
  ]);
  const customers = objects.find(({ name }) => name === 'customers');
  expect(customers).toMatchObject({
    description: 'People who buy',
    details: { schema: 'public', estimatedRows: 500 },
    parentId: objects[0]?.id,
    columns: [
      { name: 'id', type: 'integer', nativeType: 'integer', isKey: true, isRequired: true },
      {
        name: 'email',
        type: 'text',
        length: 200,
        isKey: false,
        description: 'Where to write',
        details: { hasDefault: true },
      },
    ],
  });
  const lines = objects.find(({ name }) => name === 'Order Lines');
  expect(lines?.columns).toMatchObject([
    { name: 'order', isKey: true },
    { name: 'line', isKey: true },
    { name: 'customer', isKey: false, details: { references: 'public.customers.id' } },
    { name: 'price', type: 'decimal', precision: 12, scale: 3 },
  ]);
});

test('one object is asked for by its id', async () => {
  const lines = (await everything()).find(({ name }) => name === 'Order Lines');
  const { objects } = await world.engine.describe({ what: 'columns', of: lines?.id ?? '', cursor: null });
  expect(objects).toEqual([lines]);
  const gone = JSON.stringify(['public', 'gone']);
  expect(await failureOf(world.engine.describe({ what: 'columns', of: gone, cursor: null }))).toMatchObject({
    code: 'not_found',
  });
  expect(await failureOf(world.engine.describe({ what: 'columns', of: 'x', cursor: null }))).toMatchObject({
    code: 'object_id_invalid',
  });
  expect(await failureOf(world.engine.describe({ what: 'objects', cursor: 'x' }))).toMatchObject({
    code: 'cursor_invalid',
  });
});

test('thousands of tables come page by page, each once; columns beyond measure are left for a question of their own', async () => {
  await world.owner.query(`create schema many;
    do $$ begin for n in 1..1100 loop execute format('create table many.t%s (${Array.from({ length: 45 }, (_, at) => `c${at} int`).join(', ')})', n); end loop; end $$`);
  const tables = (await everything()).filter(({ details }) => details['schema'] === 'many');
  expect(new Set(tables.map(({ id }) => id)).size).toBe(1_100);
  expect(tables).toHaveLength(1_100);
  expect(tables.some(({ columns }) => columns === null)).toBe(true);
  const listed = tables.filter(({ columns }) => columns !== null);
  expect(listed.length).toBeGreaterThan(800);
  expect(listed.every(({ columns }) => columns?.length === 45)).toBe(true);
});

test('there are no units', async () => {
  expect(await world.engine.describe({ what: 'units', cursor: null })).toEqual({
    objects: [],
    cursor: null,
    cut: null,
  });
});
