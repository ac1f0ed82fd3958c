import { savedQueryRoutes } from '#contracts/queries/saved-queries.ts';
import type { SavedQuery } from '#contracts/queries/saved-queries.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { readTenant } from '#db/kit/in-tenant.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { mustMayQuery } from '#db/queries/query-rules.ts';
import { closeQueryTab, keepQueryTab, listQueryTabs } from '#db/queries/query-tabs.ts';
import {
  changeSavedQuery,
  createSavedQuery,
  deleteSavedQuery,
  listQueryFolders,
  listQueryVersions,
  listSavedQueries,
  markSavedQuery,
  readSavedQuery,
  readVersion,
} from '#db/queries/saved-queries.ts';
import { type Actor, actorRef } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Handlers, room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { closeRows } from './rows.ts';

export const savedQueryRoom = room(savedQueryRoutes, (tools): Handlers<typeof savedQueryRoutes> => ({
  listQueries: ({ actor, query }) => readTenant(tools.db, actor, (tx) => listSavedQueries(tx, query, actor.id)),
  listQueryFolders: async ({ actor }) => ({
    data: await readTenant(tools.db, actor, (tx) => listQueryFolders(tx, actor.id)),
  }),
  getQuery: async ({ actor, params, reply }) =>
    withEtag(reply, await readTenant(tools.db, actor, (tx) => mustRead(tx, params.id, actor))),

  createQuery: async (call) => {
    const { actor, body, reply, reservedId: id } = call;
    const made = await tools.inTenant(actor, async (tx) => {
      if (body.forkedFrom) await mustRead(tx, body.forkedFrom.id, actor);
      await mustMayQuery(tx, actor, 'edit', placeOf({ folder: body.folder, ...body.body }));
      await createSavedQuery(tx, id, body, actorRef(actor));
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'query.created',
        subject: `query:${id}`,
        title: body.name,
      });
      return mustRead(tx, id, actor);
    });
    return withEtag(reply, made);
  },
  updateQuery: async (call) => {
    const { actor, params, body, request, reply } = call;
    const basedOn = versionOf(request);
    const saved = await tools.inTenant(actor, async (tx) => {
      const before = await mustRead(tx, params.id, actor);
      const after = { ...before, ...body.body, folder: body.folder ?? before.folder };
      await mustMayQuery(tx, actor, 'edit', placeOf(before), placeOf(after));
      if (!(await changeSavedQuery(tx, params.id, body, actorRef(actor), { basedOn })))
        throw problem('request.not_found');
      const query = await mustRead(tx, params.id, actor);
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'query.saved',
        subject: `query:${params.id}`,
        title: query.name,
        after: { version: query.version, folder: query.folder, sharing: query.sharing },
      });
      return query;
    });
    return withEtag(reply, saved);
  },
  deleteQuery: async (call) => {
    const { actor, params } = call;
    await tools.inTenant(actor, async (tx) => {
      await mustMayQuery(tx, actor, 'edit', placeOf(await mustRead(tx, params.id, actor)));
      const name = await deleteSavedQuery(tx, params.id, actorRef(actor));
      if (name === null) throw problem('request.not_found');
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'query.deleted',
        subject: `query:${params.id}`,
        title: name,
      });
    });
  },
  listQueryVersions: ({ actor, params, query }) =>
    readTenant(tools.db, actor, async (tx) => {
      await mustRead(tx, params.id, actor);
      return listQueryVersions(tx, params.id, query);
    }),
  restoreQueryVersion: async (call) => {
    const { actor, params, reply } = call;
    const restored = await tools.inTenant(actor, async (tx) => {
      const before = await mustRead(tx, params.id, actor);
      const version = await readVersion(tx, params.id, params.version);
      if (!version) throw problem('query.version_unknown', { version: params.version });
      await mustMayQuery(tx, actor, 'edit', placeOf(before), placeOf({ ...before, ...version.body }));
      await changeSavedQuery(
        tx,
        params.id,
        { body: version.body, note: `Version ${params.version} again` },
        actorRef(actor),
        { restoredFrom: params.version },
      );
      const query = await mustRead(tx, params.id, actor);
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'query.restored',
        subject: `query:${params.id}`,
        title: query.name,
        after: { from: params.version, version: query.version },
      });
      return query;
    });
    return withEtag(reply, restored);
  },
  markQuery: async (call) => {
    const { actor, params, body } = call;
    if (body.reviewed !== undefined && !actor.permissions.has('queries:edit'))
      throw problem('identity.permission_missing', { permission: 'queries:edit' });
    return tools.inTenant(actor, async (tx) => {
      const query = await mustRead(tx, params.id, actor);
      if (body.reviewed !== undefined) await mustMayQuery(tx, actor, 'edit', placeOf(query));
      await markSavedQuery(tx, query, body, actorRef(actor));
      if (body.reviewed !== undefined)
        await recordAudit(tx, {
          ...auditOrigin(call),
          action: 'query.reviewed',
          subject: `query:${params.id}`,
          title: query.name,
          after: { version: query.version, reviewed: body.reviewed },
        });
      return mustRead(tx, params.id, actor);
    });
  },

  listQueryTabs: async ({ actor }) => ({
    data: await readTenant(tools.db, actor, (tx) => listQueryTabs(tx, actor.id)),
  }),
  keepQueryTab: async ({ actor, params, body }) => {
    const kept = await tools.inTenant(actor, (tx) => keepQueryTab(tx, actor.id, params.id, body));
    tellTab(tools, actor, params.id, kept.revision);
    return kept;
  },
  closeQueryTab: async ({ actor, params }) => {
    const closed = await tools.inTenant(actor, (tx) => closeQueryTab(tx, actor.id, params.id));
    if (!closed) throw problem('request.not_found');
    tellTab(tools, actor, params.id, null);
    // What it showed is at the service for this tab alone.
    if (closed.runId !== null && actor.permissions.has('queries:run')) await closeRows(tools, actor, closed.runId);
  },
}));

/** The person's other browsers look at what stands now. */
const tellTab = (
  { presence }: Pick<ApiTools, 'presence'>,
  { workspaceId, id: personId }: Actor,
  tab: string,
  revision: number | null,
): void => presence.tellTab({ workspaceId, personId, tab, revision });

/** Where a saved query lies, for the rules. */
const placeOf = ({
  connectionId,
  unit,
  folder,
}: {
  connectionId?: string | null | undefined;
  unit?: string | null | undefined;
  folder: string;
}) => ({ connectionId, unit, folder });

async function mustRead(tx: TenantTx, id: string, actor: Actor): Promise<SavedQuery> {
  const query = await readSavedQuery(tx, id, actor.id);
  if (!query) throw problem('request.not_found');
  return query;
}
