import type { TimeWindow } from '#contracts/queries/query-runs.ts';

/** Spans of time that people ask for; the words are resolved on the server, by the zone of the window. */
export const windowPresets: ReadonlyArray<{ label: string; from: string; to: string }> = [
  { label: 'Today', from: 'today', to: 'now' },
  { label: 'Yesterday', from: 'yesterday', to: 'today' },
  { label: 'Last 7 days', from: 'today - 7d', to: 'today' },
  { label: 'Last 30 days', from: 'today - 30d', to: 'today' },
  { label: 'Last 90 days', from: 'today - 90d', to: 'today' },
  { label: 'This month', from: 'start of month', to: 'now' },
  { label: 'Last month', from: 'start of last month', to: 'start of month' },
  { label: 'This year', from: 'start of year', to: 'now' },
];
export const defaultWindow = (timeZone: string): TimeWindow => ({ from: 'today - 30d', to: 'today', timeZone });

/** A window in few words: its preset's name, else its ends. */
export const windowWords = ({ from, to }: TimeWindow): string =>
  windowPresets.find((preset) => preset.from === from && preset.to === to)?.label ?? `${from} to ${to}`;
