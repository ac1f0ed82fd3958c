import type { SimColumn } from './columns.ts';
import type { Base, SimTable } from './tables.ts';

/** What a time zone adds to UTC, in seconds, as an expression over a column of UTC seconds: one branch a change of clocks. */
export function offsetExpression(zone: string, column: string, fromMs: number, toMs: number): string {
  const offsetAt = (ms: number): number => Math.round((Date.parse(`${wallClock(ms, zone)}Z`) - ms) / 1_000);
  const branches: string[] = [];
  let last = offsetAt(fromMs);
  for (let ms = fromMs; ms < toMs; ms += 3_600_000) {
    const next = offsetAt(ms + 3_600_000);
    if (next !== last) branches.push(`when ${column} < ${Math.floor((ms + 3_600_000) / 1_000)} then ${last}`);
    last = next;
  }
  return branches.length === 0 ? String(last) : `(case ${branches.join(' ')} else ${last} end)`;
}

const clocks = new Map<string, Intl.DateTimeFormat>();
/** `2026-01-31T08:00:00` in a zone. */
export function wallClock(ms: number, zone: string): string {
  let clock = clocks.get(zone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    clocks.set(zone, clock);
  }
  return clock.format(ms).replace(' ', 'T');
}

/** A small stable number of a text. */
const hashOf = (text: string): number =>
  [...text].reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) % 65_521, 7);
const pick = (index: string, ...texts: string[]): string =>
  `(case (${index}) % ${texts.length} ${texts.map((text, at) => `when ${at} then '${text}'`).join(' ')} end)`;

/** Columns that mean something. `li` line item 0–95, `pl` place 0–999 (small ones often), `h` a hash, `u` the person, `ts` seconds. */
const known: Readonly<Record<string, string>> = {
  user_id: 'u',
  user_id_type: "'adUserId'",
  no_3p_trackers: '0',
  advertiser: pick('li / 32', 'Aurora Home', 'Borealis Sport', 'Cirrus Kids'),
  advertiser_id: '580000 + li / 32',
  entity_id: "'ENTITY' || (1 + li / 32)",
  campaign: `(${pick('li / 4', 'Brand awareness', 'Spring sale', 'Retargeting', 'Prospecting', 'Loyalty', 'New arrivals')} || ' ' || (1 + li / 24))`,
  campaign_id: '7000000 + li / 4',
  campaign_id_string: "'' || (7000000 + li / 4)",
  campaign_status: pick('li / 4', 'RUNNING', 'RUNNING', 'PAUSED', 'ENDED'),
  campaign_country: pick('li / 32', 'US', 'CA', 'MX'),
  line_item: "'Line ' || (1 + li)",
  line_item_id: '9000000 + li',
  line_item_type: pick('li', 'STANDARD_DISPLAY', 'VIDEO', 'AUDIO'),
  creative: "'Creative ' || (1 + (h / 3) % 200)",
  creative_id: '3000000 + (h / 3) % 200',
  device_type: pick('pl', 'Phone', 'PC', 'TV', 'Tablet', 'Phone'),
  operating_system: pick('pl', 'iOS', 'Windows', 'Fire OS', 'Android', 'Android'),
  browser_family: pick('pl', 'Safari', 'Edge', 'Silk', 'Chrome', 'Chrome'),
  iso_country_code: "'US'",
  iso_state_province_code: pick('pl', 'US-CA', 'US-NY', 'US-TX', 'US-WA', 'US-FL', 'US-IL', 'US-OH', 'US-GA'),
  city_name: "'City ' || pl",
  postal_code: "printf('%05d', 10000 + pl * 7)",
  dma_code: "'' || (500 + pl % 210)",
  supply_source: pick('h / 13', 'Amazon', 'Twitch', 'IMDb', 'Open exchange'),
  is_amazon_owned: '((h / 13) % 4 < 3)',
  site: pick('h / 13', 'amazon.com', 'twitch.tv', 'imdb.com', 'other'),
  currency_iso_code: "'USD'",
  currency_name: "'US Dollar'",
  purchase_currency: "'USD'",
  marketplace_name: "'AMAZON.COM'",
  ad_product_type: pick('li', 'sponsored_products', 'sponsored_brands', 'sponsored_display'),
  match_type: pick('h / 3', 'EXACT', 'PHRASE', 'BROAD'),
  customer_search_term: pick(
    'h / 5',
    'desk lamp',
    'running shoes',
    'toy train',
    'wool socks',
    'garden chair',
    'tea pot',
  ),
  targeting: pick('h / 5', 'lamp', 'shoes', 'toys', 'socks'),
  event_type: pick('h / 9', 'purchase', 'detail page view', 'shopping cart', 'purchase'),
  conversion_event_type: pick('h / 9', 'purchase', 'detail page view', 'shopping cart', 'purchase'),
  event_subtype: pick('h / 9', 'order', 'detailPageView', 'shoppingCart', 'order'),
  event_category: pick('h / 9', 'purchase', 'website', 'website', 'purchase'),
  tracked_asin: "printf('B0SIM%05d', (h / 17) % 50)",
  asin: "printf('B0SIM%05d', (h / 17) % 50)",
  new_to_brand: '((h / 19) % 3 = 0)',
  impressions: '1',
  events: '1',
  clicks: '((h / 7) % 40 = 0)',
  conversions: '1',
  purchases: '((h / 9) % 4 in (0, 3))',
  units_sold: '((h / 9) % 4 in (0, 3)) * (1 + (h / 23) % 3)',
  product_sales: '((h / 9) % 4 in (0, 3)) * (500 + (h / 29) % 9000) / 100.0',
  spend: '((h / 7) % 40 = 0) * (20000000 + (h / 31) % 90000000)',
  total_cost: '(100 + (h / 31) % 900) * 1.0',
  impression_cost: '100 + (h / 31) % 900',
  behavior_segment_id: '4000 + (h / 37) % 60',
  behavior_segment_name: "'Segment ' || ((h / 37) % 60)",
  segment_id: '4000 + li',
  segment_name: "'Segment ' || li",
  segment_marketplace_id: '1',
  snapshot_datetime: "'2026-01-01'",
  customer_segment: pick('h / 3', 'loyal', 'new', 'lapsed', 'prospect'),
};

const stamp = (seconds: string): string => `strftime('%Y-%m-%dT%H:%M:%S.000', ${seconds}, 'unixepoch')`;

/** An expression over a base's rows that gives a column's value; where none is known, a plausible one by its type. */
export function valueOf(column: SimColumn, source: SimTable, offset: (seconds: string) => string): string {
  const { name, dataType } = column;
  if (source.base === 'customers' && name === 'lifetime_value') return '((h / 3) % 100000) / 100.0';
  const time = timeOf(name, source.base, offset);
  if (time) return time;
  const fixed = known[name];
  if (fixed) return fixed;
  const seed = 3 + (hashOf(name) % 97);
  switch (dataType) {
    case 'DATE':
      return `strftime('%Y-%m-%d', ts - ${seed} * 86400, 'unixepoch')`;
    case 'TIMESTAMP':
      return stamp(`ts - ${seed} * 3600`);
    case 'BOOLEAN':
      return `((h / ${seed}) % 2)`;
    case 'ARRAY':
      return `json_array(4000 + (h / ${seed}) % 60, 4000 + (h / ${seed + 1}) % 60)`;
    case 'DECIMAL':
      return column.kind === 'METRIC' ? `((h / ${seed}) % 10000) / 100.0` : `((h / ${seed}) % 100) / 100.0`;
    case 'LONG':
    case 'INTEGER':
      if (/cost|fee|price|budget/.test(name)) return `(1000 + (h / ${seed}) % 9000)`;
      return column.kind === 'METRIC' ? `((h / ${seed}) % 4 = 0)` : `(${1000 * (seed % 9)} + (h / ${seed}) % 9)`;
    default:
      return column.sensitivity === 'VERY_HIGH'
        ? `printf('%08x%06x', h, id)`
        : `('${name.replaceAll('_', ' ')} ' || ((h / ${seed}) % 7))`;
  }
}

/** Of a family such as `impression_dt_hour_utc` the value: of the moment, or of the impression before a conversion. */
function timeOf(name: string, base: Base, offset: (seconds: string) => string): string | undefined {
  const match =
    /^(impression|click|event|traffic_event|conversion_event|purchase)_(date|day|hour|dt|dt_hour)(_utc)?$/.exec(name);
  if (!match || base === 'none' || base === 'segments') return undefined;
  const [, family = '', grain = '', utc] = match;
  const isEarlier = base === 'conversions' && /^(impression|click|traffic_event)$/.test(family);
  const column = isEarlier ? 'its' : 'ts';
  const seconds = utc ? column : `(${column} + ${offset(column)})`;
  switch (grain) {
    case 'date':
      return `strftime('%Y-%m-%d', ${seconds}, 'unixepoch')`;
    case 'day':
      return `cast(strftime('%d', ${seconds}, 'unixepoch') as integer)`;
    case 'hour':
      return `cast(strftime('%H', ${seconds}, 'unixepoch') as integer)`;
    case 'dt':
      return stamp(seconds);
    default:
      return stamp(`${seconds} / 3600 * 3600`);
  }
}
