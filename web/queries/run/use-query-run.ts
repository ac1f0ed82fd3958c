import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import type { EngineKind } from '#contracts/queries/engine.ts';
import { api, addressOf, send } from '../../kit/api.ts';
import { useStreamEvents } from '../../kit/live.tsx';
import { textOrNull } from '../../kit/shape.ts';

/** What a query's events say of it between two readings. */
export interface Told {
  phase: string | null;
  rows: number | null;
  note: string | null;
}
const toldBy = (data: Record<string, unknown>): Told => ({
  phase: textOrNull(data['phase']),
  rows: typeof data['rows'] === 'number' ? data['rows'] : null,
  note: textOrNull(data['note']),
});

/** One run of a query, as it goes: read again by its own events, with what the service said of it last. */
export function useQueryRun(id: string) {
  const client = useQueryClient();
  const [told, setTold] = useState<Told | null>(null);
  const run = useQuery({
    queryKey: ['query-run', id],
    queryFn: ({ signal }) => api.getQueryRun({ params: { id }, signal }),
    enabled: id !== '',
    // The events are the news; this is the safety net while it is alive.
    refetchInterval: ({ state }) => (state.data && state.data.endedAt === null ? 5_000 : false),
  });
  useEffect(() => setTold(null), [id]);
  useStreamEvents(
    useCallback(
      (event) => {
        if (id === '' || event.run !== id) return;
        if (event.type === 'query.progress') setTold(toldBy(event.data));
        if (event.type.startsWith('query.') || event.type.startsWith('run.'))
          void client.invalidateQueries({ queryKey: ['query-run', id] }, { cancelRefetch: false });
      },
      [client, id],
    ),
  );
  return { ...run, told };
}

/** Runs that were started in this page, by their engine: what others started is not ours to let go. */
const startedHere = new Map<string, EngineKind>();
export const isStartedHere = (runId: string, engine: EngineKind): void => void startedHere.set(runId, engine);

/** Lets go of the rows of a run that was started here. The page may be gone before the answer comes. */
export function letGo(runId: string): void {
  if (!startedHere.delete(runId)) return;
  void send(addressOf('closeQueryRun', { params: { id: runId } }), { method: 'POST', keepalive: true }).catch(
    () => undefined,
  );
}
/** The page goes: rows of an open transaction go with it. Those that a service stores are there after a reload. */
export function letGoLive(): void {
  for (const [runId, engine] of startedHere) if (engine === 'postgres') letGo(runId);
}
