import type { FastifyInstance } from 'fastify';
import { identityRoutes } from '#contracts/identity/identity.ts';
import type { Authenticator } from '../kit/authenticate.ts';
import { room } from '../kit/room.ts';
import { accountHandlers } from './account.ts';
import { keyHandlers } from './api-keys.ts';
import { memberHandlers } from './members.ts';
import { signInHandlers } from './sign-in.ts';
import { workspaceHandlers } from './workspaces.ts';

/** People, sign-in, workspaces, members, invitations, API keys, instance administrators. */
export const identityRoom = room(identityRoutes, (tools) => ({
  ...signInHandlers(tools),
  ...accountHandlers(tools),
  ...workspaceHandlers(tools),
  ...memberHandlers(tools),
  ...keyHandlers(tools),
}));

/** `/.well-known/jwks.json`: the public keys of our access tokens, for those who check them without asking us. */
export const jwksRoot =
  (auth: Authenticator) =>
  (app: FastifyInstance): void => {
    app.get('/.well-known/jwks.json', { schema: { hide: true } }, async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=300').send(await auth.jwks()),
    );
  };
