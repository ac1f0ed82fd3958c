import { afterAll, expect, test } from 'vitest';
import { startPlain } from './plain-client.ts';

const client = await startPlain();
afterAll(() => client.simulator.stop());
// The truth, from the sandbox, where nothing is hidden; the events are the same in all instances.
const unhidden = { requireSyntheticData: true, disableAggregationControls: true };
const truth = async (sql: string) => {
  const id = await client.send(
    'POST',
    `${client.simulator.regions.na.ads}/amc/reporting/amcsim0002/workflowExecutions`,
    {
      workflow: { sqlQuery: sql },
      timeWindowType: 'ALL',
      ...unhidden,
    },
  );
  const execution = String(id.json['workflowExecutionId']);
  const base = `${client.simulator.regions.na.ads}/amc/reporting/amcsim0002/workflowExecutions/${execution}`;
  for (;;) {
    const { json } = await client.send('GET', base);
    if (json['status'] === 'SUCCEEDED') break;
    if (json['status'] === 'FAILED') throw new Error(JSON.stringify(json));
  }
  const { json } = await client.send('GET', `${base}/downloadUrls`);
  const [url = ''] = json['downloadUrls'] as string[];
  return (await (await fetch(url)).text())
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
};
const sumOf = (rows: string[][], at: number): number => rows.reduce((sum, row) => sum + Number(row[at]), 0);

const byCity =
  'SELECT city_name, SUM(impressions) AS i, COUNT(DISTINCT user_id) AS users FROM dsp_impressions GROUP BY city_name';

test('of a HIGH column only rows of a hundred users and more come, exactly those', async () => {
  const all = await truth(byCity);
  const enough = all.filter(([, , users]) => Number(users) >= 100);
  expect(enough.length).toBeGreaterThan(0);
  expect(enough.length).toBeLessThan(all.length);
  const [, ...shown] = await client.rows(byCity);
  expect(shown.toSorted()).toEqual(enough.toSorted());
});

test('of LOW columns rows of a single user go, through a join and a group in a CTE too', async () => {
  const sql =
    `WITH u AS (SELECT user_id, tracked_asin, event_date_utc, SUM(conversions) AS n FROM conversions GROUP BY 1, 2, 3)
    SELECT tracked_asin, n, event_date_utc, COUNT(DISTINCT user_id) AS users FROM u GROUP BY 1, 2, 3`.replaceAll(
      /\s+/g,
      ' ',
    );
  const all = await truth(sql);
  const [, ...shown] = await client.rows(sql);
  expect(all.some(([, , , users]) => users === '1')).toBe(true);
  expect(shown.toSorted()).toEqual(all.filter(([, , , users]) => Number(users) >= 2).toSorted());
});

test('with a discriminator nothing is lost: thin rows are blanked, summed and flagged, so totals stay right', async () => {
  const all = await truth(byCity);
  const [header, ...rows] = await client.rows(
    'SELECT city_name, SUM(impressions) AS i FROM dsp_impressions GROUP BY city_name',
    {},
    {
      filteredMetricsDiscriminatorColumn: 'is_filtered',
      distinctUserCountColumn: 'user_count',
      filteredReasonColumn: 'why',
    },
  );
  expect(header).toEqual(['city_name', 'i', 'is_filtered', 'user_count', 'why']);
  expect(sumOf(rows, 1)).toBe(sumOf(all, 1));
  const filtered = rows.filter((row) => row[2] === 'true');
  expect(filtered.map(([city]) => city)).toEqual(['']);
  expect(filtered[0]?.[4]).toMatch(/^\d+ 'dsp_impressions' users < 100 required$/);
  // The count tells no more than whether the threshold is met.
  expect(new Set(rows.filter((row) => row[2] === 'false').map((row) => row[3]))).toEqual(new Set(['100']));
});

test('REMOVE_VALUES does the same without the flag; a count of users for LOW columns ends at two', async () => {
  const all = await truth(byCity);
  const [, ...rows] = await client.rows(
    'SELECT city_name, SUM(impressions) AS i FROM dsp_impressions GROUP BY city_name',
    {},
    { privacyFilteringBehavior: 'REMOVE_VALUES' },
  );
  expect(sumOf(rows, 1)).toBe(sumOf(all, 1));
  const [, ...byCampaign] = await client.rows(
    'SELECT campaign, SUM(impressions) AS i FROM dsp_impressions GROUP BY campaign',
    {},
    { distinctUserCountColumn: 'n' },
  );
  expect(new Set(byCampaign.map(([, , n]) => n))).toEqual(new Set(['2']));
});

test('a metric with a threshold of its own counts too: the sum of bids needs a hundred users', async () => {
  const sql = 'SELECT line_item, impression_date, SUM(bid_price) AS b FROM dsp_impressions GROUP BY 1, 2';
  expect(await client.rows(sql, { timeWindowType: 'MOST_RECENT_WEEK' })).toHaveLength(1);
});
