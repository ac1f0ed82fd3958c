import { sql } from 'kysely';
import type { IncidentRef } from '#contracts/incidents/lifecycle.ts';
import type { WaitingSignals } from '../incidents/signals.ts';
import type { SystemTx } from '../kit/database.ts';

/** Signals that have waited for longer than whoever wrote them takes to deliver them, by incident, the oldest first. */
export async function waitingSignals(tx: SystemTx, olderThanMs: number): Promise<WaitingSignals[]> {
  const { rows } = await sql<WaitingSignals>`
    select workspace_id as "workspaceId", incident_id as "incidentId", array_agg(id) as ids,
      (array_agg(signal order by created_at desc))[1] as signal
    from incident_signals where created_at < now() - ${olderThanMs} * interval '1 millisecond'
    group by 1, 2 order by min(created_at) limit 500`.execute(tx);
  return rows;
}

/** Incidents whose workflow has not looked although it was time: it was lost, or Temporal was away. */
export async function overdueIncidents(tx: SystemTx, olderThanMs: number): Promise<IncidentRef[]> {
  const { rows } = await sql<IncidentRef>`
    select workspace_id as "workspaceId", id as "incidentId" from incidents
    where next_at < now() - ${olderThanMs} * interval '1 millisecond' order by next_at limit 500`.execute(tx);
  return rows;
}
