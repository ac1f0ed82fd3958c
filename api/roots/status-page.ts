import type { FastifyInstance, FastifyReply } from 'fastify';
import type { PublicStatus } from '#contracts/status-page/status-page.ts';
import type { ApiTools } from '../kit/tools.ts';
import { statusAtom, statusHtml } from '../status-page/status-html.ts';
import { readStatusAt } from '../status-page/read-public-status.ts';

/** `/status/<slug>` and its feed: for everybody, without sign-in, script or cookie. */
export const statusPageRoots =
  (tools: Pick<ApiTools, 'db' | 'system'>, publicUrl: string) =>
  (app: FastifyInstance): void => {
    const hidden = { schema: { hide: true } } as const;
    const answer =
      (type: string, write: (status: PublicStatus, address: string) => string) =>
      async ({ params }: { params: unknown }, reply: FastifyReply) => {
        const { slug = '' } = params as { slug?: string }; // the route's own parameter
        const status = await readStatusAt(tools, slug);
        if (!status) return reply.code(404).type('text/plain; charset=utf-8').send('There is no status page here.');
        return reply
          .header('cache-control', 'public, max-age=30')
          .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
          .type(type)
          .send(write(status, `${publicUrl}/status/${slug}`));
      };
    app.get('/status/:slug', hidden, answer('text/html; charset=utf-8', (status, at) => statusHtml(status, `${at}/feed.atom`))); // prettier-ignore
    app.get('/status/:slug/feed.atom', hidden, answer('application/atom+xml; charset=utf-8', statusAtom));
  };
