import { demoPeople, demoRoutes } from '#contracts/identity/demo.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import { findAccountByEmail } from '#db/system/people.ts';
import type { Config } from '#system/config.ts';
import { problem } from '../kit/problem.ts';
import { isLoopback } from '../kit/request-guard.ts';
import { type Room, room } from '../kit/room.ts';
import { openFor } from './sign-in.ts';

/** Whether people may sign in without a password: in the demo, as long as only this machine can reach it. */
const isDemoDoor = ({ isDemo, host }: Pick<Config, 'isDemo' | 'host'>): boolean =>
  isDemo && isLoopback(host.replace(/^\[|\]$/g, ''));

/** The rooms with the demo's door where it may stand, without it everywhere else. */
export const withDemoDoor = (
  rooms: Record<string, Room>,
  config: Pick<Config, 'isDemo' | 'host'>,
): Record<string, Room> => (isDemoDoor(config) ? { ...rooms, demo: demoRoom } : rooms);

/** One-click sign-in. */
const demoRoom = room(demoRoutes, (tools) => ({
  signInToDemo: async ({ body, request, reply }) => {
    const role = body?.role ?? 'owner';
    const email = demoPeople.find((person) => person.role === role)?.email ?? '';
    const account = await inSystem(tools.system, (tx) => findAccountByEmail(tx, email));
    // The sample data is still being made, or this installation is somebody's own.
    if (!account) throw problem('request.not_found');
    return openFor(tools, account.id, { hasShownFactor: false, client: body?.client }, { request, reply });
  },
}));
