import { isRunOfUnits } from '#db/runs/run-filter.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import type { ApiTools } from '../kit/tools.ts';

/** The filter as it is; for whoever may see some business units alone, of queries those in these units. */
export const ofActor = <T extends object>({ mids }: Pick<Actor, 'mids'>, filter: T): T & { ofUnits?: boolean } =>
  mids === '*' ? filter : { ...filter, ofUnits: true };

/** Passes unless the run is of a query in a business unit that the caller may not see. @throws Problem 404 */
export async function mustBeOfActor(
  { inTenant }: Pick<ApiTools, 'inTenant'>,
  actor: Actor,
  runId: string,
): Promise<void> {
  if (actor.mids === '*') return;
  if (!(await inTenant(actor, (tx) => isRunOfUnits(tx, runId)))) throw problem('request.not_found');
}
