import type { Sensitivity } from '#contracts/queries/amc/sensitivity.ts';

export interface SimColumn {
  readonly name: string;
  readonly dataType: string;
  readonly kind: 'METRIC' | 'DIMENSION';
  readonly sensitivity: Sensitivity;
}

const types: Readonly<Record<string, string>> = {
  S: 'STRING',
  L: 'LONG',
  I: 'INTEGER',
  N: 'DECIMAL',
  D: 'DATE',
  T: 'TIMESTAMP',
  B: 'BOOLEAN',
  A: 'ARRAY',
};
const marks: Readonly<Record<string, Sensitivity>> = {
  N: 'NONE',
  O: 'LOW',
  M: 'MEDIUM',
  H: 'HIGH',
  V: 'VERY_HIGH',
  X: 'INTERNAL',
};

/**
 * Reads lists such as `advertiser S, device_id S(V), impression_cost L`: name, type, mark where it is not the usual one
 * (dimension LOW, metric NONE). `(_utc)` after a name stands for both names.
 */
export function columns(text: string, kind: SimColumn['kind'] = 'DIMENSION'): SimColumn[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .flatMap((part) => {
      const match = /^(\w+)(\(_utc\))? ([SLINDTBA])(?:\(([NOMHVX])\))?$/.exec(part);
      const [, name, both, type, mark] = match ?? [];
      if (!name || !type) throw new Error(`No column: ${part}`);
      const sensitivity = marks[mark ?? ''] ?? (kind === 'METRIC' ? 'NONE' : 'LOW');
      const names = both ? [name, `${name}_utc`] : [name];
      return names.map((one) => ({ name: one, dataType: types[type] ?? 'STRING', kind, sensitivity }));
    });
}
export const metrics = (text: string): SimColumn[] => columns(text, 'METRIC');

/** The family of one event time. */
export const times = (x: string): SimColumn[] =>
  columns(
    `${x}_date D, ${x}_date_utc D, ${x}_day I, ${x}_day_utc I, ${x}_hour I, ${x}_hour_utc I, ${x}_dt T(M), ${x}_dt_utc T(M),
     ${x}_dt_hour T, ${x}_dt_hour_utc T`,
  );

export const user = columns('user_id S(V), user_id_type S, no_3p_trackers B(N)');
export const campaign = columns(
  `advertiser S, advertiser_id L, advertiser_timezone S, campaign S, campaign_id L, campaign_id_string S, campaign_budget_amount L,
   campaign_country S, campaign_flight_id L, campaign_insertion_order_id S, campaign_primary_goal S, campaign_sales_type S,
   campaign_source S, campaign_status S, campaign_start_date(_utc) T, campaign_end_date(_utc) T, entity_id S, merchant_id L`,
);
export const lineItem = columns(
  `line_item S, line_item_id L, line_item_budget_amount L, line_item_price_type S, line_item_status S, line_item_type S,
   line_item_start_date(_utc) T, line_item_end_date(_utc) T`,
);
export const creative = columns(
  `ad_slot_size S, creative S, creative_id L, creative_category S, creative_duration L, creative_is_link_in S, creative_size S,
   creative_type S`,
);
export const supply = columns(
  `app_bundle S, deal_id S, deal_name S, demand_channel S, demand_channel_owner S, environment_type S, is_amazon_owned B,
   page_type S, product_line S, site S, slot_position S, supply_source S, supply_source_id L`,
);
export const place = columns(
  `browser_family S, device_id S(V), device_make S, device_model S, device_type S, operating_system S, os_version S,
   city_name S(H), dma_code S, iso_country_code S, iso_state_province_code S, postal_code S(H)`,
);
export const frequency = columns('advertiser_account_frequency_group_ids A, manager_account_frequency_group_ids A');
export const currency = columns('currency_iso_code S, currency_name S');
export const dated = (list: readonly SimColumn[]): SimColumn[] =>
  list.map((column) => ({ ...column, name: column.name.replace(/_date(_utc)?$/, '_dt$1') }));

/** `[prefix_]base[_suffix]`, the metrics of attributed products, and those of digital subscriptions. */
export function attributedMetrics(): SimColumn[] {
  const names: string[] = [];
  const bases = ['purchases L', 'units_sold L', 'product_sales N', 'add_to_cart L', 'detail_page_view L'];
  const prefixes = ['', 'total_', 'brand_halo_', 'new_to_brand_', 'new_to_brand_total_', 'new_to_brand_brand_halo_'];
  for (const prefix of prefixes)
    for (const base of prefix.startsWith('new_to_brand_') ? bases.slice(0, 3) : bases)
      for (const suffix of ['', '_clicks', '_views']) names.push(prefix + base.replace(' ', `${suffix} `));
  for (const form of ['', 'free_trial_', 'paid_', 'app_', 'free_trial_app_'])
    for (const suffix of ['', '_clicks', '_views'])
      names.push(`digital_${form}subscription_signup_purchases${suffix} L`);
  return metrics(names.join(', '));
}
