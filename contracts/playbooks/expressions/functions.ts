import { fromBase64, fromUtf8, toBase64, toHex, toUtf8, urlEncode } from '../bytes.ts';
import { canonicalJson, sha256 } from '../canonical.ts';
import type { Json } from '../document.ts';
import type { Budget } from './budget.ts';
import { calculate, checkedInt, compare, failed } from './operators.ts';
import { findsPattern } from './patterns.ts';
import { calendarOf, durationOf, timestampOf } from './time.ts';
import type { Calendar } from './time.ts';
import {
  asMap,
  CelType,
  doubleText,
  Duration,
  fromJson,
  isList,
  isMap,
  Optional,
  Raw,
  Secret,
  Timestamp,
  timestampText,
  toJson,
  toText,
  typeName,
} from './values.ts';
import type { ListValue, Value } from './values.ts';
import { durationText } from '../duration.ts';
import { yamlText } from './yaml-text.ts';

/** What a function may use beside its arguments. */
export interface CallContext {
  readonly nowMs: number;
  readonly budget: Budget;
}

/**
 * One function of the language. `types` are its overloads for the check at save, in the library's notation; those that
 * the library has itself need none. A method's receiver is its first argument.
 */
export interface CelFunction {
  readonly name: string;
  readonly isMethod: boolean;
  readonly types: readonly string[];
  /** Said to authors by the editor, for what we added. */
  readonly help?: string;
  readonly call: (args: readonly Value[], context: CallContext) => Value;
}

const no = (name: string, args: readonly Value[]): Error =>
  failed(`${name} takes no (${args.map(typeName).join(', ')})`);
const string = (value: Value | undefined, name: string): string => {
  if (typeof value === 'string') return value;
  throw failed(`${name} needs a string, not ${value === undefined ? 'nothing' : typeName(value)}`);
};
const list = (value: Value | undefined, name: string): ListValue => {
  if (value !== undefined && isList(value)) return value;
  throw failed(`${name} needs a list, not ${value === undefined ? 'nothing' : typeName(value)}`);
};
const int = (value: Value | undefined, name: string): number => {
  if (typeof value === 'bigint') return Number(value);
  throw failed(`${name} needs an int, not ${value === undefined ? 'nothing' : typeName(value)}`);
};

const ts = 'google.protobuf.Timestamp';
const all: CelFunction[] = [];
const define = (name: string, types: readonly string[], call: CelFunction['call'], help?: string): void => {
  const isMethod = name.startsWith('.');
  all.push({ name: isMethod ? name.slice(1) : name, isMethod, types, call, ...(help ? { help } : {}) });
};
const made = (text: string, { budget }: CallContext): string => {
  budget.make(text.length);
  return text;
};

// Types and conversions
define('dyn', [], ([value = null]) => value);
define('type', [], ([value = null]) => new CelType(typeName(value)));
define('bool', [], (args) => {
  const [value] = args;
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'TRUE' || value === 'True' || value === 't' || value === '1') return true;
  if (value === 'false' || value === 'FALSE' || value === 'False' || value === 'f' || value === '0') return false;
  throw no('bool', args);
});
define('int', [`int(${ts}): int`], (args) => {
  const [value] = args;
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return checkedInt(BigInt(Math.trunc(value)));
  if (typeof value === 'string' && /^[+-]?\d{1,20}$/.test(value)) return checkedInt(BigInt(value.replace('+', '')));
  if (value instanceof Timestamp) return BigInt(Math.floor(value.ms / 1000));
  throw typeof value === 'string' ? failed(`int: "${value.slice(0, 40)}" is no whole number`) : no('int', args);
}, 'A whole number of a double, of digits, or of a timestamp (seconds since 1970).'); // prettier-ignore
define('uint', [], (args) => {
  const value =
    typeof args[0] === 'number'
      ? BigInt(Math.trunc(args[0]))
      : typeof args[0] === 'string' && /^\d{1,20}$/.test(args[0])
        ? BigInt(args[0])
        : args[0];
  if (typeof value === 'bigint' && value >= 0n) return checkedInt(value);
  throw no('uint', args);
});
define('double', [], (args) => {
  const [value] = args;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' && value === value.trim() && value !== '' && !Number.isNaN(Number(value)))
    return Number(value);
  throw typeof value === 'string' ? failed(`double: "${value.slice(0, 40)}" is no number`) : no('double', args);
});
define('string', ['string(null): string', `string(${ts}): string`, 'string(google.protobuf.Duration): string'], (args) => {
  const [value = null] = args;
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return doubleText(value);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value.ms);
  const text = value instanceof Uint8Array ? fromUtf8(value) : undefined;
  if (text === undefined) throw no('string', args);
  return text;
}, 'Text of a value; of null it is empty.'); // prettier-ignore
define('bytes', [], (args) => {
  if (args[0] instanceof Uint8Array) return args[0];
  return toUtf8(string(args[0], 'bytes'));
});
define('timestamp', [], (args) => {
  const [value] = args;
  if (typeof value === 'bigint') return timestampOf(timestampText(new Timestamp(Number(value) * 1000)));
  if (value instanceof Timestamp) return value;
  return timestampOf(string(value, 'timestamp'));
});
define('duration', [], (args) => (args[0] instanceof Duration ? args[0] : durationOf(string(args[0], 'duration'))));

// Sizes
const size: CelFunction['call'] = (args) => {
  const [value = null] = args;
  if (typeof value === 'string') return BigInt([...value].length);
  if (value instanceof Uint8Array || isList(value)) return BigInt(value.length);
  if (isMap(value)) return BigInt(asMap(value).size);
  throw no('size', args);
};
define('size', [], size);
define('.size', [], size);

// Strings
define('.startsWith', [], ([a, b]) => string(a, 'startsWith').startsWith(string(b, 'startsWith')));
define('.endsWith', [], ([a, b]) => string(a, 'endsWith').endsWith(string(b, 'endsWith')));
define('.contains', [], ([a, b]) => string(a, 'contains').includes(string(b, 'contains')));
define('.lowerAscii', [], ([a]) => string(a, 'lowerAscii').replace(/[A-Z]+/g, (letters) => letters.toLowerCase()));
define('.upperAscii', [], ([a]) => string(a, 'upperAscii').replace(/[a-z]+/g, (letters) => letters.toUpperCase()));
define('.trim', [], ([a]) => string(a, 'trim').trim());
const index = (name: 'indexOf' | 'lastIndexOf'): void =>
  define(`.${name}`, [], ([a, b, from]) => {
    const text = string(a, name);
    if (from === undefined) return BigInt(text[name](string(b, name)));
    const at = int(from, name);
    if (at < 0 || at > text.length) throw failed(`${name}: ${at} is outside the text`);
    return BigInt(text[name](string(b, name), at));
  });
index('indexOf');
index('lastIndexOf');
define('.substring', [], ([a, from, to]) => {
  const text = string(a, 'substring');
  const [start, end] = [int(from, 'substring'), to === undefined ? text.length : int(to, 'substring')];
  if (start < 0 || start > text.length || end < start || end > text.length) {
    throw failed(`substring: ${start} to ${end} is outside a text of ${text.length} characters`);
  }
  return text.slice(start, end);
});
define('.matches', [], ([a, b], { budget }) => {
  const [text, pattern] = [string(a, 'matches'), string(b, 'matches')];
  budget.step(text.length >> 6);
  const found = findsPattern(pattern, text);
  if (found === undefined) throw failed(`matches: "${pattern.slice(0, 60)}" is no pattern of RE2`);
  return found;
});
define('.split', [], ([a, separator, count], { budget }) => {
  const [text, by] = [string(a, 'split'), string(separator, 'split')];
  const parts = by === '' ? [...text] : text.split(by);
  budget.make(parts.length);
  const most = count === undefined ? -1 : int(count, 'split');
  if (most === 0) return [];
  return most < 0 || parts.length <= most ? parts : [...parts.slice(0, most - 1), parts.slice(most - 1).join(by)];
});
define('.join', [], ([a, separator], context) => {
  const parts = list(a, 'join').map((part) => string(part, 'join: each element'));
  const by = separator === undefined ? '' : string(separator, 'join');
  context.budget.make(parts.reduce((sum, part) => sum + part.length + by.length, 0));
  return parts.join(by);
});
const replace: CelFunction['call'] = ([text, from, to], context) => {
  const [source, what, by] = [string(text, 'replace'), string(from, 'replace'), string(to, 'replace')];
  const parts = source.split(what);
  context.budget.make(source.length + parts.length * by.length);
  return parts.join(by);
};
define(
  'replace',
  ['replace(string, string, string): string'],
  replace,
  'Every occurrence of the second text replaced by the third.',
);
define('.replace', ['string.replace(string, string): string'], replace);

// Bytes
define('.hex', [], ([a]) => {
  if (a instanceof Uint8Array) return toHex(a);
  throw failed('hex needs bytes');
});
define('.base64', [], ([a]) => {
  if (a instanceof Uint8Array) return toBase64(a);
  throw failed('base64 needs bytes');
});
define('.string', [], ([a]) => {
  const text = a instanceof Uint8Array ? fromUtf8(a) : undefined;
  if (text === undefined) throw failed('string needs bytes that are UTF-8');
  return text;
});
define('.at', [], ([a, at]) => {
  const byte = a instanceof Uint8Array ? a[int(at, 'at')] : undefined;
  if (byte === undefined) throw failed('at: the index is outside the bytes');
  return BigInt(byte);
});

// Times
const part = (name: string, read: (calendar: Calendar) => number): void =>
  define(`.${name}`, [], (args) => {
    const [value, zone] = args;
    if (value instanceof Timestamp)
      return BigInt(read(calendarOf(value, zone === undefined ? 'UTC' : string(zone, name))));
    if (!(value instanceof Duration) || zone !== undefined) throw no(name, args);
    const unitMs = { getHours: 3_600_000, getMinutes: 60_000, getSeconds: 1_000 }[name];
    if (unitMs === undefined) throw no(name, args);
    return BigInt(Math.trunc(value.ms / unitMs));
  });
part('getFullYear', ({ year }) => year);
part('getMonth', ({ month }) => month);
part('getDate', ({ day }) => day);
part('getDayOfMonth', ({ day }) => day - 1);
part('getDayOfWeek', ({ dayOfWeek }) => dayOfWeek);
part('getDayOfYear', ({ dayOfYear }) => dayOfYear);
part('getHours', ({ hour }) => hour);
part('getMinutes', ({ minute }) => minute);
part('getSeconds', ({ second }) => second);
define('.getMilliseconds', [], (args) => {
  const [value] = args;
  if (value instanceof Timestamp) return BigInt(((value.ms % 1000) + 1000) % 1000);
  if (value instanceof Duration) return BigInt(Math.trunc(value.ms));
  throw no('getMilliseconds', args);
});
define('now', [`now(): ${ts}`], (_args, { nowMs }) => new Timestamp(nowMs), 'The instant at which the step started.');

// Optionals
const optional = (value: Value | undefined): Optional => {
  if (value instanceof Optional) return value;
  throw failed('needs an optional such as a.?b');
};
define('.hasValue', [], ([a]) => optional(a).value !== undefined);
define('.value', [], ([a]) => {
  const { value } = optional(a);
  if (value === undefined) throw failed('value: the optional is empty');
  return value;
});

// Added (§4)
define('raw', ['raw(dyn): Raw'], ([value = null]) => {
  if (!isList(value)) return new Raw(toText(value));
  return new Raw(value.map(toText).join(' '));
}, 'The text unquoted in a command: whoever controls it controls the command.'); // prettier-ignore
define(
  'toJson',
  ['toJson(dyn): string'],
  ([value = null], context) => made(JSON.stringify(toJson(value)), context),
  'Compact JSON of a value.',
);
define('fromJson', ['fromJson(string): dyn'], ([text]) => {
  try {
    return fromJson(JSON.parse(string(text, 'fromJson')) as Json);
  } catch (error) {
    throw error instanceof SyntaxError ? failed('fromJson: the text is no JSON') : error;
  }
}, 'The value of a JSON text.'); // prettier-ignore
define(
  'toYaml',
  ['toYaml(dyn): string'],
  ([value = null], context) => made(yamlText(toJson(value)), context),
  'YAML of a value.',
);
define(
  'urlEncode',
  ['urlEncode(string): string'],
  ([text], context) => made(urlEncode(string(text, 'urlEncode')), context),
  'Percent-encoded by RFC 3986, for a part of an address.',
);
define('urlQuery', ['urlQuery(map): string'], (args, context) => {
  const [value = null] = args;
  if (!isMap(value)) throw no('urlQuery', args);
  const pairs = [...asMap(value)].flatMap(([key, entry]) =>
    (isList(entry) ? entry : [entry]).filter((one) => one !== null).map((one) => `${urlEncode(String(key))}=${urlEncode(toText(one))}`),
  );
  return made(pairs.join('&'), context);
}, 'A query string; a list gives its key once for each element, null leaves it out.'); // prettier-ignore
define('base64', ['base64(string): string', 'base64(bytes): string'], ([value], context) =>
  made(toBase64(value instanceof Uint8Array ? value : toUtf8(string(value, 'base64'))), context), 'Base64 of a text (its UTF-8) or of bytes.'); // prettier-ignore
define('fromBase64', ['fromBase64(string): string'], ([text]) => {
  const bytes = fromBase64(string(text, 'fromBase64'));
  const decoded = bytes && fromUtf8(bytes);
  if (decoded === undefined) throw failed('fromBase64: the text is no base64 of UTF-8');
  return decoded;
}, 'The text whose base64 it is.'); // prettier-ignore
define('sha256', ['sha256(string): string', 'sha256(bytes): string'], ([value], { budget }) => {
  const bytes = value instanceof Uint8Array ? value : toUtf8(string(value, 'sha256'));
  budget.step(bytes.length >> 7);
  return sha256(bytes);
}, 'SHA-256 in hex.'); // prettier-ignore
define('lines', ['lines(string): list<string>'], ([text], { budget }) => {
  const found = string(text, 'lines').split(/\r?\n/);
  if (found.at(-1) === '') found.pop();
  budget.make(found.length);
  return found;
}, 'The lines of a text, without an empty last one.'); // prettier-ignore
define('coalesce', ['coalesce(dyn, dyn): dyn'], ([a = null, b = null]) => {
  const first = a instanceof Optional ? (a.value ?? null) : a;
  return first ?? (b instanceof Optional ? (b.value ?? null) : b);
}, 'The first value, or the second where the first is null.'); // prettier-ignore
define(
  'sum',
  ['sum(list<A>): A'],
  ([values]) => list(values, 'sum').reduce((sum, value) => calculate('+', sum, value), 0n),
  'The sum of a list of numbers.',
);
const extreme = (name: 'min' | 'max', sign: number, help: string): void =>
  define(name, [`${name}(list<A>): A`], ([values]) => {
    const [first, ...rest] = list(values, name);
    if (first === undefined) throw failed(`${name} of an empty list`);
    return rest.reduce((best, value) => (compare(value, best) * sign > 0 ? value : best), first);
  }, help); // prettier-ignore
extreme('min', -1, 'The least of a list.');
extreme('max', 1, 'The greatest of a list.');
define('sort', ['sort(list<A>): list<A>'], ([values], { budget }) => {
  const copy = [...list(values, 'sort')];
  budget.make(copy.length);
  budget.step(copy.length);
  return copy.sort(compare);
}, 'The list in ascending order.'); // prettier-ignore
define('unique', ['unique(list<A>): list<A>'], ([values], { budget }) => {
  const seen = new Set<string>();
  const source = list(values, 'unique');
  budget.step(source.length);
  return source.filter((value) => {
    const isNumber = typeof value === 'bigint' || typeof value === 'number';
    const key = `${isNumber ? 'number' : typeName(value)}:${typeof value === 'string' ? value : canonicalJson(toJson(value))}`;
    return !seen.has(key) && seen.add(key);
  });
}, 'The list without repetitions, each value where it first stood.'); // prettier-ignore
define('flatten', ['flatten(list): list<dyn>'], ([values], { budget }) => {
  const flat = list(values, 'flatten').flatMap((value) => (isList(value) ? value : [value]));
  budget.make(flat.length);
  return flat;
}, 'A list of lists as one list, one level deep.'); // prettier-ignore
define('slice', ['slice(list<A>, int, int): list<A>'], ([values, from, to]) => {
  const [start, end] = [int(from, 'slice'), int(to, 'slice')];
  if (start < 0 || end < start) throw failed(`slice: ${start} to ${end} is no range`);
  return list(values, 'slice').slice(start, end);
}, 'The elements from one index up to, not including, another; fewer where the list is shorter.'); // prettier-ignore

const key = (name: string, isMethod: boolean): string => (isMethod ? `.${name}` : name);
const byKey = new Map(all.map((entry) => [key(entry.name, entry.isMethod), entry]));

/** The functions of the language, macros aside. */
export const celFunctions: readonly CelFunction[] = all;
export const findFunction = (name: string, isMethod: boolean): CelFunction | undefined =>
  byKey.get(key(name, isMethod));

/** Calls a function with its cost counted. No function takes a secret (§4). */
export function callFunction(entry: CelFunction, args: readonly Value[], context: CallContext): Value {
  for (const arg of args) {
    if (arg instanceof Secret) throw failed(`${entry.name} takes no secret: a secret can only be passed on`);
    if (typeof arg === 'string') context.budget.step(arg.length >> 10);
  }
  return entry.call(args, context);
}
