import type { FastifyReply } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { EscalationPolicy } from '#contracts/oncall/escalation.ts';
import { writeCalendar } from '#contracts/oncall/icalendar.ts';
import {
  CreateOnCallSchedule,
  type DutyPerson,
  onCallRoutes,
  type ShownOnCallSchedule,
  type ShownPolicy,
} from '#contracts/oncall/oncall.ts';
import { type CreateSwap, isTheirs } from '#contracts/oncall/swaps.ts';
import { recordChange } from '#db/audit/record-change.ts';
import { inSystem, inTenant } from '#db/kit/in-tenant.ts';
import type { TenantTx } from '#db/kit/database.ts';
import {
  deletePolicy,
  insertPolicy,
  listPolicies,
  unknownTargets,
  updatePolicy,
} from '#db/oncall/escalation-policies.ts';
import {
  deleteOnCallSchedule, deleteOverride, dutyOf, insertOnCallSchedule, insertOverride, listDutyPeople, listOnCallSchedules,
  lockOnCallSchedule, removeDutyFeed, setDutyFeed, showSpan, updateOnCallSchedule,
} from '#db/oncall/oncall-schedules.ts'; // prettier-ignore
import { tellOpenIncidents } from '#db/sla/tell-open-incidents.ts';
import { findDutyFeed } from '#db/system/duty-feeds.ts';
import { hashToken, newToken } from '#db/system/tokens.ts';
import { actorRef } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, room } from '../kit/room.ts';

const dayMs = 86_400_000;

/** Who is on call, and who is told next while nobody answers. */
export const onCallRoom = room(onCallRoutes, (tools) => ({
  listOnCallSchedules: ({ actor }) =>
    tools.inTenant(actor, async (tx) => {
      const people = await listDutyPeople(tx);
      return { data: await listOnCallSchedules(tx, people, Date.now()), people };
    }),
  getOnCallSchedule: ({ actor, params, reply }) =>
    tools.inTenant(actor, async (tx) => withEtag(reply, await mustRead(tx, params.id))),

  createOnCallSchedule: (call) => {
    const { actor, body, reservedId: id, reply } = call;
    return tools.inTenant(actor, async (tx) => {
      await checkPeople(tx, body);
      await insertOnCallSchedule(tx, id, body, actorRef(actor));
      const made = await mustRead(tx, id);
      await recordChange(tx, { ...auditOrigin(call), ...ofSchedule('created', made), after: auditOf(made) });
      return withEtag(reply, made);
    });
  },
  changeOnCallSchedule: (call) => {
    const { actor, params, body, request, reply } = call;
    const expected = versionOf(request);
    return tools.inTenant(actor, async (tx) => {
      const row = await mustLock(tx, params.id);
      if (expected !== undefined && expected !== row.version) throw problem('request.stale');
      const before = await mustRead(tx, params.id);
      const values = CreateOnCallSchedule.parse({ ...before, ...body });
      await checkPeople(tx, values);
      await updateOnCallSchedule(tx, params.id, values);
      const after = await mustRead(tx, params.id);
      await recordChange(tx, {
        ...auditOrigin(call),
        ...ofSchedule('changed', after),
        before: auditOf(before),
        after: auditOf(after),
      });
      return withEtag(reply, after);
    });
  },
  deleteOnCallSchedule: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const row = await mustLock(tx, call.params.id);
      await deleteOnCallSchedule(tx, row.id);
      await recordChange(tx, { ...auditOrigin(call), ...ofSchedule('removed', row) });
    }),

  listDuty: ({ actor, params, query }) =>
    tools.inTenant(actor, async (tx) => {
      const schedule = await mustRead(tx, params.id);
      const window = { from: Date.parse(query.from), to: Date.parse(query.to) };
      const { spans, overrides } = await dutyOf(tx, schedule, window, await listDutyPeople(tx));
      return { data: spans.map(showSpan), overrides };
    }),
  createOverride: (call) => {
    const { actor, params, body, reservedId: id } = call;
    return tools.inTenant(actor, async (tx) => {
      const row = await mustLock(tx, params.id);
      const people = await listDutyPeople(tx);
      if (body.personId !== null && !people.some((person) => person.id === body.personId))
        throw problem('oncall.person_unknown', {}, [
          { path: '/body/personId', code: 'not_found', message: 'This is no member of the workspace.' },
        ]);
      const made = await insertOverride(tx, id, row.id, body, actorRef(actor));
      await recordChange(tx, { ...auditOrigin(call), ...ofSchedule('override_made', row), after: overrideFacts(made) });
      return made;
    });
  },
  createSwap: (call) => {
    const { actor, params, body, reservedId } = call;
    return tools.inTenant(actor, async (tx) => {
      const row = await mustLock(tx, params.id);
      const names = await mayTrade(tx, row, body);
      const [one, other] = body.shifts;
      const reason = body.reason || `Swap between ${names[0]} and ${names[1]}`;
      const by = actorRef(actor);
      const both = { reason, swapId: reservedId };
      const first = await insertOverride(tx, reservedId, row.id, { ...one, personId: other.personId, ...both }, by);
      const second = await insertOverride(tx, uuidv7(), row.id, { ...other, personId: one.personId, ...both }, by);
      await recordChange(tx, {
        ...auditOrigin(call),
        ...ofSchedule('swapped', row),
        after: { overrides: [overrideFacts(first), overrideFacts(second)] },
      });
      return { data: [first, second] };
    });
  },
  deleteOverride: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const row = await mustLock(tx, call.params.id);
      const gone = await deleteOverride(tx, row.id, call.params.overrideId);
      const [first, ...others] = gone;
      if (!first) throw problem('request.not_found');
      await recordChange(tx, {
        ...auditOrigin(call),
        ...ofSchedule(others.length > 0 ? 'swap_removed' : 'override_removed', row),
        before: others.length > 0 ? { overrides: gone.map(overrideFacts) } : overrideFacts(first),
      });
    }),

  makeDutyFeed: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const row = await mustLock(tx, call.params.id);
      const token = newToken();
      await setDutyFeed(tx, row.id, { tokenHash: hashToken(token), hint: token.slice(-4) });
      await recordChange(tx, { ...auditOrigin(call), ...ofSchedule('feed_made', row) });
      return { url: `${tools.connections.publicUrl}/api/v1/oncall/feeds/${token}` };
    }),
  removeDutyFeed: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const row = await mustLock(tx, call.params.id);
      if (!(await removeDutyFeed(tx, row.id))) throw problem('request.not_found');
      await recordChange(tx, { ...auditOrigin(call), ...ofSchedule('feed_removed', row) });
    }),
  readDutyFeed: async ({ params, reply }) => {
    const feed = await inSystem(tools.system, (tx) => findDutyFeed(tx, hashToken(params.token)));
    const now = Date.now();
    const text =
      feed &&
      (await inTenant(tools.db, { workspaceId: feed.workspaceId }, (tx) => calendarOf(tx, feed.scheduleId, now)));
    if (!text) throw problem('oncall.feed_not_found');
    return sendCalendar(reply, text);
  },

  listEscalationPolicies: async ({ actor }) => ({ data: await tools.inTenant(actor, (tx) => listPolicies(tx)) }),
  getEscalationPolicy: ({ actor, params, reply }) =>
    tools.inTenant(actor, async (tx) => withEtag(reply, await mustReadPolicy(tx, params.id))),
  createEscalationPolicy: (call) => {
    const { actor, body, reservedId: id, reply } = call;
    return tools.inTenant(actor, async (tx) => {
      await checkTargets(tx, body);
      await insertPolicy(tx, id, body, actorRef(actor));
      const made = await mustReadPolicy(tx, id);
      await recordChange(tx, {
        ...auditOrigin(call),
        ...ofPolicy('created', made),
        after: EscalationPolicy.parse(made),
      });
      return withEtag(reply, made);
    });
  },
  changeEscalationPolicy: (call) => {
    const { actor, params, body, request, reply } = call;
    const expected = versionOf(request);
    return tools.inTenant(actor, async (tx) => {
      const before = await mustReadPolicy(tx, params.id, { lock: true });
      if (expected !== undefined && expected !== before.version) throw problem('request.stale');
      const values = EscalationPolicy.parse({ ...before, ...body });
      await checkTargets(tx, values);
      await updatePolicy(tx, params.id, values);
      await tellOpenIncidents(tx, { escalationPolicyId: params.id });
      const after = await mustReadPolicy(tx, params.id);
      await recordChange(tx, {
        ...auditOrigin(call),
        ...ofPolicy('changed', after),
        before: EscalationPolicy.parse(before),
        after: EscalationPolicy.parse(after),
      });
      return withEtag(reply, after);
    });
  },
  deleteEscalationPolicy: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const name = await deletePolicy(tx, call.params.id);
      if (name === undefined) throw problem('request.not_found');
      await tellOpenIncidents(tx, { escalationPolicyId: call.params.id });
      await recordChange(tx, { ...auditOrigin(call), ...ofPolicy('removed', { id: call.params.id, name }) });
    }),
}));

const ofSchedule = (act: string, { id, name }: { id: string; name: string }) => ({
  action: `oncall.${act}`,
  subject: `oncall:${id}`,
  title: name,
});
const ofPolicy = (act: string, { id, name }: { id: string; name: string }) => ({
  action: `escalation_policy.${act}`,
  subject: `escalation_policy:${id}`,
  title: name,
});
const auditOf = ({ name, description, timeZone, layers }: ShownOnCallSchedule) => ({
  name,
  description,
  timeZone,
  layers,
});
const overrideFacts = ({
  from,
  to,
  personId,
  reason,
}: {
  from: string;
  to: string;
  personId: string | null;
  reason: string;
}) => ({
  from,
  to,
  personId,
  reason,
});

async function mustRead(tx: TenantTx, id: string): Promise<ShownOnCallSchedule> {
  const [schedule] = await listOnCallSchedules(tx, await listDutyPeople(tx), Date.now(), id);
  if (!schedule) throw problem('request.not_found');
  return schedule;
}
async function mustLock(tx: TenantTx, id: string) {
  const row = await lockOnCallSchedule(tx, id);
  if (!row) throw problem('request.not_found');
  return row;
}
async function mustReadPolicy(tx: TenantTx, id: string, options?: { lock: boolean }): Promise<ShownPolicy> {
  const [policy] = await listPolicies(tx, id, options);
  if (!policy) throw problem('request.not_found');
  return policy;
}

/** Whoever is given a turn belongs to the workspace. Somebody who leaves later leaves a gap, which is shown. */
async function checkPeople(tx: TenantTx, { layers }: CreateOnCallSchedule): Promise<void> {
  const known = new Set((await listDutyPeople(tx)).map(({ id }) => id));
  const details = layers.flatMap(({ people }, layer) =>
    people.flatMap((id, n) =>
      known.has(id)
        ? []
        : [
            {
              path: `/body/layers/${layer}/people/${n}`,
              code: 'not_found',
              message: 'This is no member of the workspace.',
            },
          ],
    ),
  );
  if (details.length > 0) throw problem('oncall.person_unknown', {}, details);
}
/**
 * Holds a swap against who is on call as it stands, overrides among it.
 * @returns what the two are called
 */
async function mayTrade(
  tx: TenantTx,
  schedule: NonNullable<Awaited<ReturnType<typeof lockOnCallSchedule>>>,
  { shifts }: CreateSwap,
): Promise<[string, string]> {
  const people = await listDutyPeople(tx);
  const [one, other] = shifts.map(({ personId }) => people.find(({ id }) => id === personId)?.name);
  if (one === undefined || other === undefined)
    throw problem('oncall.person_unknown', {}, [
      {
        path: `/body/shifts/${one === undefined ? 0 : 1}/personId`,
        code: 'not_found',
        message: 'This is no member of the workspace.',
      },
    ]);
  for (const [n, shift] of shifts.entries()) {
    const window = { from: Date.parse(shift.from), to: Date.parse(shift.to) };
    const { spans } = await dutyOf(tx, schedule, window, people);
    const words = (at: string): string => `${at.slice(0, 16).replace('T', ' ')} UTC`;
    if (!isTheirs(spans, shift))
      throw problem('oncall.shift_not_theirs', {
        name: n === 0 ? one : other,
        from: words(new Date(window.from).toISOString()),
        to: words(new Date(window.to).toISOString()),
      });
  }
  return [one, other];
}
async function checkTargets(tx: TenantTx, policy: EscalationPolicy): Promise<void> {
  const details = await unknownTargets(tx, policy);
  if (details.length > 0) throw problem('oncall.target_unknown', {}, details);
}

/** The duty of a schedule as a calendar; undefined where it is gone. */
async function calendarOf(tx: TenantTx, scheduleId: string, now: number): Promise<string | undefined> {
  const people = await listDutyPeople(tx);
  const [schedule] = await listOnCallSchedules(tx, people, now, scheduleId);
  if (!schedule) return undefined;
  const { spans } = await dutyOf(tx, schedule, { from: now - 14 * dayMs, to: now + 84 * dayMs }, people);
  const nameOf = (id: string | null): string => people.find((person: DutyPerson) => person.id === id)?.name ?? 'Nobody';
  const entries = spans.map(({ from, to, personId, isOverride }) => ({
    uid: `${scheduleId}-${from}@windlass`,
    from,
    to,
    title:
      personId === null ? `Nobody is on call: ${schedule.name}` : `On call: ${nameOf(personId)} (${schedule.name})`,
    description: isOverride ? 'In place of the rotation.' : '',
  }));
  return writeCalendar(`On call: ${schedule.name}`, entries, now);
}

const sendCalendar = (reply: FastifyReply, text: string): FastifyReply =>
  reply
    .header('content-type', 'text/calendar; charset=utf-8')
    .header('cache-control', 'private, max-age=300')
    .header('referrer-policy', 'no-referrer')
    .send(text);
