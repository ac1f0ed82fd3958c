import type { ColumnType, Generated } from 'kysely';
import type { ApprovalState } from '#contracts/approvals/approvals.ts';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';

export interface ApprovalsTables {
  approvals: ApprovalsTable;
  approvalDecisions: ApprovalDecisionsTable;
  approvalLinks: ApprovalLinksTable;
}

export interface ApprovalsTable {
  workspaceId: Generated<string>;
  id: string;
  runId: string;
  stepId: string;
  address: string;
  attempt: number;
  /** Counts the times it was asked anew because the plan had changed. */
  round: number;
  subject: string;
  message: string;
  roles: string[];
  /** Mail addresses (lower case) or ids of people. */
  users: string[];
  quorum: number;
  notStarter: boolean;
  /** Who started the run; null where no person did. */
  starterId: string | null;
  form: ColumnType<Record<string, Json>[], string, string>;
  defaultDecision: 'approve' | 'reject' | null;
  onReject: 'fail' | 'continue';
  expiresAt: Date | null;
  state: Generated<ApprovalState>;
  expired: Generated<boolean>;
  planHash: string | null;
  plan: ColumnType<Json | null, string | null, string | null>;
  planDiff: ColumnType<Json | null, string | null, string | null>;
  /** The form as the deciding person filled it in; sealed, for it may hold secrets. */
  sealedAnswers: Generated<string | null>;
  askedAt: Generated<Date>;
  decidedAt: Date | null;
  /** When the run's workflow was told. The sweep repeats what was not delivered. */
  deliveredAt: Date | null;
  /** When links were made for those who are asked by mail. */
  toldAt: Date | null;
}

export interface ApprovalDecisionsTable {
  workspaceId: Generated<string>;
  approvalId: string;
  personId: string;
  actor: ColumnType<ActorRef, string, never>;
  decision: 'approve' | 'reject';
  reason: string;
  via: 'console' | 'api' | 'link';
  at: Generated<Date>;
}

/** A person's own way to one approval, sent by mail: 128 bits, stored hashed, good once. */
export interface ApprovalLinksTable {
  workspaceId: Generated<string>;
  id: string;
  approvalId: string;
  personId: string;
  personName: string;
  email: string;
  tokenHash: string | null;
  expiresAt: Date;
  usedAt: Date | null;
  mailedAt: Date | null;
  attempts: Generated<number>;
  nextAttemptAt: Generated<Date>;
  createdAt: Generated<Date>;
}
