import { expect, test } from 'vitest';
import type { SchemaObject } from '../engine.ts';
import { plainAmcText } from './amc.ts';
import { analyse } from './analyse.ts';
import { complete } from './complete.ts';
import { hover } from './hover.ts';
import { SchemaIndex } from './schema-index.ts';
import { tokenize } from './tokens.ts';

const column = (name: string, sensitivity: string, nativeType = 'STRING', kind = 'DIMENSION') => ({ name, type: 'text' as const, nativeType, details: { kind, sensitivity } }); // prettier-ignore
const imp = (name: string): SchemaObject => ({
  id: name, kind: 'source', name, sqlName: name, parentId: null, description: null, details: {},
  columns: [
    column('user_id', 'VERY_HIGH'), column('campaign', 'LOW'), column('city_name', 'HIGH'), column('device', 'MEDIUM'),
    column('impression_dt_utc', 'MEDIUM', 'TIMESTAMP'), column('total_cost', 'NONE', 'DECIMAL', 'METRIC'), column('impressions', 'NONE', 'LONG', 'METRIC'),
  ],
}); // prettier-ignore
const schema = [imp('imp'), imp('imp_for_audiences')];
const told = (sql: string, options = {}) =>
  analyse('amc', sql, schema, options).diagnostics.map(
    ({ severity, code, from, to }) => `${severity === 'error' ? 'E' : 'W'} ${code}: ${sql.slice(from, to)}`,
  );

test('a query with clauses, typed parameters and a window is read as Amazon reads it, place for place', () => {
  const sql = 'SELECT campaign, SUM(impressions) AS i FROM imp WHERE campaign = {{ c: text = x }} [[ AND device = {{ d }} ]] AND impression_dt_utc > {{ window.from }} GROUP BY 1'; // prettier-ignore
  expect(plainAmcText(tokenize('amc', sql))).toHaveLength(sql.length);
  const made = analyse('amc', sql, schema);
  expect(made.diagnostics).toEqual([]);
  expect(made.columns).toEqual([{ name: 'campaign', type: 'text', nativeType: 'STRING' }, { name: 'i', type: 'integer', nativeType: 'LONG' }]); // prettier-ignore
  expect(made.parameters).toEqual(['c', 'd', 'window.from']);
});

test.each<[string, string]>([
  ['SELECT * FROM imp', 'E sql.select_star: *'],
  ['SELECT COUNT(*) AS n FROM imp LIMIT 5', 'E sql.limit: LIMIT'],
  ['SELECT COUNT(*) AS n FROM imp a RIGHT JOIN imp b ON a.user_id = b.user_id', 'E sql.right_join: RIGHT'],
  ['DROP TABLE imp', 'E sql.not_a_query: DROP'],
  ['SELECT COUNT(*) AS n FROM imp;', 'E sql.semicolon: ;'],
  ['SELECT COUNT(*) AS n FROM imp; SELECT 1', 'E sql.several_statements: SELECT'],
  ['SELECT GETDATE() AS g, COUNT(*) AS n FROM imp', 'E sql.unknown_function: GETDATE()'],
  ['SELECT user_id, COUNT(*) AS n FROM imp GROUP BY 1', 'E sql.sensitive_output: user_id'],
  ["SELECT COUNT(*) AS n FROM imp WHERE city_name = 'Oslo'", 'E sql.literal_filter: city_name'],
  ['SELECT campaign FROM imp', 'E sql.no_aggregate: SELECT campaign FROM imp'],
  ['SELECT COUNT(*) AS n FROM inp', 'E sql.unknown_table: inp'],
  ['SELECT campain, COUNT(*) AS n FROM imp GROUP BY 1', 'E sql.unknown_column: campain'],
  ['SELECT campaign, COUNT(*) AS n FROM imp GROUP BY 1 ORDER BY 2', 'W sql.order_by: 2'],
  ['SELECT device, COUNT(*) AS n FROM imp GROUP BY 1', 'W amc.thin_rows: device'],
  ['SELECT SUM(total_cost) AS c FROM imp', 'W amc.money_unit: SUM(total_cost) AS c'],
])('%s', (sql, says) => expect(told(sql)).toContain(says));

test('a time to the second is warned of, with the coarser column', () => {
  const { diagnostics } = analyse('amc', 'SELECT impression_dt_utc, COUNT(*) AS n FROM imp GROUP BY 1', schema);
  expect(diagnostics.find(({ code }) => code === 'amc.minute_grain')?.message).toContain('impression_date_utc');
});

test('money is divided into the currency by a fix', () => {
  const sql = 'SELECT SUM(total_cost) AS c FROM imp';
  const edit = analyse('amc', sql, schema).diagnostics[0]?.fixes[0]?.edits[0];
  expect(edit && sql.slice(0, edit.from) + edit.text + sql.slice(edit.to)).toBe(
    'SELECT SUM(total_cost) / 100000.0 AS c FROM imp',
  );
});

test('an audience reads tables made for audiences, and knows no INTERVAL', () => {
  expect(told('SELECT COUNT(*) AS n FROM imp', { isAudience: true })).toContain('E sql.not_for_audiences: imp');
  expect(told("SELECT COUNT(*) AS n FROM imp_for_audiences WHERE impression_dt_utc > CURRENT_TIMESTAMP - INTERVAL '1' DAY", { isAudience: true })).toEqual(
    [expect.stringContaining('E sql.interval_in_audience')],
  ); // prettier-ignore
});

test('a table that Amazon will take away is marked, with a fix where it names another; it is offered last, and says so', () => {
  const old = (name: string, tagNote: string | null): SchemaObject => ({
    ...imp(name),
    details: { tags: 'DEPRECATED RENAMED', tagNote },
  });
  const all = [...schema, old('imp_by_old_name', 'Use imp instead.'), old('imp_alone', null)];
  const sql = 'SELECT campaign, COUNT(*) AS n FROM imp_by_old_name GROUP BY 1';
  const [found] = analyse('amc', sql, all).diagnostics.filter(({ code }) => code === 'sql.deprecated_table');
  expect(found).toMatchObject({
    severity: 'warning',
    message: expect.stringMatching(/deprecated.*Use imp instead\.$/),
  });
  expect(sql.slice(found?.from, found?.to)).toBe('imp_by_old_name');
  expect(found?.fixes.map(({ edits }) => edits[0]?.text)).toEqual(['imp']);
  const alone = analyse('amc', sql.replace('imp_by_old_name', 'imp_alone'), all).diagnostics;
  expect(alone.find(({ code }) => code === 'sql.deprecated_table')?.fixes).toEqual([]);
  expect(analyse('amc', sql.replace('imp_by_old_name', 'imp'), all).diagnostics).toEqual([]);
  const index = new SchemaIndex('amc', all);
  const { items } = complete('SELECT campaign FROM imp', 24, index);
  expect(items.map(({ label }) => label)).toEqual(['imp', 'imp_for_audiences', 'imp_by_old_name', 'imp_alone']);
  expect(items.map((item) => item.isDeprecated ?? false)).toEqual([false, false, true, true]);
  expect(hover(sql, sql.indexOf('imp_by'), index)?.text).toContain('**Deprecated.** Use imp instead.');
});
