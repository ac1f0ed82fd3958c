import { clockKinds } from '#contracts/incidents/sla-clock.ts';
import type { TenantTx } from '../kit/database.ts';
import { incidentRulesFor } from '../sla/rules-for.ts';
import type { IncidentRow } from './tables.ts';

type Rules = Awaited<ReturnType<typeof incidentRulesFor>>;

/** What is promised for an incident and who is told of it, as it is now; with the calendars that its clocks name. */
export const readRules = (
  tx: TenantTx,
  { service, escalationPolicyId, clocks }: Pick<IncidentRow, 'service' | 'escalationPolicyId' | 'clocks'>,
): Promise<Rules> =>
  incidentRulesFor(tx, {
    service,
    escalationPolicyId,
    calendarIds: clockKinds.flatMap((kind) =>
      clocks[kind].flatMap((fact) => ('calendarId' in fact && fact.calendarId !== null ? [fact.calendarId] : [])),
    ),
  });

/** An escalation policy by id and name; null where none is chosen or it is gone. */
export async function readPolicyName(tx: TenantTx, id: string | null): Promise<{ id: string; name: string } | null> {
  if (id === null) return null;
  const row = await tx.selectFrom('escalationPolicies').select(['id', 'name']).where('id', '=', id).executeTakeFirst();
  return row ?? null;
}
