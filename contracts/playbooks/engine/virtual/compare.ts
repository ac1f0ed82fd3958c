import { canonicalJson } from '../../canonical.ts';
import type { Json } from '../../document.ts';
import { parseDuration } from '../../duration.ts';
import type { VirtualResult } from './run-virtually.ts';
import type { Expectation } from './test-case.ts';

/** What validation said of the definition. */
export interface Verdict {
  readonly valid: boolean;
  readonly errors: readonly { readonly code: string; readonly path: string; readonly message: string }[];
  readonly hints: readonly { readonly code: string; readonly path: string; readonly message: string }[];
}

export interface Difference {
  /** Into the expectation: `steps/2/status`. */
  readonly path: string;
  readonly expected: Json;
  readonly actual: Json;
}

export interface Tools {
  /** What a POSIX shell makes of a command; without it `argv` cannot be held. */
  readonly argvOf?: (command: string) => readonly string[];
}

const stepFields = new Set(['status', 'attempts', 'reason', 'carried', 'undo', 'partial', 'output', 'error']);

/** Holds a result against an expectation; empty where they agree. */
export function compare(
  expected: Expectation,
  verdict: Verdict,
  result: VirtualResult | null,
  tools: Tools = {},
): Difference[] {
  const found = new Differences();
  for (const field of Object.keys(expected)) {
    const check = checks[field as keyof Expectation];
    if (!check) found.add(field, 'a field that tests have', 'unknown');
    else check(expected, found, verdict, result, tools);
  }
  if (!verdict.valid && expected.valid !== false && !found.list.some(({ path }) => path === 'valid')) {
    found.add('valid', true, brief(verdict.errors));
  }
  const refused = result?.inputErrors ?? [];
  if (refused.length > 0 && expected.inputErrors === undefined) found.add('inputErrors', [], brief(refused));
  if (result?.rerunRefusal) found.add('rerun', 'allowed', { ...result.rerunRefusal });
  return found.list;
}

class Differences {
  readonly list: Difference[] = [];

  add(path: string, expected: Json, actual: Json): void {
    this.list.push({ path, expected, actual });
  }

  same(path: string, expected: unknown, actual: unknown): void {
    const [want, have] = [asJson(expected), asJson(actual)];
    if (canonicalJson(want) !== canonicalJson(have)) this.add(path, want, have);
  }

  /** Only what is named in `expected` counts, at every depth of maps. */
  within(path: string, expected: Json, actual: Json | undefined): void {
    if (typeof expected !== 'object' || expected === null || Array.isArray(expected))
      return this.same(path, expected, actual);
    const map =
      typeof actual === 'object' && actual !== null && !Array.isArray(actual)
        ? (actual as { readonly [key: string]: Json })
        : {};
    for (const [key, part] of Object.entries(expected)) this.within(`${path}/${key}`, part as Json, map[key]);
  }
}

const asJson = (value: unknown): Json => (value === undefined ? null : (JSON.parse(JSON.stringify(value)) as Json));
const brief = (list: readonly { readonly code: string; readonly path: string }[]): Json =>
  list.map(({ code, path }) => ({ code, path }));

type Check = (
  expected: Expectation,
  found: Differences,
  verdict: Verdict,
  result: VirtualResult | null,
  tools: Tools,
) => void;

const checks: { readonly [K in keyof Required<Expectation>]: Check } = {
  valid: ({ valid }, found, verdict) => {
    if (valid !== verdict.valid) found.add('valid', valid ?? null, verdict.valid ? true : brief(verdict.errors));
  },
  errors: ({ errors = [] }, found, verdict) => found.same('errors', errors, brief(verdict.errors)),
  hints: ({ hints = [] }, found, verdict) => {
    for (const [index, hint] of hints.entries()) {
      const isThere = verdict.hints.some(({ code, path }) => code === hint.code && path === hint.path);
      if (!isThere) found.add(`hints/${index}`, { ...hint }, brief(verdict.hints));
    }
  },
  inputErrors: ({ inputErrors = [] }, found, _verdict, result) =>
    found.same('inputErrors', inputErrors, brief(result?.inputErrors ?? [])),
  status: ({ status }, found, _verdict, result) => found.same('status', status, result?.status),
  error: ({ error }, found, _verdict, result) => found.within('error', asJson(error), asJson(result?.error)),
  steps: ({ steps = [] }, found, _verdict, result) => {
    for (const [index, { id, ...fields }] of steps.entries()) {
      const step = result?.steps[id];
      if (!step) found.add(`steps/${index}`, { id }, 'no such step');
      for (const [name, value] of Object.entries(fields)) {
        const path = `steps/${index}/${name}`;
        if (!stepFields.has(name)) found.add(path, 'a field that steps have', 'unknown');
        else found.within(path, value as Json, asJson(step?.[name as keyof typeof step]));
      }
    }
  },
  order: ({ order }, found, _verdict, result) => found.same('order', order, result?.order),
  outputs: ({ outputs }, found, _verdict, result) => found.same('outputs', outputs, result?.outputs),
  elapsed: ({ elapsed = '' }, found, _verdict, result) => {
    if (parseDuration(elapsed) !== result?.elapsedMs) found.add('elapsed', elapsed, result?.elapsed ?? null);
  },
  rendered: ({ rendered = {} }, found, _verdict, result) => {
    for (const [id, text] of Object.entries(rendered)) found.same(`rendered/${id}`, text, result?.rendered[id]);
  },
  batches: ({ batches = {} }, found, _verdict, result) => {
    for (const [id, lists] of Object.entries(batches)) found.same(`batches/${id}`, lists, result?.batches[id]);
  },
  argv: ({ argv = {} }, found, _verdict, result, { argvOf }) => {
    for (const [id, words] of Object.entries(argv)) {
      const command = result?.rendered[id];
      if (command === undefined || !argvOf)
        found.add(`argv/${id}`, [...words], command === undefined ? 'not rendered' : 'there is no shell here');
      else found.same(`argv/${id}`, words, argvOf(command));
    }
  },
  plan: ({ plan = [] }, found, _verdict, result) => {
    const entries = result?.plan ?? [];
    found.same('plan/length', plan.length, entries.length);
    for (const [index, entry] of plan.entries()) found.within(`plan/${index}`, entry, asJson(entries[index]));
  },
  undo: ({ undo }, found, _verdict, result) => found.within('undo', asJson(undo), asJson(result?.undo)),
  logs: ({ logs }, found, _verdict, result) => {
    const text = (result?.logs ?? []).join('\n');
    for (const [index, part] of (logs?.contains ?? []).entries())
      if (!text.includes(part)) found.add(`logs/contains/${index}`, part, text.slice(0, 2000));
    for (const [index, part] of (logs?.lacks ?? []).entries())
      if (text.includes(part)) found.add(`logs/lacks/${index}`, part, 'in the log');
    for (const name of Object.keys(logs ?? {}))
      if (!['contains', 'lacks'].includes(name)) found.add(`logs/${name}`, 'a field that tests have', 'unknown');
  },
};
