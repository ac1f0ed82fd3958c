import {
  type SimColumn,
  attributedMetrics,
  campaign,
  columns,
  creative,
  currency,
  dated,
  frequency,
  lineItem,
  metrics,
  place,
  supply,
  times,
  user,
} from './columns.ts';

/** Which synthetic events a table is a view of. `none`: a table without people, which no window cuts. */
export type Base = 'impressions' | 'sponsored' | 'conversions' | 'segments' | 'customers' | 'none';

export interface SimTable {
  readonly name: string;
  readonly description: string;
  readonly base: Base;
  /** Which of the base's rows, in the words of the embedded database. */
  readonly where?: string;
  readonly owner: 'AMAZON' | 'CUSTOMER';
  readonly isPremium: boolean;
  readonly tags: readonly {
    readonly type: 'NEW' | 'DEPRECATED' | 'RENAMED';
    readonly title: string;
    readonly subtext: string;
    readonly description: string;
  }[];
  readonly columns: readonly SimColumn[];
}

const impressionDimensions = [
  ...user,
  ...campaign,
  ...lineItem,
  ...creative,
  ...supply,
  ...place,
  ...frequency,
  ...currency,
  ...times('impression'),
];
const dspImpressions = [
  ...impressionDimensions,
  ...columns(
    `placement_is_view_aware B, placement_view_rate N, supply_source_is_view_aware B, supply_source_view_rate N,
     matched_behavior_segment_ids A, user_behavior_segment_ids A, segment_marketplace_id I, request_tag S(V)`,
  ),
  ...metrics(
    `impressions L, impression_cost L, total_cost N, supply_cost L, audience_fee L, platform_fee L, managed_service_fee L,
     third_party_fees L, ocm_fee L(O), bid_price L(M)`,
  ),
];
const dspClicks = [
  ...impressionDimensions,
  ...times('click'),
  ...columns('request_tag S(V)'),
  ...metrics('clicks L, click_cost L(M), audience_fee L, platform_fee L, supply_cost L, bid_price L(M)'),
];
const dspViews = [
  ...user,
  ...dated(campaign),
  ...dated(lineItem),
  ...creative,
  ...frequency,
  ...columns(
    'event_date(_utc) D, event_dt(_utc) T(M), event_dt_hour(_utc) T, event_type S, view_definition S, impression_id S(V)',
  ),
  ...metrics('events L, measurable_impressions L, viewable_impressions L, unmeasurable_viewable_impressions L'),
];
const dspVideo = [
  ...impressionDimensions,
  ...columns('request_tag S(V)'),
  ...metrics(
    `video_click L, video_complete L, video_creative_view L, video_first_quartile L, video_impression L, video_midpoint L,
     video_mute L, video_pause L, video_replay L, video_resume L, video_skip_backward L, video_skip_forward L, video_start L,
     video_third_quartile L, video_unmute L`,
  ),
];
const bySegments = [
  ...dspImpressions,
  ...columns('behavior_segment_id I, behavior_segment_name S, behavior_segment_description S'),
  ...metrics('behavior_segment_matched L'),
];
const sponsored = [
  ...user,
  ...columns(
    `ad_product_type S, advertiser S, advertiser_timezone S, campaign S, campaign_id L, campaign_id_string S,
     campaign_budget_type S, campaign_start_date(_utc) D, campaign_end_date(_utc) D, campaign_start_dt(_utc) T,
     campaign_end_dt(_utc) T, ad_group S, ad_group_type S, ad_group_status S, ad_group_start_dt(_utc) T, ad_group_end_dt(_utc) T,
     portfolio_id L, portfolio_name S, creative S, creative_asin S, creative_type S, customer_search_term S, targeting S,
     match_type S, placement_type S, marketplace_name S, entity_id S, line_item S, line_item_id L, line_item_price_type S,
     line_item_status S, line_item_type S, matched_behavior_segment_ids S, operating_system S, os_version S, event_id S(V),
     view_definition S`,
  ),
  ...currency,
  ...times('event'),
  ...metrics(
    `impressions L, clicks L, spend L, viewable_impressions L, unmeasurable_viewable_impressions L, five_sec_views L,
     video_first_quartile_views L, video_midpoint_views L, video_third_quartile_views L, video_complete_views L, video_unmutes L`,
  ),
];
const conversions = [
  ...user,
  ...columns(
    `conversion_id S(V), conversion_event_name S, conversion_event_source_name S, event_category S, event_type S,
     event_subtype S, event_type_class S, event_type_description S, event_date_utc D, event_day_utc I, event_hour_utc I,
     event_dt_utc T(M), event_dt_hour_utc T, marketplace_name S, new_to_brand B, purchase_currency S, purchase_retail_program S,
     tracked_asin S, tracked_item S`,
  ),
  ...metrics(
    `conversions L, combined_sales N, total_product_sales N, total_units_sold L, purchase_unit_price N,
     off_amazon_product_sales N, off_amazon_conversion_value N`,
  ),
];
const unique = (list: readonly SimColumn[]): SimColumn[] => [
  ...new Map(list.map((column) => [column.name, column])).values(),
];
const withRelevance = unique([
  ...conversions,
  ...campaign,
  ...times('event'),
  ...columns('engagement_scope S, halo_code S'),
]);
const attributed = [
  ...user,
  ...campaign,
  ...lineItem,
  ...creative,
  ...supply,
  ...place,
  ...columns(
    `ad_product_type S, customer_search_term S, match_type S, placement_type S, targeting S, new_to_brand B, tracked_asin S,
     tracked_item S, purchase_currency S, purchase_retail_program S, request_tag S(V), traffic_event_id S(V)`,
  ),
  ...times('impression'),
  ...times('click'),
  ...columns(
    `traffic_event_date(_utc) D, traffic_event_hour(_utc) I, traffic_event_dt(_utc) T(M), traffic_event_dt_hour(_utc) T,
     traffic_event_type S, traffic_event_subtype S, traffic_event_marketplace_name S, conversion_event_date(_utc) D,
     conversion_event_hour(_utc) I, conversion_event_dt(_utc) T(M), conversion_event_dt_hour(_utc) T, conversion_event_category S,
     conversion_event_name S, conversion_event_source_name S, conversion_event_type S, conversion_event_subtype S,
     conversion_event_type_class S, conversion_event_type_description S, conversion_event_marketplace_name S`,
  ),
  ...metrics(
    `impressions L, clicks L, conversions L, combined_sales N, off_amazon_product_sales N, off_amazon_conversion_value N,
     purchase_unit_price N, click_cost L(M), supply_cost L, audience_fee L, platform_fee L, bid_price L(M)`,
  ),
  ...attributedMetrics(),
];
const retail = [
  ...user,
  ...columns(
    'purchase_id S(V), asin S, purchase_date_utc D, purchase_dt_utc T(M), purchase_month I, marketplace_name S, purchase_currency S, brand S',
  ),
  ...metrics('purchases L, units_sold L, product_sales N'),
];
const segments = [...user, ...columns('segment_id I, segment_name S, segment_marketplace_id L, snapshot_datetime D')];
const store = [
  ...user,
  ...columns(
    `advertiser_id L, channel S, device_type S(M), event_date_utc D, event_dt_utc T, ingress_type S(M), page_id S, page_title S,
     reference_id S, referrer_domain S, session_id S(V), store_name S, visit_id S(V)`,
  ),
  ...metrics('dwell_time N'),
];
const storeEvents = [...store, ...columns('asin S, event_type S, event_sub_type S, widget_type S, widget_sub_type S')];
const pvc = [
  ...user,
  ...columns('pv_offer_name S, pv_billing_type S(M), pv_start_date D, pv_end_date D, pv_title S, pv_genre A'),
];
const pvcStream = [...pvc, ...columns('pv_playback_dt_utc T(M)'), ...metrics('pv_seconds_viewed N(M)')];
const adServer = [
  ...user,
  ...campaign,
  ...columns(
    'click_through_url S, cost_model_type S, site_name S, city_name S(H), postal_code S(H), event_date_utc D, event_dt_utc T(M)',
  ),
];
const adServerTraffic = [...adServer, ...metrics('impressions L, clicks L')];
const adServerConversions = [...adServer, ...columns('order_id S(V), brand S'), ...metrics('conversions L, revenue N')];

const table = (
  name: string,
  base: Base,
  list: readonly SimColumn[],
  description: string,
  more: Partial<SimTable> = {},
): SimTable => ({
  name,
  base,
  description,
  owner: 'AMAZON',
  isPremium: false,
  tags: [],
  ...more,
  columns: unique(list),
});
const renamed = (to: string): SimTable['tags'] => [
  { type: 'DEPRECATED', title: 'Deprecated', subtext: 'Will be removed', description: `Use ${to} instead.` },
];
const paid = { isPremium: true };
const clicked = '(h / 7) % 40 = 0';
const videoed = '(h / 11) % 5 = 0';

const sources: SimTable[] = [
  table('dsp_impressions', 'impressions', dspImpressions, 'Amazon DSP impressions, one row each.'),
  table('dsp_clicks', 'impressions', dspClicks, 'Clicks on Amazon DSP advertisements.', { where: clicked }),
  table('dsp_views', 'impressions', dspViews, 'Measured views of Amazon DSP advertisements.', {
    where: '(h / 5) % 2 = 0',
  }),
  table('dsp_video_events_feed', 'impressions', dspVideo, 'What people did with video advertisements.', {
    where: videoed,
  }),
  table(
    'dsp_impressions_by_matched_segments',
    'impressions',
    bySegments,
    'Impressions by the segments that were targeted.',
  ),
  table(
    'dsp_impressions_by_user_segments',
    'impressions',
    bySegments,
    'Impressions by the segments that the person is in.',
  ),
  table('sponsored_ads_traffic', 'sponsored', sponsored, 'Impressions and clicks of sponsored advertisements.'),
  table('conversions', 'conversions', conversions, 'Conversions of tracked products and pixels.'),
  table(
    'conversions_with_relevance',
    'conversions',
    withRelevance,
    'Conversions by the campaigns they are relevant to.',
  ),
  table(
    'amazon_attributed_events_by_conversion_time',
    'conversions',
    attributed,
    'Attributed events, by when the conversion was.',
  ),
  table(
    'amazon_attributed_events_by_traffic_time',
    'conversions',
    attributed,
    'Attributed events, by when the traffic was.',
  ),
  table(
    'segment_metadata',
    'none',
    columns(
      'segment_id I(N), segment_name S(N), segment_description S(N), category_level_1 S(N), category_level_2 S(N), category_path S(N), segment_marketplace_id L(N)',
    ),
    'Names of segments.',
  ),
  table(
    'conversions_all',
    'conversions',
    [
      ...conversions,
      ...columns(
        'exposure_type S, event_source S(V), conversion_event_source S, marketplace_id I(X), sns_subscription_id S(X)',
      ),
    ],
    'All retail events of the brand.',
    paid,
  ),
  table('amazon_retail_purchases', 'conversions', retail, 'Purchases of up to five years.', paid),
  table('amazon_retail_purchase_for_audiences', 'conversions', retail, 'Purchases, for audiences.', paid),
  table(
    'amazon_your_garage',
    'customers',
    [
      ...user,
      ...columns(
        'marketplace_name S, creation_date D, last_accessed_date D, update_date D, garage_year S, vehicle_type S, garage_make S, garage_model S, garage_submodel S, garage_bodystyle S, garage_engine S, garage_transmission S, garage_drivetype S, garage_brakes S',
      ),
    ],
    'Vehicles that people own.',
    paid,
  ),
  table('amazon_brand_store_page_views', 'sponsored', store, 'Visits of brand stores.'),
  table('amazon_brand_store_page_views_non_endemic', 'sponsored', store, 'Visits of brand stores of others.'),
  table('amazon_brand_store_engagement_events', 'sponsored', storeEvents, 'What people did in brand stores.'),
  table(
    'amazon_brand_store_engagement_events_non_endemic',
    'sponsored',
    storeEvents,
    'What people did in brand stores of others.',
  ),
  table('amazon_pvc_enrollments', 'customers', pvc, 'Subscriptions of video channels.', paid),
  table('amazon_pvc_streaming_events_feed', 'sponsored', pvcStream, 'What people watched.', paid),
  table('adserver_traffic', 'impressions', adServerTraffic, 'Traffic of the Amazon Ad Server.'),
  table('adserver_conversions', 'conversions', adServerConversions, 'Conversions of the Amazon Ad Server.'),
  table(
    'adserver_traffic_by_user_segments',
    'impressions',
    [...adServerTraffic, ...columns('behavior_segment_id I, behavior_segment_name S')],
    'Traffic of the Amazon Ad Server by segments.',
  ),
  table(
    'adserver_traffic_by_matched_segments',
    'impressions',
    [...adServerTraffic, ...columns('behavior_segment_id I, behavior_segment_name S')],
    'Traffic by targeted segments.',
    { tags: renamed('adserver_traffic_by_user_segments') },
  ),
  table(
    'adserver_conversions_with_brand',
    'conversions',
    adServerConversions,
    'Conversions of the Ad Server by brand.',
  ),
  table(
    'experian_vehicle_purchases',
    'customers',
    [
      ...user,
      ...columns('purchase_date D, vehicle_make S, vehicle_model S, vehicle_class S, new_or_used S'),
      ...metrics('vehicle_purchases L'),
    ],
    'Vehicle purchases of a partner.',
    paid,
  ),
  table(
    'ncs_cpg_insights_stream',
    'conversions',
    [...user, ...columns('week_start_date D, category_name S, brand_name S'), ...metrics('units L, dollars N')],
    'Household purchases of a partner.',
    paid,
  ),
  table(
    'crm_customers',
    'customers',
    [
      ...user,
      ...columns('customer_segment S, signup_date D, is_member B, loyalty_tier S'),
      ...metrics('lifetime_value N'),
    ],
    'Uploaded by the advertiser.',
    { owner: 'CUSTOMER' },
  ),
  table('dsp_impressions_by_segments', 'impressions', bySegments, 'The old name of dsp_impressions_by_user_segments.', {
    tags: renamed('dsp_impressions_by_user_segments'),
  }),
  ...['amer_inmarket', 'amer_lifestyle', 'eu_inmarket'].map((name) =>
    table(
      `audience_segments_${name}`,
      'segments',
      segments,
      `Which segments people are in: ${name.replace('_', ', ')}.`,
    ),
  ),
];

const forAudiences = new Set([
  'amazon_attributed_events_by_conversion_time',
  'amazon_attributed_events_by_traffic_time',
  'conversions',
  'conversions_with_relevance',
  'dsp_clicks',
  'dsp_impressions',
  'dsp_impressions_by_matched_segments',
  'dsp_impressions_by_user_segments',
  'dsp_views',
  'dsp_video_events_feed',
  'sponsored_ads_traffic',
  'crm_customers',
]);

/** All sources of a subscribed instance: those of AMC §7, one of the customer's own, two that are deprecated. */
export const simTables: readonly SimTable[] = [
  ...sources,
  ...sources
    .filter(({ name }) => forAudiences.has(name))
    .map((source) => ({
      ...source,
      name: `${source.name}_for_audiences`,
      description: `${source.description} For audiences.`,
    })),
];
