import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';

/** Up to when this person has seen what happened; who never marked anything has seen what was before they joined. */
export async function readMark(tx: TenantTx, personId: string): Promise<Date> {
  const { rows } = await sql<{ seenAt: Date | null }>`
    select coalesce(
      (select seen_at from notice_marks where person_id = ${personId}),
      (select created_at from members where user_id = ${personId})) as "seenAt"`.execute(tx);
  return rows[0]?.seenAt ?? new Date();
}

/**
 * Notes that all up to a moment was seen. The mark goes forward only, and never into the future.
 * @param upTo of whole milliseconds, as notices show their time: all of that millisecond counts as seen
 */
export async function moveMark(tx: TenantTx, personId: string, upTo: Date): Promise<Date> {
  const before = await readMark(tx, personId);
  const { rows } = await sql<{ seenAt: Date }>`
    insert into notice_marks (person_id, seen_at)
    values (${personId}, greatest(${before}, least(${upTo}::timestamptz, now())))
    on conflict (workspace_id, person_id) do update set seen_at = greatest(notice_marks.seen_at, excluded.seen_at)
    returning seen_at as "seenAt"`.execute(tx);
  return rows[0]?.seenAt ?? before;
}
