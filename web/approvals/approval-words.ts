import type { ApprovalState } from '#contracts/approvals/approvals.ts';

/** What became of a question, in a word. */
export const stateWords: Readonly<Record<ApprovalState, string>> = {
  open: 'Open',
  approved: 'Approved',
  rejected: 'Rejected',
  expired: 'Nobody decided in time',
  withdrawn: 'Withdrawn by the run',
  superseded: 'Asked again, since the plan changed',
};
