import type { Json } from '../kit/schemas.ts';

/** What a run asks, as its workflow knows it. Keyed by run, address, attempt and round: asking again finds the same question. */
export interface AskApproval {
  workspaceId: string;
  runId: string;
  stepId: string;
  address: string;
  attempt: number;
  /** Counts the times it was asked anew because the plan had changed; 1 for the first. */
  round: number;
  subject: string;
  message: string;
  roles: readonly string[];
  users: readonly string[];
  quorum: number;
  notStarter: boolean;
  form: readonly Json[];
  default: 'approve' | 'reject' | null;
  onReject: 'fail' | 'continue';
  /** RFC 3339; null: never. */
  expiresAt: string | null;
  plan?: { hash: string; plan: Json; diff?: Json } | null;
}

/** How a question ended, in the words of the step's output (playbook-language §6). */
export interface ApprovalOutcome {
  approvalId: string;
  address: string;
  attempt: number;
  round: number;
  decision: 'approved' | 'rejected';
  /** Names of those who decided so. */
  by: string[];
  reason: string;
  form: Record<string, Json>;
  at: string;
  expired: boolean;
}

/** The signal that tells a run's workflow of a decision. The database holds it; the signal only says "look". */
export const approvalDecidedSignal = 'approvalDecided';
/** What the signal carries: never the form, which may hold secrets; the workflow reads the outcome by an activity. */
export interface ApprovalDecidedSignal {
  approvalId: string;
  address: string;
  attempt: number;
  round: number;
}
