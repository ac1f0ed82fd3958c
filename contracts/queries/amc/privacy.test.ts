import { expect, test } from 'vitest';
import { type AmcColumn, catalogOf } from './catalog.ts';
import { extraColumns, HiddenShareMeter } from './hidden-share.ts';
import { forecastPrivacy } from './privacy.ts';
import { isHidden, mostSensitive, sensitivities, sensitivityRules, usersNeeded } from './sensitivity.ts';

const column = (
  name: string,
  sensitivity: AmcColumn['sensitivity'],
  kind: AmcColumn['kind'] = 'DIMENSION',
): AmcColumn => ({ name, sensitivity, kind, dataType: null, description: '' });
const columns = [
  column('user_id', 'VERY_HIGH'),
  column('campaign', 'LOW'),
  column('line_item', 'LOW'),
  column('city_name', 'HIGH'),
  column('impression_dt_utc', 'MEDIUM'),
  column('secret_id', 'INTERNAL'),
  column('impressions', 'NONE', 'METRIC'),
  column('bid_price', 'MEDIUM', 'METRIC'),
];
const table = (name: string) => ({ name, description: '', owner: 'AMAZON', isPremium: false, tags: [], columns });
const catalog = catalogOf([table('imp'), table('conv')]);
const of = (sql: string) => forecastPrivacy(sql, catalog);

// The table of AMC §5.1, line by line.
test.each([
  ['NONE', 1, true, true],
  ['LOW', 2, true, true],
  ['MEDIUM', 100, true, true],
  ['HIGH', 100, false, true],
  ['VERY_HIGH', null, false, false],
  ['INTERNAL', null, true, false],
] as const)('%s: %s users, filter %s, output %s', (level, users, mayBeFiltered, mayBeOutput) => {
  expect(sensitivityRules[level]).toEqual({ usersNeeded: users, mayBeFiltered, mayBeOutput });
  expect([isHidden(level, (users ?? 1_000) - 1), isHidden(level, users ?? 1_000)]).toEqual([true, users === null]);
});

test('of several columns the most sensitive decides', () => {
  expect(mostSensitive([])).toBe('NONE');
  expect(mostSensitive(['LOW', 'HIGH', 'MEDIUM'])).toBe('HIGH');
  expect(usersNeeded(['NONE', 'LOW'])).toBe(2);
  expect(usersNeeded(['NONE', 'VERY_HIGH'])).toBeNull();
  expect([...sensitivities].toSorted((a, b) => sensitivities.indexOf(a) - sensitivities.indexOf(b))).toEqual([
    ...sensitivities,
  ]);
});

test.each([
  ['SELECT SUM(impressions) AS i FROM imp', 'none', 1],
  ['SELECT campaign, SUM(impressions) AS i FROM imp GROUP BY 1', 'light', 2],
  ['SELECT campaign, COUNT(DISTINCT user_id) AS u FROM imp GROUP BY 1', 'light', 2],
  ['SELECT city_name, SUM(impressions) AS i FROM imp GROUP BY 1', 'thin', 100],
  ['SELECT campaign, SUM(bid_price) AS b FROM imp GROUP BY 1', 'thin', 100],
  ['SELECT UPPER(city_name) AS c, COUNT(*) AS n FROM imp GROUP BY 1', 'thin', 100],
  ['SELECT user_id, COUNT(*) AS n FROM imp GROUP BY 1', 'refused', null],
  ['SELECT MAX(user_id) AS u, COUNT(*) AS n FROM imp', 'refused', null],
  ['SELECT secret_id, COUNT(*) AS n FROM imp GROUP BY 1', 'refused', null],
  ["SELECT COUNT(*) AS n FROM imp WHERE city_name = 'Paris'", 'refused', 1],
  ["SELECT COUNT(*) AS n FROM imp WHERE user_id IN ('a', 'b')", 'refused', 1],
  ['SELECT COUNT(*) AS n FROM imp WHERE city_name LIKE {{ c }}', 'refused', 1],
  ['SELECT COUNT(*) AS n FROM imp WHERE city_name IS NOT NULL', 'none', 1],
  ['SELECT COUNT(*) AS n FROM imp a JOIN conv b ON a.user_id = b.user_id', 'none', 1],
  [
    'WITH u AS (SELECT user_id, city_name AS town, COUNT(*) AS n FROM imp GROUP BY 1, 2) SELECT town, COUNT(user_id) AS users FROM u GROUP BY 1',
    'thin',
    100,
  ],
  [
    'WITH u AS (SELECT user_id, COUNT(*) AS n FROM imp GROUP BY 1) SELECT n, COUNT(user_id) AS users FROM u GROUP BY 1',
    'none',
    1,
  ],
  [
    'SELECT campaign, SUM(impressions) AS i FROM imp GROUP BY 1 UNION ALL SELECT city_name, SUM(impressions) AS i FROM imp GROUP BY 1',
    'thin',
    100,
  ],
])('%s: %s', (sql, outlook, users) => {
  expect(of(sql)).toMatchObject({ outlook, usersNeeded: users });
});

test('what to leave out or make coarser is proposed, the most sensitive first', () => {
  const forecast = of(
    'SELECT line_item, impression_dt_utc AS moment, city_name, SUM(impressions) AS i FROM imp GROUP BY 1, 2, 3',
  );
  expect(forecast?.coarserWithout).toEqual(['city_name', 'moment']);
  expect(forecast?.coarserGrain).toEqual([
    { column: 'line_item', instead: 'campaign' },
    { column: 'moment', instead: 'impression_dt_hour_utc' },
    { column: 'city_name', instead: 'iso_state_province_code' },
  ]);
  expect(forecast?.outputs.map(({ name, isMetric }) => [name, isMetric])).toEqual([
    ['line_item', false],
    ['moment', false],
    ['city_name', false],
    ['i', true],
  ]);
});

test('where a query cannot be read there is no forecast; where levels are not told the documents’ are taken', () => {
  expect(of('SELECT FROM')).toBeNull();
  const untold = catalogOf([{ ...table('imp'), columns: columns.map((one) => ({ ...one, sensitivity: null })) }]);
  expect(forecastPrivacy('SELECT user_id, COUNT(*) AS n FROM imp GROUP BY 1', untold)?.outlook).toBe('refused');
  expect(forecastPrivacy('SELECT campaign, SUM(impressions) AS n FROM imp GROUP BY 1', untold)?.outlook).toBe('light');
});

test('the hidden share of each metric is what stands in flagged rows', () => {
  const meter = new HiddenShareMeter(['city', 'i', 'cost', extraColumns.discriminator], ['i', 'cost', 'absent']);
  for (const row of [
    ['a', '60', '0', 'false'],
    [null, '40', null, 'true'],
    ['b', '0', '0', 'FALSE'],
  ])
    meter.add(row);
  expect(meter.result()).toEqual({
    rows: 3,
    filteredRows: 1,
    isMeasured: true,
    shares: [
      { column: 'i', total: 100, hidden: 40, share: 0.4 },
      { column: 'cost', total: 0, hidden: 0, share: null },
    ],
  });
  expect(new HiddenShareMeter(['i'], ['i']).result().isMeasured).toBe(false);
});
