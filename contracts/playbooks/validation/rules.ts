import { canonicalJson } from '../canonical.ts';
import type { Json, StepKind } from '../document.ts';
import { kinds } from '../shape/steps.ts';
import { mentionsTemplate } from '../templates.ts';
import type { Problems } from './problems.ts';
import { isMap } from './maps.ts';

type LooseStep = Readonly<Record<string, unknown>>;

/** Codes that `retry` tries again (§10), and those marked "(no)" there, which `retry.on` may add. */
const retryable = new Set([
  'command.exited_nonzero', 'command.killed', 'host.unreachable', 'step.timed_out', 'http.unexpected_status', 'http.unreachable',
  'connector.unavailable', 'notify.undelivered', 'lock.timed_out', 'query.network', 'query.quota',
]); // prettier-ignore
const retryableIfAsked = new Set(['host.auth_failed', 'host.key_changed', 'connector.rejected']);
const never =
  /^(?:expression|shell|secret|approval|input|run)\.|^(?:value\.wrong_type|assertion\.failed|hosts\.none_matched|hosts\.unknown_name|hosts\.too_many_failed|hosts\.canary_failed|outcome\.unknown)$/;

/** Whether an error code is tried again where `retry` has no `on`. */
export const isRetryableCode = (code: string): boolean => retryable.has(code);
/** Whether `retry.on` may name a code. */
export const mayRetryCode = (code: string): boolean =>
  retryable.has(code) || retryableIfAsked.has(code) || !never.test(code);

/** Rules of a kind beyond the shape of its fields (§5, §6). */
export function checkRules(step: LooseStep, kind: StepKind, path: string, problems: Problems): void {
  checkRetry(step, kind, path, problems);
  if (isMap(step['hosts'])) checkHosts(step['hosts'], `${path}/hosts`, problems);
  switch (kind) {
    case 'wait':
      if ('for' in step === 'until' in step) {
        problems.error('wait.not_one', path, 'A wait has exactly one of for and until.');
      }
      break;
    case 'query':
      if ('query' in step === 'sql' in step)
        problems.error('query.not_one', path, 'A query has exactly one of query and sql.');
      else if ('sql' in step) {
        if (!('connection' in step))
          problems.error('shape.missing_field', `${path}/connection`, 'connection is missing: where the text runs.');
        if ('version' in step) problems.error('shape.bad_value', `${path}/version`, 'Only a saved query has versions.');
      }
      break;
    case 'approve':
      if (!isFilled(step['roles']) && !isFilled(step['users']))
        problems.error('approve.nobody', path, 'Nobody may decide: name roles or users.');
      break;
    case 'switch':
      checkCases(step['cases'], `${path}/cases`, problems);
      break;
    case 'upload':
      if (!('content' in step) && !('artifact' in step))
        problems.error(
          'shape.missing_field',
          `${path}/content`,
          'content is missing: what the file holds, or artifact.',
        );
      if ('content' in step && 'artifact' in step)
        problems.error('shape.bad_value', `${path}/artifact`, 'A file has content or an artifact, not both.');
      break;
    default:
  }
}

/** A list that names something, or one that is not of the shape and told as such. */
const isFilled = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : value !== undefined);

function checkRetry(step: LooseStep, kind: StepKind, path: string, problems: Problems): void {
  const { retry } = step;
  if (retry === undefined) return;
  if (!kinds[kind].mayRetry) {
    return problems.error(
      'retry.not_allowed',
      `${path}/retry`,
      `A step of kind ${kind} gives the same answer each time: it takes no retry.`,
    );
  }
  const on = isMap(retry) ? retry['on'] : undefined;
  if (!Array.isArray(on)) return;
  on.forEach((code: unknown, index) => {
    if (typeof code === 'string' && !mentionsTemplate(code) && !mayRetryCode(code)) {
      problems.error(
        'retry.code_not_retryable',
        `${path}/retry/on/${index}`,
        `${code} is never tried again: the same would happen.`,
      );
    }
  });
}

function checkHosts(hosts: Readonly<Record<string, unknown>>, path: string, problems: Problems): void {
  const selects = ['names', 'from', 'tags', 'anyTags'].some((field) => isFilled(hosts[field]));
  if (!selects)
    problems.error('hosts.too_wide', path, 'This would select every server. If that is meant, say names: ["*"].');
}

function checkCases(cases: unknown, path: string, problems: Problems): void {
  if (!Array.isArray(cases)) return;
  const seen = new Set<string>();
  cases.forEach((one: unknown, index) => {
    if (!isMap(one) || one['when'] === undefined) return;
    const values = (Array.isArray(one['when']) ? one['when'] : [one['when']]) as readonly Json[];
    let isDoubled = false;
    for (const value of values) {
      if (typeof value === 'string' && mentionsTemplate(value)) continue;
      const key = canonicalJson(value);
      isDoubled ||= seen.has(key);
      seen.add(key);
    }
    if (isDoubled)
      problems.error(
        'switch.duplicate_case',
        `${path}/${index}/when`,
        'An earlier case, or this one, already has this value.',
      );
  });
}
