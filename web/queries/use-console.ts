import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { Connection } from '#contracts/connections/connections.ts';
import type { QueryRunDetail } from '#contracts/queries/query-runs.ts';
import type { QueryBody, QueryVersion, SavedQuery } from '#contracts/queries/saved-queries.ts';
import { api } from '../kit/api.ts';
import { kept, keep } from '../kit/kept.ts';
import { useUrlState } from '../kit/url-state.ts';
import { toast } from '../ui/toast.tsx';
import { useConnections, unitOf, useUnits } from './connections.ts';
import { ConsoleView } from './console-view.ts';
import { savedQuery, useSaved } from './library/use-saved.ts';
import { letGo, letGoLive } from './run/use-query-run.ts';
import type { OpenTab, TabChange } from './tabs/open-tab.ts';
import { useTabs } from './tabs/use-tabs.ts';
import type { Place } from './objects/use-objects.ts';

/** The console's state: which tab is open, what it runs on, and how tabs come and go. The address follows it. */
export function useConsole() {
  const client = useQueryClient();
  const [view, setView] = useUrlState(ConsoleView);
  const { tabs, store, phase, failure } = useTabs();
  const connections = useConnections();
  const tab = tabs.find(({ id }) => id === view.tab);
  const connection = connections.data?.find(({ id }) => id === tab?.connectionId);
  const units = useUnits(connection);
  const unit = unitOf(units.data, tab?.unit ?? null);
  const saved = useSaved(tab?.queryId ?? null);
  const isReady = phase === 'ready' && connections.data !== undefined;

  const firstConnection = useCallback((): Connection | undefined => {
    const last = kept('queries.connection');
    const all = connections.data ?? [];
    return all.find(({ id }) => id === last) ?? all.find(({ state }) => state === 'connected') ?? all[0];
  }, [connections.data]);
  const openTab = useCallback(
    (given: TabChange = {}): OpenTab => {
      const made = store.open({ connectionId: firstConnection()?.id ?? null, ...given });
      setView({ tab: made.id, new: '', open: '', past: '' });
      return made;
    },
    [store, setView, firstConnection],
  );
  const openRun = useCallback(
    async (runId: string) => {
      const there = store.snapshot().tabs.find((one) => one.runId === runId);
      if (there) return setView({ tab: there.id, past: '' });
      try {
        const run = await client.fetchQuery({
          queryKey: ['query-run', runId],
          queryFn: ({ signal }) => api.getQueryRun({ params: { id: runId }, signal }),
        });
        openTab(tabOfRun(run));
      } catch (error) {
        toast.failure(error);
        setView({ past: '', run: '' }, 'replace');
      }
    },
    [client, openTab, setView, store],
  );
  const openSaved = useCallback(
    async (id: string) => {
      const there = store.snapshot().tabs.find((one) => one.queryId === id);
      if (there) return setView({ tab: there.id, open: '' });
      try {
        openTab(tabOfSaved(await client.fetchQuery(savedQuery(id))));
      } catch (error) {
        toast.failure(error);
        setView({ open: '' }, 'replace');
      }
    },
    [client, openTab, setView, store],
  );
  /** The newest text of a saved query in a tab of its own, which remembers where it comes from. */
  const forkSaved = useCallback(
    async (id: string) => {
      try {
        const query = await client.fetchQuery(savedQuery(id));
        openTab({
          ...tabOfBody(query.body),
          title: `Fork of ${query.name}`.slice(0, 120),
          forkedFrom: { id, version: query.version },
        });
      } catch (error) {
        toast.failure(error);
      }
    },
    [client, openTab],
  );

  // What the address asks for, once; then which tab is open is all there is to know.
  const asked = useRef('');
  useEffect(() => {
    if (!isReady) return;
    const wish =
      view.new !== ''
        ? `new ${view.new}`
        : view.open !== ''
          ? `open ${view.open}`
          : view.past !== ''
            ? `past ${view.past}`
            : '';
    if (wish !== '') {
      if (asked.current === wish) return;
      asked.current = wish;
      if (view.new !== '') openTab(view.c === '' ? {} : { connectionId: view.c, unit: view.bu || null });
      else if (view.open !== '') void openSaved(view.open);
      else void openRun(view.past);
      return;
    }
    asked.current = '';
    if (tab) return;
    const all = store.snapshot().tabs;
    if (view.run !== '') {
      setView({ past: view.run, run: '' }, 'replace');
      return;
    }
    const fit =
      view.c === ''
        ? all[0]
        : all.find((one) => one.connectionId === view.c && (view.bu === '' || one.unit === view.bu));
    if (fit) setView({ tab: fit.id }, 'replace');
    else if (connections.data && connections.data.length > 0)
      setView(
        { tab: store.open({ connectionId: view.c || (firstConnection()?.id ?? null), unit: view.bu || null }).id },
        'replace',
      );
  }, [isReady, view, tab, store, connections.data, firstConnection, openRun, openSaved, openTab, setView]);

  // The address says what the tab shows.
  const here = { c: tab?.connectionId ?? '', bu: tab?.unit ?? '', run: tab?.runId ?? '' };
  useEffect(() => {
    if (tab && (view.c !== here.c || view.bu !== here.bu || view.run !== here.run))
      setView({ c: here.c, bu: here.bu, run: here.run }, 'replace');
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- only when the tab says something else; Back is heard above
  }, [tab?.id, here.c, here.bu, here.run]);

  const change = useCallback((changes: TabChange) => tab && store.change(tab.id, changes), [store, tab]);
  useEffect(() => {
    const onHide = (event: PageTransitionEvent) => !event.persisted && letGoLive();
    addEventListener('pagehide', onHide);
    return () => removeEventListener('pagehide', onHide);
  }, []);
  const close = useCallback(
    (id: string) => {
      const all = store.snapshot().tabs;
      const at = all.findIndex((one) => one.id === id);
      const gone = all[at];
      if (!gone) return;
      const undo = store.close(id);
      const next = all[at + 1] ?? all[at - 1];
      if (view.tab === id) setView({ tab: next?.id ?? '', c: '', bu: '', run: '' }, 'replace');
      if (gone.sql.trim() === '' && gone.runId === null) return;
      toast.done(`“${gone.title}” is closed`, {
        undo: () => {
          undo();
          setView({ tab: id });
        },
      });
    },
    [store, view.tab, setView],
  );
  /** Another connection or unit has other objects and other rows: what is shown of the former goes at once. */
  const moveTo = useCallback(
    (to: { connectionId: string; unit: string | null }) => {
      if (!tab) return;
      if (tab.runId !== null) letGo(tab.runId);
      keep('queries.connection', to.connectionId);
      store.change(tab.id, { ...to, runId: null });
      setView({ object: '' }, 'replace');
    },
    [store, tab, setView],
  );
  const needsUnit = connection !== undefined && connection.kind !== 'postgres';
  const placeKey = connection && (!needsUnit || unit) ? `${connection.id} ${unit?.id ?? ''}` : '';
  const place = useMemo<Place | null>(
    () => (placeKey === '' || !connection ? null : { connectionId: connection.id, unit: unit?.id ?? null }),
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the same place while connection and unit have the same ids
    [placeKey],
  );
  const [isDirtyById, setDirty] = useState<ReadonlyMap<string, boolean>>(new Map());
  const isDirty = tab
    ? tab.queryId
      ? saved.data !== undefined && saved.data.body.sql !== tab.sql
      : tab.sql.trim() !== ''
    : false;
  useEffect(() => {
    if (tab) setDirty((old) => (old.get(tab.id) === isDirty ? old : new Map(old).set(tab.id, isDirty)));
  }, [tab, isDirty]);
  return {
    view,
    setView,
    tabs,
    store,
    tab,
    isReady,
    keepFailure: failure,
    connections,
    connection,
    units,
    unit,
    place,
    saved: saved.data ?? null,
    isDirty: (one: OpenTab) =>
      one.id === tab?.id ? isDirty : (isDirtyById.get(one.id) ?? (one.queryId === null && one.sql.trim() !== '')),
    change,
    close,
    moveTo,
    openTab,
    openRun,
    openSaved,
    forkSaved,
  };
}
export type Console = ReturnType<typeof useConsole>;

/** A past run as a tab: its text, its parameters as they were, and its rows while the service has them. */
export const tabOfRun = (run: QueryRunDetail): TabChange => ({
  title: run.title,
  sql: run.sql,
  parameters: run.parameters,
  parameterDefs: run.parameterDefs,
  connectionId: run.connectionId,
  unit: run.unit,
  timeWindow: run.timeWindow,
  queryId: run.queryId,
  queryVersion: run.queryVersion,
  runId: run.runId,
});

export const tabOfSaved = (query: SavedQuery): TabChange => ({
  ...tabOfBody(query.body),
  title: query.name,
  queryId: query.id,
  queryVersion: query.version,
});
export const tabOfVersion = (title: string, { body }: QueryVersion): TabChange => ({ ...tabOfBody(body), title });

const tabOfBody = (body: QueryBody): TabChange => ({
  sql: body.sql,
  parameterDefs: body.parameters,
  ...(body.connectionId && { connectionId: body.connectionId, unit: body.unit ?? null }),
});
