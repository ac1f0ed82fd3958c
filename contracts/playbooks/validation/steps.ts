import type { StepKind } from '../document.ts';
import type { StaticScope } from '../expressions/check.ts';
import { limits } from '../limits.ts';
import { didYouMean } from '../nearest.ts';
import { commonFields, fieldsOfKind, isKind, kinds, laterKinds } from '../shape/steps.ts';
import { mentionsTemplate } from '../templates.ts';
import { checkCall, secretInputsOf } from './calls.ts';
import type { PlaybookLookup, Self } from './calls.ts';
import { idsOfList, idsWithin } from './outline.ts';
import { pointer } from './problems.ts';
import { checkRules } from './rules.ts';
import { isMap } from './maps.ts';
import { checkFields, exceeded, valueName } from './walker.ts';
import type { Walk } from './walker.ts';

/** What holds for a list of steps: what they may read, how deep they are, and whether they are an undo. */
export interface StepPlace {
  readonly scope: StaticScope;
  readonly depth: number;
  readonly isUndo: boolean;
}

export interface StepWalk extends Omit<Walk, 'scope' | 'onSteps' | 'isSecretInput'> {
  readonly self: Self;
  readonly playbooks: PlaybookLookup | undefined;
}

const add = <T>(set: ReadonlySet<T>, more: Iterable<T>): ReadonlySet<T> => new Set([...set, ...more]);

/** Checks a list of steps, one after the other: each may read those before it. */
export function checkSteps(value: unknown, path: string, place: StepPlace, walk: StepWalk): void {
  if (!Array.isArray(value))
    return walk.problems.error('shape.wrong_type', path, `This must be a list of steps, not ${valueName(value)}.`);
  if (value.length === 0) return walk.problems.error('shape.bad_value', path, 'A list of steps holds one or more.');
  if (place.depth > limits.depth) return exceeded(walk, path, 'depth', place.depth);
  let { scope } = place;
  value.forEach((step: unknown, index) => {
    const at = pointer(path, index);
    if (!isMap(step))
      return walk.problems.error('shape.wrong_type', at, `This must be a step: {id, kind, …}, not ${valueName(step)}.`);
    checkStep(step, at, { ...place, scope }, walk);
    scope = { ...scope, visible: add(scope.visible, idsOfList([step])) };
  });
}

function checkStep(step: Record<string, unknown>, path: string, place: StepPlace, walk: StepWalk): void {
  const { kind } = step;
  if (typeof kind !== 'string' || !isKind(kind)) return checkKind(step, path, walk);
  if (place.isUndo && !isAllowedInUndo(step, kind, path, walk)) {
    // Told once: what is inside is looked at as anywhere else.
    place = { ...place, isUndo: false };
  }
  checkRules(step, kind, path, walk.problems);
  if (kind === 'playbook' && walk.playbooks) checkCall(step, path, walk.self, walk.playbooks, walk.problems);
  const isSecretInput = kind === 'playbook' ? secretInputsOf(step, walk.playbooks) : undefined;
  const { retry: _retry, ...withoutRetry } = step;
  checkFields(kinds[kind].mayRetry ? step : withoutRetry, fieldsOfKind(kind), path, walkOf(place, walk), (field) => ({
    ...walkOf(scopesOf(step, kind, field, place), walk),
    onSteps: (list, at) =>
      checkSteps(list, at, { ...scopesOf(step, kind, field, place), depth: place.depth + 1 }, walk),
    ...(isSecretInput ? { isSecretInput } : {}),
  }));
}

const walkOf = (place: StepPlace, walk: StepWalk): Walk => ({ ...walk, scope: place.scope, onSteps: () => undefined });

function checkKind(step: Record<string, unknown>, path: string, { problems }: StepWalk): void {
  const { kind } = step;
  const at = `${path}/kind`;
  if (!Object.hasOwn(step, 'kind'))
    problems.error('shape.missing_field', at, `kind is missing. ${commonFields['kind']?.help ?? ''}`);
  else if (typeof kind !== 'string')
    problems.error('shape.wrong_type', at, `This must be the name of a kind, not ${valueName(kind)}.`);
  else if (mentionsTemplate(kind))
    problems.error('template.not_allowed', at, 'This field is static: it cannot hold a template.');
  else if (laterKinds.includes(kind))
    problems.error('kind.not_available', at, `Steps of kind ${kind} will come; they are not available yet.`);
  else
    problems.error('kind.unknown', at, `There is no kind ${kind.slice(0, 60)}.${didYouMean(kind, Object.keys(kinds))}`);
}

const notInUndo = new Set<StepKind>(['parallel', 'each', 'playbook']);

function isAllowedInUndo(step: Record<string, unknown>, kind: StepKind, path: string, { problems }: StepWalk): boolean {
  if (notInUndo.has(kind))
    problems.error('undo.not_allowed', `${path}/kind`, `Undo runs one step at a time: no ${kind} inside it.`);
  for (const field of ['undo', 'onFailure']) {
    if (Object.hasOwn(step, field))
      problems.error('undo.not_allowed', `${path}/${field}`, `There is no ${field} inside an undo.`);
  }
  return !notInUndo.has(kind);
}

/** What may be read in one field of a step, and whether its lists are an undo (§4 "which steps are visible"). */
export function scopesOf(step: Record<string, unknown>, kind: StepKind, field: string, place: StepPlace): StepPlace {
  const { scope } = place;
  if (field === 'undo' || field === 'onFailure') {
    const id = typeof step['id'] === 'string' ? [step['id']] : [];
    const visible = add(scope.visible, [...id, ...idsWithin(step)]);
    return field === 'undo'
      ? { ...place, scope: { ...scope, visible, hasRunEnd: true }, isUndo: true }
      : { ...place, scope: { ...scope, visible, hasError: true } };
  }
  if (kind !== 'each' || (field !== 'steps' && field !== 'collect')) return place;
  const as = typeof step['as'] === 'string' ? [step['as'], `${step['as']}Index`] : [];
  const locals = add(scope.locals, ['item', 'index', ...as]);
  const visible = field === 'collect' ? add(scope.visible, idsOfList(step['steps'])) : scope.visible;
  return { ...place, scope: { ...scope, locals, visible } };
}
