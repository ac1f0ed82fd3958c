import type { Role } from '#contracts/identity/permissions.ts';

export const roleWords: Readonly<Record<Role, string>> = {
  owner: 'Owner',
  admin: 'Admin',
  member: 'Member',
  viewer: 'Viewer',
};

/** The cells of the tables of people and roles. */
export const th =
  'h-8 border-b border-line px-2.5 text-left text-meta font-medium whitespace-nowrap text-text-3 first:pl-5 last:pr-5';
export const td = 'h-[38px] border-b border-line px-2.5 whitespace-nowrap first:pl-5 last:pr-5';
