import {
  allHandlersFinished, CancellationScope, condition, continueAsNew, defineSignal, defineUpdate, isCancellation, patched,
  proxyActivities, proxyLocalActivities, setHandler, workflowInfo,
} from '@temporalio/workflow'; // prettier-ignore
import type { ConnectionCallActivities } from '#activities/connections/lifecycle-calls.ts';
import type { ConnectionFacts, LifecycleActivities } from '#activities/connections/lifecycle.ts';
import type { BookkeepingActivities } from '#activities/playbooks/bookkeeping.ts';
import type { ConnectionState } from '#contracts/connections/connections.ts';
import {
  ConnectionLifecycle,
  type ConnectionLifecycleInput,
  type ConnectionRef,
  type RenewalOutcome,
  type RenewToken,
} from '#contracts/connections/lifecycle.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import { bookkeeping, serviceCall, serviceReading } from '../kit/retry.ts';
import { RunRecorder } from '../kit/run-recorder.ts';
import { backoffMs, firstLookMs, nextLookMs } from './pace.ts';
import { takeLeave } from './take-leave.ts';
import { workerLost } from './worker-lost.ts';

const { signal, update, callsQueue } = ConnectionLifecycle;
export const renewToken = defineUpdate<RenewalOutcome, [RenewToken]>(update.renewToken);
export const connectionChanged = defineSignal(signal.changed);
export const renewalFailed = defineSignal<[RenewalFailed]>(signal.renewalFailed);
export const schemaAsked = defineSignal<[unit: string]>(signal.schemaAsked);
export const disconnectAsked = defineSignal(signal.disconnectAsked);
type RenewalFailed = { unit: string; outcome: 'refused' | 'failed'; failure: QueryFailureFacts };

const { recordRun } = proxyLocalActivities<BookkeepingActivities>(bookkeeping);
const local = proxyLocalActivities<LifecycleActivities>(bookkeeping);
const calls = proxyActivities<ConnectionCallActivities>({ ...serviceCall, taskQueue: callsQueue });
const readings = proxyActivities<ConnectionCallActivities>({ ...serviceReading, taskQueue: callsQueue });

/**
 * Tends one connection for as long as it is there. It owns where the connection stands, is the one place that renews a
 * token on demand, and takes leave of the service at the end. Tokens never pass through it: it knows generations and times.
 *
 * While all is well, token sets are renewed ahead of time by `keep-tokens-fresh`, by handfuls and under the same turn; this
 * workflow looks whether that is so, at first at each renewal's time and then ever more seldom, and does it itself where it
 * is not. So ten thousand connections at rest cost next to nothing, and none depends on the sweep.
 */
export async function connectionLifecycle(input: ConnectionLifecycleInput): Promise<void> {
  const ref: ConnectionRef = { workspaceId: input.workspaceId, connectionId: input.connectionId };
  const startedAt = input.continued?.startedAt ?? new Date(Date.now()).toISOString();
  const recorder = new RunRecorder(
    { workspaceId: input.workspaceId, runId: input.runId, startedAt },
    recordRun,
    input.continued?.seq,
  );
  const tending = new Tending(ref, recorder, input);
  setHandler(renewToken, (wanted) => tending.renew(wanted));
  setHandler(connectionChanged, () => tending.noticeChange());
  setHandler(renewalFailed, (failed) => tending.noticeFailure(failed));
  setHandler(schemaAsked, (unit) => tending.readSchema(unit));
  setHandler(disconnectAsked, () => tending.noticeLeaving());
  try {
    const end = await tending.untilOver();
    if (end === 'long') {
      await condition(() => allHandlersFinished() && tending.isAtRest);
      return await continueAsNew<typeof connectionLifecycle>({
        workspaceId: input.workspaceId,
        connectionId: input.connectionId,
        runId: input.runId,
        continued: { startedAt, seq: recorder.seq, ...tending.carried() },
      });
    }
    if (end === 'leaving') await takeLeave(ref, recorder, calls, local);
    else await recorder.write(() => ended('succeeded'));
    await condition(allHandlersFinished);
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => recorder.write(() => ended('canceled')));
    throw error;
  }
}

/** Histories from before a look waited for a move replay as they were. */
const oneAfterAnother = 'look-and-move-one-after-another';
/** Those too in which a failure came while the next look was far away, and was not tried again until then. */
const waitsAnew = 'wait-anew-after-a-failure';
const ended = (status: 'succeeded' | 'canceled') => ({ status, endedAt: new Date(Date.now()).toISOString() });

/** What a lifecycle knows and does between two of its looks. */
class Tending {
  readonly #ref: ConnectionRef;
  readonly #recorder: RunRecorder;
  /** Renewals under way, by unit: whoever asks meanwhile is given the same answer. */
  readonly #renewing = new Map<string, Promise<RenewalOutcome>>();
  readonly #generations = new Map<string, number>();
  readonly #reading = new Set<string>();
  #facts: ConnectionFacts | null = null;
  #mustLook = true;
  #isLeaving = false;
  /** What the wait for the next look was reckoned from is over. */
  #hasFailed = false;
  /** Somebody changed something since the last look: what was refused may be let in now. */
  #hasChanged = false;
  #failures: number;
  #retryAfterMs: number | null = null;
  #lookMs: number;
  /** The state that the run's record tells. */
  #told: string | null;
  #background = 0;
  /** Moves that were begun, and those under way: a look is worth what it found only where neither changed meanwhile. */
  #moves = 0;
  #moving = 0;

  constructor(ref: ConnectionRef, recorder: RunRecorder, { continued }: ConnectionLifecycleInput) {
    this.#ref = ref;
    this.#recorder = recorder;
    this.#failures = continued?.failures ?? 0;
    this.#lookMs = continued?.lookMs ?? 0;
    this.#told = continued?.told ?? null;
  }

  carried(): { told: string | null; lookMs: number; failures: number } {
    return { told: this.#told, lookMs: this.#lookMs, failures: this.#failures };
  }
  get isAtRest(): boolean {
    return this.#renewing.size === 0 && this.#background === 0;
  }
  noticeChange(): void {
    this.#mustLook = true;
    this.#hasChanged = true;
    this.#lookMs = 0;
    this.#failures = 0;
    this.#reading.delete('units');
  }
  noticeLeaving(): void {
    this.#isLeaving = true;
  }
  /** The sweep could not renew a set: from here on it is ours. */
  noticeFailure({ unit, outcome, failure }: RenewalFailed): void {
    this.#inBackground(() => this.#settle(unit, { outcome, failure, generation: this.#generations.get(unit) ?? 0 }));
  }

  /** Looks, renews and waits, until the connection leaves or this history has grown long. */
  async untilOver(): Promise<'leaving' | 'gone' | 'long'> {
    for (;;) {
      if (this.#isLeaving) return 'leaving';
      if (this.#mustLook) {
        this.#mustLook = false;
        // What a look found before a move says nothing about what stands after it: it would undo the move.
        if (this.#moving > 0 && patched(oneAfterAnother)) await condition(() => this.#moving === 0);
        const moves = this.#moves;
        const facts = await local.lookAtConnection(this.#ref);
        if (!facts) return 'gone';
        if (this.#moves !== moves && patched(oneAfterAnother)) {
          this.#mustLook = true;
          continue;
        }
        this.#facts = facts;
        if (facts.state === 'disconnecting') return 'leaving';
        for (const { unit, generation } of facts.sets) this.#know(unit, generation);
        // Whoever signed in has moved it; who waits for it is told here.
        if (facts.state === 'connected' && this.#told !== 'connected')
          await local.settleConnection({ ...this.#ref, state: 'connected', failure: null });
        await this.#tell(facts.state);
        await this.#react(facts);
      }
      if (workflowInfo().continueAsNewSuggested && this.isAtRest) return 'long';
      const waitMs = this.#waitMs();
      const isDone = () =>
        this.#mustLook ||
        this.#isLeaving ||
        this.#hasFailed ||
        (workflowInfo().continueAsNewSuggested && this.isAtRest);
      if (waitMs === null) await condition(isDone);
      else if (!(await condition(isDone, waitMs))) this.#mustLook = true;
      this.#hasFailed = false;
    }
  }

  /** How long nothing has to be done by itself; null: until somebody says something. */
  #waitMs(): number | null {
    const facts = this.#facts;
    if (!facts) return null;
    if (facts.state === 'unavailable' || this.#failures > 0)
      return backoffMs(this.#failures, this.#retryAfterMs, Math.random());
    if (facts.state !== 'connected' || facts.kind === 'postgres') return null;
    this.#lookMs = this.#lookMs === 0 ? firstLookMs(facts.sets, Date.now(), Math.random()) : this.#lookMs;
    return this.#lookMs;
  }

  async #react(facts: ConnectionFacts): Promise<void> {
    const isRetried = facts.state === 'needs_reauth' && this.#hasChanged;
    this.#hasChanged = false;
    if (facts.kind === 'postgres') {
      if (facts.state === 'new' || facts.state === 'unavailable' || isRetried) await this.#probe(facts);
    } else if (isRetried && (facts.isOwnGrant || facts.sets.length > 0)) {
      await this.renew({ unit: '', spent: null, cause: 'asked' });
    } else if (facts.state === 'unavailable' || (facts.isOwnGrant && facts.state === 'new')) {
      await this.renew({ unit: '', spent: this.#generations.get('') ?? null, cause: 'ahead' });
    } else if (facts.state === 'connected') {
      const now = Date.now();
      const isLate = ({ refreshAtMs, unit }: ConnectionFacts['sets'][number]): boolean =>
        refreshAtMs === null ? !(facts.isOwnGrant && unit !== '') : refreshAtMs <= now;
      const late = facts.sets.filter(isLate);
      // Renewed by the sweep as it should be: it is looked at less often. Else at each renewal's time.
      this.#lookMs = late.length === 0 && this.#lookMs > 0 ? nextLookMs(this.#lookMs) : 0;
      for (const { unit, generation } of late) await this.renew({ unit, spent: generation, cause: 'ahead' });
    }
    if (this.#facts?.state === 'connected') this.#readOnce(facts);
  }

  /** Units and schema of a connection that was never looked into. */
  #readOnce({ areUnitsRead, unreadUnit, kind }: ConnectionFacts): void {
    if (kind !== 'postgres' && !areUnitsRead && !this.#reading.has('units')) {
      this.#reading.add('units');
      this.#inBackground(async () => {
        const { failure } = await readings.readUnits(this.#ref);
        // A failure is tried again after the next change; else the next look finds the default unit, whose schema is read.
        if (failure) return;
        this.#reading.delete('units');
        this.#mustLook = true;
      });
    } else if (unreadUnit !== null) this.readSchema(unreadUnit);
  }

  readSchema(unit: string): void {
    if (this.#reading.has(`schema ${unit}`)) return;
    this.#reading.add(`schema ${unit}`);
    this.#inBackground(async () => {
      try {
        await readings.readSchema({ ...this.#ref, unit });
      } finally {
        this.#reading.delete(`schema ${unit}`);
      }
    });
  }

  async #probe(facts: ConnectionFacts): Promise<void> {
    const { failure } = await calls.probe(this.#ref).catch(() => ({ failure: workerLost }));
    if (!failure) {
      this.#failures = 0;
      return this.#move('connected', null);
    }
    // Nobody has ever got in: whoever sets it up is told, and tries again.
    if (facts.state === 'new') return this.#move('new', failure);
    this.#failures += 1;
    await this.#move(failure.kind === 'auth' ? 'needs_reauth' : 'unavailable', failure);
  }

  /** Another token set than the generation named; one renewal at a time for each unit. */
  renew(wanted: RenewToken): Promise<RenewalOutcome> {
    const { unit, spent } = wanted;
    const generation = this.#generations.get(unit) ?? 0;
    if (spent !== null && generation > spent) return Promise.resolve({ outcome: 'fresh', generation, failure: null });
    const facts = this.#facts;
    // Only a person can help; whoever asks on purpose may find that one has.
    if (facts?.state === 'needs_reauth' && unit === '' && wanted.cause !== 'asked')
      return Promise.resolve({ outcome: 'refused', generation, failure: facts.failure });
    const under = this.#renewing.get(unit);
    if (under) return under;
    const renewing = this.#renewNow(wanted).finally(() => this.#renewing.delete(unit));
    this.#renewing.set(unit, renewing);
    return renewing;
  }

  async #renewNow(wanted: RenewToken): Promise<RenewalOutcome> {
    const outcome = await calls.renewTokens({ ...this.#ref, ...wanted }).catch((error: unknown): RenewalOutcome => {
      if (isCancellation(error)) throw error;
      return { outcome: 'failed', generation: wanted.spent ?? 0, failure: workerLost };
    });
    await this.#settle(wanted.unit, outcome);
    return outcome;
  }

  async #settle(unit: string, { outcome, generation, failure }: RenewalOutcome): Promise<void> {
    this.#know(unit, generation);
    if (outcome === 'renewed' || outcome === 'fresh') {
      if (unit !== '') return;
      this.#failures = 0;
      this.#retryAfterMs = null;
      // Also where it is connected already: a look finds the new times.
      this.#mustLook = true;
      if (this.#facts?.state !== 'connected') await this.#move('connected', null);
    } else if (unit !== '') {
      if (outcome === 'refused') await local.loseUnit({ ...this.#ref, unit });
    } else if (outcome === 'refused') {
      this.#failures = 0;
      // Nobody has signed in yet: that is no loss.
      if (failure?.code === 'not_signed_in' && this.#facts?.state === 'new') return;
      await this.#move('needs_reauth', failure);
    } else {
      this.#failures += 1;
      this.#retryAfterMs = failure?.retryAfterMs ?? null;
      await this.#move('unavailable', failure);
      this.#hasFailed = patched(waitsAnew);
    }
  }

  async #move(state: ConnectionState, failure: QueryFailureFacts | null): Promise<void> {
    if (this.#facts) this.#facts = { ...this.#facts, state, failure };
    this.#moves += 1;
    this.#moving += 1;
    try {
      await local.settleConnection({ ...this.#ref, state, failure });
    } finally {
      this.#moving -= 1;
    }
    await this.#tell(state);
  }

  /** The run's record: it rests, and says where its connection stands. */
  async #tell(state: string): Promise<void> {
    if (this.#told === state) return;
    this.#told = state;
    await this.#recorder.write(() => ({ status: 'waiting', waitingFor: `connection:${state}` }));
  }

  #know(unit: string, generation: number): void {
    if (generation > (this.#generations.get(unit) ?? 0)) this.#generations.set(unit, generation);
  }

  /** Work that the story does not wait for; its failures are told where they happen. */
  #inBackground(work: () => Promise<void>): void {
    this.#background += 1;
    void work()
      .catch(() => undefined)
      .finally(() => (this.#background -= 1));
  }
}
