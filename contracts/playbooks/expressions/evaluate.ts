import type { Json } from '../document.ts';
import { limits } from '../limits.ts';
import { celOf } from '../templates.ts';
import { Budget, tooCostly } from './budget.ts';
import { LanguageFailure } from './failure.ts';
import { interpret } from './interpret.ts';
import { parseExpression } from './parse.ts';
import { rootsOf } from './roots.ts';
import type { Scope } from './scope.ts';
import { toJson, typeName } from './values.ts';
import type { SecretRule, Value } from './values.ts';

export type { Value } from './values.ts';

const roots = new WeakMap<Scope, (name: string) => Value | undefined>();

/** A scope's names, made once for each scope object: a step's fields share them. A scope must not change once used. */
function rootsFor(scope: Scope): (name: string) => Value | undefined {
  const known = roots.get(scope);
  if (known) return known;
  const made = rootsOf(scope);
  roots.set(scope, made);
  return made;
}

/** The value of a CEL expression, bare or within one `${{ }}`. Throws a `LanguageFailure` with its place in `source`. */
export function evaluate(source: string, scope: Scope): Value {
  const cel = celOf(source);
  return evaluateCel(cel.source, scope);
}

/** The value of bare CEL. */
export function evaluateCel(source: string, scope: Scope): Value {
  try {
    return interpret(parseExpression(source), { nowMs: scope.nowMs, budget: new Budget(), root: rootsFor(scope) });
  } catch (error) {
    if (!(error instanceof LanguageFailure)) throw error;
    const shown = source.length > 200 ? `${source.slice(0, 200)}…` : source;
    throw new LanguageFailure(error.code, `${error.message} (in ${shown})`, {
      ...(error.at ? { at: error.at } : {}),
      details: { ...error.details, expression: shown },
      cause: error,
    });
  }
}

/** A condition: there is no truthiness, so anything but a bool is `value.wrong_type`. */
export function evaluateBoolean(source: string, scope: Scope): boolean {
  const value = evaluate(source, scope);
  if (typeof value === 'boolean') return value;
  throw new LanguageFailure(
    'value.wrong_type',
    `This must be true or false, but ${source.slice(0, 200)} is a ${typeName(value)}; compare it with something.`,
  );
}

/** The value as JSON: what `switch.on` compares and `each.items` turns over. */
export function evaluateJson(source: string, scope: Scope): Json {
  return boundedJson(evaluate(source, scope));
}

/** A value as JSON of at most the size that one evaluation may give. */
export function boundedJson(value: Value, onSecret?: SecretRule, onMap?: (map: { [key: string]: Json }) => Json): Json {
  const json = toJson(value, onSecret, onMap);
  measure(json, { left: limits.evaluationBytes });
  return json;
}

/** Parts may be shared, so a small value can be gigantic once written: counted with an early end. */
function measure(json: Json, room: { left: number }): void {
  room.left -= typeof json === 'string' ? json.length + 2 : 5;
  if (room.left < 0) throw tooCostly('evaluationBytes', limits.evaluationBytes, limits.evaluationBytes - room.left);
  if (typeof json !== 'object' || json === null) return;
  if (Array.isArray(json)) for (const part of json) measure(part, room);
  else {
    for (const [key, part] of Object.entries(json)) {
      room.left -= key.length;
      measure(part, room);
    }
  }
}
