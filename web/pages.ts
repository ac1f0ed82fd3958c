/** A page of the console: where it stands, and the module and the component that draw it. Modules are paths below `web/`. */
export interface PageDef {
  path: string;
  file: string;
  component: string;
}

/** What stands alone, before anybody is in a workspace. */
export const entryPages: readonly PageDef[] = [
  { path: '/', file: 'identity/home-page.tsx', component: 'HomePage' },
  { path: '/setup', file: 'identity/set-up-page.tsx', component: 'SetUpPage' },
  { path: '/sign-in', file: 'identity/sign-in-page.tsx', component: 'SignInPage' },
  { path: '/invite/$token', file: 'identity/invitation-page.tsx', component: 'InvitationPage' },
  { path: '/forgot-password', file: 'identity/forgot-password-page.tsx', component: 'ForgotPasswordPage' },
  { path: '/reset-password/$token', file: 'identity/password-link-page.tsx', component: 'PasswordLinkPage' },
  { path: '/approve/$token', file: 'approvals/approval-link-page.tsx', component: 'ApprovalLinkPage' },
];

/** What every page of a workspace stands in. */
export const workspaceFrame: PageDef = { path: '/w/$workspace', file: 'shell/shell.tsx', component: 'Shell' };
export const workspacePages: readonly PageDef[] = [
  { path: '/', file: 'overview/overview-page.tsx', component: 'OverviewPage' },
  { path: '/runs', file: 'runs/runs-page.tsx', component: 'RunsPage' },
  { path: '/runs/compare', file: 'runs/compare-page.tsx', component: 'ComparePage' },
  { path: '/runs/$runId', file: 'runs/run-page.tsx', component: 'RunPage' },
  { path: '/playbooks', file: 'playbooks/playbooks-page.tsx', component: 'PlaybooksPage' },
  { path: '/playbooks/$playbookId', file: 'playbooks/playbook-page.tsx', component: 'PlaybookPage' },
  { path: '/queries', file: 'queries/queries-page.tsx', component: 'QueriesPage' },
  { path: '/queries/queue', file: 'queries/query-queue-page.tsx', component: 'QueryQueuePage' },
  { path: '/files', file: 'files/files-page.tsx', component: 'FilesPage' },
  { path: '/approvals', file: 'approvals/approvals-page.tsx', component: 'ApprovalsPage' },
  { path: '/servers', file: 'servers/servers-page.tsx', component: 'ServersPage' },
  { path: '/incidents', file: 'incidents/incidents-page.tsx', component: 'IncidentsPage' },
  { path: '/incidents/$incidentKey', file: 'incidents/incident-page.tsx', component: 'IncidentPage' },
  { path: '/logs', file: 'logs/logs-page.tsx', component: 'LogsPage' },
  { path: '/incidents/reports', file: 'sla/reports-page.tsx', component: 'ReportsPage' },
  { path: '/alerts', file: 'alerts/alerts-page.tsx', component: 'AlertsPage' },
  { path: '/assets', file: 'assets/assets-page.tsx', component: 'AssetsPage' },
  { path: '/assets/imports', file: 'assets/imports-page.tsx', component: 'ImportsPage' },
  { path: '/oncall', file: 'oncall/oncall-page.tsx', component: 'OnCallPage' },
  { path: '/connections', file: 'connections/connections-page.tsx', component: 'ConnectionsPage' },
  { path: '/connections/new', file: 'connections/connect-page.tsx', component: 'ConnectPage' },
  { path: '/credentials', file: 'servers/credentials-page.tsx', component: 'CredentialsPage' },
  { path: '/schedules', file: 'schedules/schedules-page.tsx', component: 'SchedulesPage' },
  { path: '/webhooks', file: 'hooks/webhooks-page.tsx', component: 'WebhooksPage' },
  { path: '/run-triggers', file: 'hooks/run-triggers-page.tsx', component: 'RunTriggersPage' },
  { path: '/account', file: 'identity/account-page.tsx', component: 'AccountPage' },
  { path: '/account/notifications', file: 'notifications/my-notifications-page.tsx', component: 'MyNotificationsPage' },
];

export const settingsFrame: PageDef = {
  path: '/settings',
  file: 'settings/settings-frame.tsx',
  component: 'SettingsFrame',
};
export const settingsPages: readonly PageDef[] = [
  { path: '/', file: 'settings/general-page.tsx', component: 'GeneralPage' },
  { path: '/members', file: 'identity/members-page.tsx', component: 'MembersPage' },
  { path: '/values', file: 'settings/values-page.tsx', component: 'ValuesPage' },
  { path: '/channels', file: 'settings/channels-page.tsx', component: 'ChannelsPage' },
  { path: '/incidents', file: 'incidents/incident-settings-page.tsx', component: 'IncidentSettingsPage' },
  { path: '/incident-rules', file: 'incident-rules/incident-rules-page.tsx', component: 'IncidentRulesPage' },
  { path: '/status-page', file: 'status-page/status-page-page.tsx', component: 'StatusPagePage' },
  { path: '/sla', file: 'sla/sla-page.tsx', component: 'SlaPage' },
  { path: '/queues', file: 'settings/queues-page.tsx', component: 'QueuesPage' },
  { path: '/speed', file: 'settings/speed-page.tsx', component: 'SpeedPage' },
  { path: '/sign-in', file: 'settings/sign-in-settings-page.tsx', component: 'SignInSettingsPage' },
  { path: '/api-keys', file: 'identity/api-keys-page.tsx', component: 'ApiKeysPage' },
  { path: '/audit', file: 'audit/audit-page.tsx', component: 'AuditPage' },
];

/** Each page's whole address, and the modules that it needs before it can be drawn: its frames and itself. */
export function pageFiles(): { path: string; files: string[] }[] {
  const below = (frames: readonly PageDef[], pages: readonly PageDef[]) =>
    pages.map(({ path, file }) => ({
      path: [...frames.map((frame) => frame.path), path].join('').replace(/(?<=.)\/$/, ''),
      files: [...frames.map((frame) => frame.file), file],
    }));
  return [
    ...below([], entryPages),
    ...below([workspaceFrame], workspacePages),
    ...below([workspaceFrame, settingsFrame], settingsPages),
  ];
}
