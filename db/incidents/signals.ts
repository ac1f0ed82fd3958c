import { v7 as uuidv7 } from 'uuid';
import type { IncidentRef, IncidentSignal } from '#contracts/incidents/lifecycle.ts';
import type { TenantTx } from '../kit/database.ts';

const written = new WeakMap<object, Map<string, string[]>>();

/**
 * What was written for workflows in this transaction, by incident: ids of signals. Whoever commits delivers them at once
 * (`temporal/process.ts`); what is not delivered then is found by a sweep.
 */
export const signalsOf = (tx: TenantTx): ReadonlyMap<string, readonly string[]> => written.get(tx) ?? new Map();

/**
 * Tells an incident's workflow to look at its row once this transaction is committed: `alerts` after `setAlertCounts`,
 * `rules` and `look` where policies or people changed. It is delivered once or more, and starts a workflow that was lost.
 */
export async function signalIncident(tx: TenantTx, incidentId: string, signal: IncidentSignal): Promise<void> {
  const id = uuidv7();
  await tx
    .insertInto('incidentSignals')
    .values({ id, incidentId, signal: JSON.stringify({ kind: signal.kind }) })
    .execute();
  const ofTx = written.get(tx) ?? new Map<string, string[]>();
  written.set(tx, ofTx);
  ofTx.set(incidentId, [...(ofTx.get(incidentId) ?? []), id]);
}

/** Forgets signals that were delivered. */
export const forgetSignals = async (tx: TenantTx, ids: readonly string[]): Promise<void> =>
  void (await tx.deleteFrom('incidentSignals').where('id', 'in', ids).execute());

/** Signals of one incident that wait: all it takes to deliver them is one look. */
export interface WaitingSignals extends IncidentRef {
  readonly ids: readonly string[];
  readonly signal: IncidentSignal;
}
