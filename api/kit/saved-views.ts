import type { SavedView } from '#contracts/kit/saved-views.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import {
  deleteSavedView,
  insertSavedView,
  listSavedViews,
  updateSavedView,
  type ViewList,
} from '#db/kit/saved-views.ts';
import { actorRef } from './actor.ts';
import { problem } from './problem.ts';
import { auditOrigin, type Call } from './room.ts';
import type { RouteDef } from '#contracts/kit/route.ts';
import type { ApiTools } from './tools.ts';

type From = Pick<Call<RouteDef>, 'actor' | 'request'>;
interface Fields {
  name: string;
  query: string;
  isShared: boolean;
}

/** What people do with the saved views of one list; the routes of the list's own room call it. */
export const savedViewActs = ({ inTenant }: ApiTools, list: ViewList) => ({
  list: ({ actor }: From): Promise<SavedView[]> => inTenant(actor, (tx) => listSavedViews(tx, list, actor.id)),
  save: (call: From & { body: Fields }): Promise<SavedView> =>
    inTenant(call.actor, async (tx) => {
      const view = await insertSavedView(tx, list, actorRef(call.actor), call.body);
      const { id, name, query, isShared } = view;
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: `${list.word}.save`,
        subject: `${list.word}:${id}`,
        after: { name, query, isShared },
      });
      return view;
    }),
  change: (call: From & { params: { id: string }; body: { [K in keyof Fields]?: Fields[K] | undefined } }) =>
    inTenant(call.actor, async (tx): Promise<SavedView> => {
      const { name, query, isShared } = call.body;
      const view = await updateSavedView(tx, list, actorRef(call.actor), call.params.id, {
        ...(name !== undefined && { name }),
        ...(query !== undefined && { query }),
        ...(isShared !== undefined && { isShared }),
      });
      if (!view) throw problem('request.not_found');
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: `${list.word}.change`,
        subject: `${list.word}:${view.id}`,
        after: { name: view.name, query: view.query, isShared: view.isShared },
      });
      return view;
    }),
  remove: (call: From & { params: { id: string } }): Promise<void> =>
    inTenant(call.actor, async (tx) => {
      if (!(await deleteSavedView(tx, list, actorRef(call.actor), call.params.id))) throw problem('request.not_found');
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: `${list.word}.delete`,
        subject: `${list.word}:${call.params.id}`,
      });
    }),
});
