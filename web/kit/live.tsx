import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { EventStream, type StreamEvent, type StreamState } from './event-stream.ts';
import { keepFresh } from './freshness.ts';

const LiveContext = createContext<EventStream | undefined>(undefined);
const quiet: StreamState = { status: 'connecting', lostAt: null, nextTryAt: null, caughtUp: null };

/** Opens the workspace's event stream and keeps every query fresh by it. */
export function LiveProvider({ workspace, children }: { workspace: string; children: ReactNode }) {
  const client = useQueryClient();
  const [stream, setStream] = useState<EventStream>();
  useEffect(() => {
    const opened = new EventStream(workspace);
    const ends = [opened.onEvent(keepFresh(client)), opened.onGone(() => void client.invalidateQueries())];
    opened.start();
    setStream(opened);
    return () => {
      for (const end of ends) end();
      opened.stop();
    };
  }, [client, workspace]);
  return <LiveContext value={stream}>{children}</LiveContext>;
}

/** How the stream is now. */
export function useStreamState(): StreamState {
  const stream = useContext(LiveContext);
  return useSyncExternalStore(
    stream?.onState ?? nothing,
    () => stream?.state ?? quiet,
    () => quiet,
  );
}
const nothing = () => () => undefined;

/** Tries to reconnect now. */
export function useTryNow(): () => void {
  const stream = useContext(LiveContext);
  return () => stream?.tryNow();
}

/** Hears each event of the stream while the caller is on screen. */
export function useStreamEvents(listener: (event: StreamEvent) => void): void {
  const stream = useContext(LiveContext);
  useEffect(() => stream?.onEvent(listener), [stream, listener]);
}

/** Why nothing can be written now: the stream has been gone for 30 s. Buttons that write take it as `refusal`. */
export function useOffline(): string | null {
  const { status, lostAt } = useStreamState();
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    if (status !== 'lost' || lostAt === null) {
      setLong(false);
      return undefined;
    }
    const timer = setTimeout(() => setLong(true), Math.max(0, lostAt + 30_000 - Date.now()));
    return () => clearTimeout(timer);
  }, [status, lostAt]);
  return isLong ? 'The connection to the server is lost. Nothing can be changed until it is back.' : null;
}
