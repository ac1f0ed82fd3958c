import { Environment, TypeError as CelTypeError } from '@marcbachmann/cel-js';
import type { Input } from '../document.ts';
import { celFunctions } from './functions.ts';
import { environmentOptions } from './parse.ts';
import { Raw } from './values.ts';

const timestamp = 'google.protobuf.Timestamp';
const duration = 'google.protobuf.Duration';

/** The library's checker with our functions and operators. Nothing is ever evaluated in it. */
const base = (() => {
  const never = (): never => {
    throw new Error('the checker evaluates nothing');
  };
  const environment = new Environment(environmentOptions).registerType('Raw', Raw);
  for (const { types } of celFunctions) for (const type of types) environment.registerFunction(type, never);
  for (const operator of ['+', '-', '*', '/']) {
    environment.registerOperator(`int ${operator} double: double`, never);
    environment.registerOperator(`double ${operator} int: double`, never);
  }
  environment.registerOperator('int == double', never);
  // Whatever has a type may be null: an input that was not given, a step that did not run.
  for (const type of ['string', 'int', 'double', 'bool', 'bytes', 'list', 'map', timestamp, duration]) {
    environment.registerOperator(`${type} == null`, never);
  }
  return environment;
})();

const celTypes: Partial<Record<Input['type'], string>> = {
  string: 'string',
  text: 'string',
  number: 'double',
  integer: 'int',
  boolean: 'bool',
  date: 'string',
  datetime: timestamp,
  duration,
  choice: 'string',
  multi_choice: 'list<string>',
  server: 'string',
  servers: 'list<string>',
};

/** An input's type where it can't be null: it is required or has a default, and is never hidden. */
function celTypeOf(input: Input): string {
  const isSure =
    input.visible === undefined &&
    input.secret !== true &&
    (input.required === true || (input.default ?? null) !== null);
  return (isSure && celTypes[input.type]) || 'dyn';
}

export interface TypeProblem {
  readonly message: string;
  readonly at: readonly [number, number];
}
export type TypeChecker = (source: string) => TypeProblem | undefined;

/** A checker that knows the types of a document's inputs; made once for each document. */
export function typeChecker(inputs: readonly Input[]): TypeChecker {
  const fields: Record<string, string> = {};
  for (const input of inputs) fields[input.name] = celTypeOf(input);
  const environment = base.clone();
  if (inputs.length > 0) environment.registerType('Inputs', { fields }).registerVariable('inputs', 'Inputs');
  environment.registerVariable('run', 'dyn');
  return (source) => {
    const { valid, error } = environment.check(source);
    if (valid || !error) return undefined;
    const range = error instanceof CelTypeError ? error.range : undefined;
    return { message: sentenceOf(error), at: [range?.start ?? 0, range?.end ?? source.length] };
  };
}

const sentenceOf = (error: { readonly message: string; readonly summary?: string }): string =>
  (error.summary ?? error.message)
    .replaceAll('google.protobuf.Timestamp', 'timestamp')
    .replaceAll('google.protobuf.Duration', 'duration')
    .replace(/^no such overload: string \+ (int|double|bool)$/, 'a string does not add to $1: use string(…)');
