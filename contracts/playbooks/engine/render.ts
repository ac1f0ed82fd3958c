import type { Json, JsonObject } from '../document.ts';
import { parseDuration, parsePercent } from '../duration.ts';
import { renderText, renderValue } from '../expressions/render.ts';
import type { Scope } from '../expressions/scope.ts';
import { factsOf, StepFailure } from './failures.ts';

/** Does `work` for the field at `pointer` (of the definition); what fails in it fails the step there. */
export function at<T>(pointer: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { facts, path } = factsOf(error, pointer);
    throw new StepFailure(facts, path);
  }
}

const wrongType = (pointer: string, wanted: string, is: unknown): StepFailure =>
  new StepFailure({ code: 'value.wrong_type', message: `Must be ${wanted}, is ${kindOf(is)}.` }, pointer);

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'a map' : `a ${typeof value}`;

/** The fields of one step, rendered and checked; absent ones give their default. */
export class Fields {
  readonly #scope: Scope;
  readonly #pointer: string;

  constructor(scope: Scope, pointer: string) {
    this.#scope = scope;
    this.#pointer = pointer;
  }

  text(name: string, value: string): string {
    return at(this.#at(name), () => renderText(value, this.#scope));
  }

  optionalText(name: string, value: string | undefined): string | null {
    return value === undefined ? null : this.text(name, value);
  }

  value(name: string, value: Json, secrets = false): Json {
    return at(this.#at(name), () => renderValue(value, this.#scope, { secrets }));
  }

  boolean(name: string, value: boolean | string | undefined, absent: boolean): boolean {
    if (value === undefined || typeof value === 'boolean') return value ?? absent;
    const rendered = this.value(name, value);
    if (typeof rendered !== 'boolean') throw wrongType(this.#at(name), 'true or false', rendered);
    return rendered;
  }

  integer(name: string, value: number | string | undefined, absent: number, least = 0): number {
    if (value === undefined) return absent;
    const rendered = typeof value === 'string' ? this.value(name, value) : value;
    if (typeof rendered !== 'number' || !Number.isInteger(rendered) || rendered < least) {
      throw wrongType(this.#at(name), `a whole number from ${least} on`, rendered);
    }
    return rendered;
  }

  /** A number, or a percentage as `{percent}`. */
  share(name: string, value: Json | undefined, absent: Share, least = 0): Share {
    if (value === undefined) return absent;
    const rendered = typeof value === 'string' ? this.value(name, value) : value;
    const share = shareOf(rendered, least);
    if (share === null) throw wrongType(this.#at(name), 'a whole number or a percentage such as "25%"', rendered);
    return share;
  }

  shares(name: string, value: Json | undefined, least: number): Share[] | null {
    if (value === undefined) return null;
    const rendered = this.value(name, value);
    const shares = (Array.isArray(rendered) ? rendered : [rendered]).map((one: Json) => shareOf(one, least));
    if (shares.length === 0 || shares.includes(null)) {
      throw wrongType(this.#at(name), 'a whole number, a percentage such as "25%", or a list of them', rendered);
    }
    return shares.filter((share) => share !== null);
  }

  durationMs(name: string, value: string | undefined): number | null {
    if (value === undefined) return null;
    const rendered = this.value(name, value);
    const ms = typeof rendered === 'string' ? parseDuration(rendered) : undefined;
    if (ms === undefined) throw wrongType(this.#at(name), 'a duration such as 90s or 1h30m', rendered);
    return ms;
  }

  instantMs(name: string, value: string): number {
    const rendered = this.value(name, value);
    const ms = typeof rendered === 'string' && instantForm.test(rendered) ? Date.parse(rendered) : Number.NaN;
    if (Number.isNaN(ms)) throw wrongType(this.#at(name), 'an instant such as 2026-01-31T10:00:00Z', rendered);
    return ms;
  }

  map(name: string, value: Json | undefined, secrets = false): JsonObject {
    if (value === undefined) return {};
    const rendered = this.value(name, value, secrets);
    if (typeof rendered !== 'object' || rendered === null || Array.isArray(rendered)) {
      throw wrongType(this.#at(name), 'a map', rendered);
    }
    return rendered as JsonObject;
  }

  list(name: string, value: Json | undefined): readonly Json[] {
    if (value === undefined) return [];
    const rendered = this.value(name, value);
    if (!Array.isArray(rendered)) throw wrongType(this.#at(name), 'a list', rendered);
    return rendered;
  }

  texts(name: string, value: Json | undefined): readonly string[] | undefined {
    if (value === undefined) return undefined;
    const rendered = this.list(name, value);
    if (!rendered.every((one) => typeof one === 'string')) throw wrongType(this.#at(name), 'a list of texts', rendered);
    return rendered;
  }

  numbers(name: string, value: Json | undefined, absent: readonly number[]): readonly number[] {
    if (value === undefined) return absent;
    const rendered = this.list(name, value);
    if (!rendered.every((one) => typeof one === 'number'))
      throw wrongType(this.#at(name), 'a list of numbers', rendered);
    return rendered;
  }

  #at(name: string): string {
    return `${this.#pointer}/${name}`;
  }
}

const instantForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** So many, or a share of all. */
export type Share = number | { readonly percent: number };

function shareOf(value: Json, least: number): Share | null {
  if (typeof value === 'number') return Number.isInteger(value) && value >= least ? value : null;
  const percent = typeof value === 'string' ? parsePercent(value) : undefined;
  return percent === undefined ? null : { percent };
}

/** How many of `total` that is; percentages rounded as told. */
export const countOf = (share: Share, total: number, round: 'up' | 'down'): number => {
  if (typeof share === 'number') return share;
  const exact = (share.percent * total) / 100;
  return round === 'up' ? Math.max(1, Math.ceil(exact)) : Math.floor(exact);
};
