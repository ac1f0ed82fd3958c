import { type PublishedUpdate, statusPageRoutes } from '#contracts/status-page/status-page.ts';
import { recordChange } from '#db/audit/record-change.ts';
import type { TenantTx } from '#db/kit/database.ts';
import {
  blankStatusPage,
  deleteUpdate,
  incidentKey,
  insertUpdate,
  keepStatusPage,
  type KeptSettings,
  listUpdates,
  readStatusPage,
} from '#db/status-page/status-page.ts';
import { actorRef } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, room } from '../kit/room.ts';
import { forgetStatus, readStatusAt } from './read-public-status.ts';

/** What the public is told: its settings, updates of incidents, and the page itself. */
export const statusPageRoom = room(statusPageRoutes, (tools) => {
  const shown = (settings: KeptSettings) => ({
    ...settings,
    url: `${tools.connections.publicUrl}/status/${settings.slug}`,
  });
  return {
    readStatusPage: async ({ params, reply }) => {
      const status = await readStatusAt(tools, params.slug);
      if (!status) throw problem('status_page.not_found');
      void reply.header('cache-control', 'public, max-age=30');
      return status;
    },
    getStatusPageSettings: ({ actor, reply }) =>
      tools.inTenant(actor, async (tx) =>
        withEtag(reply, shown((await readStatusPage(tx)) ?? (await blankStatusPage(tx)))),
      ),
    changeStatusPageSettings: async (call) => {
      const { actor, body, request, reply } = call;
      const expected = versionOf(request);
      const kept = await tools.inTenant(actor, async (tx) => {
        const before = await readStatusPage(tx, { lock: true });
        if (expected !== undefined && expected !== (before?.version ?? 0)) throw problem('request.stale');
        await keepStatusPage(tx, body);
        const after = await readStatusPage(tx);
        if (!after) throw problem('request.not_found');
        await recordChange(tx, {
          ...auditOrigin(call),
          action: 'status_page.changed',
          subject: `status_page:${actor.workspaceId}`,
          title: after.title,
          ...(before && { before }),
          after,
        });
        return after;
      });
      forgetStatus(tools);
      return withEtag(reply, shown(kept));
    },

    listPublishedUpdates: ({ actor, params }) =>
      tools.inTenant(actor, async (tx) => {
        await keyOf(tx, params.id);
        return { data: await listUpdates(tx, params.id) };
      }),
    publishUpdate: async (call) => {
      const { actor, params, body, reservedId: id } = call;
      const made = await tools.inTenant(actor, async (tx) => {
        const key = await keyOf(tx, params.id);
        const update = await insertUpdate(tx, { id, incidentId: params.id, by: actorRef(actor) }, body);
        await recordChange(tx, { ...auditOrigin(call), ...of('published', params.id, key), after: factsOf(update) });
        return update;
      });
      forgetStatus(tools);
      return made;
    },
    withdrawUpdate: async (call) => {
      const { actor, params } = call;
      await tools.inTenant(actor, async (tx) => {
        const key = await keyOf(tx, params.id);
        const gone = await deleteUpdate(tx, params.id, params.updateId);
        if (!gone) throw problem('request.not_found');
        await recordChange(tx, { ...auditOrigin(call), ...of('withdrawn', params.id, key), before: factsOf(gone) });
      });
      forgetStatus(tools);
    },
  };
});

const of = (act: string, incidentId: string, key: string) => ({
  action: `status_page.${act}`,
  subject: `incident:${incidentId}`,
  title: key,
});
const factsOf = ({ title, phase, impact, services, text }: PublishedUpdate) => ({
  title,
  phase,
  impact,
  services,
  text,
});

async function keyOf(tx: TenantTx, incidentId: string): Promise<string> {
  const key = await incidentKey(tx, incidentId);
  if (key === undefined) throw problem('request.not_found');
  return key;
}
