import { useCallback, useEffect, useRef, useState } from 'react';
import { LogChunk } from '#contracts/runs/runs.ts';
import { addressOf, send } from '../kit/api.ts';
import { frameReader } from '#contracts/events/frame-reader.ts';
import { asFailure, type ApiFailure } from '../kit/failure.ts';
import { currentWorkspace } from '../kit/workspace.ts';
import { LogStore } from './log-store.ts';

/** Lines of an ended run's log that are read before anybody asks for more. */
const FIRST_LINES = 20_000;

export interface LogFilter {
  host?: string | undefined;
  step?: string | undefined;
  stream?: string | undefined;
}

interface RunLog {
  store: LogStore;
  /** Changes with each chunk that came; the store itself stays the same object. */
  version: number;
  isLoading: boolean;
  /** The stream has sent all of an ended run's log. */
  isWhole: boolean;
  failure: ApiFailure | null;
}

/**
 * A run's log, live, while the pane is open. What comes is put on screen once a frame, however many chunks it is; a cut
 * connection goes on after the last chunk. Of an ended run only so much is read as is wanted: the stream is left standing,
 * and the server waits.
 */
export function useRunLog(
  runId: string,
  { host, step, stream }: LogFilter,
  isLive: boolean,
): RunLog & { more: (how: 'some' | 'all', upTo?: number) => void } {
  const [log, setLog] = useState<RunLog>(nothing);
  const wanted = useRef(FIRST_LINES);
  const goOn = useRef<() => void>(() => undefined);
  if (isLive) wanted.current = Number.POSITIVE_INFINITY;
  const more = useCallback((how: 'some' | 'all', upTo = 0) => {
    wanted.current = how === 'all' ? Number.POSITIVE_INFINITY : Math.max(wanted.current, upTo);
    goOn.current();
  }, []);
  useEffect(() => {
    const abort = new AbortController();
    const store = new LogStore();
    let waiting: LogChunk[] = [];
    /** Lines in chunks that are not on screen yet. */
    let coming = 0;
    let frame = 0;
    let isWhole = false;
    wanted.current = Math.max(FIRST_LINES, wanted.current === Number.POSITIVE_INFINITY ? wanted.current : 0);
    setLog(nothing());
    const show = () => {
      frame = 0;
      store.append(waiting);
      waiting = [];
      coming = 0;
      setLog((old) => ({ store, version: old.version + 1, isLoading: false, isWhole, failure: null }));
    };
    const draw = () => {
      frame ||= requestAnimationFrame(show);
    };
    const read = async () => {
      const cursor = waiting.at(-1)?.cursor ?? store.cursor;
      const headers: Record<string, string> = { Accept: 'text/event-stream' };
      if (cursor) headers['Last-Event-ID'] = cursor;
      const query = { host, step, stream, workspace: currentWorkspace() };
      const response = await send(addressOf('readRunLogs', { params: { id: runId }, query }), {
        headers,
        signal: abort.signal,
      });
      const take = frameReader(({ event, data }) => {
        if (event === 'log') {
          const chunk = LogChunk.safeParse(JSON.parse(data));
          if (chunk.success) {
            waiting.push(chunk.data);
            coming += chunk.data.text.split('\n').length - 1;
          }
        } else if (event === 'end') isWhole = true;
        if (event !== 'ping') draw();
      });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        while (store.count + coming >= wanted.current && !abort.signal.aborted)
          await new Promise<void>((resolve) => {
            goOn.current = resolve;
            abort.signal.addEventListener('abort', () => resolve(), { once: true });
          });
        const part = await reader?.read();
        if (!part || part.done) return;
        take(part.value);
      }
    };
    const follow = async () => {
      let failures = 0;
      while (!abort.signal.aborted && !isWhole) {
        try {
          await read();
          failures = 0;
        } catch (error) {
          if (abort.signal.aborted) return;
          failures += 1;
          const failure = asFailure(error);
          if (failure.status >= 400 && failure.status < 500) {
            setLog((old) => ({ ...old, isLoading: false, failure }));
            return;
          }
        }
        if (!isWhole) await new Promise((resolve) => setTimeout(resolve, Math.min(5_000, 300 * 2 ** failures)));
      }
    };
    void follow();
    return () => {
      abort.abort();
      cancelAnimationFrame(frame);
    };
  }, [runId, host, step, stream]);
  return { ...log, more };
}

const nothing = (): RunLog => ({
  store: new LogStore(),
  version: 0,
  isLoading: true,
  isWhole: false,
  failure: null,
});
