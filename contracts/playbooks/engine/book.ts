import type { Playbook, Step } from '../document.ts';

/** A step at its place in the document. */
export interface StepNode {
  readonly step: Step;
  readonly id: string;
  /** JSON pointer into the definition. */
  readonly pointer: string;
  /** Position in document order; a container stands before what it holds. */
  readonly order: number;
  /** The last position within this step. */
  readonly lastOrder: number;
  readonly parent: StepNode | null;
  /** Branches of a `parallel`; `then`, `else`; cases and then the default; the one list of an `each`. */
  readonly lists: readonly (readonly StepNode[])[];
  readonly onFailure: readonly StepNode[];
  readonly undo: readonly StepNode[];
}

/** A definition with every step found by id and by order. */
export interface Book {
  readonly definition: Playbook;
  readonly steps: readonly StepNode[];
  readonly finally: readonly StepNode[];
  readonly byId: ReadonlyMap<string, StepNode>;
}

/** Reads a valid definition into nodes. */
export function openBook(definition: Playbook): Book {
  const byId = new Map<string, StepNode>();
  let order = 0;
  const list = (steps: readonly Step[] | undefined, pointer: string, parent: StepNode | null): StepNode[] =>
    (steps ?? []).map((step, index) => node(step, `${pointer}/${index}`, parent));
  const node = (step: Step, pointer: string, parent: StepNode | null): StepNode => {
    const made: Writable<StepNode> = {
      step,
      id: step.id,
      pointer,
      order: order++,
      lastOrder: 0,
      parent,
      lists: [],
      onFailure: [],
      undo: [],
    };
    byId.set(step.id, made);
    made.lists = listsOf(step).map(([key, steps]) => list(steps, `${pointer}/${key}`, made));
    made.onFailure = list(step.onFailure, `${pointer}/onFailure`, made);
    made.undo = list(step.undo, `${pointer}/undo`, made);
    made.lastOrder = order - 1;
    return made;
  };
  const steps = list(definition.steps, '/steps', null);
  return { definition, steps, finally: list(definition.finally, '/finally', null), byId };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function listsOf(step: Step): [key: string, steps: readonly Step[]][] {
  switch (step.kind) {
    case 'parallel':
      return step.branches.map((branch, index) => [`branches/${index}`, branch]);
    case 'each':
      return [['steps', step.steps]];
    case 'if':
      return [
        ['then', step.then],
        ['else', step.else ?? []],
      ];
    case 'switch':
      return [
        ...step.cases.map((one, index): [string, readonly Step[]] => [`cases/${index}/steps`, one.steps]),
        ['default', step.default ?? []],
      ];
    default:
      return [];
  }
}

/** The step and everything that would run inside it by itself, but not the inside of an `each`, whose steps have no address before it starts. */
export function* withInside(node: StepNode): Iterable<StepNode> {
  yield node;
  if (node.step.kind === 'each') return;
  for (const list of node.lists) for (const inner of list) yield* withInside(inner);
}

/** What an address such as `outer[1].inner[0].copy` is made of. */
export interface AddressParts {
  readonly id: string;
  /** `outer[1].inner[0].`, empty at the top. */
  readonly prefix: string;
}

export function splitAddress(address: string): AddressParts {
  const at = address.lastIndexOf('].') + 1;
  return at === 0 ? { id: address, prefix: '' } : { id: address.slice(at + 1), prefix: address.slice(0, at + 1) };
}
