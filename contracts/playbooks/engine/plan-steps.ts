import type { EachStep, HostStep, IfStep, Json, JsonObject, QueryStep, Step, SwitchStep } from '../document.ts';
import { canonicalJson } from '../canonical.ts';
import { evaluateBoolean, evaluateJson } from '../expressions/evaluate.ts';
import { referencedSteps, renderValue } from '../expressions/render.ts';
import type { Scope, StepView } from '../expressions/scope.ts';
import type { Book, StepNode } from './book.ts';
import { withInside } from './book.ts';
import type { CancelToken } from './cancel.ts';
import { type EngineInput, flowScope } from './core.ts';
import type { Effects, HostWork, ServerFacts } from './effects.ts';
import { factsOf, StepFailure } from './failures.ts';
import { type Fiber, outside } from './fibers.ts';
import { type Frame, iterationFrame } from './frame.ts';
import { cutBatches } from './hosts/batches.ts';
import { renderSelection, renderWork, shownText } from './hosts/work.ts';
import { itemsOf } from './kinds/each.ts';
import type { PlanEntry } from './plan.ts';
import { describeFiles } from './plan-files.ts';
import { describeStep } from './plan-kinds.ts';
import { describeQuery } from './plan-query.ts';
import { at, Fields } from './render.ts';

export interface PlanWorld {
  readonly input: EngineInput;
  readonly effects: Effects;
  readonly book: Book;
  readonly isDryRun: boolean;
  readonly cancel: CancelToken;
  readonly nowMs: number;
}

/** Iterations of one `each` that a plan writes out; of more it tells the number. */
export const mostPlannedItems = 200;

type Draft = { -readonly [K in keyof PlanEntry]: PlanEntry[K] };

/** What holds a step and is itself not known yet. */
type Within = readonly string[] | null;

/** Walks steps as the engine would, as far as their expressions are known. */
export class Planner {
  readonly entries: PlanEntry[] = [];
  /** What counts for the hash but is not shown: environment, headers, bodies, with references in place of secrets. */
  readonly material: Json[] = [];
  /** Steps whose results nobody knows yet. */
  readonly unknown = new Set<string>();
  readonly #world: PlanWorld;
  #phase: 'finally' | null = null;

  constructor(world: PlanWorld) {
    this.#world = world;
  }

  *finally(frame: Frame, nodes: readonly StepNode[]): Fiber<void> {
    this.#phase = 'finally';
    yield* this.list(frame, nodes, null);
  }

  *list(frame: Frame, nodes: readonly StepNode[], within: Within): Fiber<void> {
    for (const node of nodes) yield* this.#step(frame, node, within);
  }

  *#step(frame: Frame, node: StepNode, within: Within): Fiber<void> {
    const { step } = node;
    const draft = this.#draft(frame, node);
    const needs = new Set<string>(within ?? []);
    const condition = step.if;
    if (condition !== undefined) {
      const missing = this.#missing(condition, true);
      for (const id of missing) needs.add(id);
      if (missing.length === 0) {
        const isWanted = this.#try(draft, node, `${node.pointer}/if`, () =>
          evaluateBoolean(condition, this.#scope(frame)),
        );
        if (isWanted === false) return this.#skip(frame, node);
      }
    }
    for (const id of this.#missing(ownFields(step), false)) needs.add(id);
    for (const source of celFields(step)) for (const id of this.#missing(source, true)) needs.add(id);
    draft.action = needs.size > 0 ? 'depends' : step.kind === 'approve' ? 'ask' : 'run';
    if (needs.size > 0) draft.dependsOn = [...needs].sort();
    this.unknown.add(node.id);
    this.entries.push(draft);
    yield* this.#fill(frame, node, draft, needs.size === 0);
  }

  /** Adds what can be said of the step, and goes into what it holds. */
  *#fill(frame: Frame, node: StepNode, draft: Draft, isKnown: boolean): Fiber<void> {
    const { step } = node;
    switch (step.kind) {
      case 'ssh':
      case 'script':
      case 'upload':
        return yield* this.#hosts(frame, node, step, draft);
      case 'parallel':
        for (const list of node.lists) yield* this.list(frame, list, isKnown ? null : (draft.dependsOn ?? []));
        return;
      case 'each':
        return yield* this.#each(frame, node, step, draft, isKnown);
      case 'if':
      case 'switch':
        return yield* this.#choice(frame, node, step, draft, isKnown);
      case 'playbook':
        if (isKnown) yield* this.#child(frame, node, draft);
        return;
      case 'query':
        if (isKnown) yield* this.#query(frame, node, step, draft);
        return;
      default: {
        const isMissing = (value: Json): boolean => this.#missing(value, false).length > 0;
        const output = this.#try(draft, node, node.pointer, () =>
          describeStep(step, node.pointer, this.#scope(frame), isMissing, draft, (value) => this.material.push(value)),
        );
        if (isKnown && output !== undefined && output !== null) this.#know(frame, node, output);
      }
    }
  }

  *#hosts(frame: Frame, node: StepNode, step: HostStep, draft: Draft): Fiber<void> {
    const { effects, cancel } = this.#world;
    const { pointer } = node;
    if (this.#missing(step.hosts as unknown as Json, false).length > 0) return;
    const scope = this.#scope(frame);
    const selection = this.#try(draft, node, `${pointer}/hosts`, () => renderSelection(step, pointer, scope));
    if (!selection) return;
    const chosen = yield* outside(effects.selectServers(selection, cancel));
    const names = chosen.hosts.map(({ name }) => name);
    draft.hosts = names;
    if (chosen.leftOut.length > 0) draft.leftOut = chosen.leftOut;
    const reachable = chosen.hosts.flatMap(({ name, reachable: is }) =>
      typeof is === 'boolean' ? [[name, is] as const] : [],
    );
    if (reachable.length > 0) draft.reachable = Object.fromEntries(reachable);
    this.#try(draft, node, pointer, () => {
      const fields = new Fields(scope, pointer);
      if (chosen.unknown.length > 0) {
        throw new StepFailure(
          { code: 'hosts.unknown_name', message: `No server is called ${chosen.unknown.join(', ')}.` },
          `${pointer}/hosts`,
        );
      }
      if (names.length === 0 && !fields.boolean('allowEmpty', step.allowEmpty, false)) {
        throw new StepFailure(
          { code: 'hosts.none_matched', message: 'No server fits the selection.' },
          `${pointer}/hosts`,
        );
      }
      if (this.#missing([step.canary ?? null, (step.batch ?? null) as Json], false).length > 0) return;
      const canary = step.canary === undefined ? null : fields.share('canary', step.canary, 1, 1);
      const batches = cutBatches(chosen.hosts, canary, fields.shares('batch', step.batch, 1));
      if (batches.length > 1) draft.batches = batches.map(({ hosts }) => hosts.map(({ name }) => name));
    });
    if (chosen.hosts.length === 0) return;
    const works = this.#work(frame, node, step, chosen.hosts, draft);
    if (works) yield* describeFiles(effects, `${pointer}/artifact`, works, draft);
  }

  /** The text each host would get, and everything else that reaches it, for the hash. */
  #work(
    frame: Frame,
    node: StepNode,
    step: HostStep,
    hosts: readonly ServerFacts[],
    draft: Draft,
  ): readonly HostWork[] | undefined {
    const { hosts: _hosts, ...fields } = ownFields(step) as JsonObject;
    const shown = (fields['command'] ?? fields['to'] ?? fields['args'] ?? null) as Json;
    if (this.#missing(shown, false).length > 0) return undefined;
    const isWhole = this.#missing(fields, false).length === 0;
    // What is not known yet must not hide the text that is: the other fields are left out then.
    const known = isWhole
      ? step
      : ({
          ...step,
          env: undefined,
          stdin: undefined,
          cwd: undefined,
          content: undefined,
          artifact: undefined,
        } as unknown as HostStep);
    return this.#try(draft, node, node.pointer, () => {
      const { work, of } = renderWork(known, node.pointer, hosts, (host) => this.#scope(frame, host));
      const [first] = work;
      if (!first) return undefined;
      draft.rendered = shownText(first);
      if (work.length > 1)
        draft.renderedByHost = Object.fromEntries(
          [...of].map(([name, index]) => [name, shownText(work[index] ?? first)]),
        );
      this.material.push(work as unknown as Json);
      return work;
    });
  }

  *#each(frame: Frame, node: StepNode, step: EachStep, draft: Draft, isKnown: boolean): Fiber<void> {
    const inner = node.lists[0] ?? [];
    const items = isKnown
      ? this.#try(draft, node, `${node.pointer}/items`, () =>
          itemsOf(renderValue(step.items as Json, this.#scope(frame))),
        )
      : undefined;
    if (!items) {
      // Nobody knows the items: the steps are shown once, as they stand.
      return yield* this.list(iterationFrame(frame, node.id, 0, undefined, step.as), inner, draft.dependsOn ?? []);
    }
    draft.details = { items: items.length };
    this.material.push(items);
    for (const [index, item] of items.slice(0, mostPlannedItems).entries()) {
      yield* this.list(iterationFrame(frame, node.id, index, item, step.as), inner, null);
    }
  }

  *#choice(frame: Frame, node: StepNode, step: IfStep | SwitchStep, draft: Draft, isKnown: boolean): Fiber<void> {
    const chosen = isKnown ? this.#try(draft, node, node.pointer, () => this.#chosen(frame, node, step)) : undefined;
    if (chosen === undefined) {
      for (const list of node.lists) yield* this.list(frame, list, draft.dependsOn ?? []);
      return;
    }
    const isNone = step.kind === 'switch' && chosen === step.cases.length;
    draft.details = step.kind === 'if' ? { branch: chosen === 0 ? 'then' : 'else' } : { case: isNone ? null : chosen };
    this.#know(frame, node, draft.details);
    for (const [index, list] of node.lists.entries()) {
      if (index === chosen) yield* this.list(frame, list, null);
      else for (const inner of list) this.#skip(frame, inner);
    }
  }

  #chosen(frame: Frame, node: StepNode, step: IfStep | SwitchStep): number {
    const scope = this.#scope(frame);
    if (step.kind === 'if')
      return at(`${node.pointer}/condition`, () => evaluateBoolean(step.condition, scope)) ? 0 : 1;
    const value = canonicalJson(at(`${node.pointer}/on`, () => evaluateJson(step.on, scope)));
    const found = step.cases.findIndex(({ when }) =>
      (Array.isArray(when) ? when : [when]).some((one) => canonicalJson(renderValue(one as Json, scope)) === value),
    );
    return found < 0 ? step.cases.length : found;
  }

  *#child(frame: Frame, node: StepNode, draft: Draft): Fiber<void> {
    const { step } = node;
    if (step.kind !== 'playbook') return;
    const fields = new Fields(this.#scope(frame), node.pointer);
    const inputs = this.#try(draft, node, `${node.pointer}/inputs`, () => fields.map('inputs', step.inputs, true));
    if (!inputs) return;
    this.material.push(inputs);
    const depth = (this.#world.input.depth ?? 0) + 1;
    const version = step.version ?? null;
    const plan = yield* outside(this.#world.effects.planPlaybook({ playbook: step.playbook, version, inputs, depth }));
    draft.rendered = step.playbook;
    if (plan) draft.plan = plan;
  }

  *#query(frame: Frame, node: StepNode, step: QueryStep, draft: Draft): Fiber<void> {
    const { pointer } = node;
    const of = { step, address: frame.prefix + node.id, pointer, scope: this.#scope(frame) };
    try {
      yield* describeQuery(this.#world.effects, of, draft, (value) => this.material.push(value));
    } catch (error) {
      const { facts, path } = factsOf(error, pointer);
      draft.error ??= { code: facts.code, message: facts.message, path };
    }
  }

  #draft(frame: Frame, { step, undo }: StepNode): Draft {
    return {
      id: frame.prefix + step.id,
      kind: step.kind,
      action: 'run',
      ...(step.name === undefined ? {} : { name: step.name }),
      ...(undo.length === 0 ? {} : { undo: undo.map(({ id }) => id) }),
      ...(this.#phase === null ? {} : { phase: this.#phase }),
    };
  }

  #skip(frame: Frame, node: StepNode): void {
    for (const inner of withInside(node)) {
      this.entries.push({ ...this.#draft(frame, inner), action: 'skip' });
      this.unknown.delete(inner.id);
      frame.views[inner.id] = { ...seen, status: 'skipped', output: null };
    }
  }

  /** From now on expressions may read this step. */
  #know(frame: Frame, node: StepNode, output: Json): void {
    this.unknown.delete(node.id);
    frame.views[node.id] = { ...seen, status: 'succeeded', output };
  }

  /** Steps that a value reads and nobody knows. */
  #missing(value: Json, cel: boolean): string[] {
    return referencedSteps(value, { cel }).filter((id) => this.unknown.has(id));
  }

  #scope(frame: Frame, host?: ServerFacts): Scope {
    const { input, nowMs, isDryRun } = this.#world;
    const view = host && { name: host.name, host: host.host, port: host.port, tags: host.tags };
    const scope = flowScope({ core: { input }, frame, error: null, end: null }, nowMs, view);
    return { ...scope, run: { ...scope.run, dryRun: isDryRun } };
  }

  /** Notes a mistake in the entry and goes on: a plan shows all of them. */
  #try<T>(draft: Draft, _node: StepNode, pointer: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      const { facts, path } = factsOf(error, pointer);
      draft.error ??= { code: facts.code, message: facts.message, path };
      return undefined;
    }
  }
}

const seen: Omit<StepView, 'status' | 'output'> = {
  error: null,
  attempts: 1,
  hosts: {},
  startedAt: null,
  endedAt: null,
};

/** A step's fields without the steps inside it and what only runs later. */
function ownFields(step: Step): Json {
  const { undo: _undo, onFailure: _onFailure, if: _if, ...rest } = step;
  const inner = new Set([
    'branches',
    'then',
    'else',
    'steps',
    'cases',
    'default',
    'collect',
    'form',
    'condition',
    'on',
    'that',
    'expect',
  ]);
  return Object.fromEntries(
    Object.entries(rest).filter(([name, value]) => !inner.has(name) && value !== undefined),
  ) as Json;
}

/** The CEL fields that decide what a step does. */
function celFields(step: Step): string[] {
  if (step.kind === 'if') return [step.condition];
  if (step.kind === 'switch') return [step.on];
  if (step.kind !== 'assert') return [];
  return (Array.isArray(step.that) ? step.that : [step.that]).map((one) => (typeof one === 'string' ? one : one.that));
}
