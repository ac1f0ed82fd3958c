import { afterAll, expect, test } from 'vitest';
import { startPlain } from './plain-client.ts';

const client = await startPlain();
afterAll(() => client.simulator.stop());

/** Values of several expressions over one row of constants: k = 'Blue Lamp', n = 7, x = 2.5, z = null, d and t in January 2026. */
const values = async (expressions: readonly string[]): Promise<string[]> => {
  const list = expressions.map((expression, at) => `${expression} AS c${at}`);
  const source =
    "(VALUES ('Blue Lamp', 7, 2.5, NULL, CAST('2026-01-31' AS DATE), CAST('2026-01-31 13:45:10' AS TIMESTAMP))) AS v(k, n, x, z, d, t)";
  const sql = `SELECT ${list.join(', ')}, COUNT(*) AS rows_n FROM ${source} GROUP BY ${['k', 'n', 'x', 'z', 'd', 't'].join(', ')}`;
  const started = await client.start(sql);
  expect(started.status, started.text).toBe(200);
  const id = String(started.json['workflowExecutionId']);
  const end = await client.ended(id);
  expect(end, JSON.stringify(end)).toMatchObject({ status: 'SUCCEEDED' });
  const [url = ''] = await client.urls(id);
  const line = (await (await fetch(url)).text()).trimEnd().split('\n')[1] ?? '';
  return line
    .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .slice(0, -1)
    .map((cell) => cell.replace(/^"(.*)"$/s, '$1').replaceAll('""', '"'));
};

// Each function of the dialect with what it must give, worked out by hand.
const cases: readonly (readonly [string, string])[] = [
  ["CONCAT(k, '!')", 'Blue Lamp!'],
  ["k || ' ' || n", 'Blue Lamp 7'],
  ['UPPER(k)', 'BLUE LAMP'],
  ['LOWER(k)', 'blue lamp'],
  ['LENGTH(k)', '9'],
  ['LEFT(k, 4)', 'Blue'],
  ['RIGHT(k, 4)', 'Lamp'],
  ['SUBSTRING(k FROM 6 FOR 2)', 'La'],
  ['SUBSTRING(k, 6)', 'Lamp'],
  ["POSITION('L' IN k)", '6'],
  ["CHARINDEX('L', k)", '6'],
  ["LOCATE('L', k)", '6'],
  ["INSTR(k, 'L')", '6'],
  ["STRPOS(k, 'zz')", '0'],
  ["REPLACE(k, 'Blue', 'Red')", 'Red Lamp'],
  ["TRIM(BOTH 'x' FROM 'xxaxx')", 'a'],
  ["TRIM(LEADING 'x' FROM 'xxax')", 'ax'],
  ["LTRIM('  a')", 'a'],
  ["RTRIM('a  ')", 'a'],
  ["REGEXP_REPLACE(k, '[aeiou]', '_')", 'Bl__ L_mp'],
  ["REGEXP_SUBSTR(k, '[A-Z]a.*')", 'Lamp'],
  ["ARRAY_TO_STRING(REGEXP_SPLIT('a1b2c', '[0-9]'), '-')", 'a-b-c'],
  ["STR_TO_MAP('a=1;b=2', ';', '=')", '{"a":"1","b":"2"}'],
  ["k SIMILAR TO '(?i)blue.*'", 'true'],
  ["k SIMILAR TO 'Blue'", 'false'],
  ["k LIKE 'blue%'", 'false'],
  ["k NOT LIKE '%Lamp'", 'false'],
  ['ABS(-n)', '7'],
  ['CEIL(x)', '3'],
  ['FLOOR(x)', '2'],
  ['ROUND(x)', '3'],
  ['TRUNC(x)', '2'],
  ['TRUNC(1.239, 2)', '1.23'],
  ['POWER(n, 2)', '49'],
  ['SQRT(49)', '7'],
  ['LN(E())', '1'],
  ['LOG10(100)', '2'],
  ['EXP(0)', '1'],
  ['n / 2', '3'],
  ['n / 2.0', '3.5'],
  ['n % 4', '3'],
  ['GREATEST(1, n, 3)', '7'],
  ['LEAST(1, n, 3)', '1'],
  ["IF(n > 5, 'many', 'few')", 'many'],
  ["IFNULL(z, 'none')", 'none'],
  ["NVL(z, 'none')", 'none'],
  ["NVL2(z, 'a', 'b')", 'b'],
  ['COALESCE(z, z, k)', 'Blue Lamp'],
  ['NULLIF(n, 7)', ''],
  ["CASE n WHEN 7 THEN 'seven' ELSE 'other' END", 'seven'],
  ['n IN (1, 7)', 'true'],
  ['n BETWEEN 8 AND 9', 'false'],
  ['z IS NULL', 'true'],
  ['z IS DISTINCT FROM n', 'true'],
  ["CAST('12' AS INTEGER) + 1", '13'],
  ['CAST(n AS VARCHAR(5)) || k', '7Blue Lamp'],
  ['d', '2026-01-31'],
  ['t', '2026-01-31T13:45:10.000'],
  ['YEAR(d)', '2026'],
  ['MONTH(d)', '1'],
  ['WEEK(d)', '5'],
  ['DAYOFMONTH(d)', '31'],
  ['DAYOFWEEK(d)', '7'],
  ['HOUR(t)', '13'],
  ['MINUTE(t)', '45'],
  ['SECOND(t)', '10'],
  ['EXTRACT(DAY FROM d)', '31'],
  ["DATE_TRUNC('hour', t)", '2026-01-31T13:00:00.000'],
  ["DATE_TRUNC('week', t)", '2026-01-26T00:00:00.000'],
  ["DATE_TRUNC('month', t)", '2026-01-01T00:00:00.000'],
  ["SECONDS_BETWEEN(CAST('2026-01-31' AS TIMESTAMP), t)", '49510'],
  ["CONVERT_TIME_ZONE_FROM_UTC(t, 'America/New_York')", '2026-01-31T08:45:10.000'],
  ['EPOCH_TO_UTC_TIMESTAMP(0)', '1970-01-01T00:00:00.000'],
  ["d + INTERVAL '1' DAY", '2026-02-01'],
  ["t - INTERVAL '2' HOUR", '2026-01-31T11:45:10.000'],
  ["CAST('today' AS DATE)", '2026-11-20'],
  ['CURRENT_DATE', '2026-11-20'],
  ["CAST('now' AS TIMESTAMP)", '2026-11-20T12:00:00.000'],
  ['CARDINALITY(ARRAY[1, 2, 2])', '3'],
  ['CARDINALITY(ARRAY_DISTINCT(ARRAY[1, 2, 2]))', '2'],
  ['ARRAY_CONTAINS(ARRAY[1, 2], 2)', 'true'],
  ['CONTAINED_IN(3, ARRAY[1, 2])', 'false'],
  ['ARRAY_CAT(ARRAY[1], ARRAY[2])', '[1,2]'],
  ['ARRAY_UNION(ARRAY[1, 2], ARRAY[2, 3])', '[1,2,3]'],
  ['ARRAY_INTERSECT(ARRAY[1, 2], ARRAY[2, 3])', '[2]'],
  ['ARRAY_COMPLEMENT(ARRAY[1, 2], ARRAY[2])', '[1]'],
  ['ARRAY_REMOVE(ARRAY[1, 2], 1)', '[2]'],
  ["ARRAY_SORT(ARRAY['b', 'a'])", '["a","b"]'],
  ['FLATTEN(ARRAY[ARRAY[1], ARRAY[2]])', '[1,2]'],
  ["MD5('a')", '0cc175b9c0f1b6a831c399e269772661'],
  ["SHA1('a')", '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'],
  ['JSON_EXTRACT(\'{"a":{"b":5}}\', \'$.a.b\')', '5'],
  ["BUILT_IN_PARAMETER('TIME_WINDOW_END')", '2026-11-21T00:00:00.000'],
  ['MEDIAN(n)', '7'],
  ['AVG(x)', '2.5'],
  ['STDDEV_POP(n)', '0'],
  ['VAR_SAMP(n)', '0'],
  ['PERCENTILE(n, 0.9)', '7'],
  ['COLLECT(DISTINCT n)', '[7]'],
  ['COUNT(DISTINCT k)', '1'],
];

test('every function gives what it must', async () => {
  const told = await values(cases.map(([expression]) => expression));
  expect(cases.map(([expression], at) => `${expression} = ${told[at] ?? ''}`)).toEqual(
    cases.map(([expression, value]) => `${expression} = ${value}`),
  );
});

test('ranks and row numbers go over the rows of a group', async () => {
  const rows = await client.rows(
    "SELECT k, r, s FROM (SELECT k, RANK() OVER (ORDER BY n DESC) AS r, ROW_NUMBER() OVER (PARTITION BY g ORDER BY n) AS s FROM (SELECT g, k, SUM(n) AS n FROM (VALUES ('x', 'a', 3), ('x', 'b', 5), ('y', 'c', 5)) AS v(g, k, n) GROUP BY g, k)) ORDER BY k",
  );
  expect(rows.slice(1)).toEqual([
    ['a', '3', '1'],
    ['b', '1', '2'],
    ['c', '1', '1'],
  ]);
});

test('what the engine cannot run ends as FAILED with a reason, not with rows', async () => {
  const { json } = await client.start('SELECT EXPLODE(ARRAY[1]) AS e, COUNT(*) AS n FROM dsp_clicks GROUP BY 1');
  expect(await client.ended(String(json['workflowExecutionId']))).toMatchObject({
    status: 'FAILED',
    statusReason: expect.stringContaining('explode'),
  });
});
