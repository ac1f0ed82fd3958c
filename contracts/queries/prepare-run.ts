import { wallTime } from '../schedules/zone.ts';
import { type BindMap, bindQuery, userPosition, valuesOf } from './bind.ts';
import type { EngineKind, QueryText, Remark } from './engine.ts';
import type { QueryFailureFacts } from './failures.ts';
import { type GivenValues, type ParameterDef, declaredParameter } from './parameter-defs.ts';
import { type ParameterFault, type ResolvedParameter, parametersOf, resolveParameters } from './parameters.ts';
import type { TimeWindow } from './query-runs.ts';
import { resolveTime } from './relative-time.ts';

export interface RunText {
  readonly engine: EngineKind;
  readonly sql: string;
  readonly parameterDefs: readonly ParameterDef[];
}
export interface GivenRun extends RunText {
  readonly given: GivenValues;
  readonly timeWindow: TimeWindow | null;
  readonly options: Readonly<Record<string, unknown>>;
  /** The server's clock, in milliseconds: what relative dates are relative to. */
  readonly now: number;
}
export type PreparedRun =
  | {
      readonly ok: true;
      readonly parameters: readonly ResolvedParameter[];
      /** With Amazon's own time window put in absolutely. */
      readonly options: Readonly<Record<string, unknown>>;
    }
  | { readonly ok: false; readonly faults: readonly ParameterFault[] };

/** Values for one run, by the server's clock: relative dates become dates here, once, and are recorded so. */
export function prepareRun({ engine, sql, parameterDefs, given, timeWindow, options, now }: GivenRun): PreparedRun {
  const defs = parameterDefs.map(declaredParameter);
  const clock = { now, timeZone: timeWindow?.timeZone ?? 'UTC' };
  const resolved = resolveParameters(parametersOf(engine, sql, defs), given, {
    ...clock,
    ...(timeWindow && { window: { from: timeWindow.from, to: timeWindow.to } }),
  });
  if (!resolved.ok) return resolved;
  const bound = bindQuery(engine, sql, defs, valuesOf(resolved.parameters));
  if (!bound.ok) return bound;
  if (engine !== 'amc' || !timeWindow || options['timeWindow'] !== undefined)
    return { ok: true, parameters: resolved.parameters, options };
  const [start, end] = [timeWindow.from, timeWindow.to].map((text) => {
    const time = resolveTime(text, 'timestamp', clock);
    return time && wallClock(time.value, clock.timeZone);
  });
  if (!start || !end) {
    const name = start ? 'window.to' : 'window.from';
    const message =
      'The time window must be a time such as 2026-01-31T08:00, or a relative one such as start of month.';
    return { ok: false, faults: [{ code: 'parameter.invalid', parameter: name, message }] };
  }
  const own = { type: 'EXPLICIT', start, end, timeZone: clock.timeZone };
  return { ok: true, parameters: resolved.parameters, options: { ...options, timeWindow: own } };
}

/** What clocks of the zone show: `2026-01-31T08:00:00`. A time without an offset is that already. */
const wallClock = (value: string, timeZone: string): string =>
  value.endsWith('Z') ? new Date(wallTime(Date.parse(value), timeZone)).toISOString().slice(0, 19) : value.slice(0, 19);

/** A run's text as its engine takes it, with the way back from the engine's positions to the user's. */
export interface BoundRun {
  readonly text: QueryText;
  readonly map: BindMap;
}

/** Binds a run that `prepareRun` has passed: the same again each time. @throws where it was not passed */
export function bindRun(
  { engine, sql, parameterDefs }: RunText,
  parameters: readonly ResolvedParameter[],
  options: Readonly<Record<string, unknown>>,
): BoundRun {
  const bound = bindQuery(engine, sql, parameterDefs.map(declaredParameter), valuesOf(parameters));
  if (!bound.ok) throw new Error(bound.faults[0]?.message ?? 'The parameters do not fit.');
  const { sql: boundSql, parameters: values, amcParameters, map } = bound.bound;
  const own = engine === 'amc' && amcParameters.length > 0 ? { ...options, parameters: amcParameters } : options;
  return { text: { sql: boundSql, parameters: values, options: own }, map };
}

/** The same failure at the place that the user wrote. */
export const placedFailure = (facts: QueryFailureFacts, map: BindMap | null): QueryFailureFacts =>
  facts.position && map ? { ...facts, position: userPosition(map, facts.position) } : facts;
export const placedRemark = (remark: Remark, map: BindMap): Remark =>
  remark.position ? { ...remark, position: userPosition(map, remark.position) } : remark;
