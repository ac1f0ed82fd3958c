import type { Json, JsonObject, QueryStep } from '../document.ts';
import type { Scope } from '../expressions/scope.ts';
import type { Effects } from './effects.ts';
import { StepFailure } from './failures.ts';
import { type Fiber, outside } from './fibers.ts';
import { renderQuery, shownQuery } from './kinds/query.ts';
import type { PlanEntry } from './plan.ts';

type Draft = { -readonly [K in keyof PlanEntry]: PlanEntry[K] };

/**
 * Says what a query step would run: the text, where, and with which values. A saved query is looked up, so that a plan's
 * hash tells when its text has changed. Values stay as they are given: what a relative date is on that day changes no plan.
 * @throws StepFailure where it would not run
 */
export function* describeQuery(
  effects: Pick<Effects, 'planQuery'>,
  { step, address, pointer, scope }: { step: QueryStep; address: string; pointer: string; scope: Scope },
  draft: Draft,
  keep: (value: Json) => void,
): Fiber<void> {
  const request = { address, stepId: step.id, attempt: 1, execution: 0, ...renderQuery(step, pointer, scope) };
  const { connection, unit, parameters, timeWindow, options } = request;
  draft.rendered = shownQuery(request);
  const given = (details: JsonObject): JsonObject => ({
    ...(connection === null ? {} : { connection }),
    ...(unit === null ? {} : { unit }),
    ...details,
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    ...(timeWindow === null ? {} : { timeWindow }),
    ...(step.expect === undefined ? {} : { expect: step.expect }),
  });
  draft.details = given({});
  keep(options);
  if (!effects.planQuery) return;
  const plan = yield* outside(effects.planQuery(request));
  if ('error' in plan) throw new StepFailure(plan.error, pointer);
  draft.rendered = plan.sql;
  draft.details = given(plan.details);
}
