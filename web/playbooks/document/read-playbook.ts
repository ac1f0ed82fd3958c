import { isCollection, LineCounter, parseDocument } from 'yaml';
import type { Input, JsonObject } from '#contracts/playbooks/document.ts';
import { listsIn, readableInputs } from '#contracts/playbooks/validation/outline.ts';
import { below, partsOf } from './json-pointer.ts';

/** A list that holds steps, and what it is called beside others of its step. */
export interface StepList {
  readonly pointer: string;
  /** `steps`, `finally`, `then`, `branches` …: the field it stands in. */
  readonly field: string;
  /** Said where a step has several lists: "then", "branch 2", "when nginx". */
  readonly label: string;
  readonly steps: readonly TreeStep[];
}

/** One step where it stands in the document. */
export interface TreeStep {
  /** Its id; its place where it has none, or one that is taken. */
  readonly key: string;
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly pointer: string;
  readonly list: string;
  readonly index: number;
  readonly depth: number;
  /** `4.3`; empty in lists that do not run in the ordinary course. */
  readonly number: string;
  /** `undo`, `onFailure`, `finally` where it stands in one of them. */
  readonly section: 'steps' | 'undo' | 'onFailure' | 'finally';
  /** From 1. */
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
  readonly lists: readonly StepList[];
}

/** What can be read out of the text, also while it is half written. */
export interface Reading {
  readonly name: string;
  readonly definition: Readonly<Record<string, unknown>>;
  readonly inputs: readonly Input[];
  /** `steps` and `finally`. */
  readonly roots: readonly StepList[];
  /** All steps in the order in which they stand. */
  readonly steps: readonly TreeStep[];
  readonly byKey: ReadonlyMap<string, TreeStep>;
  /** Why the text cannot be read as it stands; then only the text itself can be changed. */
  readonly problem: { readonly message: string; readonly line: number } | null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const word = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

const labelOf = (field: string, index: number, step: Readonly<Record<string, unknown>>): string => {
  if (field === 'branches') return `branch ${index + 1}`;
  if (field === 'onFailure') return 'on failure';
  if (field === 'default') return 'otherwise';
  if (field !== 'cases') return field;
  const when = (step['cases'] as readonly unknown[])[index];
  const value = isRecord(when) ? when['when'] : undefined;
  return `when ${typeof value === 'string' ? value : (JSON.stringify(value) ?? '')}`;
};

/** Lists that a container must have, even where they are not written yet. */
const ownLists: Readonly<Record<string, readonly string[]>> = { each: ['steps'], if: ['then'] };

class Reader {
  readonly steps: TreeStep[] = [];
  readonly byKey = new Map<string, TreeStep>();
  readonly lineOf: (pointer: string) => number;

  constructor(lineOf: (pointer: string) => number) {
    this.lineOf = lineOf;
  }

  list(
    value: unknown,
    pointer: string,
    around: Pick<TreeStep, 'depth' | 'section'>,
    numbers: () => string,
  ): TreeStep[] {
    if (!Array.isArray(value) || around.depth > 20) return [];
    return value.flatMap((step: unknown, index) =>
      isRecord(step)
        ? [this.step(step, { ...around, pointer: below(pointer, index), list: pointer, index }, numbers())]
        : [],
    );
  }

  step(
    value: Record<string, unknown>,
    place: Pick<TreeStep, 'depth' | 'section' | 'pointer' | 'list' | 'index'>,
    number: string,
  ): TreeStep {
    const id = word(value['id']);
    const key = id !== '' && !this.byKey.has(id) ? id : place.pointer;
    const kind = word(value['kind']);
    const lists: StepList[] = [];
    const step: TreeStep = {
      ...place,
      key,
      id,
      name: word(value['name']) || id || 'step',
      kind,
      number,
      line: this.lineOf(place.pointer),
      value,
      lists,
    };
    this.steps.push(step);
    this.byKey.set(key, step);
    let child = 0;
    const next = (): string => (number === '' ? '' : `${number}.${(child += 1)}`);
    const seen = new Map<string, number>();
    const found = listsIn(value, place.pointer);
    const missing = (ownLists[kind] ?? []).filter((field) => !found.some((list) => list.field === field));
    for (const list of [
      ...found,
      ...missing.map((field) => ({ field, list: [], path: below(place.pointer, field) })),
    ]) {
      const at = seen.get(list.field) ?? 0;
      seen.set(list.field, at + 1);
      const isAside = list.field === 'undo' || list.field === 'onFailure';
      const around = { depth: place.depth + 1, section: isAside ? (list.field as 'undo') : place.section };
      lists.push({
        pointer: list.path,
        field: list.field,
        label: labelOf(list.field, at, value),
        steps: this.list(list.list, list.path, around, isAside ? () => '' : next),
      });
    }
    return step;
  }
}

/** Reads steps and inputs out of YAML. */
export function readPlaybook(text: string): Reading {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, version: '1.2', schema: 'core' });
  const lineOf = (pointer: string): number => {
    const node: unknown = document.getIn(
      partsOf(pointer).map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
      true,
    );
    const start = (node as { range?: readonly number[] } | undefined)?.range?.[0];
    return start === undefined ? 1 : Math.max(1, counter.linePos(start).line);
  };
  const [error] = document.errors;
  const definition = isCollection(document.contents) ? plain(document) : {};
  const reader = new Reader(lineOf);
  let count = 0;
  const roots: StepList[] = [
    {
      pointer: '/steps',
      field: 'steps',
      label: 'steps',
      steps: reader.list(definition['steps'], '/steps', { depth: 0, section: 'steps' }, () => String((count += 1))),
    },
  ];
  if (Array.isArray(definition['finally']))
    roots.push({
      pointer: '/finally',
      field: 'finally',
      label: 'finally',
      steps: reader.list(definition['finally'], '/finally', { depth: 0, section: 'finally' }, () => ''),
    });
  return {
    name: word(definition['name']),
    definition,
    inputs: readableInputs(definition['inputs']),
    roots,
    steps: reader.steps,
    byKey: reader.byKey,
    problem: error
      ? {
          message: error.message.split('\n')[0] ?? 'This is no YAML.',
          line: Math.max(1, counter.linePos(error.pos[0]).line),
        }
      : null,
  };
}

function plain(document: ReturnType<typeof parseDocument>): JsonObject {
  try {
    const value: unknown = document.toJS();
    return isRecord(value) ? (value as JsonObject) : {};
  } catch {
    return {}; // an alias that points nowhere
  }
}

/** A place at which a step may be put: the list, and how many stand before it there. */
export interface Slot {
  readonly list: string;
  readonly index: number;
}

/** All places for a step, in the order in which they are seen; none is inside the step itself, which counts nowhere. */
export function slotsFor(reading: Reading, moved: TreeStep | undefined): Slot[] {
  const slots: Slot[] = [];
  const walk = (list: StepList): void => {
    const others = list.steps.filter(({ key }) => key !== moved?.key);
    slots.push({ list: list.pointer, index: 0 });
    others.forEach((step, at) => {
      for (const inner of step.lists) walk(inner);
      slots.push({ list: list.pointer, index: at + 1 });
    });
  };
  for (const root of reading.roots) walk(root);
  return slots;
}

/** Where a step stands now, as a slot. */
export const slotOf = ({ list, index }: TreeStep): Slot => ({ list, index });

/** An id that is free: `ssh`, `ssh_2`, `ssh_3` … */
export function freeId(reading: Reading, base: string): string {
  const taken = new Set(reading.steps.map(({ id }) => id));
  const stem =
    base
      .replace(/[^A-Za-z0-9_]+/g, '_')
      .replace(/^(?![A-Za-z_])/, '_')
      .slice(0, 40) || 'step';
  if (!taken.has(stem)) return stem;
  for (let count = 2; ; count += 1) if (!taken.has(`${stem}_${count}`)) return `${stem}_${count}`;
}
