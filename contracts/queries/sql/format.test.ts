import { expect, test } from 'vitest';
import type { Dialect } from './language.ts';
import { queryTemplates } from '../templates/templates.ts';
import { formatSql, isSame } from './format.ts';

const corpus: [Dialect, string][] = [
  ['sfmc', "select top 10 [First Name] as f, m.Id from [Loyalty - Gold] m where m.Id in ({{ ids }}) [[ and City = {{ city }} ]] -- hi\n and x = N'a''b'"],
  ['sfmc', 'SELECT a.Id, COUNT(*) AS n FROM A a WITH (NOLOCK) LEFT JOIN Ent.[B] b ON a.Id=b.Id WHERE a.D>=DATEADD(day,-7,GETDATE()) GROUP BY a.Id HAVING COUNT(*)>1'],
  ['sfmc', 'select case when a!=1 then \'x\' else null end as c, row_number() over (partition by b order by c desc) as r from (select * from T) t /* the\n end */'],
  ['postgres', "select a->>'x' as x, b::int, array[[1,2]] from t where id = any({{ ids }}) [[and x > {{ a: date = today }}]] and $a$ hi {{ no }} $a$ = 'x'"],
  ['postgres', "with recursive t(n) as (values (1) union all select n+1 from t where n<5) select sum(n) filter (where n>1), 'a' 'b' from t limit 5; select 2"],
  ['postgres', 'select "Weird Name"."x y", E\'a\\\'b\' from "Weird Name" where a @> \'{"b": 1}\' and c !~* \'d\' and e is not distinct from {{ p }}'],
  ['amc', "select campaign, sum(impressions) as i from dsp_impressions where x={{ a }} and y similar to 'a|b' group by 1"],
  ['amc', "WITH a AS (SELECT user_id, MIN(impression_dt_utc) AS t FROM TABLE(EXTEND_TIME_WINDOW('dsp_impressions','P14D','P1D')) GROUP BY 1) SELECT COUNT(*) AS n FROM a WHERE t > BUILT_IN_PARAMETER('TIME_WINDOW_START')"],
]; // prettier-ignore

test.each(corpus)('%s keeps its tokens and its layout the second time: %s', async (dialect, text) => {
  const made = await formatSql(dialect, text);
  expect(made).not.toBe(text);
  expect(isSame(dialect, text, made)).toBe(true);
  expect(await formatSql(dialect, made)).toBe(made);
});

test.each<[Dialect, string]>([
  ['sfmc', "SELECT 'open"],
  ['sfmc', 'SELECT [open'],
  ['postgres', 'select $$ open'],
  ['amc', ''],
])('a text that cannot be laid out stays as it was: %s %j', async (dialect, text) => {
  expect(await formatSql(dialect, text)).toBe(text);
});

test('texts that differ in more than letter case and space are not the same', () => {
  expect(isSame('sfmc', 'select A from b', 'SELECT a\nFROM B')).toBe(true);
  expect(isSame('sfmc', "SELECT 'a'", "SELECT 'A'")).toBe(false);
  expect(isSame('sfmc', 'SELECT [a]', 'SELECT [A]')).toBe(false);
  expect(isSame('sfmc', 'SELECT a--b', 'SELECT a')).toBe(false);
});

test('every template keeps its tokens and, laid out once, its layout', async () => {
  const changed: string[] = [];
  for (const { id, engine, sql } of queryTemplates) {
    // As somebody would have it who never pressed enter.
    const flat = sql.includes('--') ? sql.toLowerCase() : sql.replaceAll(/\s+/g, ' ').trim();
    const made = await formatSql(engine, flat);
    expect([id, isSame(engine, flat, made)]).toEqual([id, true]);
    expect([id, await formatSql(engine, made)]).toEqual([id, made]);
    if (made !== flat) changed.push(id);
  }
  expect(changed.length).toBeGreaterThan(queryTemplates.length * 0.8);
});
