import { v7 as uuidv7 } from 'uuid';
import type { IncidentAct, IncidentRef, IncidentRefusal, IncidentStanding } from '#contracts/incidents/lifecycle.ts';
import { type ErrorCode, errorDef } from '#contracts/errors.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { type Problem, problem } from '../kit/problem.ts';
import type { ApiTools } from '../kit/tools.ts';

/** A refusal of an incident's workflow as the answer of a route. */
export const refusedAs = ({ code, facts, details }: IncidentRefusal): Problem =>
  problem(errorDef(code) ? (code as ErrorCode) : 'server.failed', { ...facts }, details && { ...details });

/** Asks an incident's workflow for an act. @throws Problem where it is refused */
export async function perform(
  tools: Pick<ApiTools, 'incidents'>,
  ref: IncidentRef,
  act: IncidentAct,
  actId: string = uuidv7(),
): Promise<IncidentStanding> {
  const answer = await tools.incidents.act(ref, act, actId);
  if (!answer.isDone) throw refusedAs(answer.refusal);
  return answer.standing;
}

/**
 * What people do from a message: each is one move, or one level told. For links that are followed once.
 * @throws Problem by the code of the refusal: `incident.move_refused` where somebody was quicker
 */
export function actOnIncident(
  tools: Pick<ApiTools, 'incidents'>,
  {
    workspaceId,
    incidentId,
    actor,
    act,
    reason,
    actId,
  }: IncidentRef & {
    actor: ActorRef;
    act: 'acknowledge' | 'resolve' | 'escalate';
    reason?: string | undefined;
    /** The same for the same link: followed twice at once it acts once. */
    actId?: string | undefined;
  },
): Promise<IncidentStanding> {
  const by = { actor };
  const wanted: IncidentAct =
    act === 'escalate'
      ? { act, by, ...(reason !== undefined && { reason }) }
      : act === 'acknowledge'
        ? { act: 'move', to: 'acknowledged', by, ...(reason !== undefined && { reason }) }
        : { act: 'move', to: 'resolved', reason: reason ?? 'Resolved from a message', by };
  return perform(tools, { workspaceId, incidentId }, wanted, actId);
}
