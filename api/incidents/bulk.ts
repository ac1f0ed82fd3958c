import type { incidentRoutes } from '#contracts/incidents/incidents.ts';
import type { IncidentAct } from '#contracts/incidents/lifecycle.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { knownIncidents } from '#db/incidents/show-incident.ts';
import { Problem, problem } from '../kit/problem.ts';
import { auditOrigin, type Handlers } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { perform } from './act-on-incident.ts';

type Routes = Pick<typeof incidentRoutes, 'changeIncidents'>;
type Refused = { id: string; code: string; message: string };

/** So many incidents are asked at once: each act is a task of a workflow, and others want theirs too. */
const atOnce = 16;

/** Many incidents in one act of a person. Each stands for itself: what is refused says why, the rest is done. */
export const bulkHandlers = (tools: ApiTools): Handlers<Routes> => ({
  async changeIncidents(call) {
    const { actor, body, request } = call;
    const { workspaceId } = actor;
    const ids = [...new Set(body.ids)];
    if (!body.move && !body.change) throw problem('contract.broken', {}, [{ path: '/body', code: 'empty', message: 'Name a move or a change.' }]); // prettier-ignore
    const known = await tools.inTenant(actor, (tx) => knownIncidents(tx, ids));
    const { actor: by, address, requestId } = auditOrigin(call);
    const doer = { actor: by, address, requestId };
    const refused: Refused[] = [];
    let changed = 0;
    const one = async (id: string): Promise<void> => {
      try {
        if (!known.has(id)) throw problem('request.not_found');
        const acts: IncidentAct[] = [];
        if (body.change) acts.push({ act: 'change', change: body.change, by: doer });
        if (body.move) acts.push({ act: 'move', to: body.move.to, by: doer, ...(body.move.reason !== undefined && { reason: body.move.reason }) }); // prettier-ignore
        for (const act of acts) await perform(tools, { workspaceId, incidentId: id }, act);
        changed += 1;
      } catch (error) {
        if (!(error instanceof Problem))
          request.log.error({ err: error, incidentId: id }, 'an incident of many failed');
        const told = error instanceof Problem ? error : problem('server.failed');
        refused.push({ id, code: told.code, message: told.message });
      }
    };
    const left = [...ids];
    const walk = async (): Promise<void> => {
      for (let id = left.shift(); id !== undefined; id = left.shift()) await one(id);
    };
    await Promise.all(Array.from({ length: atOnce }, walk));
    await tools.inTenant(actor, (tx) =>
      recordAudit(tx, {
        ...auditOrigin(call),
        action: 'incident.changed_many',
        title: `${ids.length} incidents`,
        after: { changed, refused: refused.length, move: body.move ?? null, change: body.change ?? null },
      }),
    );
    return { changed, refused };
  },
});
