import { CancellationScope, defineSignal, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { BookkeepingActivities } from '#activities/playbooks/bookkeeping.ts';
import type { ApprovalDecidedSignal } from '#contracts/approvals/ask-approval.ts';
import { type CancelOptions, type Engine, type RunEnd, startEngine } from '#contracts/playbooks/engine/run.ts';
import {
  type OutcomeAnswered,
  RunPlaybook,
  type RunPlaybookInput,
  type RunPlaybookResult,
} from '#contracts/playbooks/run-playbook.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import { bookkeeping } from '../kit/retry.ts';
import { type RecordPart, RunRecorder } from '../kit/run-recorder.ts';
import { type Inbox, newInbox, temporalEffects } from './effects.ts';
import { Journal } from './journal.ts';

const { recordRun, planRun } = proxyLocalActivities<BookkeepingActivities>(bookkeeping);

export const approvalDecided = defineSignal<[ApprovalDecidedSignal]>(RunPlaybook.signal.approvalDecided);
export const outcomeAnswered = defineSignal<[OutcomeAnswered]>(RunPlaybook.signal.outcomeAnswered);
export const lockGranted = defineSignal<[{ name: string; address: string }]>(RunPlaybook.signal.lockGranted);
export const cancelAsked = defineSignal<[{ undo: boolean | null; by: string | null }]>(RunPlaybook.signal.cancelAsked);

/**
 * Runs a playbook (specs/playbook-language.md). The engine decides, the journal gathers what it decided, and both are
 * written in one transaction before each real wait and at the end. A run of cheap steps is one record.
 */
export async function runPlaybook(input: RunPlaybookInput): Promise<RunPlaybookResult> {
  const startedAt = new Date(Date.now()).toISOString();
  const recorder = new RunRecorder({ workspaceId: input.workspaceId, runId: input.runId, startedAt }, recordRun);
  const inbox = listen();
  // A cancel must not tear the bookkeeping apart: it is told to the engine, which stops what runs and cleans up.
  return CancellationScope.nonCancellable(() =>
    input.isDryRun ? showPlan(input, recorder) : carryOut(input, recorder, inbox, startedAt),
  );
}

interface Handles extends Inbox {
  onCancel: (cancel: (options: CancelOptions) => void) => void;
}

function listen(): Handles {
  const inbox = newInbox();
  let wish: CancelOptions | undefined;
  let cancel: ((options: CancelOptions) => void) | undefined;
  const ask = (options: CancelOptions): void => {
    if (cancel) cancel(options);
    else wish = options;
  };
  setHandler(
    approvalDecided,
    ({ address, attempt, round }) => void inbox.decided.add(`${address} ${attempt} ${round}`),
  );
  setHandler(outcomeAnswered, (answer) => void inbox.answers.set(`${answer.address} ${answer.host ?? ''}`, answer));
  setHandler(lockGranted, ({ name, address }) => void inbox.grantedLocks.add(`${name}\n${address}`));
  setHandler(cancelAsked, ({ undo, by }) => ask({ ...(undo !== null && { undo }), ...(by !== null && { by }) }));
  CancellationScope.current().cancelRequested.catch(() => ask({}));
  return {
    ...inbox,
    onCancel: (listener) => {
      cancel = listener;
      if (wish) listener(wish);
    },
  };
}

async function carryOut(
  input: RunPlaybookInput,
  recorder: RunRecorder,
  inbox: Handles,
  startedAt: string,
): Promise<RunPlaybookResult> {
  const journal = new Journal(input.definition);
  let engine: Engine | undefined;
  let isTold = false;

  const collect = (): RecordPart | null => {
    if (engine?.ended || !(journal.isDirty || !isTold)) return null; // the last record says it all
    isTold = true;
    const waitingFor = journal.waitingFor();
    return { ...journal.take(), status: waitingFor === null ? 'running' : 'waiting', waitingFor };
  };
  const flush = (): void => {
    // In a microtask: a run that ends without any wait is written once, by its last record.
    void Promise.resolve().then(async () => {
      if (engine?.ended) return;
      await recorder.write(collect);
      if (recorder.isEnded) engine?.cancel({ undo: false });
    });
  };
  const effects = temporalEffects(input, inbox, {
    record: (change) => journal.add(change),
    idle: flush,
    // In a long chain of cheap steps: a real wait, so that signals and cancels get their turn.
    breathe: () => recorder.write(collect),
  });
  engine = startEngine(
    {
      definition: input.definition,
      inputs: input.inputs,
      vars: input.vars,
      secrets: input.secrets,
      run: {
        id: input.runId,
        title: input.title,
        trigger: input.trigger,
        actor: { name: input.actor.name, email: input.actorEmail },
        startedAt,
        url: input.url,
        playbook: { name: input.playbook.name, version: input.playbook.version },
      },
      depth: input.depth,
      ...(input.carried && { carried: input.carried }),
    },
    effects,
  );
  const running = engine;
  inbox.onCancel((options) => running.cancel(options));
  const end = running.ended ?? (await running.result);
  await recorder.write(() => ({
    ...journal.take(),
    status: end.status,
    endedAt: new Date(Date.now()).toISOString(),
    outputs: end.outputs as never,
    error: end.error as RunError | null,
    undo: end.undo && { ...end.undo },
    warnings: end.warnings,
  }));
  return resultOf(end);
}

const resultOf = ({ status, outputs, error }: RunEnd): RunPlaybookResult => ({
  status,
  outputs,
  error: error && {
    code: error.code,
    message: error.message,
    retryable: error.retryable,
    ...(error.details && { details: error.details }),
  },
});

/** A dry run: the plan is the run's output; nothing outside is touched. */
async function showPlan(input: RunPlaybookInput, recorder: RunRecorder): Promise<RunPlaybookResult> {
  const outputs = await planRun(input);
  await recorder.write(() => ({
    status: 'succeeded',
    endedAt: new Date(Date.now()).toISOString(),
    outputs: outputs as never,
  }));
  return { status: 'succeeded', outputs: {}, error: null };
}
