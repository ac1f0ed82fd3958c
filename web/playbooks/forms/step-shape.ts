import type { Json, StepKind } from '#contracts/playbooks/document.ts';
import { commonFields, fieldsOfKind, kinds } from '#contracts/playbooks/shape/steps.ts';
import type { Fields } from '#contracts/playbooks/shape/shape.ts';
import type { TreeStep } from '../document/read-playbook.ts';
import { newStep } from './kind-looks.ts';

/** The lists of steps have their place in the list and the graph, not in the form. */
export const isOfForm = ([, field]: [string, Fields[string]]): boolean =>
  field.shape.is !== 'steps' && !(field.shape.is === 'list' && ['steps', 'object'].includes(field.shape.of.is));

/** Fields as they are best read: what it is, what it does, how it does it, then the lists of steps. */
export function orderOf(fields: Fields): string[] {
  const rank = (name: string): number => {
    if (['id', 'kind', 'name', 'description', 'if'].includes(name)) return 0;
    const isList = !isOfForm([name, fields[name] as Fields[string]]);
    if (isList) return name === 'undo' || name === 'onFailure' ? 4 : 3;
    return name in commonFields && name !== 'timeout' ? 2 : 1;
  };
  const named = ['id', 'kind', 'name', 'description', 'if'];
  return [...named, ...Object.keys(fields).filter((name) => !named.includes(name))].toSorted(
    (a, b) => rank(a) - rank(b),
  );
}

/** The step as another kind: what both have stays, what the new one needs is there. */
export function asKind(step: TreeStep, kind: StepKind): Json {
  const known = fieldsOfKind(kind);
  const kept = Object.entries(step.value).filter(
    ([name]) => name in known && (name !== 'retry' || kinds[kind].mayRetry),
  );
  return { ...newStep(kind, step.id), ...Object.fromEntries(kept), kind } as Json;
}
