import { useEffect, useState } from 'react';
import { LogChunk } from '#contracts/runs/runs.ts';
import { addressOf, send } from '../kit/api.ts';
import { asFailure, type ApiFailure } from '../kit/failure.ts';
import { frameReader } from '../kit/event-stream.ts';
import { currentWorkspace } from '../kit/workspace.ts';
import { addChunks, noLog, type LogState } from './log-lines.ts';

interface RunLog extends LogState {
  isLoading: boolean;
  /** The stream has sent all of an ended run's log. */
  isWhole: boolean;
  failure: ApiFailure | null;
}

/**
 * A run's log, live, while the pane is open. What comes is put on screen once a frame, however many chunks it is; a cut
 * connection goes on after the last chunk.
 */
export function useRunLog(runId: string, filter: { host?: string; step?: string }): RunLog {
  const [log, setLog] = useState<RunLog>({ ...noLog, isLoading: true, isWhole: false, failure: null });
  const { host, step } = filter;
  useEffect(() => {
    const abort = new AbortController();
    let state = noLog;
    let waiting: LogChunk[] = [];
    let frame = 0;
    let isWhole = false;
    setLog({ ...noLog, isLoading: true, isWhole: false, failure: null });
    const show = () => {
      frame = 0;
      state = addChunks(state, waiting);
      waiting = [];
      setLog({ ...state, isLoading: false, isWhole, failure: null });
    };
    const draw = () => {
      frame ||= requestAnimationFrame(show);
    };
    const read = async () => {
      const cursor = waiting.at(-1)?.cursor ?? state.cursor;
      const headers: Record<string, string> = { Accept: 'text/event-stream' };
      if (cursor) headers['Last-Event-ID'] = cursor;
      const response = await send(
        addressOf('readRunLogs', { params: { id: runId }, query: { host, step, workspace: currentWorkspace() } }),
        { headers, signal: abort.signal },
      );
      const take = frameReader(({ event, data }) => {
        if (event === 'log') {
          const chunk = LogChunk.safeParse(JSON.parse(data));
          if (chunk.success) waiting.push(chunk.data);
        } else if (event === 'end') isWhole = true;
        if (event !== 'ping') draw();
      });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
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
  }, [runId, host, step]);
  return log;
}
