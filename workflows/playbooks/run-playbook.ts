import { CancellationScope, continueAsNew, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { BookkeepingActivities } from '#activities/playbooks/bookkeeping.ts';
import { engineInput } from '#contracts/playbooks/engine-input.ts';
import { type Engine, type RunEnd, startEngine } from '#contracts/playbooks/engine/run.ts';
import type { Snapshot } from '#contracts/playbooks/engine/snapshot.ts';
import type { RunPlaybookInput, RunPlaybookResult } from '#contracts/playbooks/run-playbook.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import { bookkeeping } from '../kit/retry.ts';
import { type RecordPart, RunRecorder } from '../kit/run-recorder.ts';
import { keepResting, readResting } from './continued.ts';
import { temporalEffects } from './effects.ts';
import { type Inbox, openInbox } from './inbox.ts';
import { Journal } from './journal.ts';

export { approvalDecided, cancelAsked, lockGranted, outcomeAnswered } from './inbox.ts';

const { recordRun, planRun } = proxyLocalActivities<BookkeepingActivities>(bookkeeping);

/** A history this long is renewed even while calls are under way (a run is ended by the server at 51,200 events). */
const mostEvents = 30_000;

/**
 * Runs a playbook (specs/playbook-language.md). The engine decides, the journal gathers what it decided, and both are
 * written in one transaction before each real wait and at the end. A run of cheap steps is one record. A long one moves
 * to a new execution when its history has grown.
 */
export async function runPlaybook(input: RunPlaybookInput): Promise<RunPlaybookResult> {
  const startedAt = input.continued?.startedAt ?? new Date(Date.now()).toISOString();
  const run = { workspaceId: input.workspaceId, runId: input.runId, startedAt };
  const recorder = new RunRecorder(run, recordRun, input.continued?.seq);
  const inbox = openInbox(input.continued ?? null);
  // A cancel must not tear the bookkeeping apart: it is told to the engine, which stops what runs and cleans up.
  return CancellationScope.nonCancellable(() =>
    input.isDryRun ? showPlan(input, recorder) : carryOut(input, recorder, inbox, startedAt),
  );
}

async function carryOut(
  input: RunPlaybookInput,
  recorder: RunRecorder,
  inbox: Inbox,
  startedAt: string,
): Promise<RunPlaybookResult> {
  const journal = new Journal(input.definition);
  const before = input.continued ? await readResting(input, input.continued) : null;
  if (before) journal.restore(before.journal);
  let engine: Engine | undefined;
  let isTold = false;

  const collect = (): RecordPart | null => {
    if (engine?.ended || !(journal.isDirty || !isTold)) return null; // the last record says it all
    isTold = true;
    const waitingFor = journal.waitingFor();
    return { ...journal.take(), status: waitingFor === null ? 'running' : 'waiting', waitingFor };
  };
  const move = watchHistory(input, () => engine);
  const effects = temporalEffects(input, inbox, {
    record: (change) => journal.add(change),
    idle: () => {
      // In a microtask: a run that ends without any wait is written once, by its last record.
      void Promise.resolve().then(async () => {
        if (engine?.ended) return;
        move.look();
        await recorder.write(collect);
        if (recorder.isEnded) engine?.cancel({ undo: false });
      });
    },
    // In a long chain of cheap steps: a real wait, so that signals and cancels get their turn.
    breathe: () => recorder.write(collect),
  });
  const running = startEngine({ ...engineInput(input, startedAt), ...(before && { resume: before.engine }) }, effects);
  engine = running;
  inbox.onCancel((options) => running.cancel(options));

  const next = running.ended
    ? { end: running.ended }
    : await Promise.race([running.result.then((end) => ({ end })), move.atRest]);
  if ('snapshot' in next) {
    await recorder.write(collect);
    const parts = await keepResting(input, { engine: next.snapshot, journal: journal.save() });
    const { decided, answers, grantedLocks, wish } = inbox;
    return continueAsNew<typeof runPlaybook>({
      ...input,
      continued: {
        startedAt,
        seq: recorder.seq,
        parts,
        decided: [...decided],
        answers: [...answers.values()],
        grantedLocks: [...grantedLocks],
        wish,
      },
    });
  }
  await recorder.write(() => ({
    ...journal.take(),
    status: next.end.status,
    endedAt: new Date(Date.now()).toISOString(),
    outputs: next.end.outputs as never,
    error: next.end.error as RunError | null,
    undo: next.end.undo && { ...next.end.undo },
    warnings: next.end.warnings,
  }));
  return resultOf(next.end);
}

/** Brings the engine to rest once the history is long: best while it only waits, at the latest before the server's limit. */
function watchHistory({ moveAfterEvents }: RunPlaybookInput, engineOf: () => Engine | undefined) {
  let isPausing = false;
  let rest: (snapshot: { snapshot: Snapshot }) => void = () => undefined;
  const atRest = new Promise<{ snapshot: Snapshot }>((resolve) => (rest = resolve));
  return {
    atRest,
    look: (): void => {
      const engine = engineOf();
      const { continueAsNewSuggested, historyLength } = workflowInfo();
      const isLong = moveAfterEvents
        ? historyLength >= moveAfterEvents
        : continueAsNewSuggested && (engine?.isAtEase || historyLength >= mostEvents);
      if (!engine || isPausing || !isLong) return;
      isPausing = true;
      void engine.pause().then((snapshot) => {
        isPausing = false;
        if (snapshot) rest({ snapshot });
      });
    },
  };
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
