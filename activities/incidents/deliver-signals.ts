import type { IncidentRef, IncidentSignal } from '#contracts/incidents/lifecycle.ts';
import { forgetSignals, type WaitingSignals } from '#db/incidents/signals.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import type { Db, TenantTx } from '#db/kit/database.ts';
import { overdueIncidents, waitingSignals } from '#db/system/incidents-due.ts';
import type { Sweep } from '../kit/sweep.ts';

export interface DeliverSignalsTools {
  readonly system: Db;
  readonly inTenant: <T>(workspaceId: string, work: (tx: TenantTx) => Promise<T>) => Promise<T>;
  /** Tells an incident's workflow, and starts it where there is none. */
  readonly tellIncident: (ref: IncidentRef, signal: IncidentSignal) => Promise<void>;
}

/** Whoever wrote a signal delivers it right after the commit: what is older than this was left behind. */
const leftBehindMs = 3_000;
/** A workflow looks within moments of its time. */
const overdueMs = 60_000;

/** Tells a workflow, then forgets the signal: dying between the two, it is told twice and looks once more. */
export async function deliverSignals(
  { inTenant, tellIncident }: Pick<DeliverSignalsTools, 'inTenant' | 'tellIncident'>,
  { workspaceId, incidentId, ids, signal }: WaitingSignals,
): Promise<void> {
  await tellIncident({ workspaceId, incidentId }, signal);
  await inTenant(workspaceId, (tx) => forgetSignals(tx, ids));
}

/** Finds signals that were left behind, and incidents whose workflow was lost: it is started again and goes on from the row. */
export const tendIncidents = (tools: DeliverSignalsTools): Sweep => ({
  name: 'tend-incidents',
  everyMs: 5_000,
  run: async () => {
    const { system, tellIncident } = tools;
    for (const waiting of await inSystem(system, (tx) => waitingSignals(tx, leftBehindMs)))
      await deliverSignals(tools, waiting);
    for (const ref of await inSystem(system, (tx) => overdueIncidents(tx, overdueMs)))
      await tellIncident(ref, { kind: 'look' });
  },
});
