import type { incidentRoutes } from '#contracts/incidents/incidents.ts';
import { addPartEvent, notePart } from '#db/incidents/parts.ts';
import { checkNamed, memberNames } from '#db/incidents/change-incident.ts';
import { deleteLink, insertLinks, labelOf } from '#db/incidents/links.ts';
import { mustIncident, showIncident } from '#db/incidents/show-incident.ts';
import { splitIncident } from '#db/incidents/split-incident.ts';
import { addTask, changeTask } from '#db/incidents/tasks.ts';
import { actorRef } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Handlers } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { noteHandlers } from './notes.ts';
import { answerIncident } from './show.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';

type Routes = Pick<
  typeof incidentRoutes,
  | 'noteIncident'
  | 'changeNote'
  | 'deleteNote'
  | 'restoreNote'
  | 'addTask'
  | 'changeTask'
  | 'addLink'
  | 'removeLink'
  | 'splitIncident'
>;

/** Notes, tasks and links: what is written beside an incident's state, at any time, also once it is closed. */
export const partHandlers = (tools: ApiTools): Handlers<Routes> => ({
  ...noteHandlers(tools),
  addTask: (call) => {
    const { actor, params, body, reservedId: id } = call;
    return tools.inTenant(actor, async (tx) => {
      const { key } = await mustIncident(tx, params.id);
      const names = await checkNamed(tx, { people: body.assigneeId === null ? [] : [body.assigneeId] });
      const { task, isNew } = await addTask(tx, params.id, { id, ...body });
      if (!isNew) return task;
      const by = actorRef(actor);
      const forWhom = body.assigneeId === null ? '' : ` for ${names.get(body.assigneeId) ?? ''}`;
      await notePart(tx, params.id, {
        kind: 'task',
        actor: by,
        text: `Task${forWhom}: ${body.title}`,
        details: { taskId: id },
      });
      await addPartEvent(tx, 'incident.changed', params.id, by, { key, change: 'tasks' });
      return task;
    });
  },
  changeTask: (call) => {
    const { actor, params, body } = call;
    return tools.inTenant(actor, async (tx) => {
      const { key } = await mustIncident(tx, params.id);
      const people = body.assigneeId ? [body.assigneeId] : [];
      await checkNamed(tx, { people });
      const task = await changeTask(tx, params.id, params.taskId, body);
      if (!task) throw problem('request.not_found');
      const names = await memberNames(tx, people);
      const by = actorRef(actor);
      const said =
        body.isDone === true
          ? `Task done: ${task.title}`
          : body.isDone === false
            ? `Task open again: ${task.title}`
            : body.assigneeId !== undefined
              ? `Task for ${body.assigneeId === null ? 'nobody' : (names.get(body.assigneeId) ?? '')}: ${task.title}`
              : `Task changed: ${task.title}`;
      await notePart(tx, params.id, {
        kind: 'task',
        actor: by,
        text: said,
        details: { taskId: task.id, isDone: task.isDone },
      });
      await addPartEvent(tx, 'incident.changed', params.id, by, { key, change: 'tasks' });
      return task;
    });
  },

  addLink: (call) => {
    const { actor, params, body } = call;
    return tools.inTenant(actor, async (tx) => {
      const { key } = await mustIncident(tx, params.id);
      const label = await labelOf(tx, body);
      if (label === undefined) throw problem('incident.link_unknown', { kind: body.kind });
      const link = { ...body, label: body.label || label };
      const [id] = await insertLinks(tx, params.id, [link]);
      if (id !== undefined) {
        const by = actorRef(actor);
        await notePart(tx, params.id, {
          kind: 'link',
          actor: by,
          text: `Linked ${body.kind}: ${link.label}`,
          details: { linkId: id, kind: body.kind, ref: body.ref },
        });
        await addPartEvent(tx, 'incident.linked', params.id, by, { key, kind: body.kind, ref: body.ref });
      }
      return answerIncident(tools, call, await showIncident(tx, { id: params.id }, Date.now()));
    });
  },
  splitIncident: (call) => {
    const { actor, params, body, reservedId: id } = call;
    return tools.inTenant(actor, async (tx) => {
      await splitIncident(tx, params.id, { ...body, id, actor: actorRef(actor) });
      const shown = await showIncident(tx, { id }, Date.now());
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'incident.split',
        subject: `incident:${params.id}`,
        title: shown.title,
        after: { into: id, alerts: body.alertIds.length },
      });
      return answerIncident(tools, call, shown);
    });
  },
  removeLink: ({ actor, params }) =>
    tools.inTenant(actor, async (tx) => {
      const { key } = await mustIncident(tx, params.id);
      const gone = await deleteLink(tx, params.id, params.linkId);
      if (!gone) throw problem('request.not_found');
      const by = actorRef(actor);
      await notePart(tx, params.id, {
        kind: 'link',
        actor: by,
        text: `Link taken away: ${gone.label || gone.ref}`,
        details: { kind: gone.kind, ref: gone.ref, isRemoved: true },
      });
      await addPartEvent(tx, 'incident.linked', params.id, by, {
        key,
        kind: gone.kind,
        ref: gone.ref,
        isRemoved: true,
      });
    }),
});
