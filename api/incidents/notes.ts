import type { incidentRoutes, TimelineEntry } from '#contracts/incidents/incidents.ts';
import type { RouteDef } from '#contracts/kit/route.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { addPartEvent, notePart } from '#db/incidents/parts.ts';
import { mustIncident } from '#db/incidents/show-incident.ts';
import { deleteEntry, editEntry, findEntry, restoreEntry } from '#db/incidents/timeline.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { actorRef } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Call, type Handlers } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';

type Routes = Pick<typeof incidentRoutes, 'noteIncident' | 'changeNote' | 'deleteNote' | 'restoreNote'>;
type OwnCall = Pick<Call<RouteDef>, 'actor' | 'request'> & { params: { id: string; entryId: string } };

/** Notes of an incident: whoever wrote one changes it, deletes it and puts it back; the story says so, the audit log what it said. */
export const noteHandlers = (tools: ApiTools): Handlers<Routes> => {
  /** Does something to a note of the caller's own, with its event and its line in the audit log. */
  const onOwnNote = (
    call: OwnCall,
    action: 'incident.note_changed' | 'incident.note_deleted' | 'incident.note_restored',
    work: (tx: TenantTx) => Promise<TimelineEntry | undefined>,
  ): Promise<TimelineEntry> =>
    tools.inTenant(call.actor, async (tx) => {
      const { actor, params } = call;
      const { key, title } = await mustIncident(tx, params.id);
      const entry = await findEntry(tx, params.id, params.entryId);
      if (!entry || entry.kind !== 'note') throw problem('request.not_found');
      if (entry.actor.id !== actor.id || entry.actor.kind !== actor.kind) throw problem('incident.not_yours');
      const done = await work(tx);
      // As asked for already: sent once more, or done in another tab.
      if (!done && action === 'incident.note_changed') throw problem('request.not_found');
      if (!done) return entry;
      await addPartEvent(tx, 'incident.noted', params.id, actorRef(actor), { key, entryId: entry.id, isEdited: true });
      await recordAudit(tx, {
        ...auditOrigin(call),
        action,
        subject: `incident:${params.id}`,
        title: `${key} ${title}`,
        before: { text: entry.text },
        after: { text: done.text },
      });
      return done;
    });
  return {
    noteIncident: (call) => {
      const { actor, params, body, reservedId } = call;
      return tools.inTenant(actor, async (tx) => {
        const { key } = await mustIncident(tx, params.id);
        const by = actorRef(actor);
        const { entryId } = await notePart(tx, params.id, {
          kind: 'note',
          actor: by,
          text: body.text,
          dedupKey: `note/${reservedId}`,
        });
        await addPartEvent(tx, 'incident.noted', params.id, by, { key, entryId });
        const entry = await findEntry(tx, params.id, entryId);
        if (!entry) throw problem('request.not_found');
        return entry;
      });
    },
    changeNote: (call) =>
      onOwnNote(call, 'incident.note_changed', (tx) =>
        editEntry(tx, call.params.id, call.params.entryId, call.body.text),
      ),
    deleteNote: (call) =>
      onOwnNote(call, 'incident.note_deleted', (tx) => deleteEntry(tx, call.params.id, call.params.entryId)),
    restoreNote: (call) =>
      onOwnNote(call, 'incident.note_restored', (tx) => restoreEntry(tx, call.params.id, call.params.entryId)),
  };
};
