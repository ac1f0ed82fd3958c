import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';

export interface ApprovalLetter {
  linkId: string;
  approvalId: string;
  personName: string;
  email: string;
  subject: string;
  message: string;
  runTitle: string;
  workspace: string;
  expiresAt: Date;
}

/**
 * Takes one unsent letter for sending, if its question is still open: nobody else sends it within the next minutes.
 * Its link works from here on, so a letter that arrives although we died is a good one.
 */
export async function claimLetter(tx: TenantTx, linkId: string, tokenHash: string): Promise<ApprovalLetter | null> {
  const { rows } = await sql<ApprovalLetter>`
    update approval_links l set token_hash = ${tokenHash}, attempts = l.attempts + 1,
      next_attempt_at = now() + make_interval(secs => 30 * power(2, least(l.attempts, 6)))
    from approvals a join runs r on r.workspace_id = a.workspace_id and r.id = a.run_id
      join workspaces w on w.id = a.workspace_id
    where l.id = ${linkId} and a.workspace_id = l.workspace_id and a.id = l.approval_id
      and a.state = 'open' and l.mailed_at is null and l.next_attempt_at <= now() and l.expires_at > now()
    returning l.id as "linkId", l.approval_id as "approvalId", l.person_name as "personName", l.email, a.subject, a.message,
      r.title as "runTitle", w.name as workspace, l.expires_at as "expiresAt"`.execute(tx);
  return rows[0] ?? null;
}

export const markMailed = async (tx: TenantTx, linkId: string): Promise<void> => {
  await tx.updateTable('approvalLinks').set({ mailedAt: new Date() }).where('id', '=', linkId).execute();
};

/** Letters of questions that nobody asks any more are not sent. */
export const dropLetter = async (tx: TenantTx, linkId: string): Promise<void> => {
  await tx
    .updateTable('approvalLinks')
    .set({ attempts: 99 })
    .where('id', '=', linkId)
    .where('mailedAt', 'is', null)
    .execute();
};

export const readLink = (tx: TenantTx, linkId: string) =>
  tx
    .selectFrom('approvalLinks as l')
    .innerJoin('workspaces as w', 'w.id', 'l.workspaceId')
    .select(['l.approvalId', 'l.personId', 'l.personName', 'l.email', 'l.expiresAt', 'l.usedAt', 'w.name as workspace'])
    .where('l.id', '=', linkId)
    .executeTakeFirst();

/** Uses a link up. False where somebody was quicker with it, or its time is over. */
export async function useLink(tx: TenantTx, linkId: string): Promise<boolean> {
  const used = await tx
    .updateTable('approvalLinks')
    .set({ usedAt: new Date() })
    .where('id', '=', linkId)
    .where('usedAt', 'is', null)
    .where('expiresAt', '>', new Date())
    .returning('id')
    .executeTakeFirst();
  return used !== undefined;
}
