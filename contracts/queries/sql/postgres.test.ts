import { expect, test } from 'vitest';
import type { SchemaObject } from '../engine.ts';
import { analyse } from './analyse.ts';

const table = (sqlName: string, columns: string[]): SchemaObject => ({
  id: sqlName,
  kind: 'table',
  name: sqlName.split('.').at(-1) ?? '',
  sqlName,
  parentId: null,
  description: null,
  columns: columns.map((name, index) => ({ name, type: name.endsWith('id') ? ('integer' as const) : ('text' as const), isKey: index === 0 })),
  details: {},
}); // prettier-ignore
const schema = [
  table('public.orders', ['id', 'customer_id', 'state']),
  table('public.customers', ['id', 'name', 'Mail']),
  table('audit.log', ['id', 'what']),
];
const told = (sql: string) =>
  analyse('postgres', sql, schema).diagnostics.map(({ code, from, to }) => `${code}: ${sql.slice(from, to)}`);

test.each([
  'select * from orders o join public.customers c on c.id = o.customer_id',
  'select c."Mail", count(*) filter (where o.state = \'x\') as n from customers c left join orders o using (id) group by c.id',
  'with recursive t(n) as (values (1) union all select n + 1 from t where n < 5) select sum(n) from t',
  'select distinct on (customer_id) id, state::text from orders order by customer_id, id desc limit 5 offset 2',
  "select now() - interval '1 day' as t, date '2026-01-31', extract(epoch from now()), a.x[1] from (select array[[1,2]] as x) a",
  "select o.id, x.n from orders o, lateral (select count(*) as n from customers c where c.id = o.customer_id) x where o.state ilike any (array['a%'])",
  "select s.i, j->'a'->>'b' from generate_series(1, 10) as s(i), jsonb_each('{}') as e(k, j) where j @> '{\"a\": 1}'",
  'select id, row_number() over w, sum(id) over (partition by state order by id rows between 1 preceding and current row) from orders window w as (order by id)',
  'select state as s, count(*) from orders group by s having count(*) > 1 order by s',
  'explain (analyze, buffers) select 1',
  'explain select 1',
  "values (1, 'a'), (2, 'b') order by 1",
  'table orders',
  '(select id from orders) union all (select id from customers) intersect select 1',
  "select $$it's$$, E'a\\'b', U&'x', 'a' 'b', $tag$ $$ $tag$",
  'select case when id is not distinct from 3 then 1 end, not exists (select 1 from audit.log l where l.id = orders.id) from orders',
  'select * from orders where id in ({{ ids }}) [[ and state = {{ s }} ]] and (id, state) in (select id, what from audit.log)',
  "select trim(both from name), substring(name from 1 for 2), position('a' in name), overlay(name placing 'x' from 1) from customers",
  'select pg_size_pretty(pg_total_relation_size(oid)) from pg_class tablesample system (1)',
  'select r.* from orders r where r is not null; -- the end',
])('it is a query, and nothing is said: %s', (sql) => expect(told(sql)).toEqual([]));

test.each([
  ['insert into orders values (1)', 'sql.not_read_only: insert'],
  ['update orders set id = 1', 'sql.not_read_only: update'],
  ['delete from orders', 'sql.not_read_only: delete'],
  ['with d as (delete from orders returning *) select * from d', 'sql.not_read_only: delete'],
  ['with x as (select 1) insert into orders select * from x', 'sql.not_read_only: insert'],
  ['truncate orders', 'sql.not_read_only: truncate'],
  ['drop table orders', 'sql.not_read_only: drop'],
  ['create table x (a int)', 'sql.not_read_only: create'],
  ["copy orders to '/tmp/x'", 'sql.not_read_only: copy'],
  ['begin', 'sql.not_read_only: begin'],
  ['set role x', 'sql.not_read_only: set'],
  ['explain analyze delete from orders', 'sql.not_read_only: delete'],
  ['select * from orders for update', 'sql.not_read_only: for'],
  ['select id into x from orders', 'sql.not_a_query: into'],
  ['frobnicate orders', 'sql.not_a_query: frobnicate'],
  ['select 1; select 2', 'sql.several_statements: select 2'],
  ['select $1', 'sql.positional_parameter: $1'],
  ['select id from odrers', 'sql.unknown_table: odrers'],
  ['select stat from orders', 'sql.unknown_column: stat'],
  ['select mail from customers', 'sql.unknown_column: mail'],
  ['select x.id from orders o', 'sql.unknown_alias: x'],
  ['select id from orders o join customers c on c.id = o.customer_id', 'sql.ambiguous_column: id'],
  ['select id from orders where count(*) > 1', 'sql.aggregate_in_where: count(*)'],
  ['select state, customer_id, count(*) from orders group by state', 'sql.not_grouped: customer_id'],
  ['select order from orders', 'sql.reserved_name: order'],
  ['select 1 union select 1, 2', 'sql.column_count: select 1, 2'],
  ["select 'abc", "sql.unterminated: '"],
])('it is refused: %s', (sql, says) => expect(told(sql)[0]).toBe(says));

test('types of a result follow those of its expressions', () => {
  const { columns } = analyse('postgres', "select id, name, id + 1, now() as t, id::numeric(10,2) as d, state || 'x' from orders join customers using (id)", schema); // prettier-ignore
  expect(columns?.map(({ name, type }) => `${name} ${type}`)).toEqual(['id integer', 'name text', '?column? integer', 't timestamp', 'd decimal', '?column?_2 text']); // prettier-ignore
});
