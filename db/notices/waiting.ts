import { sql } from 'kysely';
import { type Voter, mayDecide } from '#contracts/approvals/may-decide.ts';
import type { TenantTx } from '../kit/database.ts';
import type { Found } from './sources.ts';

/** Open questions that this person may decide now, the most pressing first. */
export async function findWaiting(tx: TenantTx, voter: Voter): Promise<Found[]> {
  const { rows } = await sql<{
    id: string;
    runId: string;
    runTitle: string;
    subject: string;
    roles: string[];
    users: string[];
    notStarter: boolean;
    starterId: string | null;
    starter: string;
    expiresAt: Date | null;
    at: Date;
  }>`
    select a.id, a.run_id as "runId", r.title as "runTitle", a.subject, a.roles, a.users, a.not_starter as "notStarter",
      a.starter_id as "starterId", r.actor ->> 'name' as starter, a.expires_at as "expiresAt", a.asked_at as at
    from approvals a join runs r on r.id = a.run_id
    where a.state = 'open' and coalesce(a.expires_at > now(), true)
      and not exists (select from approval_decisions d where d.approval_id = a.id and d.person_id = ${voter.personId})
    order by a.expires_at nulls last, a.id limit 200`.execute(tx);
  return rows
    .filter((row) => mayDecide(row, voter).may)
    .map((row) => ({
      id: `question:${row.id}`,
      kind: 'approval.asked',
      title: row.runTitle,
      detail: row.subject,
      by: [row.starter],
      runId: row.runId,
      serverId: null,
      tookMs: null,
      expiresAt: row.expiresAt?.toISOString() ?? null,
      at: row.at,
      place: row.at.toISOString(),
    }));
}
