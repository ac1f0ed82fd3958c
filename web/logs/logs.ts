import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { LineSeverity, type LogLine } from '#contracts/logs/logs.ts';
import { api } from '../kit/api.ts';
import { clock } from '../kit/clock.ts';
import { list } from '../kit/url-state.ts';

export const spans = { '15m': 900_000, '1h': 3_600_000, '6h': 21_600_000, '24h': 86_400_000, '7d': 604_800_000, '30d': 2_592_000_000 } as const; // prettier-ignore
export type Span = keyof typeof spans;
export const spanWords: Readonly<Record<Span, string>> = {
  '15m': 'last 15 min',
  '1h': 'last hour',
  '6h': 'last 6 hours',
  '24h': 'last day',
  '7d': 'last 7 days',
  '30d': 'last 30 days',
};

export const LogsView = z.object({
  show: z.enum(['lines', 'sources', 'searches', 'keeping']).default('lines'),
  q: z.string().default(''),
  severity: list(LineSeverity),
  source: z.string().default(''),
  span: z.enum(['15m', '1h', '6h', '24h', '7d', '30d']).default('1h'),
  /** A chosen part of time; without it the span that ends now. */
  from: z.string().default(''),
  to: z.string().default(''),
  follow: z.boolean().default(false),
  edit: z.string().default(''),
});
export type LogsView = z.infer<typeof LogsView>;
export type Change = (changes: Partial<LogsView>, how?: 'push' | 'replace') => void;

/** What is asked for: a chosen part of time, or the span up to now. */
export const windowOf = ({ span, from, to }: Pick<LogsView, 'span' | 'from' | 'to'>): { from: string; to?: string } =>
  from && to ? { from, to } : { from: new Date(clock.read() - spans[span]).toISOString() };
const filterOf = ({ q, severity, source }: Pick<LogsView, 'q' | 'severity' | 'source'>) => ({
  q,
  ...(severity.length > 0 && { severity: severity.join(',') }),
  ...(source && { source }),
});

/** Lines, newest first, page by page; while they are followed, the newest page every two seconds. */
export const useLines = (view: LogsView) => {
  const { q, severity, source, span, from, to, follow } = view;
  return useInfiniteQuery({
    queryKey: ['logs', 'lines', { q, severity, source, span, from, to, follow }],
    queryFn: ({ signal, pageParam }) =>
      api.searchLogs({
        query: {
          ...filterOf(view),
          ...pageParam.window,
          limit: '200',
          ...(pageParam.cursor && { cursor: pageParam.cursor }),
        },
        signal,
      }),
    initialPageParam: { window: windowOf(view), cursor: '' },
    // The window stays that of the first page, or lines would come and go between pages.
    getNextPageParam: (last, _pages, param) =>
      last.nextCursor === null ? undefined : { window: param.window, cursor: last.nextCursor },
    refetchInterval: follow ? 2_000 : false,
    placeholderData: (before) => before,
  });
};

/** Lines over time, by severity. */
export const useCounts = (view: LogsView) => {
  const { q, severity, source, span, from, to, follow } = view;
  return useQuery({
    queryKey: ['logs', 'counts', { q, severity, source, span, from, to }],
    queryFn: ({ signal }) => api.countLogs({ query: { ...filterOf(view), ...windowOf(view) }, signal }),
    placeholderData: (before) => before,
    refetchInterval: follow ? 10_000 : false,
  });
};

export const useLogSources = () =>
  useQuery({
    queryKey: ['log-sources'],
    queryFn: ({ signal }) => api.listLogSources({ signal }),
    refetchInterval: 30_000,
  });
export const useLogSearches = () =>
  useQuery({ queryKey: ['log-searches'], queryFn: ({ signal }) => api.listLogSearches({ signal }) });
export const useLogKeeping = () =>
  useQuery({ queryKey: ['log-keeping'], queryFn: ({ signal }) => api.getLogKeeping({ signal }) });

/** Lines of several pages, each once. */
export function linesOf(pages: readonly { data: LogLine[] }[]): LogLine[] {
  const seen = new Set<string>();
  return pages.flatMap(({ data }) => data).filter(({ id }) => !seen.has(id) && seen.add(id) !== undefined);
}

export const severityLooks: Readonly<Record<LineSeverity, { word: string; bar: string; fill: string }>> = {
  critical: { word: 'Critical', bar: 'bg-fail-solid', fill: 'fill-fail-solid' },
  high: { word: 'Error', bar: 'bg-c6', fill: 'fill-c6' },
  warning: { word: 'Warning', bar: 'bg-wait-solid', fill: 'fill-wait-solid' },
  info: { word: 'Info', bar: 'bg-c1', fill: 'fill-c1' },
  debug: { word: 'Debug', bar: 'bg-idle-solid', fill: 'fill-idle-solid' },
  none: { word: 'None', bar: 'bg-line-strong', fill: 'fill-line-strong' },
};
