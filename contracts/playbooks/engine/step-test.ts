import type { Json, Playbook } from '../document.ts';
import { openBook } from './book.ts';
import type { Carried } from './carried.ts';

/** A playbook cut down to one step, with given results of the steps it reads. */
export interface StepTest {
  readonly definition: Playbook;
  readonly carried: Carried;
}

/**
 * For "run this step alone": keeps the step (without its undo, so that what it did stays to be looked at) and puts the
 * given outputs in the place of the steps around it. Null where there is no such step.
 */
export function cutToStep(
  definition: Playbook,
  stepId: string,
  outputs: { readonly [stepId: string]: Json },
): StepTest | null {
  const book = openBook(definition);
  const node = book.byId.get(stepId);
  if (!node) return null;
  const { undo: _undo, onFailure: _onFailure, continueOnError: _forgiven, ...step } = node.step;
  const inside = new Set(
    [...book.byId.values()].filter(({ order }) => order >= node.order && order <= node.lastOrder).map(({ id }) => id),
  );
  const others = [...book.byId.keys()].filter((id) => !inside.has(id));
  const { outputs: _outputs, finally: _finally, concurrency: _concurrency, ...head } = definition;
  return {
    definition: { ...head, steps: [...others.map((id) => ({ id, kind: 'set' as const, values: {} })), step] },
    carried: {
      steps: Object.fromEntries(
        others.map((id) => {
          const isGiven = Object.hasOwn(outputs, id);
          return [
            id,
            { status: isGiven ? 'succeeded' : 'skipped', output: outputs[id] ?? null, hosts: {}, error: null },
          ];
        }),
      ),
    },
  };
}
