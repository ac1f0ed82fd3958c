import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import type { RunSummary } from '#contracts/runs/runs.ts';
import { runStatuses, runTriggers } from '#contracts/runs/status.ts';
import { api } from '../kit/api.ts';
import { list } from '../kit/url-state.ts';
import { toast } from '../ui/toast.tsx';

/** The state of the list of runs, as it stands in the address. */
export const RunsView = z.object({
  view: z.enum(['all', 'alive', 'waiting', 'failed', 'mine']).default('all'),
  q: z.string().default(''),
  status: list(z.enum(runStatuses)),
  kind: list(z.string()),
  trigger: list(z.enum(runTriggers)),
  started: z.enum(['any', '1h', '4h', '24h', '7d']).default('any'),
  from: z.string().default(''),
  to: z.string().default(''),
  sort: z.enum(['-createdAt', 'createdAt']).default('-createdAt'),
  subject: z.string().default(''),
});
export type RunsView = z.infer<typeof RunsView>;

const spans: Readonly<Record<string, number>> = {
  '1h': 3_600_000,
  '4h': 14_400_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
};
const viewStatuses: Readonly<Record<RunsView['view'], readonly string[]>> = {
  all: [],
  alive: ['queued', 'running', 'waiting'],
  waiting: ['waiting'],
  failed: ['failed', 'timed_out'],
  mine: [],
};

/** The view as the API takes it. The time is rounded to the minute, so that the same view is the same question. */
export function runFilter(view: RunsView, me: string, now: number) {
  const span = spans[view.started];
  return {
    q: view.q.trim() || undefined,
    status: (view.status.length > 0 ? view.status : viewStatuses[view.view]).join(',') || undefined,
    kind: view.kind.join(',') || undefined,
    trigger: view.trigger.join(',') || undefined,
    actor: view.view === 'mine' ? me : undefined,
    subject: view.subject || undefined,
    from: view.from || (span ? new Date(Math.floor((now - span) / 60_000) * 60_000).toISOString() : undefined),
    to: view.to || undefined,
    sort: view.sort,
  };
}

/** The event stream invalidates `['runs']` at each `run.*` event, so the list is live without polling. */
export const useRuns = (filter: ReturnType<typeof runFilter>) =>
  useInfiniteQuery({
    queryKey: ['runs', 'list', filter],
    queryFn: ({ signal, pageParam }) => api.listRuns({ query: { ...filter, limit: 100, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
    placeholderData: (before) => before,
  });

export const useRun = (id: string) =>
  useQuery({ queryKey: ['run', id], queryFn: ({ signal }) => api.getRun({ params: { id }, signal }) });

/** Cancels one run; never shown before the server has answered. */
export const useCancelRun = () =>
  useMutation({
    mutationFn: ({ id, undo, reason }: { id: string; undo?: boolean; reason?: string }) =>
      api.cancelRun({ params: { id }, body: { undo, reason: reason || undefined } }),
    onError: toast.failure,
  });

/** Does the same to many and says which could not be done. */
export async function eachRun(
  runs: readonly RunSummary[],
  act: (run: RunSummary) => Promise<unknown>,
  done: string,
): Promise<void> {
  const results = await Promise.allSettled(runs.map(act));
  const failed = runs.filter((_, index) => results[index]?.status === 'rejected');
  if (failed.length > 0)
    toast.error(`${failed.length} of ${runs.length} could not: ${failed.map(({ title }) => title).join(', ')}`);
  if (failed.length < runs.length) toast.done(`${runs.length - failed.length} ${done}`);
}
