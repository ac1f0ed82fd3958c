import type { z } from 'zod';
import { identityRoutes } from '#contracts/identity/identity.ts';
import type { ApiKey } from '#contracts/identity/workspaces.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { appendEvent } from '#db/events/append-event.ts';
import { type ApiKeyRow, insertApiKey, listApiKeys, ownerOfKey, revokeApiKey } from '#db/identity/api-keys.ts';
import { apiKeyStart, hashToken, newToken } from '#db/system/tokens.ts';
import { problem } from '../kit/problem.ts';
import { type Handlers, auditOrigin } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';

const { listApiKeys: list, createApiKey, revokeApiKey: revoke } = identityRoutes;
const keyRoutes = { listApiKeys: list, createApiKey, revokeApiKey: revoke };

const shownCharacters = apiKeyStart.length + 6;

const showKey = ({ createdAt, expiresAt, lastUsedAt, ...key }: ApiKeyRow): z.input<typeof ApiKey> => ({
  ...key,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});

export const keyHandlers = ({ auth, inTenant }: ApiTools): Handlers<typeof keyRoutes> => ({
  listApiKeys: async ({ actor }) => ({ data: (await inTenant(actor, listApiKeys)).map(showKey) }),

  createApiKey: async (call) => {
    const { actor, body } = call;
    const permissions = [...new Set(body.permissions)].sort();
    const excess = permissions.find((permission) => !actor.permissions.has(permission));
    if (excess) throw problem('identity.permission_excess', { permission: excess }, { permission: excess });
    const expiresAt = body.expiresAt ? new Date(body.expiresAt) : null;
    if (expiresAt && expiresAt.getTime() <= auth.clock.now()) throw problem('identity.expiry_past');
    const key = newToken(apiKeyStart);
    const origin = auditOrigin(call);
    const made = await inTenant(actor, async (tx) => {
      const ownerId = actor.kind === 'user' ? actor.id : await ownerOfKey(tx, actor.id);
      if (!ownerId) throw problem('identity.sign_in_needed');
      const row = await insertApiKey(tx, {
        name: body.name,
        prefix: key.slice(0, shownCharacters),
        keyHash: hashToken(key),
        permissions,
        ownerId,
        createdBy: origin.actor,
        expiresAt,
      });
      const subject = `key:${row.id}`;
      await recordAudit(tx, {
        ...origin,
        action: 'key.created',
        subject,
        title: body.name,
        after: { permissions, expiresAt: expiresAt?.toISOString() ?? null },
      });
      await appendEvent(tx, { type: 'key.changed', subject, actor: origin.actor, data: { isRevoked: false } });
      return row;
    });
    return { ...showKey(made), key };
  },

  revokeApiKey: async (call) => {
    const { actor, params } = call;
    const origin = auditOrigin(call);
    await inTenant(actor, async (tx) => {
      const row = await revokeApiKey(tx, params.id, new Date(auth.clock.now()));
      if (!row) throw problem('request.not_found');
      const subject = `key:${row.id}`;
      await recordAudit(tx, { ...origin, action: 'key.revoked', subject, title: row.name });
      await appendEvent(tx, { type: 'key.changed', subject, actor: origin.actor, data: { isRevoked: true } });
    });
    auth.invalidate({ type: 'key.changed' });
  },
});
