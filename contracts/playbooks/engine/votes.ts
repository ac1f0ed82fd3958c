import type { JsonObject } from '../document.ts';

/** One person's word on an approval. */
export interface Vote {
  readonly userId: string;
  /** As shown in the step's output. */
  readonly name: string;
  readonly decision: 'approved' | 'rejected';
  readonly reason: string | null;
  readonly form: JsonObject | null;
}

export interface VoteRules {
  readonly quorum: number;
  readonly notStarter: boolean;
  readonly starterId: string | null;
}

export type VoteResult =
  | { readonly decided: false; readonly approvals: number }
  | {
      readonly decided: true;
      readonly decision: 'approved' | 'rejected';
      readonly by: readonly string[];
      readonly reason: string | null;
      readonly form: JsonObject | null;
    };

/** Whether this person may vote at all; who has voted may not change it. */
export function mayVote(userId: string, votes: readonly Vote[], rules: VoteRules): 'yes' | 'is_starter' | 'has_voted' {
  if (rules.notStarter && userId === rules.starterId) return 'is_starter';
  return votes.some((vote) => vote.userId === userId) ? 'has_voted' : 'yes';
}

/**
 * What the votes come to: each person counts once (by the first vote), one rejection decides at once, otherwise the
 * quorum of approvals does. The form is that of the vote that decided.
 */
export function tallyVotes(votes: readonly Vote[], rules: VoteRules): VoteResult {
  const approvals: Vote[] = [];
  const seen = new Set<string>();
  for (const vote of votes) {
    if (seen.has(vote.userId) || (rules.notStarter && vote.userId === rules.starterId)) continue;
    seen.add(vote.userId);
    if (vote.decision === 'rejected') {
      return { decided: true, decision: 'rejected', by: [vote.name], reason: vote.reason, form: vote.form };
    }
    approvals.push(vote);
    if (approvals.length >= rules.quorum) {
      return {
        decided: true,
        decision: 'approved',
        by: approvals.map(({ name }) => name),
        reason: vote.reason,
        form: vote.form,
      };
    }
  }
  return { decided: false, approvals: approvals.length };
}
