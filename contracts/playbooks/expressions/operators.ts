import { LanguageFailure } from './failure.ts';
import { asMap, CelType, Duration, isList, isMap, Optional, Raw, Secret, Timestamp, typeName } from './values.ts';
import type { MapKey, Value } from './values.ts';

const most = 2n ** 63n - 1n;
const least = -(2n ** 63n);

/**
 * A failure of the author's expression. Made without a stack: it would show our evaluator, and taking it is what makes
 * an error dear where a macro absorbs thousands.
 */
export function failed(message: string): LanguageFailure {
  const frames = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return new LanguageFailure('expression.failed', message);
  } finally {
    Error.stackTraceLimit = frames;
  }
}

/** Keeps an int within 64 bits. */
export function checkedInt(value: bigint): bigint {
  if (value > most || value < least) throw failed(`integer overflow: ${value}`);
  return value;
}

const noOverload = (operator: string, left: Value, right: Value): LanguageFailure =>
  failed(
    `no such overload: ${typeName(left)} ${operator} ${typeName(right)}${operator === '+' && (typeof left === 'string' || typeof right === 'string') ? '; use string(…)' : ''}`,
  );

const isNumber = (value: Value): value is bigint | number => typeof value === 'bigint' || typeof value === 'number';

type Arithmetic = { readonly int: (a: bigint, b: bigint) => bigint; readonly double: (a: number, b: number) => number };
const arithmetic: Readonly<Record<string, Arithmetic>> = {
  '+': { int: (a, b) => a + b, double: (a, b) => a + b },
  '-': { int: (a, b) => a - b, double: (a, b) => a - b },
  '*': { int: (a, b) => a * b, double: (a, b) => a * b },
  '/': {
    int: (a, b) => {
      if (b === 0n) throw failed('division by zero');
      return a / b;
    },
    double: (a, b) => {
      if (b === 0) throw failed('division by zero');
      return a / b;
    },
  },
  '%': {
    int: (a, b) => {
      if (b === 0n) throw failed('modulo by zero');
      return a % b;
    },
    double: () => {
      throw failed('no such overload: double % double');
    },
  },
};

/** Arithmetic of two values: `+ - * / %`. int with double gives a double (§4). */
export function calculate(operator: string, left: Value, right: Value): Value {
  const rule = arithmetic[operator];
  if (rule && typeof left === 'bigint' && typeof right === 'bigint') return checkedInt(rule.int(left, right));
  if (rule && isNumber(left) && isNumber(right)) return rule.double(Number(left), Number(right));
  const result = operator === '+' ? addOther(left, right) : operator === '-' ? subtractTimes(left, right) : undefined;
  if (result === undefined) throw noOverload(operator, left, right);
  return result;
}

function addOther(left: Value, right: Value): Value | undefined {
  if (typeof left === 'string' && typeof right === 'string') return left + right;
  if (isList(left) && isList(right)) return [...left, ...right];
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Uint8Array.from([...left, ...right]);
  if (left instanceof Duration && right instanceof Duration) return new Duration(left.ms + right.ms);
  if (left instanceof Timestamp && right instanceof Duration) return moved(left, right.ms);
  if (left instanceof Duration && right instanceof Timestamp) return moved(right, left.ms);
  return undefined;
}

function subtractTimes(left: Value, right: Value): Value | undefined {
  if (left instanceof Timestamp && right instanceof Timestamp) return new Duration(left.ms - right.ms);
  if (left instanceof Timestamp && right instanceof Duration) return moved(left, -right.ms);
  if (left instanceof Duration && right instanceof Duration) return new Duration(left.ms - right.ms);
  return undefined;
}

export const leastInstantMs = -62_135_596_800_000;
export const mostInstantMs = 253_402_300_799_999;

function moved(from: Timestamp, byMs: number): Timestamp {
  const ms = from.ms + byMs;
  if (ms < leastInstantMs || ms > mostInstantMs) throw failed('the instant is outside the years 1 to 9999');
  return new Timestamp(ms);
}

export function negate(value: Value): Value {
  if (typeof value === 'bigint') return checkedInt(-value);
  if (typeof value === 'number') return -value;
  throw failed(`no such overload: -${typeName(value)}`);
}

/** Equality: numbers by value across int and double, lists and maps by their parts; different types are unequal. */
export function equals(left: Value, right: Value): boolean {
  if (left === null || right === null) return left === right; // also of a secret: whether it was given is no secret
  if (left instanceof Secret || right instanceof Secret) throw failed('a secret cannot be compared');
  if (left === right) return true;
  if (isNumber(left) && isNumber(right)) return left == right; // eslint-disable-line eqeqeq -- int 1 equals double 1.0
  if (left instanceof Timestamp) return right instanceof Timestamp && left.ms === right.ms;
  if (left instanceof Duration) return right instanceof Duration && left.ms === right.ms;
  if (left instanceof CelType) return right instanceof CelType && left.name === right.name;
  if (left instanceof Raw) return right instanceof Raw && left.text === right.text;
  if (left instanceof Uint8Array) {
    return right instanceof Uint8Array && left.length === right.length && left.every((byte, at) => byte === right[at]);
  }
  if (left instanceof Optional) {
    if (!(right instanceof Optional)) return false;
    if (left.value === undefined || right.value === undefined) return left.value === right.value;
    return equals(left.value, right.value);
  }
  if (isList(left)) {
    return isList(right) && left.length === right.length && left.every((part, at) => equals(part, right[at] ?? null));
  }
  if (!isMap(left) || !isMap(right)) return false;
  const [a, b] = [asMap(left), asMap(right)];
  if (a.size !== b.size) return false;
  for (const [key, part] of a) {
    const other = b.get(key);
    if (other === undefined || !equals(part, other)) return false;
  }
  return true;
}

/** -1, 0 or 1; fails where the two have no order. */
export function compare(left: Value, right: Value): number {
  if (isNumber(left) && isNumber(right)) return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (left instanceof Timestamp && right instanceof Timestamp) return Math.sign(left.ms - right.ms);
  if (left instanceof Duration && right instanceof Duration) return Math.sign(left.ms - right.ms);
  throw noOverload('<', left, right);
}

/** `<`, `<=`, `>`, `>=`; a NaN compares false with everything. */
export function relate(operator: string, left: Value, right: Value): boolean {
  if (Number.isNaN(left) || Number.isNaN(right)) return false;
  const order = compare(left, right);
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

/** A map's key as it is stored: a whole double finds the int of its value. */
export function mapKey(value: Value): MapKey {
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  throw failed(`a ${typeName(value)} cannot be the key of a map`);
}

/** `x in list`, `key in map`. */
export function isIn(left: Value, right: Value): boolean {
  if (left instanceof Secret) throw failed('a secret cannot be compared');
  if (isList(right)) return right.some((part) => equals(left, part));
  if (isMap(right)) return asMap(right).has(mapKey(left));
  throw noOverload('in', left, right);
}
