import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { PresenceChange, presenceBeatMs, type PresentPerson } from '#contracts/events/presence.ts';
import { api, addressOf, send } from '../kit/api.ts';
import { useStreamEvents } from '../kit/live.tsx';
import { useMe } from '../kit/session.ts';

/**
 * Who else has this playbook open to change it. While the page is looked at it says every 8 s that somebody is here; once
 * it is hidden or left it says so, and what is lost on the way passes by itself.
 * @param isEditing whether we ourselves may change it here; who only reads is told, and not shown
 */
export function usePresence(playbookId: string | undefined, isEditing: boolean): readonly PresentPerson[] {
  const { user } = useMe();
  const client = useQueryClient();
  const page = useRef<string>(undefined);
  page.current ??= crypto.randomUUID();
  const beat = useQuery({
    queryKey: ['presence', playbookId],
    queryFn: ({ signal }) =>
      api.tellPlaybookPresence({
        params: { id: playbookId ?? '' },
        body: { page: page.current ?? '', isHere: isEditing && document.visibilityState === 'visible' },
        signal,
      }),
    enabled: playbookId !== undefined,
    refetchInterval: presenceBeatMs,
    // Whoever is hidden for long is gone; the first thing after that is to say that one is here again.
    refetchIntervalInBackground: false,
    refetchOnWindowFocus: 'always',
    retry: false,
    gcTime: 0,
  });
  useStreamEvents(
    useCallback(
      ({ type, subject, data }) => {
        if (type !== 'presence.changed' || subject !== `playbook:${playbookId}`) return;
        const change = PresenceChange.safeParse(data);
        if (change.success) client.setQueryData(['presence', playbookId], change.data);
      },
      [client, playbookId],
    ),
  );
  useEffect(() => {
    if (playbookId === undefined || !isEditing) return undefined;
    // A page that goes away waits for no answer: `keepalive` lets the word out behind it.
    const leave = () =>
      void send(addressOf('tellPlaybookPresence', { params: { id: playbookId } }), {
        method: 'POST',
        keepalive: true,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ page: page.current, isHere: false }),
      }).catch(() => undefined);
    const onVisibility = () => document.visibilityState === 'hidden' && leave();
    document.addEventListener('visibilitychange', onVisibility);
    addEventListener('pagehide', leave);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      removeEventListener('pagehide', leave);
      leave();
    };
  }, [playbookId, isEditing]);
  return (beat.data?.people ?? []).filter(({ id }) => id !== user.id);
}
