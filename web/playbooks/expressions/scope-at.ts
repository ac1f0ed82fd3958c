import type { StaticScope } from '#contracts/playbooks/expressions/check.ts';
import type { TypeChecker } from '#contracts/playbooks/expressions/typed.ts';
import type { Field } from '#contracts/playbooks/shape/shape.ts';
import { isKind } from '#contracts/playbooks/shape/steps.ts';
import { idsOfList, outline, readableInputs } from '#contracts/playbooks/validation/outline.ts';
import { scopesOf, type StepPlace } from '#contracts/playbooks/validation/steps.ts';
import { partsOf, valueAt } from '../document/json-pointer.ts';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const add = (set: ReadonlySet<string>, more: Iterable<string>): ReadonlySet<string> => new Set([...set, ...more]);
const unchecked: TypeChecker = () => undefined;

/** How many parts of a pointer lie between a step's field and the index of a step in it. */
const stepsBetween: Readonly<Record<string, number>> = { branches: 1, cases: 2 };

/**
 * What an expression may read at a place of the document, by the same rules as the check at save. `pointer` leads to a
 * field (`/steps/0/command`, `/outputs/x`); `field` is that field's description where it is known.
 */
export function scopeAt(
  definition: Readonly<Record<string, unknown>>,
  pointer: string,
  field?: Field,
  types: TypeChecker = unchecked,
): StaticScope {
  const parts = partsOf(pointer);
  const [root = ''] = parts;
  const start: StaticScope = {
    inputs: readableInputs(definition['inputs']),
    steps: new Map(outline(definition).map((step) => [step.id, step])),
    visible: new Set(root === 'finally' || root === 'outputs' ? idsOfList(definition['steps']) : []),
    locals: new Set(),
    hasHost: false,
    hasError: false,
    hasRunEnd: root === 'finally',
    types,
  };
  if (root === 'inputs') return { ...start, inputs: start.inputs.slice(0, Number(parts[1] ?? 0)), steps: new Map() };
  if (root !== 'steps' && root !== 'finally') return start;
  const { scope } = walk(definition[root], parts.slice(1), { scope: start, depth: 0, isUndo: false });
  return field
    ? {
        ...scope,
        hasHost: field.isPerHost === true,
        locals: field.local === undefined ? scope.locals : add(scope.locals, [field.local]),
      }
    : scope;
}

function walk(list: unknown, parts: readonly string[], place: StepPlace): StepPlace {
  const [index, field, ...rest] = parts;
  if (!Array.isArray(list) || index === undefined) return place;
  const visible = add(place.scope.visible, idsOfList(list.slice(0, Number(index))));
  const here = { ...place, scope: { ...place.scope, visible } };
  const step: unknown = list[Number(index)];
  if (!isRecord(step) || field === undefined) return here;
  const kind = step['kind'];
  const inside = typeof kind === 'string' && isKind(kind) ? scopesOf(step, kind, field, here) : here;
  const skip = stepsBetween[field] ?? 0;
  const inner = valueAt(step, `/${[field, ...rest.slice(0, skip)].join('/')}`);
  const isStep = Array.isArray(inner) && isRecord(inner[Number(rest[skip])]) && rest[skip] !== undefined;
  const isList = isStep && isRecord(inner[Number(rest[skip])]) && 'kind' in (inner[Number(rest[skip])] as object);
  return isList ? walk(inner, rest.slice(skip), inside) : inside;
}
