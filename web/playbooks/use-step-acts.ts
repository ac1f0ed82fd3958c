import { useState } from 'react';
import type { Json, StepKind } from '#contracts/playbooks/document.ts';
import { announce } from '../kit/announce.tsx';
import { toast } from '../ui/toast.tsx';
import { insertElement, moveElement, removeElement } from './document/edit-lists.ts';
import { setValue } from './document/edit-text.ts';
import { below } from './document/json-pointer.ts';
import { freeId, readPlaybook, slotsFor, type Reading, type Slot, type TreeStep } from './document/read-playbook.ts';
import { newStep } from './forms/kind-looks.ts';
import type { Draft } from './use-draft.ts';

/** A step's value with ids of its own, for a copy. */
function withFreshIds(value: Json, reading: Reading): Json {
  const taken = new Set(reading.steps.map(({ id }) => id));
  const fresh = (id: string): string => {
    for (let count = 2; ; count += 1) {
      const next = `${id.slice(0, 40)}_${count}`;
      if (taken.has(next)) continue;
      taken.add(next);
      return next;
    }
  };
  const visit = (part: Json): Json => {
    if (Array.isArray(part)) return part.map((one: Json) => visit(one));
    if (part === null || typeof part !== 'object') return part;
    const copy = Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, visit(inner as Json)]));
    return typeof copy['id'] === 'string' && typeof copy['kind'] === 'string'
      ? { ...copy, id: fresh(copy['id']) }
      : copy;
  };
  return visit(value);
}

/** What can be done with steps, each as an edit of the text, told to screen readers, with undo where something goes. */
export function useStepActs(draft: Draft, reading: Reading, onSelect: (key: string) => void) {
  const [fresh, setFresh] = useState('');
  const { edit, setYaml, yaml } = draft;

  /** Gives the key of the new step. */
  const add = (kind: StepKind, slot: Slot): string => {
    const id = freeId(reading, kind);
    edit((text) => insertElement(text, slot.list, slot.index, newStep(kind, id)));
    setFresh(id);
    onSelect(id);
    announce(`${kind} added`);
    return id;
  };
  const move = (step: TreeStep, slot: Slot) => {
    const moved = moveElement(yaml, step.pointer, slot.list, slot.index);
    if (moved === undefined) return;
    setYaml(moved, `move ${step.key}`);
    const after = readPlaybook(moved).byKey.get(step.key);
    if (!after) return;
    const around = readPlaybook(moved).steps.filter(({ list }) => list === after.list).length;
    announce(`${after.name}, ${after.index + 1} of ${around}${after.number ? `, step ${after.number}` : ''}`);
  };
  /** One place up or down, into and out of other steps. */
  const nudge = (step: TreeStep, by: 1 | -1) => {
    const slots = slotsFor(reading, step);
    const at = slots.findIndex(({ list, index }) => list === step.list && index === step.index);
    const next = slots[at + by];
    if (next) move(step, next);
  };
  const remove = (step: TreeStep) => {
    const before = yaml;
    const after = removeElement(yaml, step.pointer);
    if (after === undefined) return;
    setYaml(after);
    const rest = readPlaybook(after);
    const near = rest.steps.findLast(({ list, index }) => list === step.list && index <= step.index);
    onSelect(near?.key ?? '');
    toast.done(`${step.name} is deleted`, {
      undo: () =>
        edit((text) =>
          text === after ? before : insertElement(text, step.list, step.index, step.value as unknown as Json),
        ),
    });
  };
  const duplicate = (step: TreeStep) => {
    const copy = withFreshIds(step.value as unknown as Json, reading) as Record<string, Json>;
    const id = String(copy['id'] ?? '');
    edit((text) => insertElement(text, step.list, step.index + 1, copy));
    onSelect(id);
    announce(`${step.name} duplicated`);
  };
  const rename = (step: TreeStep, id: string) => {
    edit((text) => setValue(text, below(step.pointer, 'id'), id), below(step.pointer, 'id'));
    onSelect(id);
  };
  return { add, move, nudge, remove, duplicate, rename, fresh, settle: () => setFresh('') };
}
export type StepActs = ReturnType<typeof useStepActs>;
