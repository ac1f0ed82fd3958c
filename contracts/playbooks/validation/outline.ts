import type { Input, StepKind } from '../document.ts';
import type { KnownStep } from '../expressions/check.ts';
import { isKind } from '../shape/steps.ts';
import { pointer } from './problems.ts';
import { isMap } from './maps.ts';

/** One step as far as it can be read, wherever it stands. */
export interface OutlinedStep extends KnownStep {
  readonly id: string;
  readonly path: string;
  readonly step: Readonly<Record<string, unknown>>;
}

/** Lists of steps directly within a step, with their paths, in the order of its fields. */
export function listsIn(
  step: Readonly<Record<string, unknown>>,
  path: string,
): { readonly field: string; readonly list: unknown; readonly path: string }[] {
  return Object.entries(step).flatMap(([field, value]) => {
    const at = pointer(path, field);
    if (field === 'undo' || field === 'onFailure') return [{ field, list: value, path: at }];
    switch (`${String(step['kind'])}.${field}`) {
      case 'if.then':
      case 'if.else':
      case 'switch.default':
      case 'each.steps':
        return [{ field, list: value, path: at }];
      case 'parallel.branches':
        return Array.isArray(value)
          ? value.map((list: unknown, index) => ({ field, list, path: pointer(at, index) }))
          : [];
      case 'switch.cases':
        return Array.isArray(value)
          ? value.map((one: unknown, index) => ({
              field,
              list: isMap(one) ? one['steps'] : undefined,
              path: `${at}/${index}/steps`,
            }))
          : [];
      default:
        return [];
    }
  });
}

/** Every step of the document in its order, however broken the rest may be. */
export function outline(definition: Readonly<Record<string, unknown>>): readonly OutlinedStep[] {
  const found: OutlinedStep[] = [];
  const visit = (list: unknown, path: string, depth: number): void => {
    if (!Array.isArray(list) || depth > 50) return;
    list.forEach((step: unknown, index) => {
      if (!isMap(step)) return;
      const at = pointer(path, index);
      const { id, kind } = step;
      if (typeof id === 'string' && typeof kind === 'string' && isKind(kind)) {
        found.push({ id, path: at, step, kind: kind satisfies StepKind, isSensitive: step['sensitive'] === true });
      }
      for (const inner of listsIn(step, at)) visit(inner.list, inner.path, depth + 1);
    });
  };
  for (const [field, value] of Object.entries(definition))
    if (field === 'steps' || field === 'finally') visit(value, `/${field}`, 0);
  return found;
}

/** Ids that a step's list makes readable for what comes after it: itself and what is nested in `if`, `switch`, `parallel`. */
export function idsWithin(step: Readonly<Record<string, unknown>>, depth = 0): string[] {
  if (depth > 50 || step['kind'] === 'each') return [];
  return listsIn(step, '')
    .filter(({ field }) => field !== 'undo' && field !== 'onFailure')
    .flatMap(({ list }) => idsOfList(list, depth + 1));
}

export const idsOfList = (list: unknown, depth = 0): string[] =>
  Array.isArray(list)
    ? list
        .filter(isMap)
        .flatMap((step) => [...(typeof step['id'] === 'string' ? [step['id']] : []), ...idsWithin(step, depth)])
    : [];

/** The declarations as far as they can be read: those with a name and a type. */
export const readableInputs = (inputs: unknown): Input[] =>
  Array.isArray(inputs)
    ? inputs.filter(
        (input): input is Input =>
          isMap(input) && typeof input['name'] === 'string' && typeof input['type'] === 'string',
      )
    : [];
