import type { Json } from '../document.ts';
import { LanguageFailure } from './failure.ts';
import type { Scope } from './scope.ts';

export interface RenderOptions {
  readonly secrets?: boolean;
}
export function renderValue(value: Json, scope: Scope, options: RenderOptions = {}): Json {
  void scope;
  void options;
  throw new LanguageFailure('expression.failed', JSON.stringify(value));
}
export function renderText(text: string, scope: Scope): string {
  void scope;
  throw new LanguageFailure('expression.failed', text);
}
export function renderCommand(text: string, scope: Scope): string {
  void scope;
  throw new LanguageFailure('expression.failed', text);
}
export function referencedSteps(value: Json): string[] {
  void value;
  return [];
}
export function usesHost(value: Json): boolean {
  void value;
  return false;
}
