import type { ASTNode } from '@marcbachmann/cel-js';
import type { Budget } from './budget.ts';
import { LanguageFailure } from './failure.ts';
import { callFunction, findFunction } from './functions.ts';
import { calculate, equals, failed, isIn, mapKey, negate, relate } from './operators.ts';
import { isBind, isTurningMacro } from './parse.ts';
import { asMap, CelType, isList, isMap, Optional, Secret, typeName } from './values.ts';
import type { MapKey, Value } from './values.ts';

/**
 * The evaluator: a walk over the library's tree. The library's own runs macros without a bound, uses JavaScript's
 * regular expressions and asks for Date objects of its own realm (§4 names these); walking the tree ourselves gives the
 * bounds, RE2 and values that are the same in every realm.
 */
export interface Frame {
  readonly nowMs: number;
  readonly budget: Budget;
  readonly root: (name: string) => Value | undefined;
}

interface Local {
  readonly name: string;
  readonly value: Value;
  readonly outer: Local | undefined;
}

const celTypes = new Set(['int', 'uint', 'double', 'bool', 'string', 'bytes', 'list', 'map', 'null_type', 'type']);

export function interpret(node: ASTNode, frame: Frame, locals?: Local): Value {
  try {
    return run(node, frame, locals);
  } catch (error) {
    if (error instanceof RangeError) throw failed('the expression is nested too deeply');
    throw error;
  }
}

function run(node: ASTNode, frame: Frame, locals: Local | undefined): Value {
  switch (node.op) {
    case 'value':
      return literal(node.args);
    case 'id':
      return lookUp(node.args, frame, locals);
    case '.':
      return select(run(node.args[0], frame, locals), node.args[1]);
    case '.?':
      return selectOptional(run(node.args[0], frame, locals), node.args[1]);
    case '[]':
      return select(run(node.args[0], frame, locals), run(node.args[1], frame, locals));
    case '[?]':
      return selectOptional(run(node.args[0], frame, locals), run(node.args[1], frame, locals));
    case 'call':
      return call(node.args[0], node.args[1], frame, locals);
    case 'rcall':
      return callMethod(node.args[0], node.args[1], node.args[2], frame, locals);
    case 'list':
      return node.args.map((part) => run(part, frame, locals));
    case 'map':
      return new Map(
        node.args.map(([key, value]): [MapKey, Value] => [mapKey(run(key, frame, locals)), run(value, frame, locals)]),
      );
    case '?:': {
      const [condition, yes, no] = node.args;
      return run(bool(run(condition, frame, locals), 'the condition of ? :') ? yes : no, frame, locals);
    }
    case '||':
      return either(node.args, true, frame, locals);
    case '&&':
      return either(node.args, false, frame, locals);
    case '!_':
      return !bool(run(node.args, frame, locals), '!');
    case '-_':
      return negate(run(node.args, frame, locals));
    default:
      return binary(node.op, run(node.args[0], frame, locals), run(node.args[1], frame, locals), frame);
  }
}

/** Unsigned literals (`5u`) are int here: JSON has no other whole number. */
function literal(value: unknown): Value {
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) return BigInt(String(value));
  return value as Value;
}

function lookUp(name: string, frame: Frame, locals: Local | undefined): Value {
  for (let local = locals; local; local = local.outer) if (local.name === name) return local.value;
  const value = frame.root(name);
  if (value !== undefined) return value;
  if (celTypes.has(name)) return new CelType(name);
  throw failed(`there is no ${name} here`);
}

function binary(operator: string, left: Value, right: Value, { budget }: Frame): Value {
  switch (operator) {
    case '==':
      return same(left, right, budget);
    case '!=':
      return !same(left, right, budget);
    case 'in':
      if (isList(right)) budget.step(right.length >> 4);
      return isIn(left, right);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return relate(operator, left, right);
    default: {
      const result = calculate(operator, left, right);
      if (typeof result === 'string' || isList(result)) budget.make(result.length);
      return result;
    }
  }
}

function same(left: Value, right: Value, budget: Budget): boolean {
  if (typeof left === 'string' && typeof right === 'string') budget.step(Math.min(left.length, right.length) >> 10);
  return equals(left, right);
}

/** `&&` and `||`: an error on one side does not matter where the other side decides. */
function either(
  sides: readonly [ASTNode, ASTNode],
  decides: boolean,
  frame: Frame,
  locals: Local | undefined,
): boolean {
  const name = decides ? '||' : '&&';
  let error: unknown;
  for (const side of sides) {
    try {
      if (bool(run(side, frame, locals), name) === decides) return decides;
    } catch (caught) {
      if (!isAbsorbed(caught)) throw caught;
      frame.budget.step(errorSteps);
      error ??= caught;
    }
  }
  if (error !== undefined) throw error;
  return !decides;
}

/** What an absorbed error costs beside its turn: making one takes about ten times as long as a usual turn. */
const errorSteps = 9;

const isAbsorbed = (error: unknown): boolean => error instanceof LanguageFailure && error.code === 'expression.failed';

function bool(value: Value, where: string): boolean {
  if (typeof value === 'boolean') return value;
  throw failed(`${where} needs a bool, not ${typeName(value)}`);
}

function select(value: Value, key: Value): Value {
  if (value instanceof Optional) return value.value === undefined ? value : selectOptional(value.value, key);
  const found = find(value, key);
  if (found !== undefined) return found;
  if (isList(value)) throw failed(`index ${String(key)} is outside a list of ${value.length}`);
  throw failed(value === null ? `null has no ${keyText(key)}` : `there is no key ${keyText(key)}`);
}

function selectOptional(value: Value, key: Value): Optional {
  if (value instanceof Optional) return value.value === undefined ? value : selectOptional(value.value, key);
  if (!isMap(value) && !isList(value) && !(value instanceof Secret)) return new Optional(undefined);
  return new Optional(find(value, key));
}

const keyText = (key: Value): string => (typeof key === 'string' ? `"${key.slice(0, 60)}"` : String(key));

function find(value: Value, key: Value): Value | undefined {
  if (value instanceof Secret) {
    if (!value.hasParts) throw failed('a secret has no parts');
    if (typeof key === 'string') return value.part(key);
    if (typeof key === 'bigint') return value.part(Number(key));
    throw failed(`a ${typeName(key)} selects nothing`);
  }
  if (isList(value)) {
    if (typeof key === 'bigint' || Number.isInteger(key)) return value[Number(key)];
    throw failed(`a list is read by an int, not ${typeName(key)}`);
  }
  if (!isMap(value)) {
    if (value === null) return undefined;
    throw failed(`a ${typeName(value)} has no ${keyText(key)}`);
  }
  if (value instanceof Map) return value.get(mapKey(key));
  return typeof key === 'string' ? asNamespace(value, key) : undefined;
}

const asNamespace = (value: { get(key: string): Value | undefined }, key: string): Value | undefined => value.get(key);

function call(name: string, args: readonly ASTNode[], frame: Frame, locals: Local | undefined): Value {
  const [first] = args;
  if (name === 'has' && args.length === 1 && first) return has(first, frame, locals);
  const entry = findFunction(name, false);
  if (!entry) throw failed(`there is no function ${name}`);
  return callFunction(entry, args.map((arg) => run(arg, frame, locals)), frame); // prettier-ignore
}

function has(node: ASTNode, frame: Frame, locals: Local | undefined): boolean {
  if (node.op !== '.' && node.op !== '.?') throw failed('has(…) needs a field such as a.b');
  const found = selectOptional(run(node.args[0], frame, locals), node.args[1]);
  return found.value !== undefined;
}

function callMethod(
  name: string,
  receiver: ASTNode,
  args: readonly ASTNode[],
  frame: Frame,
  locals: Local | undefined,
): Value {
  const [first, second, third] = args;
  if (isBind(name, receiver, args.length) && first && second && third) {
    const value = run(second, frame, locals);
    return run(third, frame, { name: String(first.args), value, outer: locals });
  }
  if (receiver.op === 'id' && receiver.args === 'optional') {
    if (name === 'none' && args.length === 0) return new Optional(undefined);
    if (name === 'of' && first) return new Optional(run(first, frame, locals));
  }
  const value = run(receiver, frame, locals);
  if (isTurningMacro(name, args.length) && first && second)
    return turn(name, value, String(first.args), second, third, frame, locals);
  if ((name === 'orValue' || name === 'or') && first) {
    if (!(value instanceof Optional)) throw failed(`${name} needs an optional such as a.?b, not ${typeName(value)}`);
    if (value.value !== undefined) return name === 'or' ? value : value.value;
    return run(first, frame, locals);
  }
  const entry = findFunction(name, true);
  if (!entry) throw failed(`there is no method ${name}`);
  return callFunction(entry, [value, ...args.map((arg) => run(arg, frame, locals))], frame);
}

function turn(
  name: string,
  over: Value,
  local: string,
  body: ASTNode,
  then: ASTNode | undefined,
  frame: Frame,
  outer: Local | undefined,
): Value {
  if (!isList(over) && !isMap(over)) throw failed(`${name} needs a list or a map, not ${typeName(over)}`);
  const elements: Iterable<Value> = isList(over) ? over : asMap(over).keys();
  const kept: Value[] = [];
  let error: unknown;
  let found = 0;
  for (const value of elements) {
    frame.budget.step();
    const locals: Local = { name: local, value, outer };
    if (name === 'map') {
      if (!then) kept.push(run(body, frame, locals));
      else if (bool(run(body, frame, locals), 'the filter of map')) kept.push(run(then, frame, locals));
      continue;
    }
    try {
      if (!bool(run(body, frame, locals), `the condition of ${name}`)) {
        if (name === 'all') return false;
        continue;
      }
      if (name === 'exists') return true;
      found++;
      kept.push(value);
    } catch (caught) {
      if (!isAbsorbed(caught) || (name !== 'all' && name !== 'exists')) throw caught;
      frame.budget.step(errorSteps);
      error ??= caught;
    }
  }
  if (error !== undefined) throw error;
  if (name === 'all') return true;
  if (name === 'exists') return false;
  return name === 'exists_one' ? found === 1 : kept;
}
