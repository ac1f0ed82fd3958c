import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';

/**
 * Has each open incident look at its policies again, after an edit: one statement for however many there are. They are delivered by
 * the sweep of signals, a batch at a time, so that a policy of ten thousand incidents is saved as quickly as one of ten.
 */
export async function tellOpenIncidents(
  tx: TenantTx,
  { escalationPolicyId }: { /** Only those that escalate by this policy. */ escalationPolicyId?: string } = {},
): Promise<void> {
  const which = escalationPolicyId === undefined ? sql`true` : sql`escalation_policy_id = ${escalationPolicyId}`;
  await sql`insert into incident_signals (incident_id, id, signal)
    select id, gen_random_uuid(), '{"kind":"look"}' from incidents where is_active and ${which}`.execute(tx);
}
