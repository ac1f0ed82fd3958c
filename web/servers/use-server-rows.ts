import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import type { ServerSort } from '#contracts/servers/servers.ts';
import { api } from '../kit/api.ts';
import type { StreamEvent } from '../kit/event-stream.ts';
import { useStreamEvents } from '../kit/live.tsx';
import { type ServerRows, withCheck, withPage, withRead } from './server-rows.ts';
import type { ServerQuery } from './servers.ts';

const PAGE = 200;
/** Rows that are read again at once when servers were added; what was loaded beyond comes again by scrolling. */
const MOST_REREAD = 1_000;
/** Servers that were changed within this time are read again in one request. */
const GATHER_MS = 150;

/**
 * The servers that a filter shows, page by page, live. A page is read once; after that a check changes its row by its
 * event alone, so that ten thousand rows under constant checks ask the server nothing; what people change is read again.
 */
export function useServerRows(filter: ServerQuery, sort: ServerSort) {
  const client = useQueryClient();
  const name = JSON.stringify(['server-rows', filter, sort]);
  const key = useMemo(() => JSON.parse(name) as unknown[], [name]);
  const rows = useQuery({
    queryKey: key,
    queryFn: async ({ signal }): Promise<ServerRows> => {
      const { data, pagination } = await api.listServers({ query: { ...filter, sort, limit: PAGE }, signal });
      return { rows: data, next: pagination.nextCursor };
    },
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before,
  });
  const change = useCallback(
    (how: (old: ServerRows) => ServerRows) => client.setQueryData<ServerRows>(key, (old) => (old ? how(old) : old)),
    [client, key],
  );
  const loaded = useCallback(() => client.getQueryData<ServerRows>(key)?.rows ?? [], [client, key]);

  /** Reads what is loaded again, in the order of now. */
  const reload = useCallback(async () => {
    const wanted = Math.min(MOST_REREAD, Math.max(PAGE, loaded().length));
    let fresh: ServerRows | undefined;
    do {
      const cursor = fresh?.next ?? undefined;
      const page = await api.listServers({ query: { ...filter, sort, limit: PAGE, cursor } });
      fresh = fresh ? withPage(fresh, page) : { rows: page.data, next: page.pagination.nextCursor };
    } while (fresh.next !== null && fresh.rows.length < wanted);
    const whole = fresh;
    change(() => whole);
  }, [filter, sort, change, loaded]);

  const changed = useRef({ ids: new Set<string>(), isAnyNew: false, timer: 0 });
  const readChanged = useCallback(async () => {
    const { ids, isAnyNew } = changed.current;
    changed.current = { ids: new Set(), isAnyNew: false, timer: 0 };
    if (isAnyNew) return reload();
    const shown = new Set(loaded().map(({ id }) => id));
    const wanted = [...ids].filter((id) => shown.has(id));
    for (let from = 0; from < wanted.length; from += 100) {
      const some = wanted.slice(from, from + 100);
      const { data } = await api.listServers({ query: { ids: some.join(','), limit: 200 } });
      change((old) => withRead(old, some, data));
    }
  }, [reload, loaded, change]);
  /** A check has moved a row's figures: in an order by figures its place may be another now. */
  const isOrderOld = useRef(false);
  useStreamEvents(
    useCallback(
      (event: StreamEvent) => {
        if (event.type === 'server.checked') {
          change((old) => withCheck(old, event));
          isOrderOld.current = true;
        } else if (event.type.startsWith('server.')) {
          const { id, act } = event.data;
          if (typeof id === 'string') changed.current.ids.add(id);
          changed.current.isAnyNew ||= act === 'created';
          // A failed look leaves the rows as they are; the next event, filter or visit reads them again.
          changed.current.timer ||= window.setTimeout(() => void readChanged().catch(() => undefined), GATHER_MS);
        }
      },
      [change, readChanged],
    ),
  );
  useEffect(() => () => clearTimeout(changed.current.timer), []);
  /** Puts rows into their places again; called when nobody points at them. */
  const settle = useCallback(() => {
    if (!isOrderOld.current || sort.endsWith('name')) return;
    isOrderOld.current = false;
    void reload().catch(() => undefined);
  }, [reload, sort]);

  const loading = useRef<string | null>(null);
  const next = rows.data?.next ?? null;
  const loadMore = useCallback(async () => {
    const wanted = `${name} ${next}`;
    if (next === null || loading.current === wanted) return;
    loading.current = wanted;
    try {
      const page = await api.listServers({ query: { ...filter, sort, limit: PAGE, cursor: next } });
      change((old) => (old.next === next ? withPage(old, page) : old));
    } catch {
      loading.current = null; // asked for again by the next scroll
    }
  }, [filter, sort, name, next, change]);
  const onMore = useCallback(() => void loadMore(), [loadMore]);
  return { ...rows, onMore, reload, settle };
}
