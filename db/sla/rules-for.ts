import type { IncidentRules } from '#contracts/incidents/due-deeds.ts';
import { policyFor } from '#contracts/incidents/sla-policy.ts';
import type { TenantTx } from '../kit/database.ts';
import { calendarsById } from './calendars.ts';
import { slaPolicyOf } from './policies.ts';

/** What of an incident decides by which rules it is. */
export interface RuledIncident {
  service: string | null;
  escalationPolicyId: string | null;
  /**
   * The calendars that its clocks name so far: a clock that counted by another calendar before must go on explaining its
   * minutes by that one. Absent: all calendars are read.
   */
  calendarIds?: readonly string[];
}

/**
 * Reads what is promised for an incident and who is told, as it is now: by its service alone, so that another service or an
 * edit holds at the next look.
 * @returns with the id of the policy that holds
 */
export async function incidentRulesFor(
  tx: TenantTx,
  { service, escalationPolicyId, calendarIds }: RuledIncident,
): Promise<{ rules: IncidentRules; slaPolicyId: string | null }> {
  const [rows, escalation] = await Promise.all([
    // The order of making decides nothing: no two policies hold for one service.
    tx.selectFrom('slaPolicies').select(['id', 'name', 'calendarId', 'policy']).orderBy('id').execute(),
    escalationPolicyId === null
      ? undefined
      : tx
          .selectFrom('escalationPolicies')
          .select(['name', 'policy'])
          .where('id', '=', escalationPolicyId)
          .executeTakeFirst(),
  ]);
  const policies = rows.map((row) => ({ id: row.id, ...slaPolicyOf(row) }));
  const held = policyFor(policies, service);
  const { id = null, ...sla } = held ?? {};
  const named = calendarIds && [...calendarIds, ...(held?.calendarId ? [held.calendarId] : [])];
  return {
    rules: {
      sla: held ? (sla as typeof held) : null,
      calendars: await calendarsById(tx, named ?? 'all'),
      escalation: escalation ? { name: escalation.name, ...escalation.policy } : null,
    },
    slaPolicyId: id,
  };
}
