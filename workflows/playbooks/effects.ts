import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  condition,
  executeChild,
  patched,
  proxyActivities,
  proxyLocalActivities,
  sleep,
} from '@temporalio/workflow';
import type { ArtifactActivities } from '#activities/playbooks/artifacts.ts';
import type { BookkeepingActivities } from '#activities/playbooks/bookkeeping.ts';
import type { CallActivities } from '#activities/playbooks/calls.ts';
import type { HostActivities, HostBatch } from '#activities/playbooks/run-hosts.ts';
import type { CancelToken } from '#contracts/playbooks/engine/cancel.ts';
import type {
  AskRequest,
  ChildReply,
  ChildRequest,
  ConnectorRequest,
  Decision,
  Effects,
  HostReply,
  HostsRequest,
  HttpRequest,
  LockReply,
  LockRequest,
  NotifyRequest,
  OutcomeAnswer,
  OutcomeRequest,
  Reply,
} from '#contracts/playbooks/engine/effects.ts';
import { nextPart } from '#contracts/playbooks/engine/hosts/parts.ts';
import {
  type OutcomeAnswered,
  RunPlaybook,
  type RunPlaybookInput,
  type RunPlaybookResult,
} from '#contracts/playbooks/run-playbook.ts';
import type { Inbox } from './inbox.ts';
import { isTimeout } from '../kit/is-timeout.ts';
import { bookkeeping, onceOnly, rejoining, remoteCall } from '../kit/retry.ts';
import { planQuery, runQueryStep } from './query-step.ts';
import { stoppable } from './stoppable.ts';

const local = proxyLocalActivities<BookkeepingActivities>(bookkeeping);
/** Runs from before it leave what their lost worker had begun. */
const stopAfterLoss = 'stop-after-loss';
const files = proxyLocalActivities<ArtifactActivities>(bookkeeping);
/** Hosts in one activity: a batch beyond it is worked through in such parts, in order. */
const hostsInOneActivity = 200;
const dayMs = 86_400_000;
const lockPollMs = 15_000;

/** The engine's outside as Temporal has it: activities, timers, child workflows, signals. */
export function temporalEffects(
  input: RunPlaybookInput,
  inbox: Inbox,
  journal: Pick<Effects, 'record' | 'idle' | 'breathe'>,
): Effects {
  const run = {
    workspaceId: input.workspaceId,
    runId: input.runId,
    actor: input.actor,
    usedSecrets: secretsNamed(input),
  };
  // A cancel arrives in the workflow's own scope, which is over then; what the engine begins must live in ours.
  const home = CancellationScope.current();
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    sleep: (ms, cancel) => stoppable(cancel, () => sleep(Math.max(1, ms))).then(() => undefined),
    ...journal,
    enter: (work) => void home.run(async () => work()),
    runHosts: (request, cancel) => runHosts(run, request, cancel),
    http: (request, cancel) => call(request, cancel, (calls) => calls.callHttp({ ...run, request })),
    connector: (request, cancel) =>
      call<ConnectorRequest>(request, cancel, (calls) => calls.callConnector({ ...run, request })),
    notify: (request, cancel) =>
      call<NotifyRequest>(request, cancel, (calls) => calls.sendNotification({ ...run, request })),
    ask: (request, cancel) => ask(input, request, inbox, cancel),
    askOutcome: (request, cancel) => askOutcome(request, inbox, cancel),
    startPlaybook: (request, cancel) => startPlaybook(input, request, cancel),
    runQuery: (request, cancel) => runQueryStep(input, request, cancel),
    planQuery: (request) => planQuery(input, request),
    acquireLock: (request, cancel) => acquireLock(run, request, inbox, cancel),
    releaseLock: (slot) => local.releaseLock({ ...run, slot }),
    seal: ({ sealed, output }) => local.keepSealed({ ...run, name: `${sealed}.output`, value: output }),
    selectServers: async (selection) => local.selectServers({ ...run, selection, onlyHosts: input.onlyHosts }),
    describeArtifacts: (names) => files.describeArtifacts({ workspaceId: input.workspaceId, names: [...names] }),
    hashSecrets: (names) => local.hashSecrets({ ...run, names: [...names] }),
    // Only a dry run asks, and that is one activity of its own.
    planPlaybook: () => null,
  };
}

type RunKey = Pick<RunPlaybookInput, 'workspaceId' | 'runId' | 'actor'> & { usedSecrets: string[] };

/** Workspace secrets that the document names anywhere: activities mask all of them. */
function secretsNamed({ definition, secrets }: RunPlaybookInput): string[] {
  const text = JSON.stringify(definition);
  return secrets.filter((name) => text.includes(`secrets.${name}`) || text.includes(`secrets[`));
}

async function runHosts(
  run: RunKey,
  request: HostsRequest,
  cancel: CancelToken,
): Promise<{ [name: string]: HostReply }> {
  const replies: { [name: string]: HostReply } = {};
  for (;;) {
    const { part, passedOver } = nextPart(request, replies, hostsInOneActivity);
    Object.assign(replies, passedOver);
    if (!part) return replies;
    Object.assign(replies, await runHostsPart(run, part, cancel));
  }
}

async function runHostsPart(
  run: RunKey,
  request: HostsRequest,
  cancel: CancelToken,
): Promise<{ [name: string]: HostReply }> {
  const waves = Math.ceil(request.hosts.length / request.parallel);
  // A bound for a lost worker only: each host's own time is watched by the activity.
  const longestMs = Math.min(400 * dayMs, waves * ((request.timeoutMs ?? 30 * dayMs) + 60_000) + 600_000);
  const isRejoining = request.work.every((work) => work.kind === 'upload' || work.durable) || request.safeToRepeat;
  const { runHostBatch } = proxyActivities<HostActivities>({
    ...(isRejoining ? rejoining : onceOnly),
    taskQueue: RunPlaybook.hostsQueue,
    startToCloseTimeout: longestMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
  const all = (reply: HostReply): { [name: string]: HostReply } =>
    Object.fromEntries(request.hosts.map(({ server }) => [server.name, reply]));
  if (cancel.isCanceled) return all({ kind: 'canceled' });
  try {
    return (await stoppable(cancel, () => runHostBatch({ ...run, request }))) ?? all({ kind: 'canceled' });
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    // Temporal tries nothing again once a cancel was asked for: what the lost worker had begun still runs on the hosts.
    if (cancel.isCanceled && isRejoining && isTimeout(error) && patched(stopAfterLoss))
      return stopHosts({ ...run, request, onlyStop: true }, all);
    const fault = faultOf(error);
    return all({
      kind: 'unknown',
      reason: fault ? `${fault.message} What it had begun may have gone on.` : 'The worker that ran it was lost.',
    });
  }
}

/** Stops on the hosts what another activity of the same batch had begun; where that cannot be told, it is unknown. */
async function stopHosts(
  batch: HostBatch,
  all: (reply: HostReply) => { [name: string]: HostReply },
): Promise<{ [name: string]: HostReply }> {
  const { runHostBatch } = proxyActivities<HostActivities>({
    ...rejoining,
    taskQueue: RunPlaybook.hostsQueue,
    startToCloseTimeout: '20 minutes',
    scheduleToCloseTimeout: '1 hour',
  });
  try {
    return await runHostBatch(batch);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return all({ kind: 'unknown', reason: 'The worker that ran it was lost, and it could not be stopped since.' });
  }
}

/** A call to the outside by an ordinary activity. One that may not be repeated and lost its worker is `unknown`. */
async function call<R extends HttpRequest | ConnectorRequest | NotifyRequest>(
  request: R,
  cancel: CancelToken,
  make: (calls: CallActivities) => Promise<Reply>,
): Promise<Reply> {
  if (cancel.isCanceled) return { kind: 'canceled' };
  const calls = proxyActivities<CallActivities>({
    ...(request.safeToRepeat ? remoteCall : onceOnly),
    startToCloseTimeout: (request.timeoutMs ?? dayMs) + 10_000,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
  try {
    return (await stoppable(cancel, () => make(calls))) ?? { kind: 'canceled' };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const fault = faultOf(error);
    // A refusal comes before anything is sent; whatever else failed may have come after it.
    const isKnown = request.safeToRepeat || fault?.isRefusal === true;
    if (isKnown && fault)
      return { kind: 'error', error: { code: fault.code, message: fault.message, retryable: false } };
    if (isKnown)
      return {
        kind: 'error',
        error: { code: 'connector.unavailable', message: 'The call was lost several times with its worker.' },
      };
    const reason = fault
      ? `${fault.message} Whether the call was made nobody knows.`
      : 'The worker that made the call was lost before it could tell.';
    return { kind: 'unknown', reason };
  }
}

/** What an activity that did end says of itself; undefined where its worker was lost. `tell-failures.ts` gives the codes. */
function faultOf({ cause }: ActivityFailure): { code: string; message: string; isRefusal: boolean } | undefined {
  if (!(cause instanceof ApplicationFailure)) return undefined;
  const code = cause.type ?? 'step.crashed';
  return { code, message: cause.message, isRefusal: cause.nonRetryable === true && code !== 'step.crashed' };
}

const askKey = ({ address, attempt, round }: { address: string; attempt: number; round: number }): string =>
  `${address} ${attempt} ${round}`;

/** Asks people, waits for the signal that says "look", and reads the decision from the database. */
async function ask(input: RunPlaybookInput, request: AskRequest, inbox: Inbox, cancel: CancelToken): Promise<Decision> {
  const key = {
    workspaceId: input.workspaceId,
    runId: input.runId,
    address: request.address,
    attempt: request.attempt,
    round: request.round,
  };
  const approvalId = await local.askApproval({
    ...key,
    stepId: request.stepId,
    subject: input.title,
    message: request.message,
    roles: [...request.roles],
    users: [...request.users],
    quorum: request.quorum,
    notStarter: request.notStarter,
    form: request.form as never,
    default: request.default ?? null,
    onReject: request.onReject,
    expiresAt: new Date(request.expiresAt).toISOString(),
    plan: request.plan && { hash: request.plan.hash, plan: request.plan.entries as never },
  });
  await stoppable(cancel, () =>
    condition(() => inbox.decided.has(askKey(key)), Math.max(1, request.expiresAt - Date.now())),
  );
  // At a pause the question stays: the next execution asks the same one again.
  if (cancel.reason === 'paused') return { kind: 'canceled' };
  if (cancel.isCanceled) {
    await local.withdrawApproval({ workspaceId: input.workspaceId, approvalId });
    return { kind: 'canceled' };
  }
  // Settles it as expired where nobody has decided; a decision that came at the last moment counts.
  const isExpired = !inbox.decided.has(askKey(key));
  const outcome = await local.settleApproval({
    workspaceId: input.workspaceId,
    approvalId,
    isExpired,
    by: request.default ?? null,
  });
  if (!outcome || outcome.expired) return { kind: 'expired' };
  return {
    kind: 'decided',
    decision: outcome.decision,
    by: outcome.by,
    reason: outcome.reason,
    form: outcome.form as never,
  };
}

async function askOutcome(request: OutcomeRequest, inbox: Inbox, cancel: CancelToken): Promise<OutcomeAnswer> {
  const keys = [`${request.address} ${request.host ?? ''}`, `${request.address} `];
  const find = (): OutcomeAnswered | undefined =>
    keys.map((key) => inbox.answers.get(key)).find((answer) => answer !== undefined);
  await stoppable(cancel, () => condition(() => find() !== undefined));
  const answer = find();
  if (!answer) return 'canceled';
  for (const key of keys) inbox.answers.delete(key);
  return answer.outcome;
}

/** Starts a child run under its own row and awaits it; a cancel is passed on and its end awaited. */
async function startPlaybook(input: RunPlaybookInput, request: ChildRequest, cancel: CancelToken): Promise<ChildReply> {
  const { runId, workspaceId, rootRunId, pins, actor, actorEmail } = input;
  const prepared = await local.prepareChild({
    workspaceId,
    parentRunId: runId,
    rootRunId,
    pins,
    actor,
    actorEmail,
    request,
  });
  if (!prepared.ok) return { kind: 'failed', runId: null, error: prepared.error };
  if (cancel.isCanceled) {
    await local.abandonChild({ workspaceId, runId: prepared.input.runId });
    return { kind: 'canceled', runId: prepared.input.runId };
  }
  const childId = prepared.input.runId;
  try {
    const result = await stoppable(cancel, () =>
      executeChild<(child: RunPlaybookInput) => Promise<RunPlaybookResult>>(RunPlaybook.type, {
        workflowId: childId,
        args: [prepared.input],
        taskQueue: RunPlaybook.taskQueue,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        priority: { fairnessKey: workspaceId },
      }),
    );
    if (!result || result.status === 'canceled') return { kind: 'canceled', runId: childId };
    if (result.status === 'succeeded') return { kind: 'succeeded', runId: childId, outputs: result.outputs };
    const error = result.error ?? { code: 'run.failed_by_step', message: 'The playbook failed.', retryable: false };
    return {
      kind: 'failed',
      runId: childId,
      error: {
        code: error.code,
        message: error.message,
        retryable: error.retryable,
        details: { ...(error.details as object | undefined), runId: childId },
      },
    };
  } catch (error) {
    // Ended from outside (terminated in Temporal): its row says so as well.
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    return {
      kind: 'failed',
      runId: childId,
      error: { code: 'run.ended_outside', message: 'The run was ended in Temporal.', details: { runId: childId } },
    };
  }
}

/** A workspace-wide slot: asked for once, then waited for by signal, with a poll as the safety net. */
async function acquireLock(run: RunKey, request: LockRequest, inbox: Inbox, cancel: CancelToken): Promise<LockReply> {
  const lock = { ...run, address: request.address, name: request.name, slots: request.limit };
  const slot = `${request.name}\n${request.address}`;
  const until = Date.now() + request.waitMs;
  while (!cancel.isCanceled) {
    if (await local.acquireLock(lock)) return { kind: 'held', slot };
    const leftMs = until - Date.now();
    if (leftMs <= 0) {
      await local.releaseLock({ ...run, slot });
      return { kind: 'timed_out' };
    }
    await stoppable(cancel, () => condition(() => inbox.grantedLocks.delete(slot), Math.min(lockPollMs, leftMs)));
  }
  // At a pause its place in line stays.
  if (cancel.reason !== 'paused') await local.releaseLock({ ...run, slot });
  return { kind: 'canceled' };
}
