import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { SystemTx } from '#db/kit/database.ts';
import { tellWorkspacesOf } from '#db/system/people.ts';

export interface Origin {
  actor: ActorRef;
  address: string;
  requestId: string;
}

/** Tells the person's workspaces that sessions have ended, so that open streams end too, in every process. */
export async function tellEnded(
  tx: SystemTx,
  userId: string,
  sessionIds: readonly string[],
  reason: string,
  origin: Origin,
): Promise<void> {
  for (const sessionId of sessionIds) {
    const subject = `session:${sessionId}`;
    const event = { type: 'session.ended', subject, actor: origin.actor, data: { userId, sessionId } };
    await tellWorkspacesOf(tx, userId, { ...origin, action: 'session.ended', subject, after: { reason } }, event);
  }
}
