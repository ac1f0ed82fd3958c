import type { ParameterDef } from '../parameter-defs.ts';
import type { QueryTemplate } from './template.ts';

const make = (
  id: string,
  title: string,
  why: string,
  parameters: readonly ParameterDef[],
  sql: string,
): QueryTemplate => ({
  id: `amc.${id}`,
  engine: 'amc',
  title,
  why,
  parameters,
  sql: sql.trim(),
});
const atLeast = (name: string, preset: number, description: string): ParameterDef => ({
  name,
  type: 'number',
  description,
  default: preset,
  isRequired: true,
});

/** On the tables that every instance has. The time window says which events they see. */
export const amcTemplates: readonly QueryTemplate[] = [
  make(
    'reach_by_campaign',
    'Reach and frequency by campaign',
    'How many people saw each campaign, and how often. Campaigns that fewer than two people saw are hidden by the service.',
    [],
    `
SELECT
  campaign,
  SUM(impressions) AS impressions,
  COUNT(DISTINCT user_id) AS people,
  SUM(impressions) / COUNT(DISTINCT user_id) AS frequency
FROM dsp_impressions
GROUP BY campaign`,
  ),
  make(
    'frequency_distribution',
    'How often people saw it',
    'The number of people by how many impressions they had: where the tail is long, money repeats itself.',
    [],
    `
WITH seen AS (
  SELECT campaign, user_id, SUM(impressions) AS times
  FROM dsp_impressions
  GROUP BY campaign, user_id
)
SELECT
  campaign,
  CASE WHEN times >= 10 THEN '10 and more' WHEN times >= 5 THEN '5 to 9' WHEN times >= 2 THEN '2 to 4' ELSE '1' END AS times_seen,
  COUNT(DISTINCT user_id) AS people
FROM seen
GROUP BY campaign, CASE WHEN times >= 10 THEN '10 and more' WHEN times >= 5 THEN '5 to 9' WHEN times >= 2 THEN '2 to 4' ELSE '1' END`,
  ),
  make(
    'by_device',
    'Impressions by device and system',
    'On which devices a campaign is seen.',
    [],
    `
SELECT campaign, device_type, operating_system, SUM(impressions) AS impressions, COUNT(DISTINCT user_id) AS people
FROM dsp_impressions
GROUP BY campaign, device_type, operating_system`,
  ),
  make(
    'clicks_by_creative',
    'Clicks by creative',
    'Which creatives are clicked, with people beside clicks.',
    [],
    `
SELECT campaign, creative, SUM(clicks) AS clicks, COUNT(DISTINCT user_id) AS people
FROM dsp_clicks
GROUP BY campaign, creative`,
  ),
  make(
    'search_terms',
    'Search terms that lead to clicks',
    'Sponsored ads by what shoppers searched for. Terms of few people are hidden: a coarser time window shows more of them.',
    [atLeast('min_clicks', 1, 'Clicks at least')],
    `
SELECT customer_search_term, SUM(impressions) AS impressions, SUM(clicks) AS clicks, SUM(spend) AS spend
FROM sponsored_ads_traffic
GROUP BY customer_search_term
HAVING SUM(clicks) >= {{ min_clicks }}`,
  ),
  make(
    'ad_products',
    'Sponsored ads by product and match',
    'Impressions, clicks and spend by kind of ad and how keywords were matched.',
    [],
    `
SELECT ad_product_type, match_type, SUM(impressions) AS impressions, SUM(clicks) AS clicks, SUM(spend) AS spend
FROM sponsored_ads_traffic
GROUP BY ad_product_type, match_type`,
  ),
  make(
    'overlap',
    'Display and sponsored together',
    'How many people saw display ads, sponsored ads, or both. People are matched by the user id, which itself never leaves the clean room.',
    [],
    `
WITH display AS (
  SELECT user_id, SUM(impressions) AS seen FROM dsp_impressions GROUP BY user_id
),
search AS (
  SELECT user_id, SUM(impressions) AS seen FROM sponsored_ads_traffic GROUP BY user_id
),
both_of AS (
  SELECT user_id, 1 AS has_display, 0 AS has_search FROM display
  UNION ALL
  SELECT user_id, 0 AS has_display, 1 AS has_search FROM search
),
people AS (
  SELECT user_id, MAX(has_display) AS has_display, MAX(has_search) AS has_search FROM both_of GROUP BY user_id
)
SELECT
  CASE WHEN has_display = 1 AND has_search = 1 THEN 'both' WHEN has_display = 1 THEN 'display' ELSE 'sponsored' END AS exposure,
  COUNT(DISTINCT user_id) AS people
FROM people
GROUP BY CASE WHEN has_display = 1 AND has_search = 1 THEN 'both' WHEN has_display = 1 THEN 'display' ELSE 'sponsored' END`,
  ),
  make(
    'conversions_by_event',
    'Conversions by kind of event',
    'What people did: looked at a page, put into the cart, bought.',
    [],
    `
SELECT event_category, event_subtype, SUM(conversions) AS conversions, COUNT(DISTINCT user_id) AS people
FROM conversions
GROUP BY event_category, event_subtype`,
  ),
  make(
    'exposed_buyers',
    'Buyers among those who saw a campaign',
    'For each campaign: how many saw it, and how many of them converted. The same person counts for each campaign they saw.',
    [],
    `
WITH seen AS (
  SELECT campaign, user_id, SUM(impressions) AS times FROM dsp_impressions GROUP BY campaign, user_id
),
bought AS (
  SELECT user_id, SUM(conversions) AS conversions FROM conversions GROUP BY user_id
)
SELECT seen.campaign, COUNT(DISTINCT seen.user_id) AS people, COUNT(DISTINCT bought.user_id) AS buyers
FROM seen
LEFT JOIN bought ON bought.user_id = seen.user_id
GROUP BY seen.campaign`,
  ),
];
