import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { api } from '../kit/api.ts';
import { type AuditRows, withHead, withPage } from './audit-rows.ts';
import type { AuditQuery } from './audit-view.ts';

const PAGE = 100;

/** The entries that a filter shows, page by page, live: `audit.appended` reads the head again and nothing else. */
export function useAuditRows(filter: AuditQuery) {
  const client = useQueryClient();
  const name = JSON.stringify(['audit-rows', filter]);
  const rows = useQuery({
    queryKey: ['audit-rows', filter],
    queryFn: async ({ signal }): Promise<AuditRows> => {
      const { data, pagination } = await api.listAudit({ query: { ...filter, limit: PAGE }, signal });
      return { rows: data, next: pagination.nextCursor };
    },
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before,
  });
  const change = useCallback(
    (how: (old: AuditRows) => AuditRows) =>
      client.setQueryData<AuditRows>(JSON.parse(name) as unknown[], (old) => (old ? how(old) : old)),
    [client, name],
  );
  const head = useQuery({
    queryKey: ['audit', 'head', filter],
    queryFn: ({ signal }) => api.listAudit({ query: { ...filter, limit: PAGE }, signal }),
    enabled: rows.data !== undefined && !rows.isPlaceholderData,
  });
  useEffect(() => {
    if (head.data) change((old) => withHead(old, head.data));
  }, [head.data, change]);

  const loading = useRef<string | null>(null);
  const next = rows.data?.next ?? null;
  const loadMore = useCallback(async () => {
    const wanted = `${name} ${next}`;
    if (next === null || loading.current === wanted) return;
    loading.current = wanted;
    try {
      const page = await api.listAudit({ query: { ...filter, limit: 200, cursor: next } });
      change((old) => (old.next === next ? withPage(old, page) : old));
    } catch {
      loading.current = null; // asked for again by the next scroll
    }
  }, [filter, name, next, change]);
  const onMore = useCallback(() => void loadMore(), [loadMore]);
  return { ...rows, onMore };
}
