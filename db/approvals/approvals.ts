import { type SelectQueryBuilder, sql } from 'kysely';
import type { Approval, Decide } from '#contracts/approvals/approvals.ts';
import { type Voter, mayDecide } from '#contracts/approvals/may-decide.ts';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import { tallyVotes } from '#contracts/playbooks/engine/votes.ts';
import { type NewAuditEntry, recordAudit } from '../audit/audit-entries.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import type { Database } from '../kit/tables.ts';

export interface ApprovalFilter {
  state: 'open' | 'all';
  run?: string | undefined;
  limit: number;
}
type Row = Awaited<ReturnType<typeof readRows>>[number];

/** Questions, the most pressing first: open ones by their expiry, then the others, newest first. */
export async function listApprovals(
  tx: TenantTx,
  voter: Voter | null,
  { state, run, limit }: ApprovalFilter,
): Promise<Approval[]> {
  const rows = await readRows(tx, (query) => {
    let chosen = query;
    if (state === 'open') chosen = chosen.where('a.state', '=', 'open');
    if (run !== undefined) chosen = chosen.where('a.runId', '=', run);
    return chosen
      .orderBy(sql`a.state = 'open'`, 'desc')
      .orderBy(sql`case when a.state = 'open' then a.expires_at end`, (o) => o.asc().nullsLast())
      .orderBy('a.id', 'desc')
      .limit(limit);
  });
  return rows.map((row) => toApproval(row, voter));
}

/** One question as this voter sees it; undefined where there is none. */
export async function readApproval(tx: TenantTx, id: string, voter: Voter | null): Promise<Approval | undefined> {
  const [row] = await readRows(tx, (query) => query.where('a.id', '=', id));
  return row && toApproval(row, voter);
}

type Choose = (
  query: SelectQueryBuilder<Database & { a: Database['approvals']; r: Database['runs'] }, 'a' | 'r', object>,
) => SelectQueryBuilder<Database & { a: Database['approvals']; r: Database['runs'] }, 'a' | 'r', object>;

const readRows = (tx: TenantTx, choose: Choose) =>
  choose(tx.selectFrom('approvals as a').innerJoin('runs as r', 'r.id', 'a.runId') as never)
    .selectAll('a')
    .select(['r.title as runTitle', 'r.kind as runKind', 'r.status as runStatus', 'r.actor as runActor'])
    .select(
      sql<
        {
          by: ActorRef;
          personId: string;
          decision: 'approve' | 'reject';
          reason: string;
          via: 'console' | 'api' | 'link';
          at: string;
        }[]
      >`coalesce((
        select jsonb_agg(jsonb_build_object('by', d.actor, 'personId', d.person_id, 'decision', d.decision, 'reason', d.reason, 'via', d.via,
          'at', to_char(d.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by d.at)
        from approval_decisions d where d.approval_id = a.id), '[]')`.as('decisions'),
    )
    .execute();

function toApproval(row: Row, voter: Voter | null): Approval {
  const approvals = row.decisions.filter(({ decision }) => decision === 'approve').length;
  return {
    id: row.id,
    runId: row.runId,
    stepId: row.stepId,
    stepAddress: row.address,
    subject: row.subject,
    message: row.message,
    roles: row.roles,
    users: row.users,
    quorum: row.quorum,
    notStarter: row.notStarter,
    form: row.form,
    default: row.defaultDecision,
    onReject: row.onReject,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    state: row.state,
    expired: row.expired,
    planHash: row.planHash,
    plan: row.plan,
    planDiff: row.planDiff,
    decisions: row.decisions.map(({ personId: _personId, ...decision }) => decision),
    missing: row.state === 'open' ? Math.max(0, row.quorum - approvals) : 0,
    run: { id: row.runId, title: row.runTitle, kind: row.runKind, status: row.runStatus, actor: row.runActor },
    mine: mineOf(row, voter),
    askedAt: row.askedAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
  };
}

function mineOf(row: Row, voter: Voter | null): Approval['mine'] {
  const no = ({ code, message }: { code: string; message: string }) => ({ mayDecide: false, code, reason: message });
  if (row.state !== 'open') return no(alreadyDecided(row));
  const own = voter && row.decisions.find(({ personId }) => personId === voter.personId);
  if (own) return no(new Refusal('approval.already_voted', { decision: own.decision }));
  if (!voter) return no(new Refusal('approval.not_asked_of_you', { asked: 'others', role: 'nobody' }));
  const may = mayDecide(row, voter);
  return may.may
    ? { mayDecide: true, code: null, reason: null }
    : { mayDecide: false, code: may.code, reason: may.reason };
}

/** Why a question takes no more answers, and who gave the one that counts. */
function alreadyDecided(row: Pick<Row, 'state' | 'expired' | 'decisions'>): Refusal {
  if (row.state === 'withdrawn' || row.state === 'superseded')
    return new Refusal('approval.withdrawn', {}, { state: row.state });
  if (row.state === 'expired') return new Refusal('approval.expired', {}, { state: row.state });
  const decisive = row.decisions.filter(({ decision }) => (decision === 'approve') === (row.state === 'approved'));
  const by = row.expired ? 'its expiry' : decisive.map(({ by: actor }) => actor.name).join(', ');
  return new Refusal(
    'approval.already_decided',
    { state: row.state, by },
    { state: row.state, decisions: decisive.map(({ by: actor, at, decision }) => ({ by: actor, at, decision })) },
  );
}

export interface NewDecision extends Pick<Decide, 'decision' | 'reason'> {
  actor: ActorRef;
  via: 'console' | 'api' | 'link';
  /** The form, checked and sealed; null with a rejection. */
  sealedAnswers: string | null;
  audit: Pick<NewAuditEntry, 'address' | 'requestId'>;
}

/**
 * One person's word. The row is locked, so of two at once the second sees the first; a rejection decides at once, the
 * quorum of approvals does. Decision, event and audit entry are one transaction: the workflow is told afterwards.
 * @throws Refusal `approval.already_decided` and the like
 */
export async function decideApproval(
  tx: TenantTx,
  id: string,
  voter: Voter,
  word: NewDecision,
): Promise<{ isSettled: boolean; approval: Approval }> {
  await tx.selectFrom('approvals').select('id').where('id', '=', id).forUpdate().execute();
  const [row] = await readRows(tx, (query) => query.where('a.id', '=', id));
  if (!row) throw new Refusal('request.not_found');
  if (row.state !== 'open') throw alreadyDecided(row);
  if (row.expiresAt && row.expiresAt.getTime() <= Date.now()) throw new Refusal('approval.expired');
  const may = mayDecide(row, voter);
  if (!may.may) throw new Refusal(may.code, may.facts);
  const own = row.decisions.find(({ personId }) => personId === voter.personId);
  if (own)
    throw new Refusal('approval.already_voted', { decision: own.decision === 'approve' ? 'approved' : 'rejected' });

  await tx
    .insertInto('approvalDecisions')
    .values({
      approvalId: id,
      personId: voter.personId,
      actor: JSON.stringify(word.actor),
      decision: word.decision,
      reason: word.reason,
      via: word.via,
    })
    .execute();
  const votes = [
    ...row.decisions.map(({ personId, by, decision }) => ({ personId, by, decision })),
    { personId: voter.personId, by: word.actor, decision: word.decision },
  ];
  const tally = tallyVotes(
    votes.map(({ personId, by, decision }) => ({
      userId: personId,
      name: by.name,
      decision: decision === 'approve' ? 'approved' : 'rejected',
      reason: null,
      form: null,
    })),
    { quorum: row.quorum, notStarter: row.notStarter, starterId: row.starterId },
  );
  if (tally.decided) {
    await tx
      .updateTable('approvals')
      .set({
        state: tally.decision,
        decidedAt: new Date(),
        sealedAnswers: tally.decision === 'approved' ? word.sealedAnswers : null,
      })
      .where('id', '=', id)
      .execute();
  }
  await appendEvent(tx, {
    type: 'approval.decided',
    subject: `approval:${id}`,
    runId: row.runId,
    actor: word.actor,
    data: {
      approvalId: id,
      stepId: row.stepId,
      address: row.address,
      subject: row.subject,
      decision: word.decision,
      state: tally.decided ? tally.decision : 'open',
      by: tally.decided ? tally.by : [word.actor.name],
      missing: tally.decided ? 0 : row.quorum - tally.approvals,
    },
  });
  await recordAudit(tx, {
    actor: word.actor,
    action: word.decision === 'approve' ? 'approval.approved' : 'approval.rejected',
    subject: `approval:${id}`,
    title: row.subject,
    after: { runId: row.runId, stepId: row.stepId, reason: word.reason, via: word.via, planHash: row.planHash },
    ...word.audit,
  });
  const approval = await readApproval(tx, id, voter);
  if (!approval) throw new Refusal('request.not_found');
  return { isSettled: tally.decided, approval };
}

/** The run's workflow has the decision. */
export const markDelivered = async (tx: TenantTx, id: string): Promise<void> => {
  await tx
    .updateTable('approvals')
    .set({ deliveredAt: new Date() })
    .where('id', '=', id)
    .where('deliveredAt', 'is', null)
    .execute();
};

/** What the signal of a decided question names, and whether it still must be told. */
export const readUndelivered = (tx: TenantTx, id: string) =>
  tx
    .selectFrom('approvals as a')
    .innerJoin('runs as r', 'r.id', 'a.runId')
    .select(['a.id', 'a.runId', 'a.address', 'a.attempt', 'a.round', 'r.endedAt'])
    .where('a.id', '=', id)
    .where('a.decidedAt', 'is not', null)
    .where('a.deliveredAt', 'is', null)
    .executeTakeFirst();

/** The declared inputs of a question's form. */
export const readForm = async (tx: TenantTx, id: string): Promise<Record<string, Json>[] | undefined> =>
  (await tx.selectFrom('approvals').select('form').where('id', '=', id).executeTakeFirst())?.form;
