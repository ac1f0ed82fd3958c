import { hashOf } from '../canonical.ts';
import type { Json, JsonObject } from '../document.ts';
import { isSecretRef, secretRefsIn } from '../expressions/scope.ts';
import { openBook, type StepNode } from './book.ts';
import { CancelToken } from './cancel.ts';
import type { EngineInput, StepRun } from './core.ts';
import type { Effects } from './effects.ts';
import { type Fiber, outside, Scheduler } from './fibers.ts';
import { type Frame, topFrame } from './frame.ts';
import { Planner } from './plan-steps.ts';

/** One step of a plan. */
export interface PlanEntry {
  /** Address. */
  readonly id: string;
  readonly kind: string;
  readonly name?: string;
  /** `depends`: what it does, or whether, is known only when the steps in `dependsOn` have returned. */
  readonly action: 'run' | 'skip' | 'ask' | 'depends';
  readonly hosts?: readonly string[];
  readonly batches?: readonly (readonly string[])[];
  /** Names left out because they are in maintenance. */
  readonly leftOut?: readonly string[];
  /** By name, as last checked; hosts nothing is known of are missing. */
  readonly reachable?: { readonly [name: string]: boolean };
  /** Command, file, address, message or reason; of the first host where they differ. */
  readonly rendered?: string;
  /** Where hosts differ. */
  readonly renderedByHost?: { readonly [name: string]: string };
  readonly dependsOn?: readonly string[];
  /** What would fail it, as far as is known now. */
  readonly error?: { readonly code: string; readonly message: string; readonly path?: string };
  /** What else is known: items, branch, case, values, until, who is asked, header names, bytes, script hash. */
  readonly details?: JsonObject;
  /** A child playbook's own plan. */
  readonly plan?: readonly PlanEntry[];
  /** Ids of the steps that would undo it. */
  readonly undo?: readonly string[];
  readonly phase?: 'finally';
}

export interface PlanWithHash {
  readonly entries: readonly PlanEntry[];
  /** Over version, inputs, hosts and rendered text; secrets count by their keyed hashes. */
  readonly hash: string;
}

/** The dry run: walks the whole document without effect. Asks the outside for the inventory and keyed hashes alone. */
export function planPlaybook(input: EngineInput, effects: Effects): PromiseLike<PlanWithHash> {
  return new Promise((resolve, reject) => {
    const scheduler = new Scheduler({ enter: (work) => work(), onIdle: () => undefined, onCrash: reject });
    scheduler.spawn([], planAll(input, effects), resolve);
  });
}

/** The same as a fiber, for who drives it by a clock of its own. */
export function* planAll(input: EngineInput, effects: Effects): Fiber<PlanWithHash> {
  const book = openBook(input.definition);
  const planner = new Planner({
    input,
    effects,
    book,
    isDryRun: true,
    cancel: new CancelToken(),
    nowMs: effects.now(),
  });
  const frame = topFrame();
  yield* planner.list(frame, book.steps, null);
  yield* planner.finally(frame, book.finally);
  return yield* withHash(input, effects, planner);
}

/** The plan of what comes after a step that is under way, with all that is known by now. */
export function* planRest({ core, flow, node, nowMs }: StepRun): Fiber<PlanWithHash> {
  const { input, effects, book } = core;
  const planner = new Planner({ input, effects, book, isDryRun: false, cancel: flow.cancel, nowMs });
  planner.unknown.add(node.id);
  const frame: Frame = { ...flow.frame, views: { ...flow.frame.views } };
  for (let at: StepNode | null = node; at; at = at.parent) {
    const { parent }: StepNode = at;
    const list: readonly StepNode[] = parent
      ? (parent.lists.find((one) => one.includes(at as StepNode)) ?? [])
      : book.steps;
    const prefix = frame.prefix
      .split('.')
      .slice(0, eachDepth(at))
      .map((part) => `${part}.`);
    yield* planner.list({ ...frame, prefix: prefix.join('') }, list.slice(list.indexOf(at) + 1), null);
  }
  yield* planner.finally({ ...frame, prefix: '' }, book.finally);
  return yield* withHash(input, effects, planner);
}

function eachDepth(node: StepNode): number {
  let depth = 0;
  for (let up = node.parent; up; up = up.parent) if (up.step.kind === 'each') depth += 1;
  return depth;
}

function* withHash(input: EngineInput, effects: Effects, planner: Planner): Fiber<PlanWithHash> {
  const entries = planner.entries;
  const material = planner.material as readonly Json[];
  const refs = [...secretRefsIn(material), ...secretRefsIn(input.inputs)].map(({ $secret }) => $secret);
  const secretInputs = (input.definition.inputs ?? [])
    .filter(({ name, type, secret }) => (type === 'secret' || secret === true) && input.inputs[name] !== null)
    .map(({ name }) => `inputs.${name}`);
  const names = [...new Set([...refs, ...secretInputs])].filter((name) => /^(secrets|inputs)\./.test(name)).sort();
  const hashes = names.length === 0 ? {} : yield* outside(effects.hashSecrets(names));
  const hidden = new Set(secretInputs);
  const inputs = Object.fromEntries(
    Object.entries(input.inputs).filter(([name, value]) => !hidden.has(`inputs.${name}`) && !isSecretRef(value)),
  );
  const { playbook } = input.run;
  const plain = entries.map(({ reachable: _reachable, ...entry }) => entry) as unknown as Json;
  return { entries, hash: hashOf({ playbook: { ...playbook }, inputs, plan: plain, material, secrets: hashes }) };
}
