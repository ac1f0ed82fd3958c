import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import type { AlertSeverity } from '#contracts/alerts/severity.ts';
import { api } from '../kit/api.ts';
import { useMay } from '../kit/session.ts';

/** What of the page is in its address. */
export const AlertsView = z.object({
  show: z.enum(['alerts', 'sources', 'rules', 'silences']).default('alerts'),
  state: z.enum(['live', 'resolved', 'all']).default('live'),
  severity: z.string().default(''),
  outcome: z.string().default(''),
  source: z.string().default(''),
  q: z.string().default(''),
  sel: z.string().default(''),
  edit: z.string().default(''),
});
export type AlertsView = z.infer<typeof AlertsView>;

/** Alerts by the page's filters, page by page. Events `alert.*` ask anew. */
export const useAlerts = ({ state, severity, outcome, source, q }: AlertsView) =>
  useInfiniteQuery({
    queryKey: ['alerts', 'list', { state, severity, outcome, source, q }],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      api.listAlerts({
        query: {
          limit: 100,
          status: state === 'all' ? '' : state,
          severity,
          outcome,
          source: source || undefined,
          search: q,
          cursor: pageParam,
        },
        signal,
      }),
    getNextPageParam: ({ pagination }) => pagination.nextCursor ?? undefined,
    placeholderData: (before) => before,
  });

export const useAlert = (id: string) =>
  useQuery({
    queryKey: ['alerts', 'one', id],
    queryFn: ({ signal }) => api.getAlert({ params: { id }, signal }),
    enabled: id !== '',
  });

export const useAlertSources = () =>
  useQuery({
    queryKey: ['alert-sources'],
    queryFn: ({ signal }) => api.listAlertSources({ signal }),
  });

export const useAlertRules = (isShown: boolean) =>
  useQuery({
    queryKey: ['alert-rules'],
    queryFn: ({ signal }) => api.listAlertRules({ signal }),
    enabled: isShown,
  });

export const useSilences = (isShown: boolean) =>
  useQuery({
    queryKey: ['silences'],
    queryFn: ({ signal }) => api.listSilences({ query: { limit: 200 }, signal }),
    enabled: isShown,
    // Windows open and close by the clock, without an event.
    refetchInterval: 60_000,
  });

/** Escalation policies to choose from, for whoever may see them. */
export const usePolicyOptions = () =>
  useQuery({
    queryKey: ['escalation-policies'],
    queryFn: ({ signal }) => api.listEscalationPolicies({ signal }),
    enabled: useMay('oncall:read'),
    select: ({ data }) => data.map(({ id, name }) => ({ value: id, label: name })),
  });

export const severityTones = {
  critical: 'fail',
  high: 'wait',
  warning: 'wait',
  info: 'run',
  debug: 'plain',
} as const satisfies Record<AlertSeverity, string>;

export const outcomeWords = {
  new: 'just come',
  waiting: 'below its threshold',
  incident: 'incident',
  kept: 'kept',
  silenced: 'silenced',
  over: 'over by itself',
} as const;

export const statusWords = { firing: 'Firing', acknowledged: 'Seen', resolved: 'Over' } as const;
