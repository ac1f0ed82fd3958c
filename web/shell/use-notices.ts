import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useCallback, useRef } from 'react';
import { api } from '../kit/api.ts';
import type { StreamEvent } from '../kit/event-stream.ts';
import { useStreamEvents } from '../kit/live.tsx';
import { useMay } from '../kit/session.ts';
import { toast } from '../ui/toast.tsx';

const countKey = ['notices', 'count'] as const;

/** Can an event be, or take away, a notice of somebody's? Runs end all the time: those that ended well at once cannot. */
export function isNoticed({ type, data }: Pick<StreamEvent, 'type' | 'data'>): boolean {
  if (type === 'run.ended') {
    const { status, startedAt, endedAt } = data;
    if (data['shape'] !== undefined && data['shape'] !== 'job') return false;
    if (status === 'canceled') return false;
    if (status !== 'succeeded') return true;
    const tookMs = Date.parse(String(endedAt)) - Date.parse(String(startedAt));
    return !(tookMs <= 60_000);
  }
  return /^(approval\.|queue\.|system\.|server\.became_)/.test(type);
}

const PAUSE_MS = 1_000;
/** Reads the notices again as events come: at once, then at most once a second. */
function freshen(client: QueryClient): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsked = false;
  const read = () => {
    void client.invalidateQueries({ queryKey: ['notices'] }, { cancelRefetch: false });
    timer = setTimeout(() => {
      timer = undefined;
      if (!isAsked) return;
      isAsked = false;
      read();
    }, PAUSE_MS);
  };
  return () => {
    if (timer === undefined) read();
    else isAsked = true;
  };
}

/** How many notices are unseen, kept fresh by the event stream. */
export function useUnseen(): number {
  const client = useQueryClient();
  const fresh = useRef<() => void>(undefined);
  fresh.current ??= freshen(client);
  useStreamEvents(useCallback((event: StreamEvent) => isNoticed(event) && fresh.current?.(), []));
  const { data } = useQuery({
    queryKey: countKey,
    queryFn: ({ signal }) => api.countNotices({ signal }),
    enabled: useMay('events:read'),
  });
  return data?.unseen ?? 0;
}

/** The notices themselves, by pages. */
export const useNotices = () =>
  useInfiniteQuery({
    queryKey: ['notices', 'list'],
    queryFn: ({ pageParam, signal }) => api.listNotices({ query: { limit: 25, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ pagination }) => pagination.nextCursor ?? undefined,
  });

/** Marks everything up to a moment as seen. */
export function useMarkSeen() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (upTo: string) => api.markNoticesSeen({ body: { upTo } }),
    onSuccess: ({ unseen }) => {
      client.setQueryData(countKey, { unseen });
      void client.invalidateQueries({ queryKey: ['notices', 'list'] });
    },
    onError: (error) => toast.failure(error),
  });
}
