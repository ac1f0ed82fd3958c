import fc from 'fast-check';
import { expect, test } from 'vitest';
import { catalogOf } from '../catalog.ts';
import { analyseQuery } from './analyse.ts';
import { parseQuery } from './parse.ts';
import { SqlSyntaxError } from './syntax.ts';

const columns = ['user_id S', 'campaign S', 'impressions M', 'day S'].map((text) => {
  const [name = '', kind] = text.split(' ');
  return {
    name,
    kind: kind === 'M' ? ('METRIC' as const) : ('DIMENSION' as const),
    dataType: kind === 'M' ? 'LONG' : 'STRING',
    sensitivity: null,
    description: '',
  };
});
const table = (name: string) => ({ name, description: '', owner: '', isPremium: false, tags: [], columns });
const catalog = catalogOf([table('imp'), table('clicks'), table('imp_for_audiences')]);
const look = (sql: string, options = {}) => analyseQuery(parseQuery(sql), catalog, options);
/** Codes with the very text they point at. */
const told = (sql: string, options = {}) =>
  look(sql, options).problems.map(({ code, from, to }) => `${code}: ${sql.slice(from, to)}`);

test.each<[string, string[]]>([
  ['SELECT campaign, SUM(impressions) AS i FROM imp GROUP BY campaign', []],
  ['SELECT c.campaign, SUM(i) AS n FROM (SELECT campaign, COUNT(*) AS i FROM imp GROUP BY 1) c GROUP BY 1', []],
  ['SELECT UPPER(campaign) AS u, COUNT(*) AS n FROM imp GROUP BY UPPER(imp.campaign)', []],
  [
    "SELECT CASE WHEN campaign = 'a' THEN 1 ELSE 2 END AS k, COUNT(*) AS n FROM imp GROUP BY CASE WHEN campaign = 'a' THEN 1 ELSE 2 END",
    [],
  ],
  ['SELECT campaign AS k, COUNT(*) AS n FROM imp GROUP BY k', []],
  ['SELECT campaign, COUNT(*) AS n FROM imp GROUP BY 1 HAVING COUNT(*) > 1 AND n > 2', []],
  ['SELECT campaign, COUNT(*) AS n FROM imp GROUP BY 1 ORDER BY 2 DESC', ['sql.order_by: 2 DESC']],
  ['SELECT SUM(impressions) AS i FROM imp a WHERE EXISTS (SELECT 1 FROM clicks b WHERE b.user_id = a.user_id)', []],
  [
    'SELECT SUM(impressions) AS i FROM Imp, "clicks" AS c WHERE IMP.USER_ID = c.user_id',
    ['sql.ambiguous_column: impressions'],
  ],
  ['SELECT LOWER(day) AS k, COUNT(*) AS n FROM imp GROUP BY UPPER(day)', ['sql.not_grouped: day']],
  ['SELECT nothing, COUNT(*) AS n FROM imp GROUP BY 1', ['sql.unknown_column: nothing']],
  ['SELECT x.campaign, COUNT(*) AS n FROM imp GROUP BY 1', ['sql.unknown_alias: x.campaign']],
  ['SELECT a, b, COUNT(*) AS n FROM nowhere GROUP BY 1, 2', ['sql.unknown_table: nowhere']],
  ['SELECT COUNT(*) AS n FROM imp GROUP BY 3', ['sql.ordinal_out_of_range: 3']],
  ['SELECT COUNT(*) AS n FROM imp GROUP BY COUNT(*)', ['sql.aggregate_in_group: COUNT(*)']],
  ['SELECT campaign FROM imp', ['sql.no_aggregate: SELECT campaign FROM imp']],
  [
    'SELECT NTILE(4) OVER (ORDER BY COUNT(*)) AS q, COUNT(*) AS n FROM imp',
    ['sql.unknown_function: NTILE(4) OVER (ORDER BY COUNT(*))'],
  ],
  ['SELECT COLLECT(UPPER(campaign)) AS c FROM imp', ['sql.collect_expression: UPPER(campaign)']],
  [
    "SELECT BUILT_IN_PARAMETER('NOW') AS t, COUNT(*) AS n FROM imp GROUP BY 1",
    ["sql.unknown_built_in: BUILT_IN_PARAMETER('NOW')"],
  ],
  ['SELECT i.*, COUNT(*) AS n FROM imp i', ['sql.select_star: i.*']],
])('%s', (sql, expected) => {
  expect(told(sql)).toEqual(expected);
});

test('parameters are gathered, and told where they are not declared', () => {
  const sql = "SELECT COUNT(*) AS n FROM imp WHERE campaign = {{ a }} AND day = CUSTOM_PARAMETER('b')";
  expect(look(sql).parameters).toEqual(['a', 'b']);
  expect(told(sql, { parameters: ['a'] })).toEqual(["sql.undeclared_parameter: 'b'"]);
});

test('an audience query is told from tables that are for others, and from intervals', () => {
  expect(told('SELECT user_id, COUNT(*) AS n FROM imp GROUP BY 1', { isAudience: true })).toContain(
    'sql.not_for_audiences: imp',
  );
  expect(
    told("SELECT COUNT(*) AS n FROM imp_for_audiences WHERE day > CURRENT_DATE - INTERVAL '1' DAY", {
      isAudience: true,
    }),
  ).toEqual(["sql.interval_in_audience: INTERVAL '1' DAY"]);
});

test('types and names of the result are told, and which tables it reads', () => {
  const { outputs, tables } = look(
    "SELECT campaign, day = 'x' AS is_x, COUNT(*) AS n, AVG(impressions), CAST(day AS DATE) AS d, LENGTH(day) AS l, IF(day = 'x', 1.5, 2) AS f, COALESCE(campaign, day) AS c FROM imp GROUP BY 1, 2, day",
  );
  expect(outputs.map(({ name, dataType }) => [name, dataType])).toEqual([
    ['campaign', 'STRING'],
    ['is_x', 'BOOLEAN'],
    ['n', 'LONG'],
    ['EXPR$3', 'DECIMAL'],
    ['d', 'DATE'],
    ['l', 'LONG'],
    ['f', 'DECIMAL'],
    ['c', 'STRING'],
  ]);
  expect(tables).toEqual(['imp']);
});

test.each([
  ['', 'sql.empty'],
  ['SELECT 1 FROM t LIMIT 5', 'sql.limit'],
  ['SELECT 1 FROM a RIGHT OUTER JOIN b ON a.x = b.x', 'sql.right_join'],
  ['SELECT 1;', 'sql.semicolon'],
  ['SELECT 1; SELECT 2', 'sql.several_statements'],
  ['DELETE FROM t', 'sql.not_a_query'],
  ["SELECT 'x", 'sql.unterminated'],
  ['SELECT a b c FROM t', 'sql.unexpected'],
  ['SELECT (1 FROM t', 'sql.unexpected'],
  ['SELECT CASE END FROM t', 'sql.unexpected'],
])('%j is no query: %s', (sql, code) => {
  expect(() => parseQuery(sql)).toThrow(expect.objectContaining({ code }));
});

test.each([
  ['brackets', `SELECT ${'('.repeat(20_000)}1`],
  ['subqueries', 'SELECT (SELECT '.repeat(20_000)],
  ['derived tables', 'SELECT 1 FROM ('.repeat(20_000)],
  ['NOT', `SELECT ${'NOT '.repeat(20_000)}1`],
  ['signs', `SELECT ${'- '.repeat(20_000)}1`],
  ['CASE', 'SELECT CASE WHEN '.repeat(20_000)],
  ['a sum', `SELECT 1${' + 1'.repeat(20_000)}`],
  ['comparisons', `SELECT 1${' = 1'.repeat(20_000)}`],
  ['unions', `SELECT 1${' UNION ALL SELECT 1'.repeat(20_000)}`],
  ['joins', `SELECT 1 FROM a${', a'.repeat(20_000)}`],
])('%s without end are refused and overflow nothing', (_, sql) => {
  expect(() => look(sql)).toThrow(expect.objectContaining({ code: expect.stringMatching(/too_deep|unexpected/) }));
});

test('as long as it may be an expression is read and judged', () => {
  expect(
    told(
      `SELECT COUNT(*) AS n FROM imp WHERE ${Array.from({ length: 900 }, (_, at) => `campaign = '${at}'`).join(' OR ')}`,
    ),
  ).toEqual([]);
  expect(told(`SELECT ${'('.repeat(90)}COUNT(*)${')'.repeat(90)} AS n FROM imp`)).toEqual([]);
  expect(told(`SELECT campaign${" || 'x'".repeat(900)} AS k, COUNT(*) AS n FROM imp GROUP BY campaign`)).toEqual([]);
});

const placeOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (error instanceof SqlSyntaxError) return error.span;
    throw error;
  }
  return { from: 0, to: 0 };
};
const words = fc.constantFrom(
  'SELECT',
  'FROM',
  'WHERE',
  'a',
  't',
  ',',
  '(',
  ')',
  '*',
  'CASE',
  'WHEN',
  'THEN',
  'END',
  'COUNT',
  '1',
  "'x'",
  'AND',
  'NOT',
  'IN',
  'JOIN',
  'ON',
  '=',
  'WITH',
  'AS',
  'UNION',
  'VALUES',
  'OVER',
  '{{ p }}',
  'CAST',
  'INTERVAL',
  '[',
  ']',
  'ARRAY',
  '.',
  '"',
);
test('whatever is written is read or refused with a place within it: never anything else', () => {
  fc.assert(
    fc.property(fc.array(words, { maxLength: 30 }), (parts) => {
      const sql = parts.join(' ');
      // Anything else that is thrown goes through and fails.
      const { from, to } = placeOf(() => look(sql));
      expect(from >= 0 && from <= to && to <= sql.length + 1).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});
