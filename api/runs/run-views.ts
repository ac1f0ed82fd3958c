import { runViewRoutes } from '#contracts/runs/run-views.ts';
import { deleteRunView, insertRunView, listRunViews, updateRunView } from '#db/runs/run-views.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Handlers, room } from '../kit/room.ts';

const ownerOf = ({ kind, id, name }: Actor) => ({ kind, id, name });

export const runViewRoom = room(runViewRoutes, (tools): Handlers<typeof runViewRoutes> => ({
  listRunViews: ({ actor }) => tools.inTenant(actor, (tx) => listRunViews(tx, actor.id)),
  saveRunView: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const view = await insertRunView(tx, ownerOf(call.actor), call.body);
      const { id, name, query, isShared } = view;
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'run_view.save',
        subject: `run_view:${id}`,
        after: { name, query, isShared },
      });
      return view;
    }),
  changeRunView: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const { name, query, isShared } = call.body;
      const view = await updateRunView(tx, ownerOf(call.actor), call.params.id, {
        ...(name !== undefined && { name }),
        ...(query !== undefined && { query }),
        ...(isShared !== undefined && { isShared }),
      });
      if (!view) throw problem('request.not_found');
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'run_view.change',
        subject: `run_view:${view.id}`,
        after: { name: view.name, query: view.query, isShared: view.isShared },
      });
      return view;
    }),
  deleteRunView: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      if (!(await deleteRunView(tx, ownerOf(call.actor), call.params.id))) throw problem('request.not_found');
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'run_view.delete',
        subject: `run_view:${call.params.id}`,
      });
    }),
}));
