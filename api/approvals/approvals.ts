import { createHash } from 'node:crypto';
import { type Decide, type ApprovalByToken, approvalRoutes } from '#contracts/approvals/approvals.ts';
import { type ApprovalDecidedSignal, approvalDecidedSignal } from '#contracts/approvals/ask-approval.ts';
import type { Voter } from '#contracts/approvals/may-decide.ts';
import type { Input, JsonObject } from '#contracts/playbooks/document.ts';
import { checkInputs } from '#contracts/playbooks/inputs.ts';
import { readLink, useLink } from '#db/approvals/approval-links.ts';
import {
  type NewDecision,
  decideApproval,
  listApprovals,
  markDelivered,
  readApproval,
  readForm,
  readUndelivered,
} from '#db/approvals/approvals.ts';
import { answersSeal } from '#db/approvals/ask-approval.ts';
import { voterById, voterOf } from '#db/approvals/voters.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { inSystem, inTenant } from '#db/kit/in-tenant.ts';
import { findApprovalLink } from '#db/system/approvals-due.ts';
import { actorRef } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';

/** Questions that runs ask of people: the inbox, the decision, and the page behind a mail's link. */
export const approvalRoom = room(approvalRoutes, (tools) => ({
  listApprovals: ({ actor, query }) =>
    tools.inTenant(actor, async (tx) => {
      const approvals = await listApprovals(tx, await voterOf(tx, actor), query);
      return query.mine ? approvals.filter(({ mine }) => mine.mayDecide) : approvals;
    }),
  getApproval: ({ actor, params }) =>
    tools.inTenant(actor, async (tx) => {
      const approval = await readApproval(tx, params.id, await voterOf(tx, actor));
      if (!approval) throw problem('request.not_found');
      return approval;
    }),
  decideApproval: async ({ actor, params, body, person, request }) => {
    const sealedAnswers = await sealForm(tools, actor.workspaceId, params.id, body);
    const word: NewDecision = {
      decision: body.decision,
      reason: body.reason,
      actor: actorRef(actor),
      via: person ? 'console' : 'api',
      sealedAnswers,
      audit: auditOrigin({ actor, request }),
    };
    const { isSettled, approval } = await tools.inTenant(actor, async (tx) =>
      decideApproval(tx, params.id, voterOrRefuse(await voterOf(tx, actor)), word),
    );
    if (isSettled) tellWorkflow(tools, actor.workspaceId, approval.id);
    return approval;
  },

  showApprovalByToken: async ({ params }) => {
    const { workspaceId, id } = await findLink(tools, params.token);
    return inTenant(tools.db, workspaceId, (tx) => showLink(tx, id));
  },
  decideApprovalByToken: async ({ params, body, request }) => {
    const { workspaceId, id } = await findLink(tools, params.token);
    const link = await inTenant(tools.db, workspaceId, (tx) => readLink(tx, id));
    if (!link) throw problem('approval.link_gone');
    const sealedAnswers = await sealForm(tools, workspaceId, link.approvalId, body);
    // One transaction: a decision that is refused leaves the link as it was.
    const { isSettled, shown } = await tools.inTenant({ workspaceId, mids: '*' }, async (tx) => {
      if (!(await useLink(tx, id))) throw problem('approval.link_gone');
      const decided = await decideApproval(tx, link.approvalId, voterOrRefuse(await voterById(tx, link.personId)), {
        decision: body.decision,
        reason: body.reason,
        actor: { kind: 'user', id: link.personId, name: link.personName },
        via: 'link',
        sealedAnswers,
        audit: { address: request.ip, requestId: request.id },
      });
      return { isSettled: decided.isSettled, shown: await showLink(tx, id) };
    });
    if (isSettled) tellWorkflow(tools, workspaceId, link.approvalId);
    return shown;
  },
}));

const voterOrRefuse = (voter: Voter | null): Voter => {
  if (!voter) throw problem('approval.not_asked_of_you', { asked: 'members', role: 'no member here' });
  return voter;
};

/** Checks what was filled in against the question's own declarations, and seals it: it may hold secrets. */
async function sealForm(
  tools: ApiTools,
  workspaceId: string,
  approvalId: string,
  { decision, form }: Decide,
): Promise<string | null> {
  const { declared, servers } = await inTenant(tools.db, workspaceId, async (tx) => ({
    declared: await readForm(tx, approvalId),
    servers: await tx.selectFrom('servers').select(['name', 'tags']).execute(),
  }));
  if (!declared) throw problem('request.not_found');
  if (decision === 'reject') return null;
  // What stands in the table passed the language's own validation when the playbook was saved.
  const { values, errors } = checkInputs(declared as unknown as Input[], (form ?? {}) as JsonObject, {
    servers,
    path: '/form',
  });
  if (errors.length > 0)
    throw problem(
      'approval.form_invalid',
      {},
      errors.map((error) => ({ ...error })),
    );
  return tools.vault.seal(JSON.stringify(values), answersSeal(workspaceId, approvalId));
}

async function findLink(tools: ApiTools, token: string): Promise<{ workspaceId: string; id: string }> {
  const found = await inSystem(tools.system, (tx) => findApprovalLink(tx, hashLinkToken(token)));
  if (!found) throw problem('approval.link_gone');
  return found;
}

/** A link's token has 128 random bits or more, so a plain hash cannot be searched for it. */
export const hashLinkToken = (token: string): string => createHash('sha256').update(token).digest('base64url');

async function showLink(tx: TenantTx, linkId: string): Promise<ApprovalByToken> {
  const link = await readLink(tx, linkId);
  const approval = link && (await readApproval(tx, link.approvalId, await voterById(tx, link.personId)));
  // A used link still shows what became of it to who used it; a question open again needs a sign-in.
  if (!link || !approval || link.expiresAt.getTime() <= Date.now()) throw problem('approval.link_gone');
  if (link.usedAt && approval.state === 'open' && approval.mine.mayDecide) throw problem('approval.link_gone');
  return {
    approval,
    person: { name: link.personName, email: link.email },
    workspace: link.workspace,
    linkExpiresAt: link.expiresAt.toISOString(),
  };
}

/** Tells the workflow that the row now holds a decision. Where that fails the sweep does it: the row is what counts. */
function tellWorkflow(tools: ApiTools, workspaceId: string, approvalId: string): void {
  const tell = async (): Promise<void> => {
    const waiting = await inTenant(tools.db, workspaceId, (tx) => readUndelivered(tx, approvalId));
    if (!waiting) return;
    const { runId, address, attempt, round } = waiting;
    const signal: ApprovalDecidedSignal = { approvalId, address, attempt, round };
    if (await tools.signalRun(workspaceId, runId, approvalDecidedSignal, [{ ...signal }]))
      await inTenant(tools.db, workspaceId, (tx) => markDelivered(tx, approvalId));
  };
  tell().catch((error: unknown) =>
    tools.log.warn({ err: error, workspaceId }, 'a decision could not be told to its run yet'),
  );
}
