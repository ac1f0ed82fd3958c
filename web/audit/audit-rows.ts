import type { AuditEntry } from '#contracts/audit/audit.ts';

/** What is loaded of the log, newest first and without gaps, from its head to `next`. */
export interface AuditRows {
  readonly rows: readonly AuditEntry[];
  /** The cursor of what follows; null where all is here. */
  readonly next: string | null;
}
export type AuditPage = { data: AuditEntry[]; pagination: { nextCursor: string | null } };

/** The page after what is loaded. */
export const withPage = (state: AuditRows, { data, pagination }: AuditPage): AuditRows => ({
  rows: [...state.rows, ...data],
  next: pagination.nextCursor,
});

/**
 * The head of the log, read anew: an entry is never changed, so only what is newer is laid before what is loaded. Where
 * the two no longer meet, only the head is certain.
 */
export function withHead(state: AuditRows, { data, pagination }: AuditPage): AuditRows {
  const newest = state.rows[0];
  if (!newest) return { rows: data, next: pagination.nextCursor };
  const at = data.findIndex(({ id }) => id === newest.id);
  if (at === 0) return state;
  if (at < 0) return { rows: data, next: pagination.nextCursor };
  return { ...state, rows: [...data.slice(0, at), ...state.rows] };
}
