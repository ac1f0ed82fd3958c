import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic, { type FastifyStaticOptions } from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { Fallback } from '../kit/refusals.ts';

/**
 * The built console. Files with a hash in their name may be kept for ever; the page itself is asked for each time, so
 * that an upgrade shows at once.
 */
export const consoleRoot =
  (folder: string) =>
  async (app: FastifyInstance): Promise<void> => {
    const page = join(folder, 'index.html');
    if (!existsSync(page)) return;
    const options: FastifyStaticOptions = {
      root: folder,
      wildcard: false,
      index: false,
      preCompressed: true,
      setHeaders: (reply, path) => {
        void reply.header(
          'cache-control',
          path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
      },
    };
    await app.register(fastifyStatic, options);
    // The page is read anew each time, so what a build made after our start is looked for on the disk as well.
    const assets = { root: join(folder, 'assets'), prefix: '/assets/', wildcard: true, decorateReply: false };
    await app.register(fastifyStatic, { ...options, ...assets });
  };

/** The page for every address that is no file and no API: the console finds its own way there. */
export const consoleFallback =
  (folder: string): Fallback =>
  (request, reply) => {
    const isPage = request.method === 'GET' && !/^\/(api|temporal|\.well-known|assets)(\/|$)/.test(request.url);
    if (
      !isPage ||
      !existsSync(join(folder, 'index.html')) ||
      !/text\/html|\*\/\*/.test(request.headers.accept ?? '*/*')
    )
      return false;
    return reply.header('cache-control', 'no-cache').sendFile('index.html', folder);
  };
