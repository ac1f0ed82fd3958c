import type { HostStep } from '../../document.ts';
import { pauseBeforeRetry, type RetryPlan, retryOf } from '../attempts.ts';
import type { CancelToken } from '../cancel.ts';
import type { HostResult } from '../changes.ts';
import { record, type StepRun } from '../core.ts';
import type { HostReply, HostsRequest, OutcomeAnswer, ServerFacts } from '../effects.ts';
import { type ErrorFacts, mayRetry } from '../failures.ts';
import { type Fiber, together } from '../fibers.ts';
import { stepError } from '../outcomes.ts';
import { askOutcome, callOf, didNotRun, guarded, mostSilentRepeats, stoppedOutside } from '../outside.ts';
import { classifyHost, countsAsFailure, outputBytesPerHost, resultOf } from './results.ts';
import type { RenderedWork } from './work.ts';

/** A rolling step's rules, rendered. */
export interface HostRules {
  readonly parallel: number;
  readonly mostFailures: number;
  readonly batchPauseMs: number;
  readonly okExitCodes: readonly number[];
  readonly safeToRepeat: boolean;
  readonly timeoutMs: number;
}

type Results = Record<string, HostResult>;
type Replies = Readonly<Record<string, HostReply>>;

/** Runs one batch to its end: the hosts that failed are tried again before the next batch may start. */
export class BatchRunner {
  readonly #run: StepRun<HostStep>;
  readonly #work: RenderedWork;
  readonly #rules: HostRules;
  readonly #retry: RetryPlan;

  constructor(run: StepRun<HostStep>, work: RenderedWork, rules: HostRules) {
    this.#run = run;
    this.#work = work;
    this.#rules = rules;
    this.#retry = retryOf(run.step.retry);
  }

  *run(
    hosts: readonly ServerFacts[],
    batch: number,
    most: number,
    firstAttempt: number,
    cancel: CancelToken,
  ): Fiber<Results> {
    const { core, state } = this.#run;
    const results: Results = {};
    const keep = (ended: Results): void => {
      if (Object.keys(ended).length === 0) return;
      Object.assign(results, ended);
      record(core, { type: 'hosts.ended', address: state.address, hosts: ended });
    };
    let pending = hosts;
    let failures = 0;
    for (let attempt = firstAttempt; ; attempt++) {
      state.attempts = Math.max(state.attempts, attempt);
      const isLast = attempt >= this.#retry.attempts;
      const retryRule = isLast ? null : { on: this.#retry.on };
      const replies = yield* this.#known(
        pending,
        { batch, attempt, retryRule, stopAfterFailures: most - failures },
        cancel,
      );
      const attempted: Results = {};
      for (const { name } of pending) attempted[name] = this.#resultOf(name, replies[name], attempt, cancel);
      const mayStillPass =
        failures +
          pending.filter(({ name }) => countsAsFailure(replies[name] ?? missing, { ...this.#rules, retryRule }))
            .length <=
        most;
      const again =
        isLast || cancel.isCanceled || !mayStillPass
          ? []
          : pending.filter(({ name }) => this.#mayRetry(attempted[name]));
      const names = new Set(again.map(({ name }) => name));
      const ended = Object.fromEntries(Object.entries(attempted).filter(([name]) => !names.has(name)));
      failures += Object.values(ended).filter(({ error }) => error !== null).length;
      keep(ended);
      const error = again[0] && attempted[again[0].name]?.error;
      if (!error) return results;
      if (yield* pauseBeforeRetry(this.#run, this.#retry, { error, attempt }, cancel)) {
        keep(Object.fromEntries(again.flatMap(({ name }) => (attempted[name] ? [[name, attempted[name]]] : []))));
        return results;
      }
      pending = again;
    }
  }

  #mayRetry(result: HostResult | undefined): boolean {
    return result?.error !== null && result?.error !== undefined && mayRetry(result.error, this.#retry.on);
  }

  #resultOf(host: string, given: HostReply | undefined, attempt: number, cancel: CancelToken): HostResult {
    const reply = given ?? missing;
    const stopped = reply.kind === 'canceled' && !cancel.isCanceled;
    const { status, error } = stopped
      ? { status: 'failed' as const, error: stoppedOutside }
      : classifyHost(reply, this.#rules.okExitCodes);
    return resultOf(reply, status, error && { ...stepError(this.#run, error, { host }), attempt });
  }

  /** One attempt on these hosts, until it is known of each how it ended. */
  *#known(
    hosts: readonly ServerFacts[],
    how: Pick<HostsRequest, 'batch' | 'attempt' | 'retryRule' | 'stopAfterFailures'>,
    cancel: CancelToken,
  ): Fiber<Replies> {
    const known: Record<string, HostReply> = {};
    let open = hosts;
    for (let repeats = 0; open.length > 0; repeats++) {
      const replies = yield* this.#once(open, how, cancel);
      const doubtful = open.filter(({ name }) => replies[name]?.kind === 'unknown');
      for (const { name } of open) known[name] = replies[name] ?? missing;
      if (cancel.isCanceled) return known;
      open =
        this.#rules.safeToRepeat && repeats < mostSilentRepeats
          ? doubtful
          : yield* this.#askAbout(doubtful, known, cancel);
    }
    return known;
  }

  *#once(
    hosts: readonly ServerFacts[],
    how: Pick<HostsRequest, 'batch' | 'attempt' | 'retryRule' | 'stopAfterFailures'>,
    cancel: CancelToken,
  ): Fiber<Replies> {
    const { core, state } = this.#run;
    const { parallel, okExitCodes, safeToRepeat, timeoutMs } = this.#rules;
    const { batch, attempt } = how;
    record(core, {
      type: 'batch.started',
      address: state.address,
      batch,
      attempt,
      hosts: hosts.map(({ name }) => name),
    });
    const call = callOf(this.#run, safeToRepeat, timeoutMs);
    const request: HostsRequest = {
      ...call,
      ...how,
      hosts: hosts.map((server) => ({ server, work: this.#work.of.get(server.name) ?? 0 })),
      work: this.#work.work,
      parallel,
      okExitCodes,
      outputBytes: outputBytesPerHost(hosts.length),
    };
    const all = (error: ErrorFacts): Replies =>
      Object.fromEntries(hosts.map(({ name }) => [name, { kind: 'error', error }]));
    return yield* guarded<Replies>(() => core.effects.runHosts(request, cancel), all);
  }

  /** Asks a person about each host of which nobody knows; gives those that are to run again. */
  *#askAbout(
    hosts: readonly ServerFacts[],
    known: Record<string, HostReply>,
    cancel: CancelToken,
  ): Fiber<readonly ServerFacts[]> {
    const { core, flow } = this.#run;
    const questions = hosts.map(
      ({ name }) =>
        () =>
          this.#askAboutOne(name, known[name], cancel),
    );
    const answers = yield* together<OutcomeAnswer>(core.scheduler, flow.position, questions);
    const again: ServerFacts[] = [];
    for (const [index, server] of hosts.entries()) {
      const answer = answers[index];
      const before = known[server.name];
      const texts = before && 'stdout' in before ? { stdout: before.stdout ?? '' } : {};
      if (answer === 'repeat') again.push(server);
      else if (answer === 'ran')
        known[server.name] = { kind: 'ended', exitCode: this.#rules.okExitCodes[0] ?? 0, ...texts };
      else if (answer === 'not_ran')
        known[server.name] = { kind: 'error', error: didNotRun(reasonOf(before)), ...texts };
      else known[server.name] = { kind: 'canceled', ...texts };
    }
    return again;
  }

  *#askAboutOne(host: string, reply: HostReply | undefined, cancel: CancelToken): Fiber<OutcomeAnswer> {
    return yield* askOutcome(this.#run, host, reasonOf(reply), cancel);
  }
}

const reasonOf = (reply: HostReply | undefined): string => (reply?.kind === 'unknown' ? reply.reason : '');

/** An adapter that forgot a host: better a failure than a host nobody speaks of. */
const missing: HostReply = {
  kind: 'error',
  error: { code: 'step.crashed', message: 'There is no result for this host.', retryable: false },
};
