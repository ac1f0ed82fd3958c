import type { QueryTemplate } from './template.ts';

const make = (
  id: string,
  title: string,
  why: string,
  parameters: QueryTemplate['parameters'],
  sql: string,
): QueryTemplate => ({ id: `postgres.${id}`, engine: 'postgres', title, why, parameters, sql: sql.trim() });

/** On what every PostgreSQL database says about itself. */
export const postgresTemplates: readonly QueryTemplate[] = [
  make(
    'largest_tables',
    'Largest tables',
    'Tables by what they take on disk, indexes included.',
    [{ name: 'most', type: 'number', description: 'How many', default: 50, isRequired: true }],
    `
select n.nspname as schema, c.relname as "table", pg_total_relation_size(c.oid) as bytes,
       pg_size_pretty(pg_total_relation_size(c.oid)) as size, c.reltuples::bigint as about_rows
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
order by 3 desc
limit {{ most }}`,
  ),
  make(
    'columns',
    'Find a column',
    'Every table with a column of that name: a part of it is enough.',
    [{ name: 'name_part', type: 'text', description: 'Part of the name', default: 'id', isRequired: true }],
    `
select table_schema, table_name, column_name, data_type, is_nullable
from information_schema.columns
where column_name ilike '%' || {{ name_part }} || '%'
order by table_schema, table_name, ordinal_position`,
  ),
  make(
    'unused_indexes',
    'Indexes that nobody uses',
    'Indexes that were never read since the counters began, by size. Those that keep values unique are left out.',
    [],
    `
select s.schemaname as schema, s.relname as "table", s.indexrelname as index,
       pg_size_pretty(pg_relation_size(s.indexrelid)) as size, s.idx_scan as reads
from pg_stat_user_indexes s
join pg_index i on i.indexrelid = s.indexrelid
where s.idx_scan = 0 and not i.indisunique
order by pg_relation_size(s.indexrelid) desc`,
  ),
  make(
    'dead_rows',
    'Tables that need a vacuum',
    'Dead rows by table, and when they were last cleared away.',
    [{ name: 'at_least', type: 'number', description: 'Dead rows at least', default: 0, isRequired: true }],
    `
select schemaname as schema, relname as "table", n_live_tup as live, n_dead_tup as dead, last_vacuum, last_autovacuum
from pg_stat_user_tables
where n_dead_tup >= {{ at_least }}
order by n_dead_tup desc`,
  ),
  make(
    'activity',
    'What runs now',
    'Sessions at work, the longest first, with what they wait for.',
    [],
    `
select pid, usename as "user", application_name as application, state, wait_event_type, wait_event,
       now() - query_start as running, left(query, 200) as query
from pg_stat_activity
where state <> 'idle' and pid <> pg_backend_pid()
order by query_start`,
  ),
  make(
    'days',
    'Days of a span',
    'A row for each day between two dates: join what you count to it, so that days without any are there as well.',
    [
      { name: 'first', type: 'date', description: 'First day', default: 'start of month', isRequired: true },
      { name: 'last', type: 'date', description: 'Last day', default: 'today', isRequired: true },
    ],
    `
select day::date as day, extract(isodow from day)::int as weekday
from generate_series({{ first }}::date, {{ last }}::date, interval '1 day') as day
order by 1`,
  ),
];
