import { type BuiltInSnippet, snippetOf } from './snippet.ts';

const make = snippetOf('amc');

/** On the tables that every instance has. The time window of the run says which events they see. */
export const amcSnippets: readonly BuiltInSnippet[] = [
  make(
    'expconv',
    'The usual skeleton: who saw what, who converted, and both together by campaign.',
    `
WITH exposures AS (
  SELECT \${1:campaign}, user_id, SUM(impressions) AS times
  FROM \${2:dsp_impressions}
  GROUP BY \${1}, user_id
),
converted AS (
  SELECT user_id, SUM(conversions) AS conversions
  FROM \${3:conversions}
  GROUP BY user_id
)
SELECT
  exposures.\${1},
  COUNT(DISTINCT exposures.user_id) AS people,
  COUNT(DISTINCT converted.user_id) AS converters
FROM exposures
LEFT JOIN converted ON converted.user_id = exposures.user_id
GROUP BY exposures.\${1}`,
  ),
  make(
    'people',
    'A column: how many people, each once. User ids themselves never leave the clean room, counts of them do.',
    `COUNT(DISTINCT \${1:user_id}) AS \${2:people}`,
  ),
  make(
    'reach',
    'Reach and frequency by what you choose.',
    `
SELECT
  \${1|campaign,creative,device_type,advertiser,site|},
  SUM(impressions) AS impressions,
  COUNT(DISTINCT user_id) AS people,
  SUM(impressions) / COUNT(DISTINCT user_id) AS frequency
FROM \${2:dsp_impressions}
GROUP BY \${1}`,
  ),
  make(
    'inwindow',
    'A condition: within the time window of the run, for a part of a query that is to see less than the whole.',
    `\${1:impression_dt_utc} >= {{ window.from }} AND \${1} < {{ window.to }}`,
  ),
  make(
    'bucket',
    'A column: how often, in steps. Few steps keep every row above the number of people under which it is hidden.',
    `
CASE
  WHEN \${1:times} >= \${2:10} THEN '\${2} and more'
  WHEN \${1} >= \${3:5} THEN '\${3} and more'
  ELSE 'fewer'
END AS \${4:bucket}`,
  ),
  make(
    'overlap',
    'How many people two tables have in common, and how many each has alone.',
    `
WITH seen AS (
  SELECT user_id, 1 AS in_first, 0 AS in_second FROM \${1:dsp_impressions} GROUP BY user_id
  UNION ALL
  SELECT user_id, 0 AS in_first, 1 AS in_second FROM \${2:sponsored_ads_traffic} GROUP BY user_id
),
people AS (
  SELECT user_id, MAX(in_first) AS in_first, MAX(in_second) AS in_second FROM seen GROUP BY user_id
)
SELECT in_first, in_second, COUNT(DISTINCT user_id) AS people
FROM people
GROUP BY in_first, in_second`,
  ),
  make(
    'firsttouch',
    'A part of a WITH: when each person was first and last seen, to be joined to what they did then.',
    `
\${1:touches} AS (
  SELECT user_id, MIN(\${2:impression_dt_utc}) AS first_touch, MAX(\${2}) AS last_touch
  FROM \${3:dsp_impressions}
  GROUP BY user_id
)`,
  ),
  make(
    'byday',
    'Events and people by day, in UTC.',
    `
SELECT \${1:impression}_date_utc AS day, SUM(\${1}s) AS events, COUNT(DISTINCT user_id) AS people
FROM \${2:dsp_impressions}
GROUP BY \${1}_date_utc`,
  ),
];
