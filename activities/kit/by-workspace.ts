/**
 * Work that is woken by what was committed: one pass at a time for each workspace, and whoever is woken meanwhile looks
 * once more. What it misses is found by a sweep.
 * @param pass one look; false: there is more to do at once
 */
export function byWorkspace(pass: (workspaceId: string) => Promise<boolean>) {
  const running = new Map<string, Promise<void>>();
  const again = new Set<string>();
  let isStopped = false;

  const passes = async (workspaceId: string): Promise<void> => {
    for (;;) {
      again.delete(workspaceId);
      const isDone = await pass(workspaceId);
      if (isStopped || (isDone && !again.has(workspaceId))) return;
    }
  };
  return {
    get isStopped(): boolean {
      return isStopped;
    },
    /** Settles once a pass has ended that began after this call. */
    look(workspaceId: string): Promise<void> {
      again.add(workspaceId);
      const other = running.get(workspaceId);
      if (other) return other;
      const begun = passes(workspaceId).finally(() => running.delete(workspaceId));
      running.set(workspaceId, begun);
      return begun;
    },
    async stop(): Promise<void> {
      isStopped = true;
      await Promise.allSettled(running.values());
    },
  };
}
