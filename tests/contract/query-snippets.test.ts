import { afterAll, expect, test } from 'vitest';
import { systemViews } from '#connectors/sfmc/views.ts';
import { type EngineKind, engineKinds, type SchemaObject } from '#contracts/queries/engine.ts';
import { parametersOf } from '#contracts/queries/parameters.ts';
import { SnippetTrigger } from '#contracts/queries/query-snippets.ts';
import { faultOfSnippet, plainOf, readSnippet } from '#contracts/queries/snippet-text.ts';
import { builtInSnippets } from '#contracts/queries/snippets/snippets.ts';
import { analyse } from '#contracts/queries/sql/analyse.ts';
import { startPlain } from '#simulators/amc/plain-client.ts';
import { simTables } from '#simulators/amc/catalog/tables.ts';
import { postgresWorld } from '#tests/kit/postgres-world.ts';
import { bound, linesOfCleanRoom, rowsInUnit } from '#tests/kit/ready-queries.ts';

/** A query around each snippet that is a part of one; `…` is where it goes. */
const frames: Readonly<Record<string, string>> = {
  'sfmc nobounce': 'SELECT s.SubscriberKey FROM _Sent s WHERE s.EventDate > DATEADD(DAY, -30, GETDATE()) …',
  'sfmc window': 'SELECT s.SubscriberKey FROM _Sent s WHERE …',
  'sfmc lastdays': 'SELECT s.SubscriberKey FROM _Sent s WHERE …',
  'sfmc clickjoin': 'SELECT s.SubscriberKey, c.URL FROM _Sent s …',
  'sfmc recency': 'SELECT u.SubscriberKey, … FROM _Subscribers u',
  'amc people': 'SELECT campaign, … FROM dsp_impressions GROUP BY campaign',
  'amc inwindow': 'SELECT campaign, SUM(impressions) AS impressions FROM dsp_impressions WHERE … GROUP BY campaign',
  'amc bucket':
    'WITH seen AS (SELECT user_id, SUM(impressions) AS times FROM dsp_impressions GROUP BY user_id), put AS (SELECT user_id, … FROM seen) SELECT bucket, COUNT(DISTINCT user_id) AS people FROM put GROUP BY bucket',
  'amc firsttouch':
    'WITH … SELECT COUNT(DISTINCT c.user_id) AS people FROM conversions c JOIN touches t ON t.user_id = c.user_id WHERE c.event_dt_utc >= t.first_touch',
  'postgres share': 'select status, … from shop.orders group by status',
  'postgres running': 'select id, … from shop.orders',
  'postgres change': 'select id, … from shop.orders',
  'postgres without': 'select c.name from shop.customers c where …',
};

const tables = `create schema shop;
  create table shop.customers (id integer primary key, name text not null);
  create table shop.orders (id integer, customer_id integer, ordered_at timestamptz, status text, total numeric(12, 2))`;
const column = (name: string, type: 'integer' | 'timestamp' | 'text' | 'decimal') => ({ name, type });
const shop = (name: string, columns: SchemaObject['columns']): SchemaObject => ({
  id: name, kind: 'table', name, sqlName: `shop.${name}`, parentId: null, description: null, details: {}, columns,
}); // prettier-ignore
const schemas: Readonly<Record<EngineKind, readonly SchemaObject[]>> = {
  sfmc: systemViews,
  amc: simTables.map(({ name, description, columns }) => ({
    id: name,
    kind: 'source',
    name,
    sqlName: name,
    parentId: null,
    description,
    details: {},
    columns: columns.map(({ name: of, dataType, kind, sensitivity }) => ({
      name: of,
      type: 'text',
      nativeType: dataType,
      details: { kind, sensitivity },
    })),
  })),
  postgres: [
    shop('customers', [column('id', 'integer'), column('name', 'text')]),
    shop('orders', [
      column('id', 'integer'),
      column('customer_id', 'integer'),
      column('ordered_at', 'timestamp'),
      column('status', 'text'),
      column('total', 'decimal'),
    ]),
  ],
};

/** Each as it stands in a query once it was put in and nothing was written into its stops. */
const inserted = builtInSnippets.map(({ engine, trigger, text }) => {
  const read = readSnippet(text);
  if (!read.ok) throw new Error(`${trigger}: ${read.fault}`);
  const plain = plainOf(read.parts);
  const frame = frames[`${engine} ${trigger}`];
  const sql = frame?.replace('…', () => plain) ?? plain;
  return { name: `${engine} ${trigger}`, engine, sql, parameters: parametersOf(engine, sql) };
});
const of = (engine: EngineKind) => inserted.filter((snippet) => snippet.engine === engine);

test('each engine has its snippets, each by a trigger of its own, explained and fit to be saved', () => {
  for (const engine of engineKinds) expect(of(engine).length).toBeGreaterThanOrEqual(8);
  expect(new Set(inserted.map(({ name }) => name)).size).toBe(builtInSnippets.length);
  for (const { engine, trigger, description, text } of builtInSnippets) {
    expect(SnippetTrigger.parse(trigger)).toBe(trigger);
    expect(description.length).toBeGreaterThan(20);
    expect([trigger, faultOfSnippet(engine, text)]).toEqual([trigger, null]);
  }
});

test.each(inserted)('$name, put in and left as it is, is a query of its dialect', ({ engine, sql }) => {
  const { diagnostics, statements } = analyse(engine, sql, schemas[engine]);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(statements.map(({ kind }) => kind)).toEqual(['query']);
});

test('those for Marketing Cloud run on its simulator, in a business unit', async () => {
  const found = await rowsInUnit(of('sfmc'));
  expect(Object.entries(found).filter(([, rows]) => rows === 0)).toEqual([]);
}, 60_000);

const amc = startPlain();
afterAll(async () => (await amc).simulator.stop());
test.each(of('amc'))('$name runs on the simulator of Amazon’s clean room', async (snippet) => {
  const [head = []] = await linesOfCleanRoom(await amc, snippet);
  expect(head.length).toBeGreaterThan(0);
});

test('those for PostgreSQL run on a database that has such tables', async () => {
  const world = await postgresWorld();
  try {
    await world.owner.query(tables);
    for (const snippet of of('postgres')) {
      const { sql, parameters } = bound(snippet);
      expect([snippet.name, (await world.engine.validate({ sql, parameters })).isValid]).toEqual([snippet.name, true]);
      await world.owner.query(sql, Object.values(parameters));
    }
  } finally {
    await world.close();
  }
}, 60_000);
