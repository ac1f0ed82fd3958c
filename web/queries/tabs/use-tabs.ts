import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { z } from 'zod';
import { api, addressOf, send } from '../../kit/api.ts';
import { keepDraft, readDraft } from '../../kit/drafts.ts';
import { useStreamEvents } from '../../kit/live.tsx';
import { useMe, useMembership } from '../../kit/session.ts';
import { toast } from '../../ui/toast.tsx';
import type { QueryTab } from '#contracts/queries/saved-queries.ts';
import { OpenTab } from './open-tab.ts';
import { TabStore, type TabsState } from './tab-store.ts';

interface Tabs extends TabsState {
  store: TabStore;
  /** `ready` once server and browser were asked. */
  phase: 'loading' | 'ready';
}

/** The open tabs: of the server, of this browser, and joined with what other browsers type. */
export function useTabs(): Tabs {
  const { user } = useMe();
  const membership = useMembership();
  const key = `${user.id}:${membership?.id ?? ''}:query-tabs`;
  const [phase, setPhase] = useState<'loading' | 'ready'>('loading');
  const made = useRef<TabStore>(undefined);
  made.current ??= new TabStore({
    // A page that goes away waits for no answer: `keepalive` lets the last keys out behind it.
    send: async (id, body) => {
      const text = JSON.stringify(body);
      const response = await send(addressOf('keepQueryTab', { params: { id } }), {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: text,
        keepalive: document.visibilityState === 'hidden' && text.length < 60_000,
      });
      return (await response.json()) as QueryTab & { hasConflict: boolean };
    },
    close: async (id) => {
      await send(addressOf('closeQueryTab', { params: { id } }), { method: 'DELETE', keepalive: true });
    },
    keepHere: (tabs) => void keepDraft(key, tabs),
    onConflict: ({ title }) =>
      toast.note(`“${title}” was changed in another browser in the same lines. Both are in the text now.`),
  });
  const store = made.current;
  useEffect(() => {
    let isGone = false;
    const load = async () => {
      const kept = z.array(OpenTab).safeParse(await readDraft(key));
      const here = kept.success ? kept.data : [];
      try {
        const { data } = await api.listQueryTabs({});
        if (!isGone) store.load(data, here);
      } catch (error) {
        if (isGone) return;
        // What this browser kept is shown all the same, and sent when the server is back.
        store.loadAlone(here);
        if (here.length === 0) toast.failure(error);
      }
      if (!isGone) setPhase('ready');
    };
    void load();
    const flush = () => store.flush();
    const onVisibility = () => {
      if (document.visibilityState === 'hidden') return flush();
      void api.listQueryTabs({}).then(
        ({ data }) => store.refresh(data),
        () => undefined,
      );
    };
    addEventListener('pagehide', flush);
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      isGone = true;
      flush();
      store.stop();
      removeEventListener('pagehide', flush);
      document.removeEventListener('visibilitychange', onVisibility);
    };
  }, [store, key]);
  // Another browser of the same person kept something: it is laid under what is typed here, and an idle tab shows it.
  const reading = useRef({ isBusy: false, again: false });
  useStreamEvents(
    useCallback(
      ({ type, subject, data }) => {
        if (type !== 'query_tab.changed' || subject !== `person:${user.id}`) return;
        const { tab, revision } = data;
        if (typeof tab !== 'string' || !(revision === null || typeof revision === 'number')) return;
        if (!store.isBehind(tab, revision)) return;
        const read = async (): Promise<void> => {
          reading.current = { isBusy: true, again: false };
          const answer = await api.listQueryTabs({}).catch(() => null);
          if (answer) store.refresh(answer.data);
          const { again } = reading.current;
          reading.current = { isBusy: false, again: false };
          if (again) await read();
        };
        if (reading.current.isBusy) reading.current.again = true;
        else void read();
      },
      [store, user.id],
    ),
  );
  const state = useSyncExternalStore(store.subscribe, store.snapshot, store.snapshot);
  return { ...state, store, phase };
}
