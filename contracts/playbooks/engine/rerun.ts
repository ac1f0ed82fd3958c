import type { Json, Playbook } from '../document.ts';
import { type Book, openBook, splitAddress, type StepNode, withInside } from './book.ts';
import type { Carried, CarriedStep } from './carried.ts';
import type { HostResult, StepStatus, UndoResult } from './changes.ts';
import type { StepError } from './failures.ts';

/** A step of the run before, as its rows tell it; what is absent was empty. */
export interface PreviousStep {
  readonly status: StepStatus;
  readonly output?: Json;
  readonly hosts?: { readonly [name: string]: Partial<HostResult> & Pick<HostResult, 'status'> };
  readonly error?: Partial<StepError> | null;
  readonly undo?: UndoResult | null;
  readonly isSealed?: boolean;
  readonly startedAt?: number | null;
  readonly endedAt?: number | null;
  readonly childRunId?: string | null;
}

export interface RerunRequest {
  /** Of the new run. */
  readonly definition: Playbook;
  /** Of the run before, where it is another version. */
  readonly previousDefinition?: Playbook;
  readonly previous: { readonly [address: string]: PreviousStep };
  /** An id or address; absent: the first step that failed, else the first that did not end well. */
  readonly fromStep?: string;
  readonly hosts?: 'failed';
}

export interface RerunRefusal {
  readonly code: 'rerun.step_undone' | 'rerun.step_missing' | 'rerun.not_on_hosts' | 'rerun.nothing_failed';
  readonly message: string;
  /** With `step_undone`: the earliest step that a rerun may begin at. */
  readonly earliest?: string;
}
export type RerunPlan =
  | { readonly ok: true; readonly fromStep: string; readonly carried: Carried }
  | { readonly ok: false; readonly refusal: RerunRefusal };

/** Says what a rerun takes over from the run before, or why it may not be (§8). */
export function planRerun(request: RerunRequest): RerunPlan {
  const book = openBook(request.definition);
  const old = openBook(request.previousDefinition ?? request.definition);
  const fromStep = request.fromStep ?? firstBad(old, request.previous);
  if (fromStep === undefined) return refuse('rerun.nothing_failed', 'No step of the run failed; say where to begin.');
  const { id, prefix } = splitAddress(fromStep);
  const target = book.byId.get(id);
  const oldTarget = old.byId.get(id);
  if (!target || !isInFlow(target) || !oldTarget || eachPath(target).join() !== eachPath(prefix).join()) {
    return refuse('rerun.step_missing', `There is no step ${fromStep} to begin at.`);
  }
  const carrier = new Carrier(old, request.previous, oldTarget, prefix);
  carrier.walk(old.steps, '');
  const undone = carrier.undone.sort((a, b) => comparePlaces(placeOf(old, a), placeOf(old, b)))[0];
  if (undone !== undefined) {
    const message = `${undone} was undone and cannot be taken over; begin there or earlier.`;
    return { ok: false, refusal: { code: 'rerun.step_undone', message, earliest: undone } };
  }
  for (const address of Object.keys(carrier.steps)) {
    const node = book.byId.get(splitAddress(address).id);
    if (!node || !isInFlow(node) || (node.order > target.order && !isBeside(node, target))) {
      return refuse(
        'rerun.step_missing',
        `${address} would be taken over, but does not stand before ${fromStep} in this version.`,
      );
    }
  }
  if (request.hosts !== 'failed') return { ok: true, fromStep, carried: { steps: carrier.steps } };
  if (!['ssh', 'script', 'upload'].includes(target.step.kind))
    return refuse('rerun.not_on_hosts', `${fromStep} does not run on hosts.`);
  const good = Object.entries(request.previous[fromStep]?.hosts ?? {}).filter(
    ([, host]) => host.status === 'succeeded',
  );
  const results = Object.fromEntries(good.map(([name, host]) => [name, wholeHost(host)]));
  return { ok: true, fromStep, carried: { steps: carrier.steps, hosts: { address: fromStep, results } } };
}

const refuse = (code: RerunRefusal['code'], message: string): RerunPlan => ({ ok: false, refusal: { code, message } });

/** Whether a step is reached by the flow itself, not by `undo`, `onFailure` or `finally`. */
function isInFlow(node: StepNode): boolean {
  const { parent } = node;
  if (parent === null) return node.pointer.startsWith('/steps/');
  return parent.lists.some((list) => list.includes(node)) && isInFlow(parent);
}

/** Whether both lie in different branches, or iterations, of one container. */
function isBeside(node: StepNode, target: StepNode): boolean {
  for (let up = node.parent; up; up = up.parent) {
    if (up.order < target.order && target.order <= up.lastOrder)
      return up.step.kind === 'parallel' || up.step.kind === 'each';
  }
  return false;
}

/** The `each` ids around a step, or named by an address's prefix. */
function eachPath(of: StepNode | string): string[] {
  if (typeof of === 'string') return [...of.matchAll(/(\w+)\[\d+\]\./g)].map(([, id = '']) => id);
  const path: string[] = [];
  for (let up = of.parent; up; up = up.parent) if (up.step.kind === 'each') path.unshift(up.id);
  return path;
}

/** Where an address stands in document order; comparable. */
function placeOf(book: Book, address: string): number[] {
  return address.split('.').flatMap((part) => {
    const [, id = part, index] = /^(\w+)\[(\d+)\]$/.exec(part) ?? [];
    const order = book.byId.get(id)?.order ?? Number.MAX_SAFE_INTEGER;
    return index === undefined ? [order] : [order, Number(index)];
  });
}

function comparePlaces(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** The first innermost step that failed for good; else the first that was stopped or never ended. */
function firstBad(book: Book, previous: RerunRequest['previous']): string | undefined {
  const inOrder = Object.keys(previous)
    .filter((address) => {
      const node = book.byId.get(splitAddress(address).id);
      return node !== undefined && node.lists.length === 0 && isInFlow(node);
    })
    .sort((a, b) => comparePlaces(placeOf(book, a), placeOf(book, b)));
  const isBad = (address: string): boolean => {
    const step = previous[address];
    const forgiven = book.byId.get(splitAddress(address).id)?.step.continueOnError;
    return (step?.status === 'failed' || step?.status === 'timed_out') && forgiven !== true;
  };
  const isOpen = (address: string): boolean =>
    !['succeeded', 'skipped', 'failed', 'timed_out'].includes(previous[address]?.status ?? '');
  return inOrder.find(isBad) ?? inOrder.find(isOpen) ?? firstMissing(book, previous);
}

/** After a crash between two steps: the first step of the flow that nobody has written anything of. */
function firstMissing({ byId }: Book, previous: RerunRequest['previous']): string | undefined {
  const hasEnded = (node: StepNode): boolean =>
    ['succeeded', 'skipped', 'failed', 'timed_out'].includes(previous[node.id]?.status ?? '');
  const nodes = [...byId.values()].filter((node) => isInFlow(node) && eachPath(node).length === 0);
  const missing = nodes.find(
    (node) => node.lists.length === 0 && !previous[node.id] && !(node.parent && hasEnded(node.parent)),
  );
  return (missing ?? nodes.find((node) => !hasEnded(node)))?.id;
}

const wholeHost = (host: Partial<HostResult> & Pick<HostResult, 'status'>): HostResult => ({
  stdout: '',
  stderr: '',
  exitCode: null,
  signal: null,
  error: null,
  truncated: false,
  stdoutBytes: host.stdout?.length ?? 0,
  stderrBytes: host.stderr?.length ?? 0,
  ...host,
});

const wholeError = (error: Partial<StepError>, address: string): StepError => ({
  code: 'run.failed_by_step',
  message: '',
  step: address,
  attempt: 1,
  retryable: false,
  ...error,
});

/** Collects what is taken over, walking down to the step where the rerun begins. */
class Carrier {
  readonly steps: Record<string, CarriedStep> = {};
  readonly undone: string[] = [];
  readonly #book: Book;
  readonly #previous: RerunRequest['previous'];
  readonly #target: StepNode;
  readonly #prefix: string;

  constructor(book: Book, previous: RerunRequest['previous'], target: StepNode, prefix: string) {
    this.#book = book;
    this.#previous = previous;
    this.#target = target;
    this.#prefix = prefix;
  }

  /** Carries what stands before the target in this list and goes down where it is inside. */
  walk(nodes: readonly StepNode[], prefix: string): void {
    for (const node of nodes) {
      if (node.order >= this.#target.order) return;
      if (node.lastOrder >= this.#target.order) return this.#enter(node, prefix);
      this.#carry(this.#inside(node, prefix));
    }
  }

  #enter(node: StepNode, prefix: string): void {
    if (node.step.kind === 'each') return this.#enterEach(node, prefix);
    const here = node.lists.findIndex((list) =>
      list.some((inner) => inner.order <= this.#target.order && this.#target.order <= inner.lastOrder),
    );
    for (const [index, list] of node.lists.entries()) {
      if (index === here) this.walk(list, prefix);
      else if (node.step.kind === 'parallel') this.#beside(list, prefix, index < here);
    }
  }

  #enterEach(node: StepNode, prefix: string): void {
    const start = `${prefix}${node.id}[`;
    const chosen = Number.parseInt(this.#prefix.slice(start.length), 10);
    const indexes = Object.keys(this.#previous)
      .filter((address) => address.startsWith(start))
      .map((address) => Number.parseInt(address.slice(start.length), 10));
    for (const index of [...new Set(indexes)].sort((a, b) => a - b)) {
      const list = node.lists[0] ?? [];
      if (index === chosen) this.walk(list, `${start}${index}].`);
      else this.#beside(list, `${start}${index}].`, index < chosen);
    }
  }

  /** A branch or iteration beside the target: all of it where it ended well; before the target, its good beginning. */
  #beside(list: readonly StepNode[], prefix: string, isBefore: boolean): void {
    const firstBad = list.findIndex((node) => !this.#endedWell(node, prefix));
    if (firstBad >= 0 && !isBefore) return;
    const good = firstBad < 0 ? list : list.slice(0, firstBad);
    const addresses = good.flatMap((node) => this.#inside(node, prefix));
    if (isBefore || !addresses.some((address) => this.#isUndone(address))) this.#carry(addresses);
  }

  #endedWell(node: StepNode, prefix: string): boolean {
    const status = this.#previous[prefix + node.id]?.status;
    if (status === 'succeeded' || status === 'skipped') return true;
    return (status === 'failed' || status === 'timed_out') && node.step.continueOnError === true;
  }

  /** Addresses of a step and of all that ran inside it. */
  #inside(node: StepNode, prefix: string): string[] {
    return [...withInside(node)].flatMap((inner) => {
      const address = prefix + inner.id;
      const iterations =
        inner.step.kind === 'each' ? Object.keys(this.#previous).filter((one) => one.startsWith(`${address}[`)) : [];
      return [address, ...iterations.filter((one) => this.#book.byId.has(splitAddress(one).id))];
    });
  }

  #isUndone(address: string): boolean {
    const undo = this.#previous[address]?.undo;
    return undo === 'done' || undo === 'failed';
  }

  #carry(addresses: readonly string[]): void {
    for (const address of addresses) {
      const step = this.#previous[address];
      if (this.#isUndone(address)) this.undone.push(address);
      this.steps[address] = {
        status: step?.status ?? 'skipped',
        output: step?.output ?? null,
        hosts: Object.fromEntries(Object.entries(step?.hosts ?? {}).map(([name, host]) => [name, wholeHost(host)])),
        error: step?.error ? wholeError(step.error, address) : null,
        isSealed: step?.isSealed ?? false,
        startedAt: step?.startedAt ?? null,
        endedAt: step?.endedAt ?? null,
        childRunId: step?.childRunId ?? null,
      };
    }
  }
}
