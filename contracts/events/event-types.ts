import type { Permission } from '../identity/permissions.ts';

/**
 * Who may read events of a type: the first word decides, unless the whole type is named. Types are those of ui.md §9;
 * a type without a line here reaches nobody but instance machinery.
 */
const readableWith: Readonly<Record<string, Permission>> = {
  run: 'runs:read',
  run_view: 'runs:read',
  step: 'runs:read',
  host: 'runs:read',
  log: 'runs:read',
  undo: 'runs:read',
  queue: 'runs:read',
  approval: 'approvals:read',
  connection: 'connections:read',
  schema: 'connections:read',
  query: 'queries:read',
  query_rule: 'queries:read',
  query_snippet: 'queries:read',
  query_tab: 'queries:read',
  playbook: 'playbooks:read',
  artifact: 'playbooks:read',
  server: 'servers:read',
  credential: 'credentials:read',
  schedule: 'schedules:read',
  webhook: 'hooks:read',
  run_trigger: 'hooks:read',
  notification: 'notifications:read',
  channel: 'notifications:read',
  oncall: 'oncall:read',
  incident: 'incidents:read',
  incident_view: 'incidents:read',
  sla: 'incidents:read',
  escalation: 'incidents:read',
  incident_rule: 'incidents:read',
  status_page: 'incidents:read',
  alert: 'alerts:read',
  alert_source: 'alerts:read',
  alert_rule: 'alerts:read',
  silence: 'alerts:read',
  asset: 'assets:read',
  asset_type: 'assets:read',
  asset_import: 'assets:read',
  log_search: 'logs:read',
  log_source: 'logs:read',
  log_keeping: 'logs:read',
  escalation_policy: 'oncall:read',
  settings: 'settings:read',
  secret: 'secrets:read',
  variable: 'settings:read',
  workspace: 'settings:read',
  person: 'members:read',
  member: 'members:read',
  invitation: 'members:manage',
  key: 'keys:manage',
  session: 'members:manage',
  audit: 'audit:read',
  system: 'settings:read',
  presence: 'playbooks:read',
};

/** The permission that lets a member see events of this type, or undefined for a type nobody may see. */
export const eventPermission = (type: string): Permission | undefined =>
  readableWith[type] ?? readableWith[type.slice(0, type.indexOf('.'))];

/**
 * Reads `run.*,incident.moved` into a test of types.
 * @returns undefined where nothing is filtered
 */
export function typeFilter(types: string | undefined): ((type: string) => boolean) | undefined {
  const patterns = (types ?? '')
    .split(',')
    .map((pattern) => pattern.trim())
    .filter(Boolean);
  if (patterns.length === 0 || patterns.includes('*')) return undefined;
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith('*')));
  const prefixes = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1));
  return (type) => exact.has(type) || prefixes.some((prefix) => type.startsWith(prefix));
}
