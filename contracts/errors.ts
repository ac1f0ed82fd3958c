import { alertsErrors } from './alerts/errors.ts';
import { approvalsErrors } from './approvals/errors.ts';
import { assetsErrors } from './assets/errors.ts';
import { auditErrors } from './audit/errors.ts';
import { connectionsErrors } from './connections/errors.ts';
import { hooksErrors } from './hooks/errors.ts';
import { identityErrors } from './identity/errors.ts';
import { incidentsErrors } from './incidents/errors.ts';
import type { ErrorDef } from './kit/error-def.ts';
import { kitErrors } from './kit/errors.ts';
import { logsErrors } from './logs/errors.ts';
import { notificationsErrors } from './notifications/errors.ts';
import { oncallErrors } from './oncall/errors.ts';
import { playbooksErrors } from './playbooks/errors.ts';
import { queriesErrors } from './queries/errors.ts';
import { runsErrors } from './runs/errors.ts';
import { schedulesErrors } from './schedules/errors.ts';
import { serversErrors } from './servers/errors.ts';
import { settingsErrors } from './settings/errors.ts';
import { slaErrors } from './sla/errors.ts';
import { incidentRulesErrors } from './incident-rules/errors.ts';
import { statusPageErrors } from './status-page/errors.ts';

/** Every known failure, by its stable code. `docs/errors.md` is printed from it. */
export const errors = {
  ...kitErrors,
  ...alertsErrors,
  ...approvalsErrors,
  ...assetsErrors,
  ...auditErrors,
  ...connectionsErrors,
  ...hooksErrors,
  ...identityErrors,
  ...incidentsErrors,
  ...logsErrors,
  ...notificationsErrors,
  ...oncallErrors,
  ...playbooksErrors,
  ...queriesErrors,
  ...runsErrors,
  ...schedulesErrors,
  ...serversErrors,
  ...settingsErrors,
  ...slaErrors,
  ...incidentRulesErrors,
  ...statusPageErrors,
} as const;

export type ErrorCode = keyof typeof errors;

/** The definition behind a code, or undefined for a code that is not ours (a playbook's own `fail` code, say). */
export const errorDef = (code: string): ErrorDef | undefined => (errors as Record<string, ErrorDef>)[code];
