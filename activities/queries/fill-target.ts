import type { z } from 'zod';
import { DeliveryFailure } from '#connectors/notifications/deliver.ts';
import { type DataExtensionDelivery, guardRefusal } from '#contracts/queries/delivery.ts';
import type { RunRef } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { diffOfTarget } from '#contracts/queries/target-diff.ts';
import type { EngineParts } from './engine-work.ts';

/** A check before the first row stopped it: nothing was written, and the same rows would be stopped again. */
export class DeliveryHeld extends DeliveryFailure {
  constructor(code: string, message: string) {
    super(code, message, { isForGood: true });
  }
}

/**
 * Has the service write the rows of a run into a data extension of its own. First the fields are compared and the rows are
 * counted; where either does not fit, nothing is made and nothing written.
 * @param lastRows what this schedule wrote there last
 */
export async function fillTarget(
  { run, engine, signal }: EngineParts,
  {
    delivery: { key, mode, guard },
    index,
    lastRows,
    note,
  }: {
    delivery: z.infer<typeof DataExtensionDelivery>;
    index: number;
    lastRows: number | null;
    note: (ref: RunRef) => Promise<void>;
  },
): Promise<{ rows: number }> {
  if (!engine.targets)
    throw new DeliveryHeld('target.engine', 'Only rows of Marketing Cloud go into a data extension.');
  if (!run.ref || !run.columns) throw new Error('The run was not started.');
  try {
    const target = await engine.targets.describe(key, { signal });
    const wrong = diffOfTarget(run.columns, target.fields, mode).filter(({ verdict }) => verdict === 'refused');
    const [first] = wrong;
    if (first)
      throw new DeliveryHeld(
        'target.fields_differ',
        `The result does not fit “${target.name}”: ${first.field?.name ?? first.column?.name}: ${first.why ?? ''}${wrong.length > 1 ? ` And ${wrong.length - 1} more.` : ''}`,
      );
    const { rows } = await engine.targets.write(
      {
        ref: run.ref,
        columns: run.columns,
        target,
        mode,
        index,
        note,
        mayWrite: (count) => {
          const refusal = guardRefusal(guard, { rows: count, lastRows });
          if (refusal) throw new DeliveryHeld('target.guarded', `${refusal} Nothing was written to “${target.name}”.`);
        },
      },
      { signal },
    );
    return { rows };
  } catch (error) {
    // The target was not touched: to whoever reads it, that is the same as a guard that held.
    if (
      error instanceof QueryFailure &&
      ['target_refused', 'copy_differs', 'target_unknown'].includes(error.facts.code)
    )
      throw new DeliveryHeld(`target.${error.facts.code.replace(/^target_/, '')}`, error.message);
    throw error;
  }
}
