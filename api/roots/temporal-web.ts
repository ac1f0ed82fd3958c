import proxy from '@fastify/http-proxy';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { looksAfter } from '#contracts/identity/permissions.ts';
import { openPayload, ownerOf } from '#temporal/codec.ts';
import type { Authenticate } from '../server.ts';
import { problem } from '../kit/problem.ts';
import type { ApiTools } from '../kit/tools.ts';

const Payload = z.object({ metadata: z.record(z.string(), z.string()).optional(), data: z.string().optional() });
const Decode = z.object({ payloads: z.array(Payload).max(1_000) });

/**
 * Temporal Web below `/temporal/`, for instance administrators: its own port has no login and listens on loopback only.
 * The codec endpoint opens what it shows, same-origin and by cookie, and only what the caller may read.
 */
export const temporalWebRoots =
  (tools: ApiTools, authenticate: Authenticate) =>
  async (app: FastifyInstance): Promise<void> => {
    app.post(
      '/api/v1/temporal/codec/decode',
      {
        schema: { hide: true },
        config: { def: { method: 'POST', path: '/temporal/codec/decode', summary: '', access: 'signed-in' } },
        bodyLimit: 8_388_608,
      },
      async (request) => {
        const { payloads } = Decode.parse(request.body);
        const person = request.person;
        if (!person) throw problem('identity.sign_in_needed');
        const opened = await Promise.all(
          payloads.map(async ({ metadata = {}, data = '' }) => {
            const payload = {
              metadata: Object.fromEntries(
                Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
              ),
              data: Buffer.from(data, 'base64'),
            };
            const { scope } = ownerOf(payload);
            if (!(await mayRead(tools, person, scope)))
              throw problem('identity.permission_missing', { permission: 'runs:payloads' });
            const plain = await openPayload(tools.vault, payload);
            return {
              metadata: Object.fromEntries(
                Object.entries(plain.metadata ?? {}).map(([name, value]) => [
                  name,
                  Buffer.from(value ?? []).toString('base64'),
                ]),
              ),
              data: Buffer.from(plain.data ?? []).toString('base64'),
            };
          }),
        );
        return { payloads: opened };
      },
    );
    const { temporalUiUrl } = tools.config;
    if (temporalUiUrl === undefined) return;
    const { origin } = new URL(temporalUiUrl);
    await app.register(async (scope) => {
      scope.removeAllContentTypeParsers(); // bodies go through as they are
      await scope.register(proxy, {
        upstream: origin,
        prefix: '/temporal',
        rewritePrefix: '/temporal',
        preHandler: async (request) => {
          const { person } = await authenticate(request, {
            method: 'GET',
            path: '/temporal',
            summary: '',
            access: 'instance-admin',
          });
          if (!person?.isInstanceAdmin)
            throw problem('identity.permission_missing', { permission: 'instance administrator' });
        },
        replyOptions: {
          rewriteRequestHeaders: (_request, headers) => {
            const { cookie: _cookie, authorization: _authorization, ...rest } = headers;
            return rest;
          },
          // Temporal Web brings inline scripts of its own: our policy for the console would break it.
          onResponse: (_request, reply, response) => {
            reply.removeHeader('content-security-policy');
            reply.send('stream' in response ? (response as { stream: unknown }).stream : response);
          },
        },
      });
    });
  };

async function mayRead(
  tools: ApiTools,
  person: { userId: string; isInstanceAdmin: boolean },
  scope: string,
): Promise<boolean> {
  if (scope === 'instance') return person.isInstanceAdmin;
  return tools.inTenant({ workspaceId: scope, mids: '*' }, async (tx) => {
    const member = await tx.selectFrom('members').select('role').where('userId', '=', person.userId).executeTakeFirst();
    return looksAfter(member?.role);
  });
}
