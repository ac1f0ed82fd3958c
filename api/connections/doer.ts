import type { FastifyRequest } from 'fastify';
import type { Doer } from '#db/connections/connections.ts';
import { type Actor, actorRef } from '../kit/actor.ts';

/** Who acts, and from where, for the audit log. */
export const doerOf = ({ actor, request }: { actor: Actor; request: FastifyRequest }): Doer => ({
  actor: actorRef(actor),
  address: request.ip,
  requestId: request.id,
});
