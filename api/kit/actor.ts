import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { Permission, Role } from '#contracts/identity/permissions.ts';

/** Who calls, in which workspace, and what they may do there. Made by the sign-in hook, never by a route. */
export interface Actor extends ActorRef {
  kind: 'user' | 'key';
  id: string;
  workspaceId: string;
  /** Business units the actor may see, as `inTenant` takes them. */
  mids: string;
  /** Connections, units and folders that rules hide from the actor, as `inTenant` takes them. */
  hidden?: string | undefined;
  role: Role | null;
  permissions: ReadonlySet<Permission>;
  isInstanceAdmin: boolean;
  /** Of a key the person who answers for it. */
  ownerId?: string | undefined;
  /** The browser session or refresh family behind this call; null for API keys. */
  sessionId: string | null;
}

/** A signed-in person before any workspace is named. */
export interface Person {
  userId: string;
  name: string;
  email: string;
  isInstanceAdmin: boolean;
  sessionId: string;
}

/** How an actor is written into events, runs and the audit log. */
export const actorRef = <A extends ActorRef>({ kind, id, name }: A): Pick<A, 'kind' | 'id' | 'name'> => ({
  kind,
  id,
  name,
});
