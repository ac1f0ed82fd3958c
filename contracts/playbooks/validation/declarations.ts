import type { Input, Json } from '../document.ts';
import type { StaticScope } from '../expressions/check.ts';
import { typeChecker } from '../expressions/typed.ts';
import { checkDefault } from '../inputs.ts';
import { limits } from '../limits.ts';
import { didYouMean } from '../nearest.ts';
import { fieldsOfInput, inputTypes, isInputType } from '../shape/inputs.ts';
import { mentionsTemplate } from '../templates.ts';
import { readableInputs } from './outline.ts';
import { pointer } from './problems.ts';
import { isMap } from './maps.ts';
import { checkFields, exceeded, valueName } from './walker.ts';
import type { Walk } from './walker.ts';

/** Checks a list of input declarations (§2): the document's, an object's fields, an approval's form. */
export function checkDeclarations(value: unknown, path: string, walk: Walk): void {
  if (!Array.isArray(value)) {
    return walk.problems.error(
      'shape.wrong_type',
      path,
      `This must be a list of inputs, not ${valueName(value)}; its order is the form’s.`,
    );
  }
  if (value.length > limits.inputs) return exceeded(walk, path, 'inputs', value.length);
  const seen = new Set<string>();
  value.forEach((input: unknown, index) => {
    const at = pointer(path, index);
    if (!isMap(input))
      return walk.problems.error(
        'shape.wrong_type',
        at,
        `This must be an input: {name, type, …}, not ${valueName(input)}.`,
      );
    const { name } = input;
    if (typeof name === 'string' && seen.has(name))
      walk.problems.error('id.duplicate', `${at}/name`, `There is already an input ${name}.`);
    if (typeof name === 'string') seen.add(name);
    checkDeclaration(input, at, { ...walk, scope: scopeOfForm(readableInputs(value.slice(0, index))) }, true);
  });
}

/** `visible` reads the inputs before it and nothing else. */
const scopeOfForm = (inputs: readonly Input[]): StaticScope => ({
  inputs,
  steps: new Map(),
  visible: new Set(),
  locals: new Set(),
  hasHost: false,
  hasError: false,
  hasRunEnd: false,
  types: typeChecker(inputs),
});

/** One declaration; `isNamed` is false for the `items` of a list. */
function checkDeclaration(input: Record<string, unknown>, path: string, walk: Walk, isNamed: boolean): void {
  const { type } = input;
  if (typeof type !== 'string' || !isInputType(type)) {
    if (!Object.hasOwn(input, 'type'))
      walk.problems.error('shape.missing_field', `${path}/type`, 'type is missing. What it holds.');
    else if (typeof type !== 'string')
      walk.problems.error(
        'shape.wrong_type',
        `${path}/type`,
        `This must be the name of a type, not ${valueName(type)}.`,
      );
    else if (mentionsTemplate(type))
      walk.problems.error('template.not_allowed', `${path}/type`, 'This field is static: it cannot hold a template.');
    else
      walk.problems.error(
        'shape.bad_value',
        `${path}/type`,
        `There is no type ${type.slice(0, 60)}.${didYouMean(type, Object.keys(inputTypes))}`,
      );
    return;
  }
  const { name: nameField, default: defaultField, ...others } = fieldsOfInput(type);
  const { default: fallback, ...rest } = input;
  const fields = isNamed && nameField ? { name: nameField, ...others } : others;
  const before = walk.problems.count;
  // `default` is looked at apart: its errors have codes of their own.
  checkFields(rest, fields, path, { ...walk, onInputs: (value, at) => checkDeclarations(value, at, walk) }, (field) =>
    field === 'visible'
      ? walk
      : { ...walk, scope: undefined, onInputs: (value, at) => checkDeclarations(value, at, walk) },
  );
  checkTypeOf(input, type, path, walk);
  if (fallback !== undefined && defaultField)
    checkFallback(fallback, input, path, walk, walk.problems.count === before);
}

function checkTypeOf(input: Record<string, unknown>, type: Input['type'], path: string, walk: Walk): void {
  if (
    (type === 'choice' || type === 'multi_choice') &&
    !(Array.isArray(input['options']) && input['options'].length > 0)
  ) {
    if (!Object.hasOwn(input, 'options') || Array.isArray(input['options'])) {
      walk.problems.error('input.options_missing', `${path}/options`, 'A choice needs options to choose from.');
    }
  }
  const { items } = input;
  if (type === 'list' && isMap(items)) {
    if (items['type'] === 'list')
      walk.problems.error('shape.bad_value', `${path}/items/type`, 'The items of a list are of any type but list.');
    else checkDeclaration(items, `${path}/items`, walk, false);
  }
  for (const [least, most] of [
    ['min', 'max'],
    ['minLength', 'maxLength'],
    ['minItems', 'maxItems'],
  ] as const) {
    const [low, high] = [input[least], input[most]];
    if (typeof low === 'number' && typeof high === 'number' && low > high) {
      walk.problems.error('shape.bad_value', `${path}/${most}`, `${most} is below ${least}.`);
    }
  }
  for (const bound of ['min', 'max'] as const) {
    const value = input[bound];
    if (typeof value !== 'string' || mentionsTemplate(value)) continue;
    const { min: _min, max: _max, required: _required, ...bare } = input;
    const wrong = checkDefault(bare as unknown as Input, value, '');
    if (wrong[0]) walk.problems.error('shape.bad_value', `${path}/${bound}`, wrong[0].message);
  }
}

function checkFallback(
  value: unknown,
  input: Record<string, unknown>,
  path: string,
  walk: Walk,
  isSound: boolean,
): void {
  const at = `${path}/default`;
  if (input['type'] === 'secret' || input['secret'] === true) {
    return walk.problems.error(
      'input.secret_default',
      at,
      'A secret has no default: it would be readable in the document.',
    );
  }
  if (hasTemplate(value))
    return walk.problems.error('template.not_allowed', at, 'A default is a literal: it cannot hold a template.');
  if (!isSound || value === null) return; // where the declaration itself is wrong, what its default should be is not known
  const [wrong] = checkDefault(input as unknown as Input, value as Json, at);
  if (wrong)
    walk.problems.error(
      'input.default_invalid',
      at,
      `The default does not pass the input’s own check: ${wrong.message}`,
    );
}

function hasTemplate(value: unknown): boolean {
  if (typeof value === 'string') return mentionsTemplate(value);
  if (Array.isArray(value)) return value.some(hasTemplate);
  return isMap(value) && Object.values(value).some(hasTemplate);
}
