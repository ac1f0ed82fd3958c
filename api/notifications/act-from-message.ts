import { createHash } from 'node:crypto';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { PageAct } from '#contracts/notifications/page.ts';
import { claimAct, findActedIncident, finishAct, releaseAct, type Via } from '#db/notifications/message-acts.ts';
import { actOnIncident } from '../incidents/act-on-incident.ts';
import { Problem } from '../kit/problem.ts';
import type { ApiTools } from '../kit/tools.ts';

export interface MessageDeed {
  workspaceId: string;
  incidentId: string;
  act: PageAct;
  actor: ActorRef;
  via: Via;
  /** What makes it one: a link, a button or a reply acts once. */
  key: string;
}
export type DeedOutcome =
  | { kind: 'done'; incident: { key: string; title: string; state: string } | null }
  | { kind: 'used'; by: string; at: Date }
  /** The incident says no: somebody was quicker, or there is nobody more to tell. */
  | { kind: 'refused'; message: string };

/** The same id for the same key, so that an act which was begun, and whose end nobody heard of, is done once. */
const actIdOf = (workspaceId: string, key: string): string => {
  const hex = createHash('sha256').update(`${workspaceId}/${key}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/**
 * Does what somebody asks for from a message, once. Should we die in between, the same asked again goes through, and the
 * incident knows it by its id.
 */
export async function actFromMessage(tools: ApiTools, deed: MessageDeed): Promise<DeedOutcome> {
  const { workspaceId, incidentId, act, actor, key } = deed;
  const scope = { workspaceId, mids: '*' };
  const before = await tools.inTenant(scope, (tx) => claimAct(tx, deed));
  if (before) return { kind: 'used', ...before };
  try {
    await actOnIncident(tools, { workspaceId, incidentId, actor, act, actId: actIdOf(workspaceId, key) });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    await tools.inTenant(scope, (tx) => releaseAct(tx, key));
    return { kind: 'refused', message: error.message };
  }
  return tools.inTenant(scope, async (tx) => {
    await finishAct(tx, key);
    return { kind: 'done', incident: await findActedIncident(tx, { id: incidentId }) };
  });
}
