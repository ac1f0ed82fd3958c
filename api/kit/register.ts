import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { WebSocket } from 'ws';
import type { RouteDef } from '#contracts/kit/route.ts';
import { ApiError } from '#contracts/kit/schemas.ts';
import { newRunId } from '#db/runs/insert-run.ts';
import type { Actor, Person } from './actor.ts';
import { withIdempotency } from './idempotency.ts';
import { problem } from './problem.ts';
import type { Call, Room } from './room.ts';
import { WrittenAnswer } from './shared-answers.ts';
import type { ApiTools } from './tools.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    operationId?: string;
    def?: RouteDef;
  }
  interface FastifyRequest {
    actor: Actor | null;
    person: Person | null;
  }
}

/** Registers every route of every room below `/api/v1`. A route without access, or a path given twice, stops the start. */
export function registerRooms(app: FastifyInstance, rooms: Record<string, Room>, tools: ApiTools): void {
  for (const [name, room] of Object.entries(rooms)) {
    const handlers = room.handlers(tools);
    for (const [operationId, def] of Object.entries(room.routes)) {
      const handler = handlers[operationId];
      if (!handler) throw new Error(`Route ${operationId} of ${name} has no handler.`);
      if (!def.access)
        throw new Error(
          `Route ${operationId} of ${name} declares no access: name a permission, or say public on purpose.`,
        );
      const register = def.streamBody ? withStreams(app) : (options: RouteOptions) => void app.route(options);
      register({
        method: def.method,
        url: `/api/v1${def.path}`,
        config: { operationId, def },
        ...(def.bodyLimit !== undefined && { bodyLimit: def.bodyLimit }),
        ...(def.stream === 'websocket' && {
          wsHandler: (socket: WebSocket, request: FastifyRequest) =>
            void handler({ ...callOf({ operationId, def, handler }, request, undefined, undefined), socket }),
        }),
        schema: schemaOf(operationId, name, def),
        ...(def.sentAsBuilt && { serializerCompiler: () => asBuilt }),
        handler: (request, reply) => answer(tools, { operationId, def, handler }, request, reply),
      });
    }
  }
}

/** Registers a route in a corner of its own where no body is parsed: its handler is given the stream. */
const withStreams =
  (app: FastifyInstance) =>
  (options: RouteOptions): void =>
    void app.register(async (corner) => {
      corner.removeAllContentTypeParsers();
      corner.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
      corner.route(options);
    });

const asBuilt = (answer: unknown): string => JSON.stringify(answer);

const bySignIn: { [scheme: string]: string[] }[] = [{ bearer: [] }, { cookie: [] }];

function schemaOf(operationId: string, room: string, def: RouteDef) {
  return {
    operationId,
    tags: [room],
    summary: def.summary,
    ...(def.params && { params: def.params }),
    ...(def.query && { querystring: def.query }),
    ...(def.body && !def.rawBody && { body: def.body }),
    response: {
      ...(def.response && { [def.status ?? 200]: def.response }),
      '4xx': ApiError,
      '5xx': ApiError,
    },
    ...(def.access !== 'public' && { security: bySignIn }),
  };
}

interface Registered {
  operationId: string;
  def: RouteDef;
  handler: (call: Call<RouteDef>) => unknown;
}

function callOf(
  { operationId, def }: Registered,
  request: FastifyRequest,
  reply: FastifyReply | undefined,
  reservedId: string | undefined,
): Call<RouteDef> {
  let id = reservedId;
  return {
    // Parsed by the schemas of the route's definition before the handler runs.
    params: request.params as never,
    query: request.query as never,
    body: request.body as never,
    get actor() {
      if (!request.actor)
        throw new Error(`Route ${operationId} reads an actor but its access (${def.access}) brings none.`);
      return request.actor;
    },
    person: request.person,
    get reservedId() {
      return (id ??= newRunId()); // most requests make nothing
    },
    request,
    // A WebSocket has no reply; its handler writes to the socket.
    reply: reply as FastifyReply,
  };
}

async function answer(
  tools: ApiTools,
  registered: Registered,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { operationId, def, handler } = registered;
  const status = def.status ?? 200;
  if (def.stream === 'websocket') throw problem('request.unsupported_type');
  const key = request.headers['idempotency-key'];
  if (def.idempotent && typeof key === 'string' && request.actor) {
    if (key.length > 200)
      throw problem('contract.broken', {}, [
        { path: '/headers/idempotency-key', code: 'too_long', message: '200 characters at most.' },
      ]);
    const { actor, params, body } = request;
    const kept = await withIdempotency(
      tools,
      { actor, route: operationId, key, body: { params, body } },
      async (reservedId) => ({
        status,
        body: await handler(callOf(registered, request, reply, reservedId)),
      }),
    );
    return reply.code(kept.status).send(kept.body);
  }
  const result = await handler(callOf(registered, request, reply, undefined));
  if (def.stream || reply.sent) return reply;
  if (status === 204) return reply.code(204).send();
  // A handler may have chosen another good status itself (a webhook that answers 200 for a duplicate).
  reply.code(reply.statusCode === 200 ? status : reply.statusCode);
  return result instanceof WrittenAnswer ? result.send(request, reply) : reply.send(result);
}
