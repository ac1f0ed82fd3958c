import { CancellationScope, defineSignal, setHandler } from '@temporalio/workflow';
import type { ApprovalDecidedSignal } from '#contracts/approvals/ask-approval.ts';
import type { CancelOptions } from '#contracts/playbooks/engine/run.ts';
import { type ContinuedRun, type OutcomeAnswered, RunPlaybook } from '#contracts/playbooks/run-playbook.ts';

export const approvalDecided = defineSignal<[ApprovalDecidedSignal]>(RunPlaybook.signal.approvalDecided);
export const outcomeAnswered = defineSignal<[OutcomeAnswered]>(RunPlaybook.signal.outcomeAnswered);
export const lockGranted = defineSignal<[{ name: string; address: string }]>(RunPlaybook.signal.lockGranted);
export const cancelAsked = defineSignal<[{ undo: boolean | null; by: string | null }]>(RunPlaybook.signal.cancelAsked);

/** What signals have brought so far. */
export interface Inbox {
  /** Addresses (with attempt and round) whose approvals have been decided. */
  decided: Set<string>;
  answers: Map<string, OutcomeAnswered>;
  grantedLocks: Set<string>;
  /** A cancel that was asked; it stays, for a run that moves to a new execution. */
  wish: CancelOptions | null;
  /** Calls `listener` at each cancel, also for one that came before. */
  onCancel: (listener: (options: CancelOptions) => void) => void;
}

/** Takes signals in from the first moment on, and what an earlier execution of the run has left. */
export function openInbox(continued: ContinuedRun | null): Inbox {
  let tell: ((options: CancelOptions) => void) | undefined;
  const inbox: Inbox = {
    decided: new Set(continued?.decided),
    answers: new Map((continued?.answers ?? []).map((answer) => [keyOf(answer), answer])),
    grantedLocks: new Set(continued?.grantedLocks),
    wish: continued?.wish ?? null,
    onCancel: (listener) => {
      tell = listener;
      if (inbox.wish) listener(inbox.wish);
    },
  };
  const ask = (options: CancelOptions): void => {
    inbox.wish ??= options;
    tell?.(options);
  };
  setHandler(
    approvalDecided,
    ({ address, attempt, round }) => void inbox.decided.add(`${address} ${attempt} ${round}`),
  );
  setHandler(outcomeAnswered, (answer) => void inbox.answers.set(keyOf(answer), answer));
  setHandler(lockGranted, ({ name, address }) => void inbox.grantedLocks.add(`${name}\n${address}`));
  setHandler(cancelAsked, ({ undo, by }) => ask({ ...(undo !== null && { undo }), ...(by !== null && { by }) }));
  CancellationScope.current().cancelRequested.catch(() => ask({}));
  return inbox;
}

const keyOf = ({ address, host }: OutcomeAnswered): string => `${address} ${host ?? ''}`;
