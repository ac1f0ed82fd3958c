import type { Membership } from '#contracts/identity/accounts.ts';
import { allRooms, settingsRoom } from './rooms.ts';

/**
 * Where one lands in another workspace: on the same page where it can be, else on the nearest one that both have. Things
 * and filters stay behind: they belong to the workspace that is left.
 */
export function addressIn({ slug, permissions }: Pick<Membership, 'slug' | 'permissions'>, path: string): string {
  const [, room = '', page] = path.split('/');
  const found = allRooms.find(({ to }) => to === `/${room}`);
  const start = `/w/${encodeURIComponent(slug)}`;
  if (room === 'account') return `${start}/account`;
  if (!found || found.to === '/' || !permissions.includes(found.reads)) return start;
  return page && found === settingsRoom ? `${start}${found.to}/${page}` : `${start}${found.to}`;
}
