import { expect, test } from 'vitest';
import type { ColumnType, SchemaObject } from '../engine.ts';
import { QueryParameter } from '../parameters.ts';
import { complete } from './complete.ts';
import { hover } from './hover.ts';
import type { Dialect } from './language.ts';
import { SchemaIndex } from './schema-index.ts';
import { statementAt } from './statement-at.ts';

const table = (
  name: string,
  sqlName: string,
  columns: string[],
  details: SchemaObject['details'] = {},
): SchemaObject => ({
  id: name,
  kind: 'table',
  name,
  sqlName,
  parentId: null,
  description: `About ${name}.`,
  columns: columns.map((text) => {
    const [column = '', type = 'text'] = text.split(' ');
    return { name: column, type: type as ColumnType, description: `The ${column}.`, isKey: column === 'Id' };
  }),
  details,
});
const grain = ['JobID integer', 'ListID integer', 'BatchID integer', 'SubscriberID integer'];
const sfmc = new SchemaIndex('sfmc', [
  table('Members', 'Members', ['Id integer', 'City']),
  table('Loyalty - Gold', '[Loyalty - Gold]', ['Id integer', 'Tier']),
  table('Products', 'Ent.Products', ['Sku']),
  table('_Sent', '_Sent', grain),
  table('_Open', '_Open', grain),
]);
const customers = table('customers', 'public.customers', ['id integer', 'name']);
const orders = table('orders', 'public.orders', ['id integer', 'buyer integer', 'customer_id integer']);
const postgres = new SchemaIndex('postgres', [
  customers,
  { ...orders, columns: (orders.columns ?? []).map((column) => (column.name === 'buyer' ? { ...column, details: { references: 'public.customers.id' } } : column)) }, // prettier-ignore
]);
/** What is offered where `|` stands. */
const offered = (text: string, schema = sfmc, options = {}) => {
  const offset = text.indexOf('|');
  return complete(text.replace('|', ''), offset, schema, options).items.map(({ insert }) => insert);
};

test.each<[string, string[]]>([
  ['SELECT Id FROM |', ['Members', '[Loyalty - Gold]', 'Ent.Products']],
  ['SELECT Id FROM [Loy|', ['[Loyalty - Gold]']],
  ['SELECT Id FROM Gol|', ['[Loyalty - Gold]']],
  ['SELECT Id FROM Ent.|', ['Products']],
  ['SELECT m.| FROM Members m', ['Id', 'City']],
  ['SELECT | FROM Members m', ['Id', 'City']],
  ['SELECT m.Id, m.Ci| FROM Members m', ['City']],
  ['SELECT a FROM Members WHERE Ci|', ['City']],
  ['SELECT x.| FROM (SELECT Id AS a, City FROM Members) x', ['a', 'City']],
  ['WITH abc AS (SELECT 1 AS z) SELECT | FROM abc', ['z']],
  ['WITH abc AS (SELECT 1 AS z) SELECT z FROM |', ['abc', 'Members']],
  ['SELECT m.Id FROM Members m JOIN | WHERE 1 = 1', ['Members']],
  ['SELECT m.Id FROM Members m WHERE EXISTS (SELECT 1 FROM _Sent s WHERE s.JobID = m.|)', ['Id', 'City']],
  ['SELECT m.Id FROM Members m JOIN [Loyalty - Gold] g ON |', ['m.Id = g.Id']],
  ['SELECT s.JobID FROM _Sent s JOIN _Open o ON |', ['s.JobID = o.JobID AND s.ListID = o.ListID AND s.BatchID = o.BatchID AND s.SubscriberID = o.SubscriberID']],
  ['SELECT Id FROM Members |', ['JOIN', 'LEFT JOIN']],
  ['SELECT Id FROM Members WHERE Id |', ['AND', 'OR']],
  ['SEL|', ['SELECT']],
  ['SELECT LE| FROM Members', ['LEFT($0)', 'LEN($0)']],
  ["SELECT 'a|b' FROM Members", []],
  ['SELECT 1 -- |', []],
  ['SELECT Id AS | FROM Members', []],
])('%s', (text, expected) => expect(offered(text).slice(0, expected.length || 1)).toEqual(expected)); // prettier-ignore

test('foreign keys come first as join conditions, then what is named after a table', () => {
  expect(offered('select * from orders o join customers c on |', postgres).slice(0, 2)).toEqual([
    'o.buyer = c.id',
    'o.customer_id = c.id',
  ]);
});

test('parameters that are declared, of the window and of the text are offered in braces', () => {
  const parameters = [QueryParameter.parse({ name: 'city' })];
  const text = 'SELECT Id FROM Members WHERE a = {{ used }} AND b = {{ |';
  expect(offered(text, sfmc, { parameters })).toEqual(['city }}', 'window.from }}', 'window.to }}', 'used }}']);
  expect(offered('SELECT Id FROM Members WHERE b = {{ ci| }}', sfmc, { parameters })).toEqual(['city']);
});

test('columns that are not loaded are asked for', () => {
  const index = new SchemaIndex('sfmc', [{ ...table('Big', 'Big', []), columns: null }]);
  expect(complete('SELECT  FROM Big', 7, index).columnsWanted).toEqual(['Big']);
  index.setColumns('Big', [{ name: 'Here', type: 'text' }]);
  expect(complete('SELECT  FROM Big', 7, index).items[0]?.insert).toBe('Here');
});

const hovered = (text: string, schema = sfmc) => hover(text.replace('|', ''), text.indexOf('|'), schema)?.text;
test('hover tells of columns, tables, aliases, functions and parameters', () => {
  expect(hovered('SELECT m.Ci|ty FROM Members m')).toBe('**City** · text · of Members\n\nThe City.');
  expect(hovered('SELECT m.City FROM Mem|bers m')).toBe('**Members** · table, 2 columns\n\nAbout Members.');
  expect(hovered('SELECT |m.City FROM Members m')).toContain('**Members**');
  expect(hovered('SELECT L|EN(m.City) AS l FROM Members m')).toContain('`LEN(text)`');
  expect(hovered('SELECT {{ n|: number }} AS l')).toBe('`n` · number parameter');
  expect(hovered('SELECT 1| AS l')).toBeUndefined();
});

test('hover tells what the privacy of a column of Amazon means', () => {
  const column = { name: 'user_id', type: 'text' as const, details: { sensitivity: 'VERY_HIGH' } };
  const amc = new SchemaIndex('amc', [{ ...table('imp', 'imp', []), columns: [column] }]);
  expect(hovered('SELECT COUNT(us|er_id) AS n FROM imp', amc)).toContain(
    'Privacy VERY HIGH: may never be output; may not be compared with a fixed value.',
  );
});

test('the statement at the cursor is the one around it, else the one before', () => {
  const text = 'select 1;\n\nselect 2; ';
  const statements = [
    { kind: 'query' as const, from: 0, to: 8 },
    { kind: 'query' as const, from: 11, to: 19 },
  ];
  const at = (offset: number) => { const found = statementAt(statements, offset); return found && text.slice(found.from, found.to); }; // prettier-ignore
  expect([at(3), at(9), at(15), at(21)]).toEqual(['select 1', 'select 1', 'select 2', 'select 2']);
});

test('of 50,000 names the best 200 are given, and that there are more', () => {
  const dialect: Dialect = 'sfmc';
  const many = new SchemaIndex(
    dialect,
    Array.from({ length: 50_000 }, (_, at) => table(`Table_${at}`, `Table_${at}`, [])),
  );
  const found = complete('SELECT 1 FROM 4999', 18, many);
  expect([found.items.length, found.isIncomplete]).toEqual([0, false]);
  const named = complete('SELECT 1 FROM Table_4999', 24, many);
  expect(named.items.map(({ insert }) => insert).slice(0, 2)).toEqual(['Table_4999', 'Table_49990']);
  expect(complete('SELECT 1 FROM Tab', 17, many)).toMatchObject({ isIncomplete: true });
});
