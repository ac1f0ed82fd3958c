import { presenceRoutes } from '#contracts/events/presence.ts';
import { playbookExists } from '#db/playbooks/playbook-exists.ts';
import { problem } from '../kit/problem.ts';
import { type Handlers, room } from '../kit/room.ts';

/** Who has what open. People who work on something say so again and again; nothing of it is stored. */
export const presenceRoom = room(presenceRoutes, (tools): Handlers<typeof presenceRoutes> => ({
  tellPlaybookPresence: async ({ actor, params, body }) => {
    const { workspaceId } = actor;
    if (!(await tools.inTenant(actor, (tx) => playbookExists(tx, params.id)))) throw problem('request.not_found');
    const subject = `playbook:${params.id}`;
    // A key is nobody who could be asked about a change. Who may only read is told, and not shown.
    if (actor.kind === 'user' && actor.id !== null && actor.permissions.has('playbooks:edit'))
      tools.presence.tell({ workspaceId, subject, page: `${actor.id}/${body.page}`, person: { id: actor.id, name: actor.name }, isHere: body.isHere }); // prettier-ignore
    return { people: tools.presence.people(workspaceId, subject) };
  },
}));
