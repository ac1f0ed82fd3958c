import { type BuiltInSnippet, snippetOf } from './snippet.ts';

const make = snippetOf('postgres');

/** Reads of PostgreSQL. Tables are stops, since every database has others. */
export const postgresSnippets: readonly BuiltInSnippet[] = [
  make(
    'byperiod',
    'Rows by day, week, month or quarter since a day, which becomes a parameter.',
    `
select date_trunc('\${1|month,day,week,quarter,hour|}', \${2:ordered_at})::date as period, count(*) as \${3:orders}
from \${4:shop.orders}
where \${2} >= {{ since: date = \${5:start of year} }}
group by 1
order by 1`,
  ),
  make(
    'calendar',
    'A row for each day between two days, also for those on which nothing was.',
    `
select day::date as day, count(t.\${1:ordered_at}) as \${2:orders}
from generate_series({{ first_day: date = start of month }}::date, {{ last_day: date = today }}::date, interval '1 day') as day
left join \${3:shop.orders} t on t.\${1} >= day and t.\${1} < day + interval '1 day'
group by 1
order by 1`,
  ),
  make(
    'topn',
    'The first few rows of each group, by rank.',
    `
select *
from (
  select t.*, row_number() over (partition by t.\${1:customer_id} order by t.\${2:total} desc) as place
  from \${3:shop.orders} t
) ranked
where place <= \${4:3}`,
  ),
  make(
    'newest',
    'The newest row of each group: distinct on keeps the first of each by the order.',
    `
select distinct on (\${1:customer_id}) *
from \${2:shop.orders}
order by \${1}, \${3:ordered_at} desc`,
  ),
  make(
    'share',
    'A column: the share of the whole in percent, in a query that is grouped.',
    `round(100.0 * \${1:count(*)} / nullif(sum(\${1}) over (), 0), \${2:1}) as \${3:percent}`,
  ),
  make(
    'running',
    'A column: the sum so far, in the order of a time.',
    `sum(\${1:total}) over (order by \${2:ordered_at} rows between unbounded preceding and current row) as \${3:so_far}`,
  ),
  make(
    'without',
    'A condition: there is no such row in another table. Unlike not in, nulls do not upset it.',
    `
not exists (
  select 1 from \${1:shop.orders} o
  where o.\${2:customer_id} = \${3:c}.\${4:id}
)`,
  ),
  make(
    'change',
    'A column: by how much a value differs from that of the row before.',
    `\${1:total} - lag(\${1}) over (order by \${2:ordered_at}) as \${3:change}`,
  ),
  make(
    'quantiles',
    'Median and 95th percentile by group.',
    `
select \${1:status}, count(*) as rows,
       percentile_cont(0.5) within group (order by \${2:total}) as median,
       percentile_cont(0.95) within group (order by \${2}) as p95
from \${3:shop.orders}
group by \${1}
order by 2 desc`,
  ),
];
