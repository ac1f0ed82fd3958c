import type { AuditEntry, AuditFilter } from '#contracts/audit/audit.ts';
import type { TenantTx } from '../kit/database.ts';

type Filter = Omit<AuditFilter, 'limit' | 'cursor'>;

const columns = ['id', 'at', 'actor', 'action', 'subject', 'title', 'before', 'after', 'address', 'requestId'] as const;
/** `%` and `_` in a search stand for themselves. */
const literally = (text: string): string => text.replace(/[\\%_]/g, (sign) => `\\${sign}`);

function filtered(tx: TenantTx, { actor, action, subject, from, to, q }: Filter) {
  let entries = tx.selectFrom('auditEntries').select(columns);
  if (actor) entries = entries.where('actorId', '=', actor);
  if (action?.endsWith('*')) entries = entries.where('action', 'like', `${literally(action.slice(0, -1))}%`);
  else if (action) entries = entries.where('action', '=', action);
  if (subject) entries = entries.where('subject', '=', subject);
  if (from) entries = entries.where('at', '>=', new Date(from));
  if (to) entries = entries.where('at', '<', new Date(to));
  if (q) {
    const like = `%${literally(q)}%`;
    entries = entries.where((eb) =>
      eb.or([
        eb('action', 'ilike', like),
        eb('subject', 'ilike', like),
        eb('title', 'ilike', like),
        eb('address', 'ilike', like),
        eb('requestId', 'ilike', like),
        eb(eb.ref('actor', '->>').key('name'), 'ilike', like),
      ]),
    );
  }
  return entries;
}

/** A page of the audit log, newest first. Ids are UUIDv7, so an id is a cursor. */
export async function listAudit(
  tx: TenantTx,
  { limit, cursor, ...filter }: AuditFilter,
): Promise<{ data: AuditEntry[]; pagination: { limit: number; nextCursor: string | null } }> {
  let entries = filtered(tx, filter);
  if (cursor) entries = entries.where('id', '<', cursor);
  const rows = await entries
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute(); // one more tells if more follow
  const data = rows.slice(0, limit).map((row) => ({ ...row, at: row.at.toISOString() }));
  return { data, pagination: { limit, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null } };
}
