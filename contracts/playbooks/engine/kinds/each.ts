import type { EachStep, Json } from '../../document.ts';
import { renderValue } from '../../expressions/render.ts';
import { limits } from '../../limits.ts';
import type { CancelToken } from '../cancel.ts';
import { type Done, type Flow, flowScope, type ListEnd, type Prepared, scopeOf, type StepRun } from '../core.ts';
import { factsOf, overLimit, type StepError, StepFailure } from '../failures.ts';
import { Bell, type Fiber } from '../fibers.ts';
import { iterationFrame } from '../frame.ts';
import { cancelSteps, skipSteps } from '../marks.ts';
import { stepError } from '../outcomes.ts';
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

  constructor(run: StepRun<EachStep>, items: readonly Json[], rules: LoopRules) {
    this.#run = run;
    this.#items = items;
    this.#rules = rules;
  }

  *run(cancel: CancelToken): Fiber<Done> {
    const { core, flow } = this.#run;
    const { parallel, mostFailures, isFailFast } = this.#rules;
    const token = cancel.child();
    const bell = new Bell();
    const collected: Json[] = this.#items.map(() => null);
    const count = { succeeded: 0, failed: 0, skipped: 0, running: 0 };
    let first: StepError | null = null;
    const ended = (index: number, end: ListEnd, value: Json): void => {
      count.running -= 1;
      if (end.kind === 'succeeded') {
        count.succeeded += 1;
        collected[index] = value;
      } else if (end.kind === 'failed') {
        count.failed += 1;
        first ??= end.error;
        if (isFailFast && count.failed > mostFailures) core.scheduler.batch(() => token.cancel('fail_fast'));
      } else count.skipped += 1;
      bell.ring();
    };
    let next = 0;
    while (next < this.#items.length && count.failed <= mostFailures && !token.isCanceled) {
      if (count.running >= parallel) {
        yield* bell.heard();
        continue;
      }
      const index = next++;
      count.running += 1;
      const at = { ...this.#flowOf(index), cancel: token, position: [...flow.position, index] };
      const result: { value: Json } = { value: null };
      core.scheduler.spawn(at.position, this.#iterate(at, result), (end) => ended(index, end, result.value));
    }
    while (count.running > 0) yield* bell.heard();
    this.#passOver(next, cancel.isCanceled);
    count.skipped += this.#items.length - next;
    token.release();
    const output = { items: collected, succeeded: count.succeeded, failed: count.failed, skipped: count.skipped };
    const isGood = count.failed <= mostFailures && count.skipped === 0;
    return endOf(isGood, first, cancel, output);
  }

  #flowOf(index: number): Flow {
    const { flow, node, step } = this.#run;
    return { ...flow, frame: iterationFrame(flow.frame, node.id, index, this.#items[index], step.as) };
  }

  /** One iteration; a `collect` that cannot be evaluated makes it a failed one. */
  *#iterate(flow: Flow, result: { value: Json }): Fiber<ListEnd> {
    const { core, node, step } = this.#run;
    const end = yield* core.runList(flow, node.lists[0] ?? []);
    const { collect } = step;
    if (end.kind !== 'succeeded' || collect === undefined) return end;
    try {
      result.value = at(`${node.pointer}/collect`, () => renderValue(collect, flowScope(flow, core.effects.now())));
      return end;
    } catch (error) {
      const { facts, path } = factsOf(error, node.pointer);
      return { kind: 'failed', error: stepError(this.#run, facts, { path }) };
    }
  }

  #passOver(from: number, isCanceled: boolean): void {
    const { node } = this.#run;
    for (let index = from; index < this.#items.length; index++) {
      const flow = this.#flowOf(index);
      if (isCanceled) cancelSteps(flow, node.lists[0] ?? []);
      else skipSteps(flow, node.lists[0] ?? [], 'earlier_failure');
    }
  }
}
