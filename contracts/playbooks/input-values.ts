import type { Input, Json, JsonObject } from './document.ts';
import { parseDuration } from './duration.ts';
import { matchesPattern } from './expressions/patterns.ts';
import { isDate, parseInstant } from './expressions/time.ts';
import { formats } from './input-formats.ts';
import { limits } from './limits.ts';
import { didYouMean } from './nearest.ts';
import { utf8Length } from './bytes.ts';

export interface InputError {
  readonly code: string;
  readonly path: string;
  readonly message: string;
  readonly details?: { readonly [key: string]: Json };
}

export interface KnownServer {
  readonly name: string;
  readonly tags: readonly string[];
}

const token = (key: string | number): string => String(key).replaceAll('~', '~0').replaceAll('/', '~1');
const isMap = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const nameOf = (value: Json): string =>
  Array.isArray(value)
    ? 'a list'
    : value === null
      ? 'nothing'
      : typeof value === 'object'
        ? 'a map'
        : `a ${typeof value}`;

export const optionValue = (option: NonNullable<Input['options']>[number]): string =>
  typeof option === 'string' ? option : option.value;

/** Checks values against declarations and keeps what is wrong. Each value gives at most one error of its own. */
export class InputChecker {
  readonly errors: InputError[] = [];
  readonly #servers: readonly KnownServer[] | undefined;

  constructor(servers: readonly KnownServer[] | undefined) {
    this.#servers = servers;
  }

  /** Several named values: a run's inputs, or an object's fields. Fills `values` as it goes, so that `isVisible` sees those before. */
  fields(
    declarations: readonly Input[],
    given: JsonObject,
    path: string,
    values: { [name: string]: Json },
    isVisible: (input: Input) => boolean,
  ): void {
    for (const input of declarations) {
      if (!isVisible(input)) {
        values[input.name] = null;
        continue;
      }
      const value = given[input.name] ?? null;
      const at = `${path}/${token(input.name)}`;
      if (value === null || (value === '' && input.required === true)) {
        const fallback = value === null ? (input.default ?? null) : null;
        if (fallback === null && input.required === true)
          this.#refuse('input.required', at, `${titleOf(input)} must be given.`);
        values[input.name] = fallback === null ? null : this.value(fallback, input, at);
      } else values[input.name] = this.value(value, input, at);
    }
    const names = declarations.map(({ name }) => name);
    for (const name of Object.keys(given)) {
      if (!names.includes(name))
        this.#refuse('input.unknown', `${path}/${token(name)}`, `There is no input ${name}.${didYouMean(name, names)}`);
    }
  }

  /** One value. Gives it back with the defaults of its fields filled in. */
  value(value: Json, input: Input, at: string): Json {
    if (input.type === 'object') return this.#object(value, input, at);
    if (input.type === 'list') return this.#list(value, input, at);
    if (input.type === 'multi_choice' || input.type === 'servers') {
      const list = this.#array(value, input, at);
      list?.forEach((part, index) =>
        this.#single(part, { ...input, type: input.type === 'servers' ? 'server' : 'choice' }, `${at}/${index}`),
      );
      return value;
    }
    this.#single(value, input, at);
    return value;
  }

  #single(value: Json, input: Input, at: string): void {
    const type = input.secret === true ? 'secret' : input.type;
    if (type === 'number' || type === 'integer') return this.#number(value, input, at);
    if (type === 'boolean') return this.#need(typeof value === 'boolean', value, 'true or false', at);
    if (type === 'secret' && isMap(value)) {
      return this.#need(
        typeof value['ref'] === 'string' && Object.keys(value).length === 1,
        value,
        'a secret, or {ref: name} of one',
        at,
      );
    }
    if (typeof value !== 'string')
      return this.#need(false, value, type === 'duration' ? 'a duration such as "90s"' : 'text', at);
    switch (type) {
      case 'string':
        if (/[\r\n]/.test(value)) return this.#refuse('input.bad_format', at, `${titleOf(input)} is one line.`);
        return this.#text(value, input, at, limits.stringInputCharacters);
      case 'text':
      case 'secret':
        if (utf8Length(value) > limits.textInputBytes)
          return this.#refuse(
            'input.out_of_range',
            at,
            `${titleOf(input)} is longer than ${limits.textInputBytes} bytes.`,
          );
        return this.#text(value, input, at, limits.textInputBytes);
      case 'date':
        if (!isDate(value))
          return this.#refuse('input.bad_format', at, `${titleOf(input)} is a day that exists, such as 2026-01-31.`);
        return this.#range(value, input, at, (text) => (isDate(text) ? Date.parse(text) : undefined));
      case 'datetime':
        if (parseInstant(value) === undefined)
          return this.#refuse(
            'input.bad_format',
            at,
            `${titleOf(input)} is an instant with offset, such as 2026-01-31T10:00:00+01:00.`,
          );
        return this.#range(value, input, at, parseInstant);
      case 'duration':
        if (parseDuration(value) === undefined)
          return this.#refuse('input.bad_format', at, `${titleOf(input)} is a duration such as 90s, 1h30m or 2d.`);
        return this.#range(value, input, at, parseDuration);
      case 'server':
        return this.#server(value, input, at);
      default: {
        const options = (input.options ?? []).map(optionValue);
        if (options.includes(value)) return;
        const shown = options.length <= 20 ? `one of ${options.join(', ')}` : 'one of its options';
        return this.#refuse('input.not_an_option', at, `${titleOf(input)} is ${shown}.`);
      }
    }
  }

  #text(value: string, input: Input, at: string, most: number): void {
    const length = Array.from(value).length;
    const [least, longest] = [input.minLength ?? 0, Math.min(input.maxLength ?? most, most)];
    if (length < least || length > longest) {
      return this.#refuse(
        'input.out_of_range',
        at,
        `${titleOf(input)} has ${least} to ${longest} characters, this has ${length}.`,
        { min: least, max: longest, is: length },
      );
    }
    if (input.pattern !== undefined && matchesPattern(input.pattern, value) !== true) {
      return this.#refuse(
        'input.pattern_mismatched',
        at,
        input.patternMessage ?? `${titleOf(input)} must match ${input.pattern}.`,
      );
    }
    const format = input.format === undefined ? undefined : formats[input.format];
    if (format && !format.holds(value)) this.#refuse('input.bad_format', at, `${titleOf(input)} is ${format.says}.`);
  }

  #number(value: Json, input: Input, at: string): void {
    const isWhole = input.type === 'integer';
    if (typeof value !== 'number' || !Number.isFinite(value) || (isWhole && !Number.isInteger(value))) {
      return this.#need(false, value, isWhole ? 'a whole number' : 'a number', at);
    }
    const [least, most] = [Number(input.min ?? -Infinity), Number(input.max ?? Infinity)];
    const isSafe = !isWhole || Number.isSafeInteger(value);
    if (value < least || value > most || !isSafe)
      this.#refuse('input.out_of_range', at, rangeText(input, isSafe), boundsOf(input));
  }

  #range(value: string, input: Input, at: string, read: (text: string) => number | undefined): void {
    const is = read(value) ?? 0;
    const least = input.min === undefined ? undefined : read(String(input.min));
    const most = input.max === undefined ? undefined : read(String(input.max));
    if (is < (least ?? -Infinity) || is > (most ?? Infinity))
      this.#refuse('input.out_of_range', at, rangeText(input, true), boundsOf(input));
  }

  #server(value: string, input: Input, at: string): void {
    if (!this.#servers) return;
    const server = this.#servers.find(({ name }) => name === value);
    if (!server) {
      return this.#refuse(
        'input.server_unknown',
        at,
        `There is no server ${value}.${didYouMean(
          value,
          this.#servers.map(({ name }) => name),
        )}`,
      );
    }
    if (!isEligible(server, input))
      this.#refuse('input.not_an_option', at, `Server ${value} does not have the tags that are asked for.`);
  }

  #array(value: Json, input: Input, at: string): readonly Json[] | undefined {
    if (!Array.isArray(value)) {
      this.#need(false, value, 'a list', at);
      return undefined;
    }
    const [least, most] = [input.minItems ?? 0, Math.min(input.maxItems ?? limits.listItems, limits.listItems)];
    if (value.length < least || value.length > most) {
      this.#refuse(
        'input.out_of_range',
        at,
        `${titleOf(input)} has ${least} to ${most} items, this has ${value.length}.`,
        { min: least, max: most, is: value.length },
      );
      return undefined;
    }
    return value;
  }

  #list(value: Json, input: Input, at: string): Json {
    const items = this.#array(value, input, at);
    const declaration = input.items;
    if (!items || !declaration) return value;
    return items.map((part, index) => {
      if (part !== null) return this.value(part, { ...declaration, name: input.name }, `${at}/${index}`);
      this.#need(false, part, 'a value', `${at}/${index}`);
      return part;
    });
  }

  #object(value: Json, input: Input, at: string): Json {
    if (!isMap(value)) {
      this.#need(false, value, 'a map', at);
      return value;
    }
    if (!input.fields) return value;
    const values: { [name: string]: Json } = {};
    this.fields(input.fields, value, at, values, () => true);
    return values;
  }

  #need(holds: boolean, value: Json, wanted: string, at: string): void {
    if (!holds) this.#refuse('input.wrong_type', at, `This must be ${wanted}, not ${nameOf(value)}.`);
  }

  #refuse(code: string, path: string, message: string, details?: { readonly [key: string]: Json }): void {
    this.errors.push(details ? { code, path, message, details } : { code, path, message });
  }
}

const titleOf = (input: Input): string => input.label ?? (input.name === '' ? 'The value' : input.name);

const boundsOf = ({ min, max }: Input): { readonly [key: string]: Json } => ({
  ...(min === undefined ? {} : { min }),
  ...(max === undefined ? {} : { max }),
});

function rangeText(input: Input, isSafe: boolean): string {
  if (!isSafe) return `${titleOf(input)} is beyond 2^53.`;
  const { min, max } = input;
  if (min !== undefined && max !== undefined) return `${titleOf(input)} is from ${min} to ${max}.`;
  return min === undefined ? `${titleOf(input)} is at most ${max}.` : `${titleOf(input)} is at least ${min}.`;
}

/** Whether an input's tags let a server be chosen. */
export const isEligible = ({ tags }: KnownServer, input: Pick<Input, 'tags' | 'anyTags' | 'notTags'>): boolean =>
  (input.tags ?? []).every((tag) => tags.includes(tag)) &&
  (input.anyTags === undefined || input.anyTags.some((tag) => tags.includes(tag))) &&
  !(input.notTags ?? []).some((tag) => tags.includes(tag));
