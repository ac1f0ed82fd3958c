import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import type { RouteAnswer, RouteDef, RouteInput } from '#contracts/kit/route.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { type Actor, type Person, actorRef } from './actor.ts';
import type { WrittenAnswer } from './shared-answers.ts';
import type { ApiTools } from './tools.ts';

/** What a handler is given: the parsed request and who asks. */
export interface Call<R extends RouteDef> extends RouteInput<R> {
  /** Set by the sign-in hook; reading it on a route without a workspace (`public`, `signed-in`) fails loudly. */
  readonly actor: Actor;
  /** The signed-in person, also where no workspace is named; null for API keys and on public routes. */
  readonly person: Person | null;
  /** The id to give to what this request makes: the same again where an `Idempotency-Key` repeats it. */
  readonly reservedId: string;
  /** The open socket of a WebSocket route. */
  readonly socket?: WebSocket;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** A room's handlers: one for each route of its table. Streams write to `reply` themselves and return it. */
export type Handlers<T extends Record<string, RouteDef>> = {
  [K in keyof T]: (
    call: Call<T[K]>,
  ) => Promise<RouteAnswer<T[K]> | WrittenAnswer<RouteAnswer<T[K]>>> | RouteAnswer<T[K]>;
};

export interface Room {
  readonly routes: Record<string, RouteDef>;
  readonly handlers: (tools: ApiTools) => Record<string, (call: Call<RouteDef>) => unknown>;
}

/** A room of the API: its route table and the handlers made from the tools. `api/server.ts` lists the rooms. */
export const room = <T extends Record<string, RouteDef>>(
  routes: T,
  handlers: (tools: ApiTools) => Handlers<T>,
): Room => ({
  routes,
  // The table and the handlers are held to each other by `Handlers<T>`; the registrar needs no more than the union.
  handlers: handlers as unknown as Room['handlers'],
});

/** Who acts, from where and in which request: what every audit entry needs of a call. */
export const auditOrigin = ({
  actor,
  request,
}: Pick<Call<RouteDef>, 'actor' | 'request'>): { actor: ActorRef; address: string; requestId: string } => ({
  actor: actorRef(actor),
  address: request.ip,
  requestId: request.id,
});
