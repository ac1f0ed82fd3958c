import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { ApprovalOutcome, AskApproval } from '#contracts/approvals/ask-approval.ts';
import { isAsked } from '#contracts/approvals/may-decide.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';

/** People told by mail at most, of one question. */
const mostLetters = 100;
const linkDays = 7;

/**
 * Asks people on behalf of a run: the question, its event and the letters to be sent, in one transaction. Repeatable:
 * the same run, address, attempt and round find the same question. An earlier round becomes `superseded`.
 * @param withLetters mail is set up: those who are asked get a signed link each
 */
export async function askApproval(
  tx: TenantTx,
  ask: AskApproval,
  { withLetters }: { withLetters: boolean },
): Promise<{ approvalId: string; isNew: boolean }> {
  const starterId = await starterOf(tx, ask.runId);
  const before = await supersede(tx, ask);
  const planDiff = ask.plan?.diff ?? (before && ask.plan ? comparePlans(before, ask.plan.plan) : null);
  const inserted = await tx
    .insertInto('approvals')
    .values({
      id: uuidv7(),
      runId: ask.runId,
      stepId: ask.stepId,
      address: ask.address,
      attempt: ask.attempt,
      round: ask.round,
      subject: ask.subject.slice(0, 300),
      message: ask.message,
      roles: [...ask.roles],
      users: [...ask.users],
      quorum: ask.quorum,
      notStarter: ask.notStarter,
      starterId,
      form: JSON.stringify(ask.form),
      defaultDecision: ask.default,
      onReject: ask.onReject,
      expiresAt: ask.expiresAt === null ? null : new Date(ask.expiresAt),
      planHash: ask.plan?.hash ?? null,
      plan: ask.plan ? JSON.stringify(ask.plan.plan) : null,
      planDiff: planDiff === null ? null : JSON.stringify(planDiff),
    })
    .onConflict((conflict) => conflict.constraint('approvals_once').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!inserted) {
    const { id } = await tx
      .selectFrom('approvals')
      .select('id')
      .where('runId', '=', ask.runId)
      .where('address', '=', ask.address)
      .where('attempt', '=', ask.attempt)
      .where('round', '=', ask.round)
      .executeTakeFirstOrThrow();
    return { approvalId: id, isNew: false };
  }
  await appendEvent(tx, {
    type: 'approval.asked',
    subject: `approval:${inserted.id}`,
    runId: ask.runId,
    data: {
      approvalId: inserted.id,
      stepId: ask.stepId,
      address: ask.address,
      subject: ask.subject,
      roles: ask.roles,
      users: ask.users,
      quorum: ask.quorum,
      expiresAt: ask.expiresAt,
    },
  });
  if (withLetters) await addressLetters(tx, inserted.id, ask, starterId);
  return { approvalId: inserted.id, isNew: true };
}

/** The person behind a run: who started it, or who answers for the key that did. Reruns and children: their own actor. */
async function starterOf(tx: TenantTx, runId: string): Promise<string | null> {
  const { rows } = await sql<{ personId: string | null }>`
    select case r.actor->>'kind' when 'user' then r.actor_id
      when 'key' then (select k.owner_id from api_keys k where k.id = r.actor_id) end as "personId"
    from runs r where r.id = ${runId}`.execute(tx);
  return rows[0]?.personId ?? null;
}

/** Ends earlier rounds of the same question. @returns the plan that was asked about last, if one was */
async function supersede(tx: TenantTx, ask: AskApproval): Promise<Json | null> {
  if (ask.round <= 1) return null;
  const earlier = await tx
    .updateTable('approvals')
    .set({ state: 'superseded', deliveredAt: sql<Date>`coalesce(delivered_at, now())` })
    .where('runId', '=', ask.runId)
    .where('address', '=', ask.address)
    .where('attempt', '=', ask.attempt)
    .where('round', '<', ask.round)
    .returning(['round', 'plan'])
    .execute();
  return earlier.toSorted((a, b) => b.round - a.round)[0]?.plan ?? null;
}

interface PlanDiff {
  [key: string]: Json;
  added: Json[];
  removed: Json[];
  changed: { id: string; before: Json; after: Json }[];
}
/** What differs between two plans, step by step. */
export function comparePlans(before: Json, after: Json): PlanDiff {
  const byId = (plan: Json): Map<string, Json> =>
    new Map((Array.isArray(plan) ? plan : []).map((entry, index) => [idOf(entry) ?? String(index), entry]));
  const [old, fresh] = [byId(before), byId(after)];
  return {
    added: [...fresh].filter(([id]) => !old.has(id)).map(([, entry]) => entry),
    removed: [...old].filter(([id]) => !fresh.has(id)).map(([, entry]) => entry),
    changed: [...fresh].flatMap(([id, entry]) => {
      const was = old.get(id);
      return was === undefined || JSON.stringify(was) === JSON.stringify(entry)
        ? []
        : [{ id, before: was, after: entry }];
    }),
  };
}
const idOf = (entry: Json): string | undefined =>
  typeof entry === 'object' && entry !== null && !Array.isArray(entry) && typeof entry['id'] === 'string'
    ? entry['id']
    : undefined;

/** One letter for each member who may decide. Its token is made when it is sent, so none lies about unsent. */
async function addressLetters(
  tx: TenantTx,
  approvalId: string,
  ask: AskApproval,
  starterId: string | null,
): Promise<void> {
  const members = await tx
    .selectFrom('members as m')
    .innerJoin('users as u', 'u.id', 'm.userId')
    .select(['u.id', 'u.name', 'u.email', 'm.role'])
    .orderBy('u.id')
    .execute();
  const question = { roles: ask.roles, users: ask.users, notStarter: ask.notStarter, starterId };
  const asked = members
    .filter(
      ({ id, email, role }) =>
        isAsked(question, { personId: id, email, role }) && !(ask.notStarter && id === starterId) && role !== 'viewer',
    )
    .slice(0, mostLetters);
  if (asked.length === 0) return;
  const expiresAt = ask.expiresAt === null ? new Date(Date.now() + linkDays * 86_400_000) : new Date(ask.expiresAt);
  await tx
    .insertInto('approvalLinks')
    .values(
      asked.map(({ id, name, email }) => ({
        id: uuidv7(),
        approvalId,
        personId: id,
        personName: name,
        email,
        tokenHash: null,
        expiresAt,
        usedAt: null,
        mailedAt: null,
      })),
    )
    .onConflict((conflict) => conflict.constraint('approval_links_once').doNothing())
    .execute();
  await tx.updateTable('approvals').set({ toldAt: new Date() }).where('id', '=', approvalId).execute();
}

/** The run no longer asks (it was canceled, or its plan changed): whoever comes now is told so. */
export const withdrawApproval = (tx: TenantTx, approvalId: string): Promise<boolean> =>
  close(tx, approvalId, 'withdrawn');

/**
 * The time is up. What was decided before stays decided: false then, and `approvalOutcome` tells it.
 * @param by what decides in nobody's place, as the step says
 */
export async function expireApproval(
  tx: TenantTx,
  approvalId: string,
  by: 'approve' | 'reject' | null,
): Promise<boolean> {
  const state = by === null ? 'expired' : by === 'approve' ? 'approved' : 'rejected';
  return close(tx, approvalId, state);
}

async function close(
  tx: TenantTx,
  approvalId: string,
  state: 'withdrawn' | 'expired' | 'approved' | 'rejected',
): Promise<boolean> {
  const now = new Date();
  const closed = await tx
    .updateTable('approvals')
    // The workflow itself closes it, so there is nobody left to tell.
    .set({ state, expired: state !== 'withdrawn', decidedAt: now, deliveredAt: now })
    .where('id', '=', approvalId)
    .where('state', '=', 'open')
    .returning(['runId', 'stepId', 'address', 'subject'])
    .executeTakeFirst();
  if (!closed) return false;
  await appendEvent(tx, {
    type: 'approval.decided',
    subject: `approval:${approvalId}`,
    runId: closed.runId,
    data: {
      approvalId,
      stepId: closed.stepId,
      address: closed.address,
      subject: closed.subject,
      state,
      by: [],
      expired: state !== 'withdrawn',
    },
  });
  return true;
}

/** How a question ended; null while it is open, or where it was withdrawn. The form is still sealed. */
export async function approvalOutcome(
  tx: TenantTx,
  approvalId: string,
): Promise<(Omit<ApprovalOutcome, 'form'> & { sealedAnswers: string | null }) | null> {
  const approval = await tx
    .selectFrom('approvals')
    .select(['address', 'attempt', 'round', 'state', 'expired', 'decidedAt', 'sealedAnswers'])
    .where('id', '=', approvalId)
    .executeTakeFirst();
  if (!approval?.decidedAt || (approval.state !== 'approved' && approval.state !== 'rejected')) return null;
  const decisions = await tx
    .selectFrom('approvalDecisions')
    .select(['actor', 'decision', 'reason', 'at'])
    .where('approvalId', '=', approvalId)
    .orderBy('at')
    .execute();
  const decisive = decisions.filter(({ decision }) => (decision === 'approve') === (approval.state === 'approved'));
  return {
    approvalId,
    address: approval.address,
    attempt: approval.attempt,
    round: approval.round,
    decision: approval.state,
    by: approval.expired ? [] : decisive.map(({ actor }) => actor.name),
    reason: approval.expired ? '' : (decisive.at(-1)?.reason ?? ''),
    at: approval.decidedAt.toISOString(),
    expired: approval.expired,
    sealedAnswers: approval.sealedAnswers,
  };
}

/** Where the form of a decided question is sealed. */
export const answersSeal = (workspaceId: string, approvalId: string) => ({
  workspaceId,
  purpose: 'secret' as const,
  subject: `approval/${approvalId}`,
});
