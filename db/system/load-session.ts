import type { Db } from '../kit/database.ts';
import { inSystem } from '../kit/in-tenant.ts';
import { findAccount, type MembershipRow, membershipsOf, type PersonRow } from './people.ts';
import { findSession, type SessionRow } from './sessions.ts';

/** A session with all that a request by it depends on. */
export interface SessionState {
  session: SessionRow;
  person: PersonRow;
  memberships: MembershipRow[];
}

/** Reads a session, its person and their workspaces in one go; undefined where there is no such session. */
export const loadSession = (system: Db, id: string): Promise<SessionState | undefined> =>
  inSystem(system, async (tx) => {
    const session = await findSession(tx, id);
    const account = session && (await findAccount(tx, session.userId));
    if (!session || !account) return undefined;
    const { passwordHash: _, ...person } = account;
    return { session, person, memberships: await membershipsOf(tx, session.userId) };
  });
