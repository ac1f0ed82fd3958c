import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/**
 * The built console. Files with a hash in their name may be kept for ever; the page itself is asked for each time, so
 * that an upgrade shows at once. Every address that is no file and no API is the console's own.
 */
export const consoleRoot = (folder: string) => async (app: FastifyInstance): Promise<void> => {
  const page = join(folder, 'index.html');
  if (!existsSync(page)) return;
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    index: false,
    preCompressed: true,
    setHeaders: (reply, path) => {
      void reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  const own = (url: string): boolean => !/^\/(api|temporal|\.well-known|assets)(\/|$)/.test(url);
  app.setNotFoundHandler(async (request, reply) => {
    if (request.method === 'GET' && own(request.url) && (request.headers.accept ?? '*/*').match(/text\/html|\*\/\*/)) {
      return reply.header('cache-control', 'no-cache').sendFile('index.html', folder);
    }
    return reply.code(404).send({ error: 'request.not_found', message: 'There is nothing here.', statusCode: 404, requestId: request.id });
  });
};
