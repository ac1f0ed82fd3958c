import { z } from 'zod';
import type { Json } from '#contracts/playbooks/document.ts';
import type { StaticScope } from '#contracts/playbooks/expressions/check.ts';
import type { Field, Fields } from '#contracts/playbooks/shape/shape.ts';
import { isKind } from '#contracts/playbooks/shape/steps.ts';
import { checkDeclarations } from '#contracts/playbooks/validation/declarations.ts';
import { Problems } from '#contracts/playbooks/validation/problems.ts';
import { checkRules } from '#contracts/playbooks/validation/rules.ts';
import { checkField, type Walk } from '#contracts/playbooks/validation/walker.ts';
import { partsOf } from '../document/json-pointer.ts';

/** The values of a form over fields of the language: `null` where a field is not written. */
export type FieldValues = Record<string, Json>;

export type ScopeFor = (name: string, field: Field) => StaticScope;

function walkIn(problems: Problems, scope: StaticScope | undefined): Walk {
  const onInputs: Walk['onInputs'] = (value, path) =>
    checkDeclarations(value, path, { problems, scope: undefined, onSteps: () => undefined, onInputs: () => undefined });
  // Steps inside have forms of their own.
  return { problems, scope, onSteps: () => undefined, onInputs };
}

const tell = (problems: Problems, context: z.RefinementCtx, from: number): void => {
  for (const { path, message } of problems.sorted(null).errors)
    context.addIssue({ code: 'custom', message, path: partsOf(path).slice(from) });
};

/**
 * The zod schema of a form, made from the language's own table of fields: each value passes exactly the check that a save
 * makes, expressions included.
 */
export function formSchema(fields: Fields, scopeFor: ScopeFor, kind?: string) {
  const shape = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      z.unknown().superRefine((value, context) => {
        const problems = new Problems();
        if (value === null || value === undefined) {
          if (field.isRequired) context.addIssue({ code: 'custom', message: field.help });
          return;
        }
        checkField(value, field, `/${name}`, walkIn(problems, scopeFor(name, field)));
        tell(problems, context, 1);
      }),
    ]),
  );
  return z.object(shape).superRefine((values, context) => {
    if (kind === undefined || !isKind(kind)) return;
    const problems = new Problems();
    checkRules(written(values as FieldValues), kind, '', problems);
    tell(problems, context, 0);
  });
}

/** The fields that are written. */
export const written = (values: FieldValues): FieldValues =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined));

/** The values that a form begins with. */
export const formValues = (fields: Fields, value: Readonly<Record<string, unknown>>): FieldValues =>
  Object.fromEntries(Object.keys(fields).map((name) => [name, (value[name] ?? null) as Json]));

/** What is wrong at a place of a form: `['hosts', 'tags']`; the first thing below it counts as well. */
export function errorAt(errors: unknown, parts: readonly (string | number)[], isDeep = true): string | undefined {
  let node: unknown = errors;
  for (const part of parts) {
    if (node === null || typeof node !== 'object') return undefined;
    node = (node as Record<string, unknown>)[part];
  }
  return messageIn(node, isDeep);
}

function messageIn(node: unknown, isDeep: boolean): string | undefined {
  if (node === null || typeof node !== 'object') return undefined;
  const { message } = node as { message?: unknown };
  if (typeof message === 'string' && message !== '') return message;
  if (!isDeep) return undefined;
  for (const [key, inner] of Object.entries(node)) {
    const found = key === 'ref' ? undefined : messageIn(inner, true);
    if (found !== undefined) return found;
  }
  return undefined;
}
