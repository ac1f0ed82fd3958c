/** Every permission a route, an API key or a role can name: `<room>:<act>`. */
export const permissions = [
  'approvals:decide',
  'approvals:read',
  'audit:read',
  'credentials:manage',
  'credentials:read',
  'events:read',
  'hooks:manage',
  'hooks:read',
  'keys:manage',
  'members:manage',
  'members:read',
  'notifications:manage',
  'notifications:read',
  'playbooks:edit',
  'playbooks:read',
  'playbooks:run',
  'runs:cancel',
  'runs:manage',
  'runs:payloads',
  'runs:read',
  'runs:rerun',
  'schedules:manage',
  'schedules:read',
  'secrets:manage',
  'secrets:read',
  'servers:check',
  'servers:manage',
  'servers:read',
  'servers:trust',
  'settings:manage',
  'settings:read',
] as const;
export type Permission = (typeof permissions)[number];

export const roles = ['owner', 'admin', 'member', 'viewer'] as const;
export type Role = (typeof roles)[number];

const viewer: readonly Permission[] = [
  'approvals:read',
  'events:read',
  'playbooks:read',
  'runs:read',
  'schedules:read',
  'servers:read',
  'settings:read',
  'members:read',
  'notifications:read',
];
const member: readonly Permission[] = [
  ...viewer,
  'approvals:decide',
  'credentials:read',
  'hooks:read',
  'playbooks:edit',
  'playbooks:run',
  'runs:cancel',
  'runs:rerun',
  'schedules:manage',
  'secrets:read',
  'servers:check',
];
const admin: readonly Permission[] = [
  ...member,
  'audit:read',
  'credentials:manage',
  'hooks:manage',
  'keys:manage',
  'members:manage',
  'notifications:manage',
  'runs:manage',
  'runs:payloads',
  'secrets:manage',
  'servers:manage',
  'servers:trust',
  'settings:manage',
];

/** What each role may do. An owner may do everything, and alone appoints and removes owners. */
export const rolePermissions: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  owner: new Set(permissions),
  admin: new Set(admin),
  member: new Set(member),
  viewer: new Set(viewer),
};
