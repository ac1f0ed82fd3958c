/** Wake-ups for open log panes: `log.appended` is no row of the event stream, only a word that there is more to read. */
export interface LogWakes {
  listen(runId: string, listener: () => void): () => void;
  wake(runId: string): void;
}

export function createLogWakes(): LogWakes {
  const byRun = new Map<string, Set<() => void>>();
  return {
    listen(runId, listener) {
      const listeners = byRun.get(runId) ?? new Set();
      byRun.set(runId, listeners);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) byRun.delete(runId);
      };
    },
    wake(runId) {
      for (const listener of byRun.get(runId) ?? []) listener();
    },
  };
}
