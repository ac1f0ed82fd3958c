import { utf8Length } from '../bytes.ts';
import type { Json, JsonObject, Step } from '../document.ts';
import { evaluateBoolean } from '../expressions/evaluate.ts';
import type { Scope } from '../expressions/scope.ts';
import type { PlanEntry } from './plan.ts';
import { at, Fields } from './render.ts';
import { instantText } from './state.ts';

type Draft = { -readonly [K in keyof PlanEntry]: PlanEntry[K] };

/**
 * Says what a step that stands alone would do, as far as its fields are known, and gives its output where that follows
 * from them alone (`set`, `assert`). `keep` takes what counts for the hash but is not shown.
 */
export function describeStep(
  step: Step,
  pointer: string,
  scope: Scope,
  isMissing: (value: Json) => boolean,
  draft: Draft,
  keep: (value: Json) => void,
): Json | null {
  const fields = new Fields(scope, pointer);
  const text = (name: string, value: string | undefined): string | undefined =>
    value === undefined || isMissing(value) ? undefined : fields.text(name, value);
  const kept = (name: string, value: Json | undefined): void => {
    if (value !== undefined && !isMissing(value)) keep({ [name]: fields.value(name, value, true) });
  };
  const show = (rendered: string | undefined, details: JsonObject = {}): void => {
    if (rendered !== undefined) draft.rendered = rendered;
    if (Object.keys(details).length > 0) draft.details = details;
  };
  switch (step.kind) {
    case 'http': {
      const headers = step.headers !== undefined && typeof step.headers === 'object' ? Object.keys(step.headers) : [];
      show(text('url', step.url), { method: step.method, ...(headers.length > 0 ? { headers } : {}) });
      for (const name of ['headers', 'query', 'body', 'auth'] as const) kept(name, step[name]);
      return null;
    }
    case 'connector':
      show(`${step.connector} ${step.operation}`);
      kept('params', step.params);
      return null;
    case 'notify': {
      const to = isMissing(step.to as Json) ? null : fields.list('to', step.to as Json);
      show(text('message', step.message), to === null ? {} : { to });
      return null;
    }
    case 'approve':
      show(text('message', step.message), { roles: step.roles ?? [], users: step.users ?? [] });
      return null;
    case 'wait': {
      const value = step.for ?? step.until ?? '';
      if (isMissing(value)) return null;
      const ms = fields.durationMs('for', step.for);
      show(undefined, ms === null ? { until: instantText(fields.instantMs('until', value)) } : { forMs: ms });
      return null;
    }
    case 'fail':
      show(text('message', step.message), { code: step.code ?? 'run.failed_by_step' });
      return null;
    case 'set': {
      if (isMissing(step.values)) return null;
      const values = fields.map('values', step.values);
      show(undefined, { values: utf8Length(JSON.stringify(values)) > 4096 ? { truncated: true } : values });
      keep(values);
      return values;
    }
    case 'assert':
      return describeAssert(step, pointer, scope, draft);
    default:
      return null;
  }
}

function describeAssert(
  step: Extract<Step, { kind: 'assert' }>,
  pointer: string,
  scope: Scope,
  draft: Draft,
): Json | null {
  if (draft.action === 'depends') return null;
  const all = Array.isArray(step.that) ? step.that : [step.that];
  const holds = all.map((one) =>
    at(`${pointer}/that`, () => evaluateBoolean(typeof one === 'string' ? one : one.that, scope)),
  );
  draft.details = { holds };
  return holds.every(Boolean) ? { passed: all.length } : null;
}
