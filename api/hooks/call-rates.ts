/** Calls of each webhook in the running minute, counted in this process. */
export function callRates() {
  const windows = new Map<string, { since: number; count: number; refusedAt: number }>();
  return {
    /** @returns null where the call may pass, else after how many seconds; and whether this refusal is worth a record */
    count(webhookId: string, limit: number, nowMs: number): { retryAfter: number; isFirst: boolean } | null {
      const known = windows.get(webhookId);
      const window = known && nowMs - known.since < 60_000 ? known : { since: nowMs, count: 0, refusedAt: 0 };
      windows.set(webhookId, window);
      if (windows.size > 10_000) for (const [id, { since }] of windows) if (nowMs - since >= 60_000) windows.delete(id);
      window.count += 1;
      if (window.count <= limit) return null;
      // A flood must not become a flood of rows.
      const isFirst = nowMs - window.refusedAt >= 1_000;
      if (isFirst) window.refusedAt = nowMs;
      return { retryAfter: Math.max(1, Math.ceil((window.since + 60_000 - nowMs) / 1_000)), isFirst };
    },
  };
}
