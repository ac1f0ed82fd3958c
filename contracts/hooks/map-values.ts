import type { Json, JsonObject } from '../playbooks/document.ts';
import { evaluateBoolean, evaluateJson } from '../playbooks/expressions/evaluate.ts';
import { isLanguageFailure } from '../playbooks/expressions/failure.ts';
import { namesIn } from '../playbooks/expressions/names.ts';
import { celOf } from '../playbooks/templates.ts';
import type { Scope } from '../playbooks/expressions/scope.ts';

/** What is wrong with one expression, at its field. */
export interface MappingIssue {
  path: string;
  code: string;
  message: string;
}
export type Mapped = { ok: true; values: { [name: string]: Json } } | { ok: false; issues: MappingIssue[] };

/** An expression outside of any playbook sees these names and nothing else. */
const scopeOf = (names: JsonObject, nowMs: number): Scope => ({
  inputs: {},
  vars: {},
  steps: {},
  run: {
    id: '',
    title: '',
    trigger: '',
    actor: { name: '', email: '' },
    startedAt: '1970-01-01T00:00:00Z',
    dryRun: false,
    url: '',
    playbook: { name: '', version: 0 },
  },
  secrets: [],
  locals: names,
  nowMs,
});

/** Makes inputs of what came: each is one expression over the names given. All mistakes at once. */
export function mapValues(mapping: Readonly<Record<string, string>>, names: JsonObject, nowMs: number): Mapped {
  const scope = scopeOf(names, nowMs);
  const values: { [name: string]: Json } = {};
  const issues: MappingIssue[] = [];
  for (const [name, expression] of Object.entries(mapping)) {
    try {
      values[name] = evaluateJson(expression, scope);
    } catch (error) {
      if (!isLanguageFailure(error)) throw error;
      issues.push({ path: `/inputs/${name}`, code: error.code, message: error.message });
    }
  }
  return issues.length > 0 ? { ok: false, issues } : { ok: true, values };
}

/** One value, such as a deduplication key. @throws LanguageFailure */
export const evaluateOver = (expression: string, names: JsonObject, nowMs: number): Json =>
  evaluateJson(expression, scopeOf(names, nowMs));
/** A condition. @throws LanguageFailure */
export const holdsOver = (expression: string, names: JsonObject, nowMs: number): boolean =>
  evaluateBoolean(expression, scopeOf(names, nowMs));

/** What saving refuses: what cannot be parsed, and names that will not be there. */
export function checkExpressions(
  expressions: Readonly<Record<string, string>>,
  known: readonly string[],
): MappingIssue[] {
  return Object.entries(expressions).flatMap(([path, expression]): MappingIssue[] => {
    try {
      const unknown = namesIn(celOf(expression).source).roots.find(
        (name) => !known.includes(name) && !everywhere.has(name),
      );
      return unknown === undefined
        ? []
        : [
            {
              path,
              code: 'expression.name_unknown',
              message: `There is no ${unknown} here; ${known.join(', ')} ${known.length > 1 ? 'are' : 'is'} known.`,
            },
          ];
    } catch (error) {
      if (!isLanguageFailure(error)) throw error;
      return [{ path, code: error.code, message: error.message }];
    }
  });
}
const everywhere = new Set([
  'int',
  'uint',
  'double',
  'bool',
  'string',
  'bytes',
  'list',
  'map',
  'null_type',
  'type',
  'optional',
  'cel',
  'google',
]);
