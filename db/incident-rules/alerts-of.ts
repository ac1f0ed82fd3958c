import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';

/** What rules see of an alert. */
export interface SeenAlert {
  title: string;
  status: string;
  source: string;
  labels: Record<string, string>;
}
/** Alerts that are looked at; more say nothing new about an incident. */
const mostAlerts = 100;

/** The alerts of an incident, the newest first. */
export async function alertsOf(tx: TenantTx, incidentId: string): Promise<SeenAlert[]> {
  const { rows } = await sql<SeenAlert>`select title, status, source_name as source, labels from alerts
    where incident_id = ${incidentId} order by fired_at desc limit ${mostAlerts}`.execute(tx);
  return rows;
}
