import { sha256 } from '../../canonical.ts';
import type { Json, JsonObject } from '../../document.ts';
import { fillSecrets, type SecretRef } from '../../expressions/scope.ts';
import { checkInputs } from '../../inputs.ts';
import type { CancelToken } from '../cancel.ts';
import type { Change } from '../changes.ts';
import type { EngineInput } from '../core.ts';
import type {
  AskRequest,
  Call,
  ChildReply,
  ChildRequest,
  ChosenHosts,
  Decision,
  Effects,
  HostReply,
  HostsRequest,
  LockReply,
  LockRequest,
  OutcomeAnswer,
  QueryOutput,
  QueryReply,
  QueryRequest,
  RenderedSelection,
  Reply,
} from '../effects.ts';
import { Scheduler } from '../fibers.ts';
import { mostBusySteps } from '../flow.ts';
import { chooseHosts } from '../hosts/selection.ts';
import { type PlanEntry, planAll } from '../plan.ts';
import { startEngine } from '../run.ts';
import { Later, type Rank } from './clock.ts';
import { runMockedHosts } from './hosts.ts';
import { delayMs, type MockBook } from './mocks.ts';
import { Observer } from './observer.ts';
import type { VirtualWorld } from './world.ts';

/** The outside of a virtual run: mocks in place of systems and people, a clock that jumps. */
export class VirtualEffects implements Effects {
  readonly observer: Observer;
  readonly #world: VirtualWorld;
  readonly #mocks: MockBook;
  readonly #input: EngineInput;

  constructor(world: VirtualWorld, mocks: MockBook, input: EngineInput) {
    this.#world = world;
    this.#mocks = mocks;
    this.#input = input;
    this.observer = new Observer((text) => world.log(text));
  }

  now(): number {
    return this.#world.clock.now;
  }

  /** Jitter in virtual time is always none. */
  random(): number {
    return 1 - Number.EPSILON;
  }

  sleep(ms: number, cancel: CancelToken): Later<void> {
    return this.#later<void>(ms, undefined, undefined, cancel, 'wait');
  }

  runHosts(request: HostsRequest, cancel: CancelToken): PromiseLike<{ readonly [name: string]: HostReply }> {
    const mock = this.#mocks.find(request.address, request.stepId, request.attempt);
    const started = this.observer.startBatch(request.address);
    const replies = runMockedHosts(this.#world.clock, request, mock, cancel, (host) => started.push(host));
    return replies.then((all) => this.#maskHosts(all, request.sealed !== undefined));
  }

  http(request: Call, cancel: CancelToken): PromiseLike<Reply> | Reply {
    return this.#mocked(request, cancel);
  }

  connector(request: Call, cancel: CancelToken): PromiseLike<Reply> | Reply {
    return this.#mocked(request, cancel);
  }

  notify(request: Call, cancel: CancelToken): PromiseLike<Reply> | Reply {
    return this.#mocked(request, cancel);
  }

  ask(request: AskRequest, cancel: CancelToken): PromiseLike<Decision> {
    const mock = this.#mocks.find(request.address, request.stepId, request.attempt);
    const leftMs = Math.max(0, request.expiresAt - this.now());
    const { decision, by, reason, form } = mock?.output ?? {};
    const ms = delayMs(mock?.delay);
    if (decision === undefined || ms > leftMs)
      return this.#later<Decision>(leftMs, { kind: 'expired' }, { kind: 'canceled' }, cancel, 'wait');
    const decided: Decision = {
      kind: 'decided',
      decision: decision === 'approved' || decision === 'approve' ? 'approved' : 'rejected',
      by: Array.isArray(by) ? by.map(String) : [],
      reason: typeof reason === 'string' ? reason : null,
      form: (form as JsonObject | undefined) ?? null,
    };
    return this.#later<Decision>(ms, decided, { kind: 'canceled' }, cancel, 'call');
  }

  /** No mock leaves an outcome unknown. */
  askOutcome(): OutcomeAnswer {
    return 'not_ran';
  }

  startPlaybook(request: ChildRequest, cancel: CancelToken): PromiseLike<ChildReply> {
    const later = new Later<ChildReply>();
    const world = this.#world;
    const { playbook: name } = request;
    const definition = world.playbooks[name];
    if (!definition) {
      later.settle({
        kind: 'failed',
        runId: null,
        error: { code: 'playbook.unknown', message: `There is no playbook ${name}.`, retryable: false },
      });
      return later;
    }
    const given = fillSecrets(request.inputs, (ref) => this.#reveal(ref));
    const { values, errors } = checkInputs(definition.inputs ?? [], given, { servers: world.servers });
    const [wrong] = errors;
    if (wrong) {
      const details = { errors: errors.map(({ code, path, message }) => ({ code, path, message })) };
      later.settle({
        kind: 'failed',
        runId: null,
        error: { code: wrong.code, message: wrong.message, retryable: false, details },
      });
      return later;
    }
    const runId = world.nextRunId();
    const input: EngineInput = {
      ...this.#input,
      definition,
      inputs: values,
      carried: undefined,
      depth: request.depth,
      run: {
        ...this.#input.run,
        id: runId,
        title: definition.name,
        trigger: 'run',
        startedAt: new Date(this.now()).toISOString(),
        playbook: { name, version: request.version ?? 1 },
      },
    };
    const effects = new VirtualEffects(world, this.#mocks.below(request.address, request.stepId), input);
    effects.observer.onEnd = ({ status, outputs, error }) => {
      if (status === 'succeeded') later.settle({ kind: 'succeeded', runId, outputs });
      else if (status === 'canceled') later.settle({ kind: 'canceled', runId });
      else
        later.settle({ kind: 'failed', runId, error: error ?? { code: 'run.timed_out', message: 'The run failed.' } });
    };
    const engine = startEngine(input, effects);
    world.clock.batches.push((work) => engine.batch(work));
    cancel.onCancel(() => engine.cancel());
    return later;
  }

  /** What a query gave is the mock's; without one it found no row. */
  runQuery(request: QueryRequest, cancel: CancelToken): PromiseLike<QueryReply> | QueryReply {
    const mock = this.#mocks.find(request.address, request.stepId, request.attempt);
    const runId = this.#world.nextRunId();
    const { rowCount, columns } = mock?.output ?? {};
    const output: QueryOutput = {
      rowCount: typeof rowCount === 'number' || rowCount === null ? rowCount : 0,
      columns: Array.isArray(columns) ? (columns as unknown as QueryOutput['columns']) : [],
    };
    const reply: QueryReply = mock?.error
      ? {
          kind: 'failed',
          runId,
          error: { ...mock.error, message: this.#world.mask(mock.error.message ?? mock.error.code) },
        }
      : { kind: 'succeeded', runId, output };
    return this.#later<QueryReply>(delayMs(mock?.delay), reply, { kind: 'canceled', runId }, cancel, 'call');
  }

  acquireLock(request: LockRequest, cancel: CancelToken): PromiseLike<LockReply> {
    return this.#world.locks.acquire(request, cancel);
  }

  releaseLock(slot: string): void {
    this.#world.locks.release(slot);
  }

  selectServers(selection: RenderedSelection): ChosenHosts {
    return chooseHosts(selection, this.#world.servers);
  }

  hashSecrets(names: readonly string[]): { readonly [name: string]: string } {
    return Object.fromEntries(
      names.map((name) => [name, sha256(`virtual:${name}:${JSON.stringify(this.#reveal({ $secret: name }))}`)]),
    );
  }

  planPlaybook(request: Pick<ChildRequest, 'playbook' | 'version' | 'inputs' | 'depth'>): readonly PlanEntry[] | null {
    const definition = this.#world.playbooks[request.playbook];
    if (!definition) return null;
    const { values } = checkInputs(
      definition.inputs ?? [],
      fillSecrets(request.inputs, (ref) => this.#reveal(ref)),
    );
    const input = { ...this.#input, definition, inputs: values, depth: request.depth };
    let entries: readonly PlanEntry[] | null = null;
    const scheduler = new Scheduler({ enter: (work) => work(), onIdle: () => undefined, onCrash: () => undefined });
    scheduler.spawn(
      [],
      planAll(input, new VirtualEffects(this.#world, this.#mocks, input)),
      (plan) => void (entries = plan.entries),
    );
    return entries;
  }

  /** Sealed values are never looked into by a virtual run. */
  seal(): void {
    return undefined;
  }

  /** A test may not hold up who runs it for ever, as nested loops over thousands of items would. */
  breathe(): void {
    this.#world.countSteps(mostBusySteps);
  }

  record(change: Change): void {
    this.observer.see(change);
  }

  #mocked(request: Call, cancel: CancelToken): PromiseLike<Reply> | Reply {
    const mock = this.#mocks.find(request.address, request.stepId, request.attempt);
    const ms = delayMs(mock?.delay);
    const { timeoutMs } = request;
    if (timeoutMs !== null && ms > timeoutMs) {
      const error = { code: 'step.timed_out', message: `Not ended after ${timeoutMs} ms.` };
      return this.#later<Reply>(timeoutMs, { kind: 'error', error }, { kind: 'canceled' }, cancel, 'call');
    }
    const reply: Reply = mock?.error
      ? { kind: 'error', error: { ...mock.error, message: this.#world.mask(mock.error.message ?? mock.error.code) } }
      : { kind: 'ok', output: request.sealed === undefined ? this.#maskJson(mock?.output ?? {}) : null };
    if (ms === 0) return reply;
    return this.#later<Reply>(ms, reply, { kind: 'canceled' }, cancel, 'call');
  }

  #later<T>(ms: number, value: T, canceled: T, cancel: CancelToken, rank: Rank): Later<T> {
    const later = new Later<T>();
    if (ms <= 0 && rank === 'call') {
      later.settle(value);
      return later;
    }
    const callOff = this.#world.clock.after(ms, rank, () => later.settle(value));
    const forget = cancel.onCancel(() => {
      callOff();
      later.settle(canceled);
    });
    later.then(forget);
    return later;
  }

  #maskHosts(
    replies: { readonly [name: string]: HostReply },
    isSealed: boolean,
  ): { readonly [name: string]: HostReply } {
    return Object.fromEntries(
      Object.entries(replies).map(([name, reply]) => {
        if (reply.kind === 'notStarted' || reply.kind === 'canceled') return [name, reply];
        const [stdout, stderr] = [this.#world.mask(reply.stdout ?? ''), this.#world.mask(reply.stderr ?? '')];
        this.#world.log(isSealed ? '' : stdout);
        this.#world.log(isSealed ? '' : stderr);
        return [name, { ...reply, ...(isSealed ? { stdout: '', stderr: '' } : { stdout, stderr }) }];
      }),
    );
  }

  #maskJson(value: Json): Json {
    if (typeof value === 'string') return this.#world.mask(value);
    if (Array.isArray(value)) return value.map((part: Json) => this.#maskJson(part));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, this.#maskJson(part as Json)]));
  }

  /** The value behind a reference, as an activity would put it in. Sealed outputs of mocks are kept nowhere. */
  #reveal({ $secret }: SecretRef): Json {
    const [kind, name = ''] = $secret.split('.');
    if (kind === 'secrets') return this.#world.secrets[name] ?? '';
    if (kind === 'inputs') return this.#input.inputs[name] ?? null;
    return '';
  }
}
