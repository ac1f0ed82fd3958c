import { toBase64 } from '../bytes.ts';
import type { Json } from '../document.ts';
import { durationText } from '../duration.ts';
import { LanguageFailure } from './failure.ts';
import type { SecretRef } from './scope.ts';

/**
 * Values of CEL: int is bigint, double is number, list is array, map is Map (or a Namespace, read lazily), null is null;
 * the rest are the classes here. They are never changed once made, so they may be shared.
 */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | Timestamp
  | Duration
  | Secret
  | Optional
  | CelType
  | Raw
  | Namespace
  | ListValue
  | MapValue;
export type ListValue = readonly Value[];
export type MapKey = string | bigint | boolean;
export type MapValue = ReadonlyMap<MapKey, Value>;

/** An instant, to the millisecond, in UTC. */
export class Timestamp {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

/** A span of time in milliseconds, with a fraction where the source had one. */
export class Duration {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

/** A secret: only ever passed on. `hasParts` where something can be selected from it (a sensitive step's output). */
export class Secret {
  readonly ref: SecretRef;
  readonly hasParts: boolean;
  constructor(ref: SecretRef, hasParts = false) {
    this.ref = ref;
    this.hasParts = hasParts;
  }
  part(key: string | number): Secret {
    return new Secret({ $secret: this.ref.$secret, path: [...(this.ref.path ?? []), key] }, true);
  }
}

/** A value that may be absent: what `a.?b` gives. */
export class Optional {
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    this.value = value;
  }
}

/** What `type(x)` gives, and what the names `int`, `string`, … stand for. */
export class CelType {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** What `raw(x)` gives: text that a command takes unquoted. */
export class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A map whose entries are made when they are read: `steps`, `inputs`, a step's view. */
export class Namespace {
  readonly keys: readonly string[];
  readonly #read: (key: string) => Value;
  readonly #made = new Map<string, Value>();
  constructor(keys: readonly string[], read: (key: string) => Value) {
    this.keys = keys;
    this.#read = read;
  }
  get(key: string): Value | undefined {
    const made = this.#made.get(key);
    if (made !== undefined) return made;
    if (!this.keys.includes(key)) return undefined;
    const value = this.#read(key);
    this.#made.set(key, value);
    return value;
  }
  toMap(): MapValue {
    return new Map(this.keys.map((key) => [key, this.get(key) ?? null]));
  }
}

export const isList = (value: Value): value is ListValue => Array.isArray(value);
export const isMap = (value: Value): value is MapValue | Namespace =>
  value instanceof Map || value instanceof Namespace;
export const asMap = (value: MapValue | Namespace): MapValue => (value instanceof Namespace ? value.toMap() : value);

/** The name of a value's type, as `type(x)` prints it and messages say it. */
export function typeName(value: Value): string {
  if (value === null) return 'null_type';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'double';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof Secret) return 'Secret';
  if (value instanceof Optional) return 'optional';
  if (value instanceof CelType) return 'type';
  if (value instanceof Raw) return 'Raw';
  return isList(value) ? 'list' : 'map';
}

const converted = new WeakMap<object, Value>();

/** JSON as a value: whole numbers within 2^53 are int, others double. Converted once for each object. */
export function fromJson(json: Json): Value {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : json;
  if (typeof json !== 'object' || json === null) return json;
  const known = converted.get(json);
  if (known !== undefined) return known;
  const value: Value = Array.isArray(json)
    ? json.map(fromJson)
    : new Map(
        Object.entries(json)
          .filter(([, part]) => part !== undefined)
          .map(([key, part]) => [key, fromJson(part)]),
      );
  converted.set(json, value);
  return value;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** RFC 3339 in UTC; the fraction is written only where there is one, to the millisecond. */
export function timestampText({ ms }: Timestamp): string {
  const date = new Date(ms);
  const fraction = date.getUTCMilliseconds();
  const day = `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}`;
  const time = `${pad(date.getUTCHours(), 2)}:${pad(date.getUTCMinutes(), 2)}:${pad(date.getUTCSeconds(), 2)}`;
  return `${day}T${time}${fraction === 0 ? '' : `.${pad(fraction, 3)}`}Z`;
}

/** What a secret becomes on the way to JSON: its reference where the field may hold one, else a failure. */
export type SecretRule = (secret: Secret) => Json;
const noSecret: SecretRule = () => {
  throw new LanguageFailure(
    'secret.misplaced',
    'A secret may not stand here: only env, stdin, headers, body, auth, connector parameters and secret inputs take one.',
  );
};

/** A value as JSON, as a whole-value template gives it (§3). Fails beyond 2^53 and on what has no JSON. */
export function toJson(
  value: Value,
  onSecret: SecretRule = noSecret,
  onMap: (map: { [key: string]: Json }) => Json = (map) => map,
): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw new LanguageFailure(
      'expression.failed',
      `${value} is beyond 2^53 and cannot be written as a JSON number; use string(…).`,
    );
  }
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return Object.is(value, -0) ? 0 : value;
    throw new LanguageFailure('expression.failed', `${value} cannot be written as a JSON number.`);
  }
  if (value instanceof Uint8Array) return toBase64(value);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value.ms);
  if (value instanceof Secret) return onSecret(value);
  if (value instanceof Optional) return value.value === undefined ? null : toJson(value.value, onSecret, onMap);
  if (value instanceof CelType) return value.name;
  if (value instanceof Raw)
    throw new LanguageFailure(
      'template.raw_misplaced',
      'raw(…) may only stand in a command, as the outermost call of a template.',
    );
  if (isList(value)) return value.map((part) => toJson(part, onSecret, onMap));
  const json: { [key: string]: Json } = {};
  for (const [key, part] of asMap(value)) {
    // defineProperty: a key such as __proto__ is data like any other.
    Object.defineProperty(json, String(key), {
      value: toJson(part, onSecret, onMap),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return onMap(json);
}

/** A value embedded in text (§3): strings as they are, null as nothing, lists and maps as compact JSON. */
export function toText(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Optional) return value.value === undefined ? '' : toText(value.value);
  const json = toJson(value);
  return typeof json === 'string' ? json : JSON.stringify(json);
}

/** Text of a double as JSON writes it: `1.5`, `2`, `1e+21`. */
export const doubleText = (value: number): string => (Object.is(value, -0) ? '0' : String(value));
