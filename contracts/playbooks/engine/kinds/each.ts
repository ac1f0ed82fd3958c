import type { EachStep, Json } from '../../document.ts';
import { renderValue } from '../../expressions/render.ts';
import { limits } from '../../limits.ts';
import type { CancelToken } from '../cancel.ts';
import { type Done, type Flow, flowScope, type ListEnd, type Prepared, scopeOf, type StepRun } from '../core.ts';
import { factsOf, overLimit, StepFailure } from '../failures.ts';
import { Bell, type Fiber } from '../fibers.ts';
import { iterationFrame } from '../frame.ts';
import { cancelSteps, skipSteps } from '../marks.ts';
import { stepError } from '../outcomes.ts';
import type { EndedIteration } from '../state.ts';
import { at, countOf, Fields } from '../render.ts';
import { endOf } from './containers.ts';

/** The items of an `each`: a list's own, a map's as `{key, value}`. */
export function itemsOf(value: Json): readonly Json[] | null {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return null;
  return Object.entries(value).map(([key, part]) => ({ key, value: part as Json }));
}

export function prepareEach(run: StepRun<EachStep>): Prepared {
  const { node, step } = run;
  const fields = new Fields(scopeOf(run), node.pointer);
  const items = itemsOf(fields.value('items', step.items));
  if (!items) {
    throw new StepFailure({ code: 'value.wrong_type', message: 'Must be a list or a map.' }, `${node.pointer}/items`);
  }
  if (items.length > limits.eachItems)
    throw overLimit('eachItems', limits.eachItems, items.length, `${node.pointer}/items`);
  const parallel = fields.integer('parallel', step.parallel, 1, 1);
  if (parallel > limits.eachParallel)
    throw overLimit('eachParallel', limits.eachParallel, parallel, `${node.pointer}/parallel`);
  const share = fields.share('maxFailures', step.maxFailures, 0);
  const loop = new Loop(run, items, {
    parallel,
    mostFailures: countOf(share, items.length, 'down'),
    isFailFast: fields.boolean('failFast', step.failFast, false),
  });
  return {
    watchMs: fields.durationMs('timeout', step.timeout),
    attempt: (_attempt, cancel) => loop.run(cancel),
  };
}

interface LoopRules {
  readonly parallel: number;
  readonly mostFailures: number;
  readonly isFailFast: boolean;
}

class Loop {
  readonly #run: StepRun<EachStep>;
  readonly #items: readonly Json[];
  readonly #rules: LoopRules;
  #running = 0;
  #counts: Record<EndedIteration['kind'], number> = { succeeded: 0, failed: 0, canceled: 0 };

  constructor(run: StepRun<EachStep>, items: readonly Json[], rules: LoopRules) {
    this.#run = run;
    this.#items = items;
    this.#rules = rules;
  }

  *run(cancel: CancelToken): Fiber<Done> {
    const { core, flow, state } = this.#run;
    const { parallel, mostFailures, isFailFast } = this.#rules;
    const token = cancel.child();
    const bell = new Bell();
    const ended: Record<string, EndedIteration> = (state.loop ??= {});
    const count = (kind: EndedIteration['kind']): number => this.#counts[kind];
    this.#counts = { succeeded: 0, failed: 0, canceled: 0 };
    for (const { kind } of Object.values(ended)) this.#counts[kind] += 1;
    this.#running = 0;
    const end = (index: number, { end, value }: Iterated): void => {
      this.#running -= 1;
      ended[index] = { kind: end.kind, value };
      this.#counts[end.kind] += 1;
      if (end.kind === 'failed') state.firstError ??= end.error;
      if (isFailFast && count('failed') > mostFailures) core.scheduler.batch(() => token.cancel('fail_fast'));
      bell.ring();
    };
    let next = 0;
    while (next < this.#items.length && count('failed') <= mostFailures && !token.isCanceled) {
      if (ended[next]) {
        next += 1;
        continue;
      }
      if (this.#running >= parallel) {
        yield* bell.heard();
        continue;
      }
      yield* core.pause.gate();
      if (token.isCanceled) break;
      const index = next++;
      this.#running += 1;
      const at = { ...this.#flowOf(index), cancel: token, position: [...flow.position, index] };
      core.scheduler.spawn(at.position, this.#iterate(at), (result) => end(index, result));
    }
    while (this.#running > 0) yield* bell.heard();
    this.#passOver(ended, cancel.isCanceled);
    token.release();
    const [succeeded, failed] = [count('succeeded'), count('failed')];
    const skipped = this.#items.length - succeeded - failed;
    const items = this.#items.map((_, index) => ended[index]?.value ?? null);
    const isGood = failed <= mostFailures && skipped === 0;
    return endOf(isGood, state.firstError, cancel, { items, succeeded, failed, skipped });
  }

  #flowOf(index: number): Flow {
    const { flow, node, step } = this.#run;
    return { ...flow, frame: iterationFrame(flow.frame, node.id, index, this.#items[index], step.as) };
  }

  /** One iteration; a `collect` that cannot be evaluated makes it a failed one. */
  *#iterate(flow: Flow): Fiber<Iterated> {
    const { core, node, step } = this.#run;
    const end = yield* core.runList(flow, node.lists[0] ?? []);
    const { collect } = step;
    if (end.kind !== 'succeeded' || collect === undefined) return { end, value: null };
    try {
      const scope = flowScope(flow, core.effects.now());
      return { end, value: at(`${node.pointer}/collect`, () => renderValue(collect, scope)) };
    } catch (error) {
      const { facts, path } = factsOf(error, node.pointer);
      return { end: { kind: 'failed', error: stepError(this.#run, facts, { path }) }, value: null };
    }
  }

  /** Iterations that never began. */
  #passOver(ended: Readonly<Record<string, EndedIteration>>, isCanceled: boolean): void {
    const { node } = this.#run;
    for (const index of this.#items.keys()) {
      if (ended[index]) continue;
      const flow = this.#flowOf(index);
      if (isCanceled) cancelSteps(flow, node.lists[0] ?? []);
      else skipSteps(flow, node.lists[0] ?? [], 'earlier_failure');
    }
  }
}

interface Iterated {
  readonly end: ListEnd;
  readonly value: Json;
}
