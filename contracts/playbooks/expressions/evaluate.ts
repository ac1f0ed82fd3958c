import type { Json } from '../document.ts';
import { LanguageFailure } from './failure.ts';
import type { Scope } from './scope.ts';

export type Value = unknown;
export function evaluate(source: string, scope: Scope): Value {
  void scope;
  throw new LanguageFailure('expression.failed', source);
}
export function evaluateBoolean(source: string, scope: Scope): boolean {
  return evaluate(source, scope) === true;
}
export function evaluateJson(source: string, scope: Scope): Json {
  return evaluate(source, scope) as Json;
}
