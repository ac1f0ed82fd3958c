/** The spans of time that the first page can look back on. */
export const overviewSpans = ['1h', '24h', '7d', '30d'] as const;
export type OverviewSpan = (typeof overviewSpans)[number];
export const spanMs: Readonly<Record<OverviewSpan, number>> = {
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 7 * 86_400_000,
  '30d': 30 * 86_400_000,
};
