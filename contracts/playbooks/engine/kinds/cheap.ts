import type { Assertion, AssertStep, FailStep, Json, SetStep, WaitStep } from '../../document.ts';
import { evaluateBoolean } from '../../expressions/evaluate.ts';
import { renderValue } from '../../expressions/render.ts';
import { type Done, type Prepared, record, scopeOf, type StepRun } from '../core.ts';
import type { Fiber } from '../fibers.ts';
import { failed } from '../outcomes.ts';
import { sleep } from '../outside.ts';
import { at, Fields } from '../render.ts';

/** An attempt whose end is known as soon as the fields are. */
const known = (done: Done): Prepared => ({
  // eslint-disable-next-line require-yield -- there is nothing to wait for
  *attempt(): Fiber<Done> {
    return done;
  },
});

export function prepareSet(run: StepRun<SetStep>): Prepared {
  return known({ kind: 'succeeded', output: renderMap(run, 'values', run.step.values) });
}

/** Renders a map entry by entry, so that a mistake is told at its own place. */
export function renderMap(run: StepRun, name: string, value: Json): Json {
  const scope = scopeOf(run);
  const pointer = `${run.node.pointer}/${name}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new Fields(scope, run.node.pointer).map(name, value);
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      at(`${pointer}/${escapePointer(key)}`, () => renderValue(part as Json, scope)),
    ]),
  );
}

const escapePointer = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

export function prepareAssert(run: StepRun<AssertStep>): Prepared {
  const { step, node } = run;
  const { that } = step;
  const isList = Array.isArray(that);
  const assertions: readonly Assertion[] = isList ? that : [that as Assertion];
  const scope = scopeOf(run);
  for (const [index, assertion] of assertions.entries()) {
    const source = typeof assertion === 'string' ? assertion : assertion.that;
    const pointer = `${node.pointer}/that${isList ? `/${index}` : ''}${typeof assertion === 'string' ? '' : '/that'}`;
    if (at(pointer, () => evaluateBoolean(source, scope))) continue;
    const fields = new Fields(scope, node.pointer);
    const own = typeof assertion === 'string' ? undefined : assertion.message;
    const message = own ?? step.message;
    const text = message === undefined ? `Does not hold: ${source}` : fields.text('message', message);
    return known(
      failed(run, { code: 'assertion.failed', message: text, details: { index, that: source } }, { path: pointer }),
    );
  }
  return known({ kind: 'succeeded', output: { passed: assertions.length } });
}

export function prepareFail(run: StepRun<FailStep>): Prepared {
  const { step, node, core, state } = run;
  const message = new Fields(scopeOf(run), node.pointer).text('message', step.message);
  record(core, { type: 'step.rendered', address: state.address, text: message });
  return known(
    failed(run, { code: step.code ?? 'run.failed_by_step', message, retryable: false }, { status: 'failed' }),
  );
}

export function prepareWait(run: StepRun<WaitStep>): Prepared {
  const { step, node, core, state } = run;
  const fields = new Fields(scopeOf(run), node.pointer);
  const forMs = fields.durationMs('for', step.for);
  const until = forMs === null ? fields.instantMs('until', step.until ?? '') : run.nowMs + forMs;
  return {
    watchMs: fields.durationMs('timeout', step.timeout),
    *attempt(_attempt, cancel): Fiber<Done> {
      if (until > core.effects.now()) {
        state.status = 'waiting';
        record(core, { type: 'step.waiting', address: state.address, what: 'timer', until });
        yield* core.pause.cuttable(cancel, (token) => sleep(run, until - core.effects.now(), token));
        if (cancel.isCanceled) return { kind: 'canceled' };
        state.status = 'running';
        record(core, { type: 'step.resumed', address: state.address });
      }
      return { kind: 'succeeded', output: { waitedMs: core.effects.now() - run.nowMs } };
    },
  };
}
