import { expect, test } from 'vitest';
import { type AmcColumn, type AmcTable, catalogOf } from './catalog.ts';
import { lintAmc, lintWindow } from './lint.ts';
import { analyseQuery } from './sql/analyse.ts';
import { parseQuery } from './sql/parse.ts';

const column = (name: string, more: Partial<AmcColumn> = {}): AmcColumn => ({
  name,
  kind: 'DIMENSION',
  dataType: 'STRING',
  sensitivity: 'LOW',
  description: '',
  ...more,
});
const metric = (name: string): AmcColumn => column(name, { kind: 'METRIC', dataType: 'LONG', sensitivity: 'NONE' });
const time = (name: string): AmcColumn => column(name, { dataType: 'TIMESTAMP', sensitivity: 'MEDIUM' });
const table = (name: string, ...columns: AmcColumn[]): AmcTable => ({ name, description: '', owner: '', isPremium: false, tags: [], columns: [column('user_id', { sensitivity: 'VERY_HIGH' }), column('campaign'), ...columns] }); // prettier-ignore
const catalog = catalogOf([
  table('dsp_impressions', time('impression_dt_utc'), column('impression_date_utc', { dataType: 'DATE' }), metric('impressions'), metric('total_cost'), metric('platform_fee'), column('device_type', { sensitivity: 'MEDIUM' }), column('city_name', { sensitivity: 'HIGH' })),
  table('dsp_clicks', time('click_dt_utc'), time('impression_dt_utc'), column('click_date_utc', { dataType: 'DATE' }), metric('clicks'), column('impression_date_utc', { dataType: 'DATE' })),
  table('amazon_attributed_events_by_conversion_time', time('conversion_event_dt_utc'), time('traffic_event_dt_utc'), metric('conversions')),
  table('audience_segments_us', column('segment_name')),
]); // prettier-ignore
/** Codes with the very text that they point at. */
const told = (sql: string): string[] =>
  lintAmc(sql, analyseQuery(parseQuery(sql), catalog), catalog).map(
    ({ severity, code, from, to }) => `${severity} ${code}: ${sql.slice(from, to)}`,
  );

test.each<[string, string, string[]]>([
  [
    'two tables of events by person',
    'SELECT a.campaign, SUM(a.impressions) AS i FROM dsp_impressions a JOIN dsp_clicks b ON a.user_id = b.user_id GROUP BY 1',
    ['warning sql.fan_out: a.user_id = b.user_id'],
  ],
  [
    'the same among other conditions, the other way round, and with quoted names',
    'SELECT SUM(a.impressions) AS i FROM dsp_impressions a LEFT JOIN dsp_clicks AS "b" ON a.campaign = b.campaign AND (b.user_id = a.user_id)',
    ['warning sql.fan_out: b.user_id = a.user_id'],
  ],
  [
    'the same by USING',
    'SELECT SUM(impressions) AS i FROM dsp_impressions JOIN dsp_clicks USING (user_id)',
    ['warning sql.fan_out: user_id'],
  ],
  [
    'the same by WHERE',
    'SELECT SUM(a.impressions) AS i FROM dsp_impressions a, dsp_clicks b WHERE a.user_id = b.user_id',
    ['warning sql.fan_out: a.user_id = b.user_id'],
  ],
  [
    'a WITH that only renames what it reads',
    'WITH c AS (SELECT user_id AS person, clicks FROM dsp_clicks) SELECT SUM(a.impressions) AS i FROM dsp_impressions a JOIN c ON a.user_id = c.person',
    ['warning sql.fan_out: a.user_id = c.person'],
  ],
  [
    'one side added up by person before',
    'WITH c AS (SELECT user_id, SUM(clicks) AS n FROM dsp_clicks GROUP BY 1) SELECT SUM(a.impressions) AS i, SUM(c.n) AS n FROM dsp_impressions a JOIN c ON a.user_id = c.user_id',
    [],
  ],
  [
    'each person of one side once',
    'SELECT SUM(a.impressions) AS i FROM dsp_impressions a JOIN (SELECT DISTINCT user_id FROM dsp_clicks) c ON a.user_id = c.user_id',
    [],
  ],
  [
    'what holds no events',
    'SELECT s.segment_name, SUM(a.impressions) AS i FROM dsp_impressions a JOIN audience_segments_us s ON a.user_id = s.user_id GROUP BY 1',
    [],
  ],
  [
    'events joined by something else',
    'SELECT SUM(a.impressions) AS i FROM dsp_impressions a JOIN dsp_clicks b ON a.campaign = b.campaign',
    [],
  ],
])('a join that counts twice is told: %s', (_, sql, expected) => expect(told(sql)).toEqual(expected));

test.each<[string, string, string[]]>([
  [
    'clicks by the time of the impression',
    "SELECT SUM(clicks) AS c FROM dsp_clicks WHERE impression_date_utc >= CAST('2026-01-01' AS DATE)",
    ['warning sql.other_time: impression_date_utc'],
  ],
  [
    'between, with an alias',
    "SELECT SUM(conversions) AS c FROM amazon_attributed_events_by_conversion_time t WHERE t.traffic_event_dt_utc BETWEEN '2026-01-01' AND '2026-02-01'",
    ['warning sql.other_time: t.traffic_event_dt_utc'],
  ],
  ['by its own time', 'SELECT SUM(clicks) AS c FROM dsp_clicks WHERE click_date_utc = CURRENT_DATE', []],
  [
    'two times of one row, which tell how far they lie apart',
    'SELECT SUM(clicks) AS c FROM dsp_clicks WHERE SECONDS_BETWEEN(impression_dt_utc, click_dt_utc) < 3600',
    [],
  ],
  ['not as a filter', 'SELECT COUNT(DISTINCT impression_date_utc) AS d FROM dsp_clicks', []],
])('a filter by a time that does not fit the table is told: %s', (_, sql, expected) =>
  expect(told(sql)).toEqual(expected),
);

test('the time that fits is offered where the table has it', () => {
  const sql = 'SELECT SUM(clicks) AS c FROM dsp_clicks x WHERE x.impression_date_utc = CURRENT_DATE';
  const [warning] = lintAmc(sql, analyseQuery(parseQuery(sql), catalog), catalog);
  const edit = warning?.fixes[0]?.edits[0];
  expect(edit && sql.slice(0, edit.from) + edit.text + sql.slice(edit.to)).toBe(
    'SELECT SUM(clicks) AS c FROM dsp_clicks x WHERE x.click_date_utc = CURRENT_DATE',
  );
  expect(warning?.message).toContain('dsp_clicks is cut to the time window by click_date_utc');
});

test.each<[string, string, string[]]>([
  ['MEDIUM in the output', 'SELECT device_type, COUNT(*) AS n FROM dsp_impressions GROUP BY 1', ['warning amc.thin_rows: device_type']],
  ['HIGH in the output', 'SELECT city_name, COUNT(*) AS n FROM dsp_impressions GROUP BY 1', ['warning amc.thin_rows: city_name']],
  ['LOW in the output', 'SELECT campaign, COUNT(*) AS n FROM dsp_impressions GROUP BY 1', []],
  ['a time to the second', 'SELECT impression_dt_utc, COUNT(*) AS n FROM dsp_impressions GROUP BY 1', ['warning amc.thin_rows: impression_dt_utc', 'warning amc.minute_grain: impression_dt_utc']],
  ['milli-cents', 'SELECT SUM(total_cost) AS c FROM dsp_impressions', ['warning amc.money_unit: SUM(total_cost) AS c']],
  ['micro-cents', 'SELECT SUM(platform_fee) AS c FROM dsp_impressions', ['warning amc.money_unit: SUM(platform_fee) AS c']],
  ['money that is divided', 'SELECT SUM(total_cost) / 100000.0 AS c FROM dsp_impressions', []],
  ['an order at the end', 'SELECT campaign, COUNT(*) AS n FROM dsp_impressions GROUP BY 1 ORDER BY 2', ['warning sql.order_by: 2']],
])('%s', (_, sql, expected) => expect(told(sql)).toEqual(expected)); // prettier-ignore

const now = Date.parse('2026-11-21T12:00:00Z');
const explicit = (start: string, end: string) =>
  ({ type: 'EXPLICIT', start: `${start}T00:00:00`, end: `${end}T00:00:00`, timeZone: 'UTC' }) as const;

test('a window beyond the thirteen months that are kept is told, longer or older, but of shop purchases it is not', () => {
  expect(lintWindow(explicit('2025-10-21', '2026-11-21'), ['dsp_clicks'], now)).toBeNull();
  expect(lintWindow(explicit('2025-10-20', '2026-11-21'), ['dsp_clicks'], now)).toContain('longer than 13 months');
  expect(lintWindow(explicit('2025-01-01', '2025-02-01'), ['dsp_clicks'], now)).toBe(
    'Amazon keeps 13 months: before 2025-10-21 this time window is empty.',
  );
  expect(lintWindow(explicit('2022-01-01', '2026-02-01'), ['amazon_retail_purchases'], now)).toBeNull();
  expect(
    lintWindow(explicit('2022-01-01', '2026-02-01'), ['amazon_retail_purchases', 'dsp_clicks'], now),
  ).not.toBeNull();
  expect(lintWindow({ type: 'ALL', timeZone: 'UTC' }, ['dsp_clicks'], now)).toBeNull();
  // A month has thirty-one days at one end and fewer at the other.
  expect(lintWindow(explicit('2025-02-28', '2026-03-31'), [], Date.parse('2026-03-31T12:00:00Z'))).toBeNull();
});
