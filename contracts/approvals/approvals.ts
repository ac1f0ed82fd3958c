import { z } from 'zod';
import { roles } from '../identity/permissions.ts';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, Id, IdParams, Instant, JsonObject, JsonValue, QueryFlag } from '../kit/schemas.ts';

/** `superseded`: the plan changed under it, and it was asked again as a new approval. */
export const approvalStates = ['open', 'approved', 'rejected', 'expired', 'withdrawn', 'superseded'] as const;
export type ApprovalState = (typeof approvalStates)[number];

/** One person's word. */
export const ApprovalDecision = z.object({
  by: ActorRef,
  decision: z.enum(['approve', 'reject']),
  reason: z.string(),
  /** `console`, `api` or the signed link of a mail. */
  via: z.enum(['console', 'api', 'link']),
  at: Instant,
});
export type ApprovalDecision = z.infer<typeof ApprovalDecision>;

/** A question a run asks of people. */
export const Approval = z.object({
  id: Id,
  runId: Id,
  stepId: z.string(),
  stepAddress: z.string(),
  /** What is asked, in a line: the step's name, or the playbook's title and the step. */
  subject: z.string(),
  message: z.string(),
  roles: z.array(z.string()),
  /** E-mail addresses or ids, as the playbook names them. */
  users: z.array(z.string()),
  quorum: z.number().int(),
  notStarter: z.boolean(),
  /** Inputs to fill in (playbook-language §2), `[]` for none. */
  form: z.array(JsonObject),
  /** What decides at the expiry where nobody did; null: the step then fails. */
  default: z.enum(['approve', 'reject']).nullable(),
  onReject: z.enum(['fail', 'continue']),
  expiresAt: Instant.nullable(),
  state: z.enum(approvalStates),
  /** Nobody decided in time, and `default` did. */
  expired: z.boolean(),
  planHash: z.string().nullable(),
  /** What the rest of the plan is, and how it differs from the one asked about before. */
  plan: JsonValue.nullish(),
  planDiff: JsonValue.nullish(),
  decisions: z.array(ApprovalDecision),
  /** How many more must approve. */
  missing: z.number().int(),
  run: z.object({ id: Id, title: z.string(), kind: z.string(), status: z.string(), actor: ActorRef }),
  /** May the caller decide, and if not, why. */
  mine: z.object({ mayDecide: z.boolean(), code: z.string().nullable(), reason: z.string().nullable() }),
  askedAt: Instant,
  decidedAt: Instant.nullable(),
});
export type Approval = z.infer<typeof Approval>;

export const Decide = z.object({
  decision: z.enum(['approve', 'reject']),
  reason: z.string().max(2_000).default(''),
  form: JsonObject.optional(),
});
export type Decide = z.infer<typeof Decide>;

/** What the page behind a mail's link shows: enough to decide, nothing else of the workspace. */
export const ApprovalByToken = z.object({
  approval: Approval,
  /** Whose link it is. */
  person: z.object({ name: z.string(), email: z.string() }),
  workspace: z.string(),
  linkExpiresAt: Instant,
});
export type ApprovalByToken = z.infer<typeof ApprovalByToken>;

const TokenParams = z.object({ token: z.string().min(20).max(100) });

export const approvalRoutes = defineRoutes({
  listApprovals: {
    method: 'GET',
    path: '/approvals',
    access: 'approvals:read',
    summary: 'Questions that runs ask, the most pressing first',
    query: z.object({
      state: z.enum(['open', 'all']).default('open'),
      /** Only those the caller may decide now. */
      mine: QueryFlag.optional(),
      run: Id.optional(),
      limit: z.coerce.number().int().min(1).max(500).default(200),
    }),
    response: z.array(Approval),
  },
  getApproval: {
    method: 'GET',
    path: '/approvals/:id',
    access: 'approvals:read',
    summary: 'One question with its decisions',
    params: IdParams,
    response: Approval,
  },
  decideApproval: {
    method: 'POST',
    path: '/approvals/:id/decision',
    access: 'approvals:decide',
    summary: 'Approve or reject',
    params: IdParams,
    body: Decide,
    response: Approval,
  },
  showApprovalByToken: {
    method: 'GET',
    path: '/approvals/by-token/:token',
    access: 'public',
    secretPath: true,
    summary: 'The question behind a mail’s link; shows and does nothing',
    params: TokenParams,
    response: ApprovalByToken,
  },
  decideApprovalByToken: {
    method: 'POST',
    path: '/approvals/by-token/:token',
    access: 'public',
    secretPath: true,
    summary: 'Decide by a mail’s link, once',
    params: TokenParams,
    body: Decide,
    response: ApprovalByToken,
  },
});

/** Roles that can be asked, as a playbook writes them. */
export const approverRoles = roles;
