import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import websocket from '@fastify/websocket';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { v7 as uuidv7 } from 'uuid';
import type { RouteDef } from '#contracts/kit/route.ts';
import type { Metrics } from '#system/metrics.ts';
import type { Actor, Person } from './kit/actor.ts';
import { registerRooms } from './kit/register.ts';
import { type Fallback, setRefusals } from './kit/refusals.ts';
import type { Room } from './kit/room.ts';
import { endAllStreams } from './kit/sse.ts';
import type { ApiTools } from './kit/tools.ts';

/** Tells who calls, or refuses: `api/kit/authenticate.ts`. */
export type Authenticate = (
  request: FastifyRequest,
  def: RouteDef | undefined,
) => Promise<{ actor: Actor | null; person: Person | null }>;

export interface ServerParts {
  tools: ApiTools;
  rooms: Record<string, Room>;
  authenticate: Authenticate;
  metrics: Metrics;
  /** Counts requests and refuses with 429; runs after the sign-in hook. */
  limitRate?: (request: FastifyRequest, reply: import('fastify').FastifyReply) => void | Promise<void>;
  /** What lies outside `/api/v1`: health, JWKS, the console, Temporal Web. */
  /** Answers addresses that no route has. */
  fallback?: Fallback;
  roots?: ((app: FastifyInstance) => void | Promise<void>)[];
}

/** Builds the API: plugins, the one sign-in hook, every room's routes, and the answers to what goes wrong. */
export async function buildServer({
  tools,
  rooms,
  authenticate,
  metrics,
  limitRate,
  roots = [],
  fallback,
}: ServerParts): Promise<FastifyInstance> {
  const { config, log } = tools;
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: typeof config.trustProxy === 'number' ? trustHops(config.trustProxy) : config.trustProxy,
    genReqId: () => uuidv7(),
    bodyLimit: 1_048_576,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 400 },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  setRefusals(app, fallback);
  readBodies(app);

  await app.register(cookie);
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        'default-src': ["'self'"],
        'script-src': ["'self'"],
        'style-src': ["'self'", "'unsafe-inline'"],
        'worker-src': ["'self'"],
        'font-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'connect-src': ["'self'"],
        'frame-ancestors': ["'none'"],
        'upgrade-insecure-requests': null,
      },
    },
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: config.publicUrl?.startsWith('https:') ? { maxAge: 31_536_000 } : false,
  });
  if (config.corsOrigins.length > 0)
    await app.register(cors, {
      origin: [...config.corsOrigins],
      credentials: false,
      exposedHeaders: ['etag', 'retry-after', 'x-export-id', 'x-total-rows'],
    });
  await app.register(compress, { global: true, threshold: 2_048, encodings: ['gzip', 'deflate'] });
  await app.register(websocket, { options: { maxPayload: 65_536 } });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Windlass',
        version: '1',
        description:
          'Durable operations. Every route names what it asks for and what it answers; errors have one shape.',
      },
      servers: [{ url: config.publicUrl ?? `http://${config.host}:${config.port}` }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'An API key (`wl_…`) or an access token.' },
          cookie: {
            type: 'apiKey',
            in: 'cookie',
            name: 'windlass',
            description: 'The sealed cookie of a browser session.',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(swaggerUi, { routePrefix: '/api/docs', staticCSP: true });

  app.decorateRequest('actor', null);
  app.decorateRequest('person', null);
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    const { actor, person } = await authenticate(request, request.routeOptions.config.def);
    request.actor = actor;
    request.person = person;
    await limitRate?.(request, reply);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.httpRequests.observe(
      { method: request.method, route, status: String(reply.statusCode) },
      reply.elapsedTime / 1_000,
    );
    if (request.routeOptions.config.operationId === 'signIn')
      metrics.signIns.inc({ outcome: signInOutcomes[reply.statusCode] ?? 'failed' });
    const line = {
      requestId: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      workspaceId: request.actor?.workspaceId,
    };
    if (reply.statusCode >= 500) log.warn(line, 'request');
    else log.debug(line, 'request');
  });

  registerRooms(app, rooms, tools);
  app.get('/api/v1/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(app.swagger())),
  );
  for (const root of roots) await root(app);
  app.addHook('preClose', async () => endAllStreams());
  return app;
}

/** What an attempt to sign in came to, by the status of its answer. */
const signInOutcomes: Readonly<Record<number, string>> = {
  200: 'succeeded',
  401: 'refused',
  // The password was right, the second factor is still to come or was wrong.
  403: 'code',
  429: 'locked',
};

/** Trusts so many proxies, counted from us. */
const trustHops =
  (count: number) =>
  (_address: string, hop: number): boolean =>
    hop <= count;

/** Bodies that are no JSON reach their route as text or bytes; JSON of a raw route stays bytes, for its signature. */
function readBodies(app: FastifyInstance): void {
  const asText = { parseAs: 'string' } as const;
  app.addContentTypeParser(['application/yaml', 'text/yaml', 'application/x-yaml'], asText, (_request, body, done) =>
    done(null, { yaml: body }),
  );
  app.addContentTypeParser(['text/csv', 'text/plain'], asText, (_request, body, done) => done(null, body));
  app.addContentTypeParser('application/x-www-form-urlencoded', asText, (_request, body, done) => done(null, body));
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  for (const type of ['application/json', /^application\/.+\+json$/]) {
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (request, body: Buffer, done) => {
      if (request.routeOptions.config.def?.rawBody) return done(null, body);
      if (body.length === 0) return done(null, undefined);
      return parseJson(request, body.toString(), done);
    });
  }
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (request.routeOptions.config.def?.rawBody || body.length === 0)
      return done(null, body.length === 0 ? undefined : body);
    return done(
      Object.assign(new Error('Unsupported media type'), { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 }),
    );
  });
}
