import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic, { type FastifyStaticOptions } from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
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

/**
 * The page for every address that is no file and no API: the console finds its own way there. In its head it names the
 * scripts of that address, which the browser then fetches together with the first.
 */
export function consoleFallback(folder: string): Fallback {
  const pageAt = pages(folder);
  return (request, reply) => {
    const isPage = request.method === 'GET' && !/^\/(api|temporal|\.well-known|assets)(\/|$)/.test(request.url);
    if (
      !isPage ||
      !existsSync(join(folder, 'index.html')) ||
      !/text\/html|\*\/\*/.test(request.headers.accept ?? '*/*')
    )
      return false;
    return reply
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(pageAt(request.url.replace(/[?#].*$/, '')));
  };
}

const Preloads = z.array(z.object({ path: z.string(), scripts: z.array(z.string()) }));

/** `/runs/compare` has fewer than `/runs/$runId` and comes first. */
const holes = (path: string): number => path.split('$').length;

/** Gives the page with the scripts of an address named in its head. What a build has made anew is read anew. */
function pages(folder: string): (path: string) => string {
  let made = NaN;
  let html = '';
  let byPath: { pattern: RegExp; links: string }[] = [];
  const read = () => {
    html = readFileSync(join(folder, 'index.html'), 'utf8');
    const file = join(folder, 'preloads.json');
    const preloads = existsSync(file) ? Preloads.parse(JSON.parse(readFileSync(file, 'utf8'))) : [];
    byPath = preloads
      .toSorted((a, b) => holes(a.path) - holes(b.path))
      .map(({ path, scripts }) => ({
        pattern: new RegExp(`^${path.replace(/\$\w+/g, '[^/]+')}/?$`),
        links: scripts.map((script) => `<link rel="modulepreload" crossorigin href="${script}">`).join(''),
      }));
  };
  return (path) => {
    const { mtimeMs } = statSync(join(folder, 'index.html'));
    if (mtimeMs !== made) read();
    made = mtimeMs;
    const links = byPath.find(({ pattern }) => pattern.test(path))?.links ?? '';
    return html.replace('</head>', `${links}</head>`);
  };
}
