import { canonicalJson } from '../../canonical.ts';
import type { IfStep, Json, ParallelStep, SwitchStep } from '../../document.ts';
import { evaluateBoolean, evaluateJson } from '../../expressions/evaluate.ts';
import { renderValue } from '../../expressions/render.ts';
import { limits } from '../../limits.ts';
import type { CancelToken } from '../cancel.ts';
import { type Done, type ListEnd, type Prepared, scopeOf, type StepRun } from '../core.ts';
import type { StepError } from '../failures.ts';
import { overLimit } from '../failures.ts';
import { type Fiber, together } from '../fibers.ts';
import { skipSteps } from '../marks.ts';
import { failedWith } from '../outcomes.ts';
import { at, Fields } from '../render.ts';
import type { Position } from '../fibers.ts';
import type { StepNode } from '../book.ts';

export function prepareParallel(run: StepRun<ParallelStep>): Prepared {
  const { core, node, flow, step, state } = run;
  const fields = new Fields(scopeOf(run), node.pointer);
  const isFailFast = fields.boolean('failFast', step.failFast, false);
  if (node.lists.length > limits.branches)
    throw overLimit('branches', limits.branches, node.lists.length, node.pointer);
  return {
    watchMs: fields.durationMs('timeout', step.timeout),
    *attempt(_attempt, cancel): Fiber<Done> {
      const token = cancel.child();
      const branch = (list: readonly StepNode[]) =>
        function* (position: Position): Fiber<ListEnd> {
          const end = yield* core.runList({ ...flow, cancel: token, position }, list);
          if (end.kind === 'failed') {
            state.firstError ??= end.error;
            if (isFailFast) core.scheduler.batch(() => token.cancel('fail_fast'));
          }
          return end;
        };
      const ends = yield* together(core.scheduler, flow.position, node.lists.map(branch));
      token.release();
      const output = { branches: ends.map(({ kind }) => ({ status: kind })) };
      return endOf(
        ends.every(({ kind }) => kind === 'succeeded'),
        state.firstError,
        cancel,
        output,
      );
    },
  };
}

/** How a container of several lists ended. Stopped from above it is canceled, whatever failed in it before. */
export function endOf(isGood: boolean, first: StepError | null, cancel: CancelToken, output: Json): Done {
  if (isGood) return { kind: 'succeeded', output };
  if (cancel.isCanceled || first === null) return { kind: 'canceled', output };
  return failedWith(first, output);
}

export function prepareIf(run: StepRun<IfStep>): Prepared {
  const { node, step } = run;
  const scope = scopeOf(run);
  const isThen = at(`${node.pointer}/condition`, () => evaluateBoolean(step.condition, scope));
  return choose(run, isThen ? 0 : 1, { branch: isThen ? 'then' : 'else' });
}

export function prepareSwitch(run: StepRun<SwitchStep>): Prepared {
  const { node, step } = run;
  const scope = scopeOf(run);
  const value = canonicalJson(at(`${node.pointer}/on`, () => evaluateJson(step.on, scope)));
  const matches = (when: Json, pointer: string): boolean =>
    (Array.isArray(when) ? when : [when]).some(
      (one) => canonicalJson(at(pointer, () => renderValue(one as Json, scope))) === value,
    );
  const found = step.cases.findIndex(({ when }, index) => matches(when, `${node.pointer}/cases/${index}/when`));
  return choose(run, found < 0 ? step.cases.length : found, { case: found < 0 ? null : found });
}

/** Runs one of the lists and passes over the others. */
function choose(run: StepRun, chosen: number, output: Json): Prepared {
  const { core, flow, node, step } = run;
  return {
    watchMs: new Fields(scopeOf(run), node.pointer).durationMs('timeout', step.timeout),
    *attempt(_attempt, cancel): Fiber<Done> {
      for (const [index, list] of node.lists.entries()) if (index !== chosen) skipSteps(flow, list, 'condition');
      const end = yield* core.runList({ ...flow, cancel }, node.lists[chosen] ?? []);
      return endOf(end.kind === 'succeeded', end.kind === 'failed' ? end.error : null, cancel, output);
    },
  };
}
