import { incidentRoutes } from '#contracts/incidents/incidents.ts';
import type { IncidentDoer } from '#contracts/incidents/lifecycle.ts';
import type { RouteDef } from '#contracts/kit/route.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { countIncidents, medianTimes, readBoard } from '#db/incidents/board.ts';
import { checkNamed } from '#db/incidents/change-incident.ts';
import { listIncidents } from '#db/incidents/list-incidents.ts';
import { openIncident } from '#db/incidents/open-incident.ts';
import { mustIncident, showIncident } from '#db/incidents/show-incident.ts';
import { listTimeline } from '#db/incidents/timeline.ts';
import { systemClock } from '#system/clock.ts';
import { type Actor, actorRef } from '../kit/actor.ts';
import { versionOf } from '../kit/etag.ts';
import { KeptBriefly } from '../kit/kept-briefly.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Call, room } from '../kit/room.ts';
import { SharedAnswers, sightKey } from '../kit/shared-answers.ts';
import type { ApiTools } from '../kit/tools.ts';
import { perform } from './act-on-incident.ts';
import { bulkHandlers } from './bulk.ts';
import { partHandlers } from './parts.ts';
import { settingHandlers } from './settings.ts';
import { answerIncident } from './show.ts';

/** Medians over a month change slowly, and cost more than all the rest of a board. */
const mediansKeptMs = 30_000;

/** Who acts by a call, and from where. */
export const doerOf = (call: Pick<Call<RouteDef>, 'actor' | 'request'>): IncidentDoer => auditOrigin(call);

/** What an answer depends on: the question, what the asker sees, and who asks where the question says "mine". */
const keyOf = (what: string, actor: Actor, query: { owner?: string | undefined }): string =>
  JSON.stringify([what, sightKey(actor), query.owner === 'me' ? actor.id : null, query]);

/** Incidents: board, list, detail, and what people do with them. Moves and changes go through the incident's workflow. */
export const incidentRoom = room(incidentRoutes, (tools: ApiTools) => {
  const { inTenant } = tools;
  const medians = new KeptBriefly<Awaited<ReturnType<typeof medianTimes>>>({
    clock: systemClock,
    ms: mediansKeptMs,
    most: 1_000,
  });
  const shared = new SharedAnswers();
  const meOf = ({ kind, id }: { kind: string; id: string }): string | null => (kind === 'user' ? id : null);
  const show = (call: Pick<Call<RouteDef>, 'actor' | 'reply'>, id: string) =>
    inTenant(call.actor, async (tx) => answerIncident(tools, call, await showIncident(tx, { id }, Date.now())));
  /** The version a change was made upon: the body's, else that of `If-Match`. */
  const versionIn = (call: Pick<Call<RouteDef>, 'request'>, version: number | undefined): { version?: number } => {
    const asked = version ?? versionOf(call.request);
    return asked === undefined ? {} : { version: asked };
  };
  const refOf = ({ actor, params }: { actor: { workspaceId: string }; params: { id: string } }) => ({
    workspaceId: actor.workspaceId,
    incidentId: params.id,
  });
  /** A workflow is begun for incidents that are there, never for an id that somebody made up. */
  const mustBe = (call: Pick<Call<RouteDef>, 'actor'>, id: string) =>
    inTenant(call.actor, (tx) => mustIncident(tx, id));

  return {
    ...partHandlers(tools),
    ...bulkHandlers(tools),
    ...settingHandlers(tools),

    listIncidents: ({ actor, query }) => {
      const me = meOf(actor);
      return shared.get(keyOf('list', actor, query), () =>
        inTenant(actor, (tx) => listIncidents(tx, query, { me, now: Date.now() })),
      );
    },

    getIncidentBoard: ({ actor, query }) =>
      shared.get(keyOf('board', actor, query), async () => {
        const of = { me: meOf(actor), now: Date.now() };
        const [columns, counts, times] = await Promise.all([
          inTenant(actor, (tx) => readBoard(tx, query, of)),
          inTenant(actor, countIncidents),
          medians.get(actor.workspaceId, () => inTenant(actor, medianTimes)),
        ]);
        return { columns, figures: { ...counts, ...times } };
      }),

    countIncidents: ({ actor }) => inTenant(actor, countIncidents),

    openIncident: (call) => {
      const { actor, body, reservedId: id } = call;
      return inTenant(actor, async (tx) => {
        await checkNamed(tx, {
          people: body.ownerId === null ? [] : [body.ownerId],
          escalationPolicyId: body.escalationPolicyId,
        });
        const { isNew } = await openIncident(tx, { ...body, id, actor: actorRef(actor) });
        const shown = await showIncident(tx, { id }, Date.now());
        if (isNew)
          await recordAudit(tx, {
            ...auditOrigin(call),
            action: 'incident.opened',
            subject: `incident:${id}`,
            title: `${shown.key} ${shown.title}`,
            after: { severity: shown.severity, service: shown.service },
          });
        return answerIncident(tools, call, shown);
      });
    },
    getIncident: (call) => show(call, call.params.id),
    findIncident: (call) =>
      inTenant(call.actor, async (tx) =>
        answerIncident(tools, call, await showIncident(tx, { number: call.params.number }, Date.now())),
      ),
    listTimeline: ({ actor, params, query }) =>
      inTenant(actor, async (tx) => {
        await mustIncident(tx, params.id);
        return listTimeline(tx, params.id, query);
      }),

    async moveIncident(call) {
      const { to, reason, version, takesBack } = call.body;
      await mustBe(call, call.params.id);
      await perform(tools, refOf(call), {
        act: 'move',
        to,
        by: doerOf(call),
        ...(reason !== undefined && { reason }),
        ...(takesBack && { takesBack }),
        ...versionIn(call, version),
      });
      return show(call, call.params.id);
    },
    async changeIncident(call) {
      const { version, ...change } = call.body;
      await mustBe(call, call.params.id);
      await perform(tools, refOf(call), { act: 'change', change, by: doerOf(call), ...versionIn(call, version) });
      return show(call, call.params.id);
    },
    async assignIncident(call) {
      const { version, ownerId } = call.body;
      await mustBe(call, call.params.id);
      await perform(tools, refOf(call), { act: 'change', change: { ownerId }, by: doerOf(call), ...versionIn(call, version) }); // prettier-ignore
      return show(call, call.params.id);
    },
    async escalateIncident(call) {
      const { reason } = call.body;
      await mustBe(call, call.params.id);
      await perform(tools, refOf(call), { act: 'escalate', by: doerOf(call), ...(reason !== undefined && { reason }) });
      return show(call, call.params.id);
    },
    async mergeIncident(call) {
      const { into, reason, version } = call.body;
      await mustBe(call, call.params.id);
      await mustBe(call, into).catch(() => {
        throw problem('request.not_found');
      });
      await perform(tools, refOf(call), {
        act: 'merge',
        into,
        by: doerOf(call),
        ...(reason !== undefined && { reason }),
        ...versionIn(call, version),
      });
      return show(call, call.params.id);
    },
  };
});
