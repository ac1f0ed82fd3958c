import type { Input, InputItems, Json, JsonObject } from './document.ts';
import { evaluateBoolean } from './expressions/evaluate.ts';
import { isLanguageFailure } from './expressions/failure.ts';
import type { Scope } from './expressions/scope.ts';
import { InputChecker } from './input-values.ts';
import type { InputError, KnownServer } from './input-values.ts';

export type { InputError, KnownServer } from './input-values.ts';

export interface CheckedInputs {
  /** Every declared input: what was given, else its default, else null. Only to be used where there are no errors. */
  readonly values: { readonly [name: string]: Json };
  readonly errors: readonly InputError[];
}

export interface InputContext {
  /** The workspace's servers; without them only the form of a name is checked. */
  readonly servers?: readonly KnownServer[];
  /** Where the given values stand, for the errors' paths. */
  readonly path?: string;
}

/**
 * Checks values given to a run (§2): the one check of form, API, schedule, webhook and `playbook` step. JSON types are
 * checked, never coerced. All errors at once, in the order of the declarations, what was not declared last.
 */
export function checkInputs(
  declarations: readonly Input[],
  given: Json | undefined,
  context: InputContext = {},
): CheckedInputs {
  const checker = new InputChecker(context.servers);
  const path = context.path ?? '/inputs';
  if (given !== undefined && given !== null && (typeof given !== 'object' || Array.isArray(given))) {
    return {
      values: {},
      errors: [{ code: 'input.wrong_type', path, message: 'Inputs are a map of names to values.' }],
    };
  }
  const values: { [name: string]: Json } = {};
  const isVisible = (input: Input): boolean => isShown(input, declarations, values);
  checker.fields(declarations, (given ?? {}) as JsonObject, path, values, isVisible);
  return { values, errors: checker.errors };
}

/** Whether an input is asked for, given the values of those before it. A condition that fails hides nothing. */
export function isShown(
  input: Input,
  declarations: readonly Input[],
  before: { readonly [name: string]: Json },
): boolean {
  if (input.visible === undefined) return true;
  try {
    return evaluateBoolean(input.visible, formScope(declarations, before));
  } catch (error) {
    if (isLanguageFailure(error)) return true;
    throw error;
  }
}

/** The default's own check, for the validator: the errors of this value for this declaration. */
export function checkDefault(declaration: Input | InputItems, value: Json, path: string): readonly InputError[] {
  const checker = new InputChecker(undefined);
  checker.value(value, { name: '', ...declaration }, path);
  return checker.errors;
}

/** A form knows only its inputs; `visible` reads nothing else. */
function formScope(inputTypes: readonly Input[], values: { readonly [name: string]: Json }): Scope {
  const run = {
    id: '', title: '', trigger: '', actor: { name: '', email: '' }, startedAt: '1970-01-01T00:00:00Z', dryRun: true, url: '', playbook: { name: '', version: 0 },
  }; // prettier-ignore
  return { inputs: { ...values }, inputTypes, vars: {}, steps: {}, run, secrets: [], locals: {}, nowMs: 0 };
}
