import { alertRoutes } from './alerts/alerts.ts';
import { alertRuleRoutes } from './alerts/alert-rule-routes.ts';
import { alertSourceRoutes } from './alerts/alert-sources.ts';
import { silenceRoutes } from './alerts/silence-routes.ts';
import { approvalRoutes } from './approvals/approvals.ts';
import { runTriggerRoutes } from './hooks/run-triggers.ts';
import { assetRoutes } from './assets/assets.ts';
import { assetImportRoutes } from './assets/imports.ts';
import { webhookRoutes } from './hooks/webhooks.ts';
import { connectionRoutes } from './connections/connections.ts';
import { defaultUnitRoutes } from './connections/default-unit.ts';
import { schemaChangeRoutes } from './connections/schema-changes.ts';
import { presenceRoutes } from './events/presence.ts';
import type { RouteDef } from './kit/route.ts';
import { intakeRoutes } from './ingest/intake.ts';
import { logRoutes } from './logs/logs.ts';
import { artifactRoutes } from './playbooks/artifacts.ts';
import { playbookRoutes } from './playbooks/playbooks.ts';
import { queryExportRoutes } from './queries/query-exports.ts';
import { queryRunRoutes } from './queries/query-runs.ts';
import { queryRuleRoutes } from './queries/query-rules.ts';
import { querySnippetRoutes } from './queries/query-snippets.ts';
import { savedQueryRoutes } from './queries/saved-queries.ts';
import { incidentImpactRoutes } from './incidents/incident-impact.ts';
import { incidentViewRoutes } from './incidents/incident-views.ts';
import { incidentRoutes } from './incidents/incidents.ts';
import { noticeRoutes } from './notices/notices.ts';
import { notificationRoutes } from './notifications/channels.ts';
import { messageActRoutes } from './notifications/message-acts.ts';
import { myNotificationRoutes } from './notifications/my-notifications.ts';
import { onCallRoutes } from './oncall/oncall.ts';
import { scheduleRoutes } from './schedules/schedules.ts';
import { queueRoutes } from './settings/queues.ts';
import { reportRoutes } from './sla/reports.ts';
import { slaRoutes } from './sla/sla.ts';
import { incidentRuleRoutes } from './incident-rules/incident-rules.ts';
import { statusPageRoutes } from './status-page/status-page.ts';
import { settingsRoutes } from './settings/settings.ts';
import { demoRoutes } from './identity/demo.ts';
import { identityRoutes } from './identity/identity.ts';
import { passwordLinkRoutes } from './identity/password-links.ts';
import { securityKeyRoutes } from './identity/security-keys.ts';
import { auditRoutes } from './audit/audit.ts';
import { runBulkRoutes } from './runs/bulk.ts';
import { runFigureRoutes } from './runs/figures.ts';
import { runViewRoutes } from './runs/run-views.ts';
import { runRoutes } from './runs/runs.ts';
import { serverBulkRoutes } from './servers/bulk.ts';
import { credentialRoutes } from './servers/credentials.ts';
import { serverRoutes } from './servers/servers.ts';
import { vitalRoutes } from './vitals/vitals.ts';

/** Every route of the API. A room adds its table here; the API refuses to start if a route has no access. */
export const routes = {
  ...settingsRoutes,
  ...queueRoutes,
  ...identityRoutes,
  ...passwordLinkRoutes,
  ...securityKeyRoutes,
  ...demoRoutes,
  ...auditRoutes,
  ...playbookRoutes,
  ...artifactRoutes,
  ...runRoutes,
  ...presenceRoutes,
  ...runFigureRoutes,
  ...runViewRoutes,
  ...runBulkRoutes,
  ...credentialRoutes,
  ...serverRoutes,
  ...assetRoutes,
  ...assetImportRoutes,
  ...serverBulkRoutes,
  ...queryRunRoutes,
  ...queryExportRoutes,
  ...savedQueryRoutes,
  ...queryRuleRoutes,
  ...querySnippetRoutes,
  ...connectionRoutes,
  ...defaultUnitRoutes,
  ...schemaChangeRoutes,
  ...approvalRoutes,
  ...noticeRoutes,
  ...notificationRoutes,
  ...messageActRoutes,
  ...myNotificationRoutes,
  ...onCallRoutes,
  ...incidentRoutes,
  ...incidentImpactRoutes,
  ...incidentViewRoutes,
  ...logRoutes,
  ...intakeRoutes,
  ...alertRoutes,
  ...alertSourceRoutes,
  ...alertRuleRoutes,
  ...silenceRoutes,
  ...runTriggerRoutes,
  ...scheduleRoutes,
  ...slaRoutes,
  ...reportRoutes,
  ...incidentRuleRoutes,
  ...statusPageRoutes,
  ...webhookRoutes,
  ...vitalRoutes,
} as const satisfies Record<string, RouteDef>;

export type OperationId = keyof typeof routes;
