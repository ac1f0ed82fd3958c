import type { ActorRef } from '#contracts/kit/schemas.ts';
import { startIncidentPlaybook } from '../incident-rules/on-incident.ts';
import { suggestIncidentPlaybook } from '../incident-rules/suggest-playbook.ts';
import type { TenantTx } from '../kit/database.ts';
import type { DecidingRule } from './decide-alert.ts';

/** The playbooks that a rule names for the incidents it raises: begun, or suggested to people. */
export async function callPlaybooks(
  tx: TenantTx,
  incidentId: string,
  { rule }: DecidingRule,
  actor: ActorRef,
): Promise<void> {
  for (const { playbookId, mode } of rule.playbooks) {
    const wanted = { incidentId, playbookId, inputs: {}, actor };
    if (mode === 'auto') await startIncidentPlaybook(tx, { ...wanted, why: `Started by the alert rule ${rule.name}` });
    else await suggestIncidentPlaybook(tx, { ...wanted, why: `Suggested by the alert rule ${rule.name}` });
  }
}
