/**
 * Every page of the console by its route's template, so that figures of speed are kept for pages and never for the
 * things they show. A test holds this list equal to the console's routes.
 */
export const consolePages = {
  '/': 'Start',
  '/setup': 'Set-up',
  '/sign-in': 'Sign-in',
  '/invite/$token': 'Invitation',
  '/forgot-password': 'Forgotten password',
  '/reset-password/$token': 'New password by link',
  '/approve/$token': 'Approval by link',
  '/w/$workspace': 'Overview',
  '/w/$workspace/runs': 'Runs',
  '/w/$workspace/runs/$runId': 'Run',
  '/w/$workspace/runs/compare': 'Two runs',
  '/w/$workspace/playbooks': 'Playbooks',
  '/w/$workspace/playbooks/$playbookId': 'Playbook',
  '/w/$workspace/queries': 'Queries',
  '/w/$workspace/queries/queue': 'Queue of queries',
  '/w/$workspace/files': 'Files',
  '/w/$workspace/approvals': 'Approvals',
  '/w/$workspace/servers': 'Servers',
  '/w/$workspace/oncall': 'On-call',
  '/w/$workspace/connections': 'Connections',
  '/w/$workspace/connections/new': 'Connect a system',
  '/w/$workspace/credentials': 'Credentials',
  '/w/$workspace/schedules': 'Schedules',
  '/w/$workspace/webhooks': 'Webhooks',
  '/w/$workspace/run-triggers': 'Run triggers',
  '/w/$workspace/account': 'Your account',
  '/w/$workspace/settings': 'Settings: General',
  '/w/$workspace/settings/members': 'Settings: Members and roles',
  '/w/$workspace/settings/values': 'Settings: Secrets and variables',
  '/w/$workspace/settings/channels': 'Settings: Notifications',
  '/w/$workspace/settings/queues': 'Settings: Queues',
  '/w/$workspace/settings/speed': 'Settings: Console speed',
  '/w/$workspace/settings/sign-in': 'Settings: Sign-in and MFA',
  '/w/$workspace/settings/api-keys': 'Settings: API keys',
  '/w/$workspace/settings/audit': 'Settings: Audit log',
} as const;
export type ConsolePage = keyof typeof consolePages;
export const consolePageList = Object.keys(consolePages) as [ConsolePage, ...ConsolePage[]];
