import { type QuerySnippet, querySnippetRoutes } from '#contracts/queries/query-snippets.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { readTenant } from '#db/kit/in-tenant.ts';
import {
  changeQuerySnippet,
  createQuerySnippet,
  deleteQuerySnippet,
  listQuerySnippets,
  readQuerySnippet,
} from '#db/queries/query-snippets.ts';
import { type Actor, actorRef } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Handlers, room } from '../kit/room.ts';

/** Pieces of queries: those of the workspace, which all who edit queries keep, and one's own. */
export const querySnippetRoom = room(querySnippetRoutes, (tools): Handlers<typeof querySnippetRoutes> => ({
  listQuerySnippets: async ({ actor }) => ({
    data: await readTenant(tools.db, actor, (tx) => listQuerySnippets(tx, actor.id)),
  }),
  createQuerySnippet: async (call) => {
    const { actor, body, reply, reservedId: id } = call;
    const made = await tools.inTenant(actor, async (tx) => {
      await createQuerySnippet(tx, id, body, actorRef(actor));
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'query_snippet.created',
        subject: `query_snippet:${id}`,
        title: body.trigger,
      });
      return mustRead(tx, id, actor);
    });
    return withEtag(reply, made);
  },
  updateQuerySnippet: async (call) => {
    const { actor, params, body, request, reply } = call;
    const basedOn = versionOf(request);
    const changed = await tools.inTenant(actor, async (tx) => {
      if (!(await changeQuerySnippet(tx, params.id, body, actorRef(actor), basedOn)))
        throw problem('request.not_found');
      const snippet = await mustRead(tx, params.id, actor);
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'query_snippet.changed',
        subject: `query_snippet:${params.id}`,
        title: snippet.trigger,
        after: { version: snippet.version, engine: snippet.engine, sharing: snippet.sharing },
      });
      return snippet;
    });
    return withEtag(reply, changed);
  },
  deleteQuerySnippet: async (call) => {
    const { actor, params } = call;
    await tools.inTenant(actor, async (tx) => {
      const trigger = await deleteQuerySnippet(tx, params.id, actorRef(actor));
      if (trigger === null) throw problem('request.not_found');
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'query_snippet.deleted',
        subject: `query_snippet:${params.id}`,
        title: trigger,
      });
    });
  },
}));

async function mustRead(tx: TenantTx, id: string, actor: Actor): Promise<QuerySnippet> {
  const snippet = await readQuerySnippet(tx, id, actor.id);
  if (!snippet) throw problem('request.not_found');
  return snippet;
}
