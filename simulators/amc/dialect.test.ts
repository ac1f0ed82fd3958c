import { afterAll, expect, test } from 'vitest';
import { startPlain } from './plain-client.ts';

const client = await startPlain();
afterAll(() => client.simulator.stop());
const refused = async (sql: string, more: Record<string, unknown> = {}, workflow: Record<string, unknown> = {}) => {
  const { status, json } = await client.start(sql, { dryRun: true, ...more }, workflow);
  expect(status, JSON.stringify(json)).toBe(400);
  expect(json['code']).toBe('400');
  return String(json['details']);
};
const good = 'SELECT campaign, SUM(impressions) AS i FROM dsp_impressions GROUP BY campaign';

// Each line is a rule of the dialect and where the service must point: columns count from 1, ends are included.
test.each<[string, string, string, Record<string, unknown>?]>([
  ['SELECT *', 'SELECT * FROM dsp_impressions', 'From line 1, column 8 to line 1, column 8: SELECT *'],
  ['LIMIT', `${good} LIMIT 10`, `Encountered "LIMIT" at line 1, column ${good.length + 2}.`],
  [
    'RIGHT JOIN',
    'SELECT COUNT(*) AS c FROM dsp_clicks a RIGHT JOIN dsp_views b ON a.user_id = b.user_id',
    'Encountered "RIGHT" at line 1, column 40.',
  ],
  [
    'an unknown column',
    'SELECT campagne, COUNT(*) AS c FROM dsp_clicks GROUP BY 1',
    "From line 1, column 8 to line 1, column 15: Column 'campagne' not found in any table",
  ],
  [
    'an unknown column of a table',
    'SELECT COUNT(d.foo) AS c FROM dsp_clicks d',
    "column 14 to line 1, column 18: Column 'foo' not found in table 'd'",
  ],
  [
    'an unknown table',
    'SELECT COUNT(*) AS c FROM dsp_impression',
    "From line 1, column 27 to line 1, column 40: Object 'dsp_impression' not found",
  ],
  ['an unknown alias', 'SELECT COUNT(x.clicks) AS c FROM dsp_clicks d', "Table 'x' not found"],
  [
    'an ambiguous column',
    'SELECT COUNT(campaign) AS c FROM dsp_clicks a JOIN dsp_views b ON a.user_id = b.user_id',
    "Column 'campaign' is ambiguous",
  ],
  [
    'what is not grouped',
    'SELECT campaign, advertiser, COUNT(*) AS c FROM dsp_clicks GROUP BY campaign',
    "From line 1, column 18 to line 1, column 27: Expression 'advertiser' is not being grouped",
  ],
  [
    'an aggregate in WHERE',
    `SELECT campaign, COUNT(*) AS c FROM dsp_clicks WHERE SUM(clicks) > 1 GROUP BY 1`,
    'Aggregate expression is illegal in WHERE clause',
  ],
  ['no aggregate', 'SELECT campaign FROM dsp_clicks', 'at least one aggregate'],
  [
    'GETDATE',
    'SELECT GETDATE() AS d, COUNT(*) AS c FROM dsp_clicks GROUP BY 1',
    'No match found for function signature GETDATE',
  ],
  [
    'an unknown function',
    'SELECT FOO(campaign) AS d, COUNT(*) AS c FROM dsp_clicks GROUP BY FOO(campaign)',
    'No match found for function signature FOO',
  ],
  [
    'COUNT(*) OVER ()',
    'SELECT campaign, COUNT(*) OVER () AS n, COUNT(*) AS c FROM dsp_clicks GROUP BY 1',
    'COUNT(*) OVER',
  ],
  [
    'a VERY_HIGH column in the output',
    'SELECT user_id, COUNT(*) AS c FROM dsp_clicks GROUP BY 1',
    "Column 'user_id' has aggregation threshold VERY_HIGH",
  ],
  [
    'an INTERNAL column in the output',
    'SELECT marketplace_id, COUNT(*) AS c FROM conversions_all GROUP BY 1',
    "Column 'marketplace_id' has aggregation threshold INTERNAL",
  ],
  [
    'a literal filter on a HIGH column',
    "SELECT COUNT(*) AS c FROM dsp_clicks WHERE city_name = 'Paris'",
    "From line 1, column 44 to line 1, column 52: Column 'city_name' has aggregation threshold HIGH",
  ],
  [
    'a parameter filter on a HIGH column',
    "SELECT COUNT(*) AS c FROM dsp_clicks WHERE postal_code IN (CUSTOM_PARAMETER('p'))",
    "Column 'postal_code'",
    { inputParameters: [{ name: 'p', dataType: 'STRING' }] },
  ],
  [
    'an undeclared parameter',
    "SELECT COUNT(*) AS c FROM dsp_clicks WHERE campaign = CUSTOM_PARAMETER('p')",
    "Custom parameter 'p' is not defined",
  ],
  ['a newline', 'SELECT COUNT(*) AS c\nFROM dsp_clicks', 'one line'],
  ['a tab', 'SELECT COUNT(*)\tAS c FROM dsp_clicks', 'one line'],
  ['a trailing semicolon', `${good};`, 'Encountered ";"'],
  ['several statements', `${good}; ${good}`, 'Only one statement'],
  ['DDL', 'DROP TABLE dsp_clicks', 'Encountered "DROP" at line 1, column 1.'],
  ['DML', 'INSERT INTO x SELECT 1', 'Encountered "INSERT"'],
  [
    'a string without end',
    "SELECT COUNT(*) AS c FROM dsp_clicks WHERE campaign = 'x",
    'Lexical error at line 1, column 55',
  ],
  [
    'a rank named in HAVING',
    'SELECT campaign, RANK() OVER (ORDER BY COUNT(*)) AS r, COUNT(*) AS c FROM dsp_clicks GROUP BY campaign HAVING r < 5',
    "Column 'r' not found",
  ],
  [
    'UNION of different widths',
    `${good} UNION ALL SELECT campaign, 1, 2 FROM dsp_clicks`,
    'Number of columns must match',
  ],
])('%s is refused at once, with the place', async (_, sql, words, workflow = {}) => {
  expect(await refused(sql, {}, workflow)).toContain(words);
});

// What AMC's documents and example queries use.
test.each([
  [
    'WITH a (u, n) AS (SELECT user_id, COUNT(*) FROM dsp_impressions GROUP BY 1) SELECT n, COUNT(DISTINCT u) AS users FROM a GROUP BY 1',
  ],
  [
    'SELECT campaign, impressions, c FROM (SELECT campaign, SUM(impressions) AS impressions, COUNT(*) AS c FROM dsp_impressions GROUP BY 1) ORDER BY 2 DESC',
  ],
  [
    "SELECT campaign, COUNT(*) AS c FROM dsp_clicks WHERE campaign SIMILAR TO '(?i)brand.*' AND campaign NOT LIKE '%9' GROUP BY campaign HAVING COUNT(*) > 0",
  ],
  ["SELECT s.k, COUNT(*) AS c FROM dsp_clicks CROSS JOIN (VALUES ('x'), ('y')) AS s(k) GROUP BY s.k"],
  [
    'SELECT COALESCE(a.campaign, b.campaign) AS k, COUNT(DISTINCT a.user_id) AS n FROM dsp_clicks a FULL OUTER JOIN dsp_views b ON a.user_id = b.user_id AND a.campaign = b.campaign GROUP BY 1',
  ],
  [
    "SELECT impression_date, SUM(total_cost) / 100000 AS usd, DATE_TRUNC('month', impression_dt_utc) AS m FROM dsp_impressions GROUP BY 1, 3",
  ],
  [
    "SELECT CASE WHEN EXTRACT(HOUR FROM impression_dt_hour) < 12 THEN 'am' ELSE 'pm' END AS half, COUNT(*) AS c FROM dsp_impressions GROUP BY 1",
  ],
  ["SELECT campaign, COUNT(*) AS c FROM TABLE(EXTEND_TIME_WINDOW('dsp_clicks', 'P14D', 'P1D')) GROUP BY 1"],
  [
    'SELECT campaign, r FROM (SELECT campaign, RANK() OVER (PARTITION BY advertiser ORDER BY n DESC) AS r FROM (SELECT advertiser, campaign, SUM(impressions) AS n FROM dsp_impressions GROUP BY 1, 2)) WHERE r <= 3',
  ],
  [
    "SELECT advertiser, COUNT(*) AS c FROM dsp_impressions WHERE impression_dt_utc >= CAST('2026-01-01' AS TIMESTAMP) - INTERVAL '7' DAY AND user_id IN (SELECT user_id FROM conversions) GROUP BY 1",
  ],
  [
    'SELECT advertiser, SUM(clicks) AS c FROM dsp_clicks GROUP BY 1 UNION ALL SELECT advertiser, SUM(clicks) AS c FROM sponsored_ads_traffic GROUP BY 1',
  ],
  [
    "SELECT SUBSTRING(campaign FROM 1 FOR 5) AS s, TRIM(BOTH ' ' FROM advertiser) AS t, COUNT(*) AS c, MEDIAN(impression_cost) AS m FROM dsp_impressions GROUP BY 1, 2",
  ],
  ['SELECT segment_name, COUNT(*) AS n FROM segment_metadata GROUP BY 1'],
])('runs: %s', async (sql) => {
  const rows = await client.rows(sql);
  expect(rows[0]?.length).toBeGreaterThan(0);
});
