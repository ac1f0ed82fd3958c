import { BusinessCalendar } from '#contracts/incidents/business-calendar.ts';
import { holidaysFromCalendar } from '#contracts/incidents/holidays-from-icalendar.ts';
import { SlaPolicy } from '#contracts/incidents/sla-policy.ts';
import { type ClockPreview, previewClocks } from '#contracts/incidents/sla-preview.ts';
import { type ShownCalendar, type ShownSlaPolicy, slaRoutes } from '#contracts/sla/sla.ts';
import { recordChange } from '#db/audit/record-change.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { deleteCalendar, insertCalendar, listCalendars, updateCalendar } from '#db/sla/calendars.ts';
import { deleteSlaPolicy, insertSlaPolicy, listSlaPolicies, updateSlaPolicy } from '#db/sla/policies.ts';
import { tellOpenIncidents } from '#db/sla/tell-open-incidents.ts';
import { actorRef } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, room } from '../kit/room.ts';

/** What is promised for incidents, and when time counts. */
export const slaRoom = room(slaRoutes, (tools) => ({
  listSlaPolicies: async ({ actor }) => ({ data: await tools.inTenant(actor, (tx) => listSlaPolicies(tx)) }),
  getSlaPolicy: ({ actor, params, reply }) =>
    tools.inTenant(actor, async (tx) => withEtag(reply, await mustReadPolicy(tx, params.id))),
  createSlaPolicy: (call) => {
    const { actor, body, reservedId: id, reply } = call;
    return tools.inTenant(actor, async (tx) => {
      await insertSlaPolicy(tx, id, body, actorRef(actor));
      await tellOpenIncidents(tx);
      const made = await mustReadPolicy(tx, id);
      await recordChange(tx, { ...auditOrigin(call), ...of('policy_created', made), after: SlaPolicy.parse(made) });
      return withEtag(reply, made);
    });
  },
  changeSlaPolicy: (call) => {
    const { actor, params, body, request, reply } = call;
    const expected = versionOf(request);
    return tools.inTenant(actor, async (tx) => {
      const before = await mustReadPolicy(tx, params.id, { lock: true });
      if (expected !== undefined && expected !== before.version) throw problem('request.stale');
      await updateSlaPolicy(tx, params.id, body);
      await tellOpenIncidents(tx);
      const after = await mustReadPolicy(tx, params.id);
      await recordChange(tx, {
        ...auditOrigin(call),
        ...of('policy_changed', after),
        before: SlaPolicy.parse(before),
        after: SlaPolicy.parse(after),
      });
      return withEtag(reply, after);
    });
  },
  deleteSlaPolicy: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const name = await deleteSlaPolicy(tx, call.params.id);
      if (name === undefined) throw problem('request.not_found');
      await tellOpenIncidents(tx);
      await recordChange(tx, { ...auditOrigin(call), ...of('policy_removed', { id: call.params.id, name }) });
    }),

  previewSla: ({ actor, body }) =>
    tools.inTenant(actor, async (tx) => {
      const policy = 'id' in body.policy ? await mustReadPolicy(tx, body.policy.id) : body.policy;
      const calendar = policy.calendarId === null ? null : (await listCalendars(tx, policy.calendarId))[0];
      if (calendar === undefined) throw problem('sla.calendar_unknown');
      const clocks = previewClocks(policy, calendar, {
        severity: body.severity,
        openedAt: Date.parse(body.openedAt),
      });
      return { clocks: clocks.map(showPreview) };
    }),

  listCalendars: async ({ actor }) => ({ data: await tools.inTenant(actor, (tx) => listCalendars(tx)) }),
  getCalendar: ({ actor, params, reply }) =>
    tools.inTenant(actor, async (tx) => withEtag(reply, await mustReadCalendar(tx, params.id))),
  createCalendar: (call) => {
    const { actor, body, reservedId: id, reply } = call;
    return tools.inTenant(actor, async (tx) => {
      await insertCalendar(tx, id, body, actorRef(actor));
      const made = await mustReadCalendar(tx, id);
      await recordChange(tx, {
        ...auditOrigin(call),
        ...of('calendar_created', made),
        after: BusinessCalendar.parse(made),
      });
      return withEtag(reply, made);
    });
  },
  changeCalendar: (call) => {
    const { actor, params, body, request, reply } = call;
    const expected = versionOf(request);
    return tools.inTenant(actor, async (tx) => {
      const before = await mustReadCalendar(tx, params.id, { lock: true });
      if (expected !== undefined && expected !== before.version) throw problem('request.stale');
      await updateCalendar(tx, params.id, body);
      await tellOpenIncidents(tx);
      const after = await mustReadCalendar(tx, params.id);
      await recordChange(tx, {
        ...auditOrigin(call),
        ...of('calendar_changed', after),
        before: BusinessCalendar.parse(before),
        after: BusinessCalendar.parse(after),
      });
      return withEtag(reply, after);
    });
  },
  deleteCalendar: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const gone = await mustReadCalendar(tx, call.params.id, { lock: true });
      await deleteCalendar(tx, gone.id);
      await recordChange(tx, { ...auditOrigin(call), ...of('calendar_removed', gone) });
    }),
  readHolidays: ({ body }) => {
    const read = holidaysFromCalendar(body.icalendar, body);
    if (read.holidays.length === 0) throw problem('sla.no_holidays');
    return read;
  },
}));

const of = (act: string, { id, name }: { id: string; name: string }) => ({
  action: `sla.${act}`,
  subject: `sla:${id}`,
  title: name,
});

async function mustReadPolicy(tx: TenantTx, id: string, options?: { lock: boolean }): Promise<ShownSlaPolicy> {
  const [policy] = await listSlaPolicies(tx, id, options);
  if (!policy) throw problem('request.not_found');
  return policy;
}
async function mustReadCalendar(tx: TenantTx, id: string, options?: { lock: boolean }): Promise<ShownCalendar> {
  const [calendar] = await listCalendars(tx, id, options);
  if (!calendar) throw problem('request.not_found');
  return calendar;
}

const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const showPreview = ({ kind, targetMs, warnAt, dueAt, segments }: ClockPreview) => ({
  kind,
  targetMs,
  warnAt: instant(warnAt),
  dueAt: instant(dueAt),
  segments: segments.map((one) => ({
    ...one,
    from: new Date(one.from).toISOString(),
    to: new Date(one.to).toISOString(),
  })),
});
