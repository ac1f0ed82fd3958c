import { utf8Length } from '../bytes.ts';
import { parseDuration, parsePercent } from '../duration.ts';
import type { StaticScope, Use } from '../expressions/check.ts';
import { compilePattern } from '../expressions/patterns.ts';
import { parseInstant } from '../expressions/time.ts';
import { limits } from '../limits.ts';
import { didYouMean } from '../nearest.ts';
import { shapeName } from '../shape/shape.ts';
import type { Field, Fields, Shape } from '../shape/shape.ts';
import { mentionsTemplate } from '../templates.ts';
import { checkCel, checkTemplates, isWholeTemplate } from './expressions.ts';
import { isMap } from './maps.ts';
import { checkName } from './names.ts';
import { pointer } from './problems.ts';
import type { Problems } from './problems.ts';

/** Where the walk is: what expressions may read there, and who takes over lists of steps and inputs. */
export interface Walk {
  readonly problems: Problems;
  /** Undefined in static parts, which hold no expressions. */
  readonly scope: StaticScope | undefined;
  readonly onSteps: (value: unknown, path: string) => void;
  readonly onInputs: (value: unknown, path: string) => void;
  /** For the inputs of a `playbook` step: whether the called one's input of that name is secret. */
  readonly isSecretInput?: (name: string) => boolean;
}

/** What a value is called in a message. */
export function valueName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? 'a text' : typeof value === 'boolean' ? 'true or false' : `a ${typeof value}`;
}

const wrongType = (walk: Walk, path: string, shape: Shape, value: unknown): void =>
  walk.problems.error('shape.wrong_type', path, `This must be ${shapeName(shape)}, not ${valueName(value)}.`);
const badValue = (walk: Walk, path: string, message: string): void =>
  walk.problems.error('shape.bad_value', path, message);

/** The fields of a map that is ours: unknown ones, each present one, then the missing ones. */
export function checkFields(
  value: Record<string, unknown>,
  fields: Fields,
  path: string,
  walk: Walk,
  enter: (name: string) => Walk = () => walk,
): void {
  for (const [name, part] of Object.entries(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const at = pointer(path, name);
    if (!field)
      walk.problems.error(
        'shape.unknown_field',
        at,
        `There is no field ${name}.${didYouMean(name, Object.keys(fields))}`,
      );
    else checkField(part, field, at, enter(name));
  }
  for (const [name, { isRequired, help }] of Object.entries(fields)) {
    if (isRequired && !Object.hasOwn(value, name))
      walk.problems.error('shape.missing_field', pointer(path, name), `${name} is missing. ${help}`);
  }
}

export function checkField(value: unknown, field: Field, path: string, walk: Walk): void {
  const scope = walk.scope && fieldScope(walk.scope, field);
  checkShape(value, field.shape, path, field, scope === walk.scope ? walk : { ...walk, scope });
}

/** A field that is rendered for each host may read `host`; `expect.json` may read `response`. */
function fieldScope(scope: StaticScope, { isPerHost, local }: Field): StaticScope {
  if (!isPerHost && local === undefined) return scope;
  return {
    ...scope,
    hasHost: isPerHost === true,
    locals: local === undefined ? scope.locals : new Set([...scope.locals, local]),
  };
}

const useOf = ({ templates, secrets }: Field): Use => ({
  isCommand: templates === 'command',
  takesSecrets: secrets !== undefined,
});

function checkShape(value: unknown, shape: Shape, path: string, field: Field, walk: Walk): void {
  if (shape.is === 'cel')
    return typeof value === 'string' ? checkCel(value, path, walk) : wrongType(walk, path, shape, value);
  if (typeof value === 'string' && mentionsTemplate(value)) return checkTemplated(value, shape, path, field, walk);
  switch (shape.is) {
    case 'text':
      return typeof value === 'string' ? checkText(value, shape, path, walk) : wrongType(walk, path, shape, value);
    case 'number':
      return checkNumber(value, shape, path, walk);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : wrongType(walk, path, shape, value);
    case 'percent':
      if (typeof value !== 'string') return wrongType(walk, path, shape, value);
      return parsePercent(value) === undefined
        ? badValue(walk, path, `"${value}" is no ${shapeName(shape).slice(2)}.`)
        : undefined;
    case 'duration':
      return checkDuration(value, shape, path, walk);
    case 'list':
      return checkList(value, shape, path, field, walk);
    case 'map':
      return isMap(value) ? checkMap(value, shape, path, field, walk) : wrongType(walk, path, shape, value);
    case 'object':
      return isMap(value)
        ? checkFields(value, inherited(shape.fields, field), path, walk)
        : wrongType(walk, path, shape, value);
    case 'either': {
      const fit = shape.of.find((one) => fits(value, one));
      return fit ? checkShape(value, fit, path, field, walk) : wrongType(walk, path, shape, value);
    }
    case 'any':
      return checkAny(value, path, field, walk);
    case 'steps':
      return walk.onSteps(value, path);
    case 'inputs':
      return walk.onInputs(value, path);
    case 'items':
      return isMap(value) ? undefined : wrongType(walk, path, shape, value); // looked into by the check of inputs
  }
}

/** Parts of a static field are static. */
const inherited = (fields: Fields, { templates }: Field): Fields =>
  templates === 'static'
    ? Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, { ...field, templates }]))
    : fields;

/** Whether a value has the JSON type of a shape. */
function fits(value: unknown, shape: Shape): boolean {
  switch (shape.is) {
    case 'text':
    case 'cel':
    case 'percent':
    case 'duration':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'list':
    case 'steps':
    case 'inputs':
      return Array.isArray(value);
    case 'either':
      return shape.of.some((one) => fits(value, one));
    case 'any':
      return true;
    default:
      return isMap(value);
  }
}

const takesText = (shape: Shape): boolean =>
  (shape.is === 'text' && !shape.oneOf) || shape.is === 'any' || (shape.is === 'either' && shape.of.some(takesText));

function checkTemplated(value: string, shape: Shape, path: string, field: Field, walk: Walk): void {
  if (field.templates === 'static' || !walk.scope) {
    return walk.problems.error('template.not_allowed', path, 'This field is static: it cannot hold a template.');
  }
  if (shape.is === 'either' && !takesText(shape)) {
    const cel = shape.of.find((one) => one.is === 'cel');
    if (cel) return checkShape(value, cel, path, field, walk);
  }
  if (shape.is === 'object' || shape.is === 'steps' || shape.is === 'inputs' || shape.is === 'items')
    return wrongType(walk, path, shape, value);
  const isWhole = isWholeTemplate(value, path, walk.problems);
  if (isWhole === undefined) return;
  if (!isWhole && !takesText(shape)) {
    return walk.problems.error(
      'shape.wrong_type',
      path,
      `This must be ${shapeName(shape)}, or one template that is the whole value.`,
    );
  }
  if (shape.is === 'text' && shape.limit) checkBytes(value, shape.limit, path, walk);
  checkTemplates(value, path, useOf(field), walk);
}

function checkBytes(value: string, limit: keyof typeof limits, path: string, walk: Walk): void {
  const is = utf8Length(value);
  if (is > limits[limit]) exceeded(walk, path, limit, is);
}

export function exceeded(walk: Pick<Walk, 'problems'>, path: string, limit: keyof typeof limits, is: number): void {
  walk.problems.error('limit.exceeded', path, `${limit} is at most ${limits[limit]}, this is ${is}.`, {
    details: { limit, is },
  });
}

function checkText(value: string, shape: Extract<Shape, { is: 'text' }>, path: string, walk: Walk): void {
  if (shape.oneOf && !shape.oneOf.includes(value)) {
    return badValue(walk, path, `"${value.slice(0, 60)}" is not ${shapeName(shape)}.${didYouMean(value, shape.oneOf)}`);
  }
  const length = Array.from(value).length;
  if (length < (shape.least ?? 0)) return badValue(walk, path, 'This must not be empty.');
  if (length > (shape.most ?? Infinity))
    return badValue(walk, path, `This has at most ${shape.most} characters, not ${length}.`);
  if (shape.limit) checkBytes(value, shape.limit, path, walk);
  if (shape.form === 'id') checkName(value, path, walk.problems);
  if (shape.form === 'instant' && parseInstant(value) === undefined) {
    badValue(walk, path, `"${value.slice(0, 60)}" is no instant with offset such as 2026-01-31T10:00:00Z.`);
  }
  if (shape.form === 'status' && !/^[1-5](?:\d\d|xx)$/.test(value))
    badValue(walk, path, `"${value.slice(0, 20)}" is no status such as 204 or 2xx.`);
  if (shape.form === 'pattern') {
    const compiled = compilePattern(value);
    if (typeof compiled === 'string') badValue(walk, path, `This is no pattern of RE2: ${compiled}`);
  }
}

function checkNumber(value: unknown, shape: Extract<Shape, { is: 'number' }>, path: string, walk: Walk): void {
  if (typeof value !== 'number' || (shape.isWhole && !Number.isInteger(value)))
    return wrongType(walk, path, shape, value);
  if (shape.limit && value > limits[shape.limit]) return exceeded(walk, path, shape.limit, value);
  const { least = -Infinity, most = Infinity } = shape;
  if (value < least || value > most) {
    badValue(
      walk,
      path,
      most === Infinity ? `This must be ${least} or more.` : `This must be from ${least} to ${most}.`,
    );
  }
}

function checkDuration(value: unknown, shape: Extract<Shape, { is: 'duration' }>, path: string, walk: Walk): void {
  if (typeof value !== 'string') return wrongType(walk, path, shape, value);
  const ms = parseDuration(value);
  if (ms === undefined) return badValue(walk, path, `"${value.slice(0, 60)}" is no duration such as 90s, 1h30m or 2d.`);
  if (ms > (shape.mostMs ?? Infinity))
    badValue(walk, path, `This is at most ${Math.floor((shape.mostMs ?? 0) / 86_400_000)}d.`);
}

function checkList(
  value: unknown,
  shape: Extract<Shape, { is: 'list' }>,
  path: string,
  field: Field,
  walk: Walk,
): void {
  if (!Array.isArray(value)) return wrongType(walk, path, shape, value);
  if (shape.limit && value.length > limits[shape.limit]) return exceeded(walk, path, shape.limit, value.length);
  if (value.length < (shape.least ?? 0)) return badValue(walk, path, 'This list must not be empty.');
  value.forEach((part: unknown, index) => checkShape(part, shape.of, pointer(path, index), field, walk));
}

function checkMap(
  value: Record<string, unknown>,
  shape: Extract<Shape, { is: 'map' }>,
  path: string,
  field: Field,
  walk: Walk,
): void {
  for (const [key, part] of Object.entries(value)) {
    const at = pointer(path, key);
    if (mentionsTemplate(key))
      walk.problems.error('template.not_allowed', at, 'Names in a map are static: a template may only be the value.');
    else if (shape.keys === 'id') checkName(key, at, walk.problems);
    else if (shape.keys === 'environment' && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(key))
      badValue(walk, at, `"${key.slice(0, 60)}" is no name of an environment variable.`);
    const { secrets, ...rest } = field;
    const isRefused = secrets === 'inputs' && walk.isSecretInput !== undefined && !walk.isSecretInput(key);
    checkShape(part, shape.of, at, isRefused ? rest : field, walk);
  }
}

function checkAny(value: unknown, path: string, field: Field, walk: Walk): void {
  if (Array.isArray(value))
    value.forEach((part: unknown, index) => checkShape(part, { is: 'any' }, pointer(path, index), field, walk));
  else if (isMap(value))
    checkMap(
      value,
      { is: 'map', of: { is: 'any' } },
      path,
      { ...field, ...(field.secrets === 'inputs' ? { secrets: true } : {}) },
      walk,
    );
}
