import { alertRoom } from './alerts/alerts.ts';
import { alertRuleRoom } from './alerts/alert-rules.ts';
import { alertSourceRoom } from './alerts/alert-sources.ts';
import { silenceRoom } from './alerts/silences.ts';
import { approvalRoom } from './approvals/approvals.ts';
import { assetsRoom } from './assets/assets.ts';
import { assetImportRoom } from './assets/imports.ts';
import { auditRoom } from './audit/audit.ts';
import { connectionsRoom } from './connections/connections.ts';
import { defaultUnitRoom } from './connections/default-unit.ts';
import { schemaChangeRoom } from './connections/schema-changes.ts';
import { eventsRoom } from './events/events.ts';
import { presenceRoom } from './events/presence.ts';
import { runTriggerRoom } from './hooks/run-triggers.ts';
import { webhookRoom } from './hooks/webhooks.ts';
import { identityRoom } from './identity/identity.ts';
import { passwordLinkRoom } from './identity/password-links.ts';
import { securityKeyRoom } from './identity/security-keys.ts';
import { incidentImpactRoom } from './incidents/incident-impact.ts';
import { incidentViewRoom } from './incidents/incident-views.ts';
import { incidentRoom } from './incidents/incidents.ts';
import type { Room } from './kit/room.ts';
import { ingestRoom } from './ingest/ingest.ts';
import { logsRoom } from './logs/logs.ts';
import { noticeRoom } from './notices/notices.ts';
import { notificationRoom } from './notifications/channels.ts';
import { messageActRoom } from './notifications/message-acts.ts';
import { myNotificationRoom } from './notifications/my-notifications.ts';
import { onCallRoom } from './oncall/oncall.ts';
import { artifactsRoom } from './playbooks/artifacts.ts';
import { playbooksRoom } from './playbooks/playbooks.ts';
import { queryExportRoom } from './queries/query-exports.ts';
import { queryRunRoom } from './queries/query-runs.ts';
import { queryRuleRoom } from './queries/query-rules.ts';
import { querySnippetRoom } from './queries/query-snippets.ts';
import { savedQueryRoom } from './queries/saved-queries.ts';
import { runBulkRoom } from './runs/bulk.ts';
import { runFigureRoom } from './runs/figures.ts';
import { runViewRoom } from './runs/run-views.ts';
import { runsRoom } from './runs/runs.ts';
import { scheduleRoom } from './schedules/schedules.ts';
import { serverBulkRoom } from './servers/bulk.ts';
import { credentialsRoom } from './servers/credentials.ts';
import { serversRoom } from './servers/servers.ts';
import { queueRoom } from './settings/queues.ts';
import { settingsRoom } from './settings/settings.ts';
import { reportRoom } from './sla/reports.ts';
import { slaRoom } from './sla/sla.ts';
import { incidentRuleRoom } from './incident-rules/incident-rules.ts';
import { statusPageRoom } from './status-page/status-page.ts';
import { vitalRoom } from './vitals/vitals.ts';

/** Every room of the API. A new one is a line here. */
export const rooms: Record<string, Room> = {
  identity: identityRoom,
  passwordLinks: passwordLinkRoom,
  securityKeys: securityKeyRoom,
  settings: settingsRoom,
  queues: queueRoom,
  audit: auditRoom,
  runs: runsRoom,
  runFigures: runFigureRoom,
  runViews: runViewRoom,
  runBulk: runBulkRoom,
  events: eventsRoom,
  presence: presenceRoom,
  playbooks: playbooksRoom,
  artifacts: artifactsRoom,
  servers: serversRoom,
  serverBulk: serverBulkRoom,
  assets: assetsRoom,
  assetImports: assetImportRoom,
  credentials: credentialsRoom,
  queryRuns: queryRunRoom,
  queryExports: queryExportRoom,
  savedQueries: savedQueryRoom,
  queryRules: queryRuleRoom,
  querySnippets: querySnippetRoom,
  connections: connectionsRoom,
  defaultUnit: defaultUnitRoom,
  schemaChanges: schemaChangeRoom,
  approvals: approvalRoom,
  hooks: webhookRoom,
  runTriggers: runTriggerRoom,
  schedules: scheduleRoom,
  notifications: notificationRoom,
  messageActs: messageActRoom,
  myNotifications: myNotificationRoom,
  oncall: onCallRoom,
  incidents: incidentRoom,
  incidentImpact: incidentImpactRoom,
  incidentViews: incidentViewRoom,
  logs: logsRoom,
  ingest: ingestRoom,
  alerts: alertRoom,
  alertSources: alertSourceRoom,
  alertRules: alertRuleRoom,
  silences: silenceRoom,
  notices: noticeRoom,
  sla: slaRoom,
  reports: reportRoom,
  incidentRules: incidentRuleRoom,
  statusPage: statusPageRoom,
  vitals: vitalRoom,
};
