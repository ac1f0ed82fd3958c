import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type OverviewSpan, spanMs } from '#contracts/runs/spans.ts';
import { api } from '../kit/api.ts';
import { clock } from '../kit/clock.ts';
import type { Raw } from '../kit/search.ts';

/** The state of the first page, as it stands in the address; what does not fit falls back to its first choice. */
const choices = { span: ['24h', '1h', '7d', '30d'], who: ['everyone', 'mine'], chart: ['ended', 'duration'] } as const;
export interface OverviewView {
  span: OverviewSpan;
  who: (typeof choices.who)[number];
  chart: (typeof choices.chart)[number];
  /** The approval that is decided in place. */
  approval: string;
}

const oneOf = <T extends string>(options: readonly [T, ...T[]], text: string | undefined): T =>
  options.find((option) => option === text) ?? options[0];

export const readView = (raw: Raw): OverviewView => ({
  span: oneOf(choices.span, raw['span']),
  who: oneOf(choices.who, raw['who']),
  chart: oneOf(choices.chart, raw['chart']),
  approval: raw['approval'] ?? '',
});

/** The address's query after a change: what is the first choice is left out. */
export function changedView(raw: Raw, changes: Partial<OverviewView>): Raw {
  const next: Raw = { ...raw };
  for (const [name, value] of Object.entries(changes)) {
    if (value === '' || value === choices[name as keyof typeof choices]?.[0]) delete next[name];
    else next[name] = value;
  }
  return next;
}

/** The state of the page, without the schema library of the other pages: this one is the first to load. */
export function useOverviewView(): [OverviewView, (changes: Partial<OverviewView>) => void] {
  const raw = useSearch({ strict: false }) as Raw;
  const navigate = useNavigate();
  const change = (changes: Partial<OverviewView>) =>
    void navigate({ to: '.', search: ((old: Raw) => changedView(old, changes)) as never, resetScroll: false });
  return [readView(raw), change];
}
export type Overview = Awaited<ReturnType<typeof api.overview>>;
export type Trends = Awaited<ReturnType<typeof api.runTrends>>;

export const spanWords: Readonly<Record<OverviewSpan, string>> = {
  '1h': '1 h',
  '24h': '24 h',
  '7d': '7 d',
  '30d': '30 d',
};
const bucketCount: Readonly<Record<OverviewSpan, number>> = { '1h': 30, '24h': 48, '7d': 42, '30d': 30 };
export const bucketWords: Readonly<Record<OverviewSpan, string>> = {
  '1h': 'every 2 min',
  '24h': 'every 30 min',
  '7d': 'every 4 h',
  '30d': 'every day',
};

export const useOverview = (span: OverviewSpan, actor: string | undefined) =>
  useQuery({
    queryKey: ['overview', span, actor],
    queryFn: ({ signal }) => api.overview({ query: { span, actor }, signal }),
    placeholderData: (before) => before,
    refetchInterval: 30_000,
  });

/** Throughput and durations over the span; asked for again each minute, and when runs end. */
export const useTrends = (span: OverviewSpan, actor: string | undefined) =>
  useQuery({
    queryKey: ['overview', 'trends', span, actor],
    queryFn: ({ signal }) => {
      // Buckets begin at whole steps, so that bars do not wander with the clock.
      const step = spanMs[span] / bucketCount[span];
      const to = Math.ceil(clock.read() / step) * step;
      return api.runTrends({
        query: {
          from: new Date(to - spanMs[span]).toISOString(),
          to: new Date(to).toISOString(),
          buckets: bucketCount[span],
          actor,
        },
        signal,
      });
    },
    placeholderData: (before) => before,
    refetchInterval: 60_000,
  });

/** The list of runs that a bar stands for: those that ended in its time, whenever they began. */
export const runsEndedIn = (at: string, bucketMs: number) => ({
  endedFrom: at,
  endedTo: new Date(Date.parse(at) + bucketMs).toISOString(),
});

/** How many ran at the end of each bucket: from what runs now, back through what was started and what ended since. */
export function runningThen(now: number, buckets: Trends['buckets']): number[] {
  let running = now;
  return buckets
    .toReversed()
    .map(({ started, succeeded, failed, canceled }) => {
      const atEnd = running;
      running = Math.max(0, running - started + succeeded + failed + canceled);
      return atEnd;
    })
    .toReversed();
}

/** How two counts compare: "6% more than the 24 h before". */
export function comparedWords(now: number, before: number, span: string): string {
  if (before === 0) return now === 0 ? `none in the ${span} before either` : `none in the ${span} before`;
  const share = Math.round(((now - before) / before) * 100);
  return share === 0
    ? `as many as in the ${span} before`
    : `${Math.abs(share)}% ${share > 0 ? 'more' : 'fewer'} than the ${span} before`;
}
