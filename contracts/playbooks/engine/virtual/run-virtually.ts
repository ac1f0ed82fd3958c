import type { Json, JsonObject, Playbook } from '../../document.ts';
import { formatDuration, parseDuration } from '../../duration.ts';
import { createMasker } from '../../masking.ts';
import { checkInputs, type InputError } from '../../inputs.ts';
import type { Change, RunEndStatus, UndoCount } from '../changes.ts';
import type { EngineInput } from '../core.ts';
import type { StepError } from '../failures.ts';
import { Scheduler } from '../fibers.ts';
import { planAll, type PlanEntry, type PlanWithHash } from '../plan.ts';
import { planRerun, type PreviousStep, type RerunRefusal } from '../rerun.ts';
import type { Effects } from '../effects.ts';
import { type Engine, startEngine } from '../run.ts';
import type { Snapshot } from '../snapshot.ts';
import type { StepState } from '../state.ts';
import type { VirtualClock } from './clock.ts';
import { MockBook, type Mocks } from './mocks.ts';
import { VirtualEffects } from './virtual-effects.ts';
import { virtualStart, VirtualWorld } from './world.ts';

/** A run with mocked steps (specs/playbook-language.md §15), its definition already found valid. */
export interface VirtualCase {
  readonly definition: Playbook;
  readonly playbooks?: { readonly [name: string]: Playbook };
  readonly servers?: readonly { readonly name: string; readonly tags?: readonly string[] }[];
  readonly vars?: JsonObject;
  readonly secrets?: { readonly [name: string]: string };
  readonly inputs?: JsonObject;
  readonly actor?: { readonly name?: string; readonly email?: string };
  readonly mocks?: Mocks;
  /** After so long somebody cancels the run. */
  readonly cancelAt?: string;
  readonly rerun?: {
    readonly fromStep?: string;
    readonly hosts?: 'failed';
    readonly previous: { readonly [address: string]: PreviousStep };
  };
  readonly dryRun?: boolean;
}

/** One step of a virtual run. */
export type VirtualStep = Pick<
  StepState,
  'status' | 'attempts' | 'reason' | 'carried' | 'undo' | 'output' | 'error' | 'hosts'
> & {
  readonly partial: boolean;
};

export interface VirtualResult {
  /** Refused values; then nothing ran. */
  readonly inputErrors: readonly InputError[];
  readonly rerunRefusal: RerunRefusal | null;
  readonly status: RunEndStatus | null;
  readonly error: StepError | null;
  readonly outputs: JsonObject;
  readonly warnings: number;
  readonly undo: UndoCount | null;
  /** By address. */
  readonly steps: { readonly [address: string]: VirtualStep };
  /** Addresses by start. */
  readonly order: readonly string[];
  readonly rendered: { readonly [idOrHost: string]: string };
  readonly batches: { readonly [address: string]: readonly (readonly string[])[] };
  readonly elapsedMs: number;
  readonly elapsed: string;
  readonly logs: readonly string[];
  readonly plan: readonly PlanEntry[] | null;
  readonly planHash: string | null;
  readonly changes: readonly Change[];
}

/** For tests of the engine itself: another outside, other things that happen at a time. */
export interface VirtualHooks {
  readonly effects?: (inner: VirtualEffects, clock: VirtualClock) => Effects;
  /** Whether to bring the run to rest and go on with another engine before the n-th instant. */
  readonly pauseAt?: (instant: number) => boolean;
  readonly at?: { readonly [after: string]: (engine: Engine) => void };
}

/** Runs a playbook in virtual time: months of waiting take no time, nothing outside is touched. */
export function runVirtually(given: VirtualCase, hooks: VirtualHooks = {}): VirtualResult {
  const { definition, inputs = {}, secrets = {} } = given;
  const servers = (given.servers ?? []).map((server) => ({ ...server, tags: server.tags ?? [] }));
  const { values, errors } = checkInputs(definition.inputs ?? [], inputs, given.servers ? { servers } : {});
  if (errors.length > 0) return { ...nothing, inputErrors: errors };
  const mask = createMasker([...Object.values(secrets), ...secretInputs(definition, values)]).mask;
  const world = new VirtualWorld({ playbooks: given.playbooks ?? {}, servers, vars: given.vars ?? {}, secrets, mask });
  const input = inputOf(given, values, world);
  if (given.dryRun) return { ...nothing, ...planVirtually(input, world, new MockBook(given.mocks ?? {})) };
  const { rerun } = given;
  const plan = rerun ? planRerun({ definition, ...rerun }) : null;
  if (plan && !plan.ok) return { ...nothing, rerunRefusal: plan.refusal };
  return drive(plan ? { ...input, carried: plan.carried } : input, world, given, hooks);
}

const nothing: VirtualResult = {
  inputErrors: [],
  rerunRefusal: null,
  status: null,
  error: null,
  outputs: {},
  warnings: 0,
  undo: null,
  steps: {},
  order: [],
  rendered: {},
  batches: {},
  elapsedMs: 0,
  elapsed: '0s',
  logs: [],
  plan: null,
  planHash: null,
  changes: [],
};

function inputOf(given: VirtualCase, inputs: JsonObject, world: VirtualWorld): EngineInput {
  const { definition } = given;
  const id = world.nextRunId();
  const actor = { name: given.actor?.name ?? 'Tester', email: given.actor?.email ?? 'tester@example.com' };
  return {
    definition,
    inputs,
    vars: world.vars,
    secrets: Object.keys(world.secrets),
    run: {
      id,
      title: definition.name,
      trigger: 'user',
      actor,
      startedAt: virtualStart,
      url: `https://windlass.example.com/runs/${id}`,
      playbook: { name: definition.name, version: 1 },
    },
  };
}

const secretInputs = ({ inputs = [] }: Playbook, values: JsonObject): string[] =>
  inputs.flatMap(({ name, type, secret }) => {
    const value: Json | undefined = values[name];
    return (type === 'secret' || secret === true) && typeof value === 'string' ? [value] : [];
  });

function planVirtually(input: EngineInput, world: VirtualWorld, mocks: MockBook): Partial<VirtualResult> {
  const found: { plan?: PlanWithHash; crash?: unknown } = {};
  const scheduler = new Scheduler({
    enter: (work) => work(),
    onIdle: () => undefined,
    onCrash: (error) => (found.crash = error),
  });
  scheduler.spawn([], planAll(input, new VirtualEffects(world, mocks, input)), (plan) => (found.plan = plan));
  if (!found.plan)
    throw found.crash instanceof Error ? found.crash : new Error('The plan waits for something that never comes.');
  return { status: 'succeeded', plan: found.plan.entries, planHash: found.plan.hash };
}

function drive(input: EngineInput, world: VirtualWorld, given: VirtualCase, hooks: VirtualHooks): VirtualResult {
  const inner = new VirtualEffects(world, new MockBook(given.mocks ?? {}), input);
  const effects = hooks.effects?.(inner, world.clock) ?? inner;
  const { clock } = world;
  const startMs = clock.now;
  const steps: Record<string, VirtualStep> = {};
  let engine = startEngine(input, effects);
  const begin = (): void => {
    const { batch } = engine;
    clock.batches[0] = (work) => batch.call(engine, work);
  };
  begin();
  if (given.cancelAt !== undefined) clock.after(parseDuration(given.cancelAt) ?? 0, 'cancel', () => engine.cancel());
  for (const [after, act] of Object.entries(hooks.at ?? {}))
    clock.after(parseDuration(after) ?? 0, 'cancel', () => act(engine));
  let instants = 0;
  let isFresh = false; // an engine that has just gone on must see something happen before it is paused again
  for (;;) {
    const isOver = clock.runUntil(
      () => engine.ended !== null || engine.crash !== null || engine.snapshot !== null,
      () => {
        if (!isFresh && hooks.pauseAt?.(++instants)) void engine.pause();
        isFresh = false;
      },
    );
    for (const [address, state] of engine.states) steps[address] = stepOf(state);
    if (engine.ended) break;
    if (!isOver || engine.snapshot === null) {
      throw engine.crash instanceof Error ? engine.crash : new Error('The run waits for something that never comes.');
    }
    // What survives a change of execution is only what can be written down.
    const resume = JSON.parse(JSON.stringify(engine.snapshot)) as Snapshot;
    engine = startEngine({ ...input, resume }, effects);
    begin();
    isFresh = true;
  }
  const { observer } = inner;
  const elapsedMs = clock.now - startMs;
  return {
    ...nothing,
    ...engine.ended,
    steps,
    order: observer.order,
    rendered: observer.rendered,
    batches: observer.batches,
    elapsedMs,
    elapsed: formatDuration(elapsedMs),
    logs: world.logs,
    changes: observer.changes,
  };
}

const stepOf = ({
  status,
  attempts,
  reason,
  carried,
  undo,
  output,
  error,
  hosts,
  isPartial,
}: StepState): VirtualStep => ({
  status,
  attempts: carried ? 0 : attempts,
  reason,
  carried,
  undo,
  output,
  error,
  hosts,
  partial: isPartial,
});
