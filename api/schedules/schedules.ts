import { parseDuration } from '#contracts/kit/duration.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import type { JsonObject } from '#contracts/playbooks/document.ts';
import {
  type ChangeSchedule,
  type CreateSchedule,
  type Schedule,
  scheduleRoutes,
} from '#contracts/schedules/schedules.ts';
import { previewTimes, timesAfter } from '#contracts/schedules/times.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { listFirings } from '#db/schedules/firings.ts';
import {
  type ScheduleRow, type ScheduleValues, insertSchedule, listSchedules, markSynced, pauseSchedule, readSchedule, readScheduleRow, removeSchedule, scheduleSeal,
  targetOf, toTemporal, updateSchedule,
} from '#db/schedules/schedules.ts'; // prettier-ignore
import { type Actor, actorRef } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { checkAfter } from './check-after.ts';
import { checkTable } from './check-table.ts';
import { mustMaySchedule } from './may-schedule.ts';
import { checkTarget, readTiming, refuseWithoutTimes } from './read-schedule.ts';

const mostBackfill = 500;

/** Schedules: what starts playbooks by the clock. The row is the truth; Temporal is told of it after the commit. */
export const scheduleRoom = room(scheduleRoutes, (tools) => ({
  listSchedules: ({ actor, query }) => tools.inTenant(actor, (tx) => listSchedules(tx, query, new Date())),
  getSchedule: ({ actor, params, reply }) =>
    tools.inTenant(actor, async (tx) => withEtag(reply, await mustRead(tx, params.id))),

  createSchedule: async (call) => {
    const { actor, body, reservedId: id, reply } = call;
    const schedule = await tools.inTenant(actor, async (tx) => {
      const values = await readValues(tx, tools, actor, id, body);
      await insertSchedule(tx, id, values, { paused: body.paused, actor: actorRef(actor) });
      const made = await mustRead(tx, id);
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'schedule.created',
        subject: `schedule:${id}`,
        title: made.name,
        after: auditOf(made),
      });
      return made;
    });
    return withEtag(reply, await tellTemporal(tools, actor, schedule.id));
  },

  checkScheduleTarget: ({ actor, body }) => checkTable(tools, actor, body),
  previewSchedule: ({ body }) => previewTimes(readTiming(body), Date.now(), body.count),

  changeSchedule: async (call) => {
    const { actor, params, body, request, reply } = call;
    const expected = versionOf(request);
    await tools.inTenant(actor, async (tx) => {
      const row = await mustLock(tx, params.id);
      if (expected !== undefined && expected !== row.version) throw problem('request.stale');
      const before = await mustRead(tx, params.id);
      const sealed = JSON.parse(
        (await tools.vault.open(row.sealedInputs, scheduleSeal(actor.workspaceId, params.id))).reveal(),
      ) as JsonObject;
      const values = await readValues(tx, tools, actor, params.id, merge(row, body, sealed), sealed);
      await updateSchedule(tx, params.id, values, actorRef(actor));
      const after = await mustRead(tx, params.id);
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'schedule.changed',
        subject: `schedule:${params.id}`,
        title: after.name,
        before: auditOf(before),
        after: auditOf(after),
      });
    });
    return withEtag(reply, await tellTemporal(tools, actor, params.id));
  },

  deleteSchedule: async (call) => {
    const { actor, params } = call;
    await tools.inTenant(actor, async (tx) => {
      const { name } = await mustLock(tx, params.id);
      await removeSchedule(tx, params.id, actorRef(actor));
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'schedule.removed',
        subject: `schedule:${params.id}`,
        title: name,
      });
    });
    // Where Temporal is away the sweep removes it there; it fires nothing meanwhile, for its row is marked.
    await tools.temporal.schedules
      .remove(params.id)
      .catch((error: unknown) =>
        tools.log.warn({ err: error, scheduleId: params.id }, 'a removed schedule is still at Temporal'),
      );
  },

  pauseSchedule: (call) => setPaused(tools, call, true),
  unpauseSchedule: (call) => setPaused(tools, call, false),

  triggerSchedule: async (call) => {
    const { actor, params } = call;
    const row = await tools.inTenant(actor, async (tx) => {
      const found = await mustLock(tx, params.id);
      await mustMaySchedule(tx, actor, (await mustRead(tx, params.id)).target);
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'schedule.triggered',
        subject: `schedule:${params.id}`,
        title: found.name,
      });
      return found;
    });
    await makeSure(tools, row);
    await tools.temporal.schedules.trigger(params.id);
    return { accepted: true as const };
  },

  backfillSchedule: async (call) => {
    const { actor, params, body } = call;
    const [from, to] = [new Date(body.from), new Date(body.to)];
    const { row, times } = await tools.inTenant(actor, async (tx) => {
      const found = await mustLock(tx, params.id);
      await mustMaySchedule(tx, actor, (await mustRead(tx, params.id)).target);
      const count = countTimes(found, from, to);
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'schedule.backfilled',
        subject: `schedule:${params.id}`,
        title: found.name,
        after: { from: body.from, to: body.to, times: count },
      });
      return { row: found, times: count };
    });
    await makeSure(tools, row);
    if (times > 0) await tools.temporal.schedules.backfill(params.id, from, to);
    return { times };
  },

  listScheduleFirings: ({ actor, params, query }) =>
    tools.inTenant(actor, async (tx) => {
      await mustRead(tx, params.id);
      return listFirings(tx, params.id, query);
    }),
}));

async function mustRead(tx: TenantTx, id: string): Promise<Schedule> {
  const schedule = await readSchedule(tx, id, new Date());
  if (!schedule) throw problem('request.not_found');
  return schedule;
}
async function mustLock(tx: TenantTx, id: string): Promise<ScheduleRow> {
  await tx.selectFrom('schedules').select('id').where('id', '=', id).forUpdate().execute();
  const row = await readScheduleRow(tx, id);
  if (!row) throw problem('request.not_found');
  return row;
}

async function readValues(
  tx: TenantTx,
  { vault, mail }: Pick<ApiTools, 'vault' | 'mail'>,
  actor: Actor,
  id: string,
  body: CreateSchedule,
  before?: JsonObject,
): Promise<ScheduleValues> {
  const timing = readTiming(body);
  refuseWithoutTimes(timing, Date.now());
  if (body.target.kind === 'query' && !actor.permissions.has('queries:run'))
    throw problem('identity.permission_missing', { permission: 'queries:run' }, { permission: 'queries:run' });
  await mustMaySchedule(tx, actor, body.target);
  if (body.target.kind === 'query' && body.target.after)
    await checkAfter(tx, { ...body.target, after: body.target.after }, { actor, mail });
  const { inputs, visible } = await checkTarget(tx, body.target, { before, ownerId: actor.id });
  return {
    name: body.name,
    description: body.description,
    targetKind: body.target.kind,
    targetId: body.target.id,
    targetVersion: body.target.version ?? null,
    inputs: visible,
    sealedInputs: await vault.seal(JSON.stringify(inputs), scheduleSeal(actor.workspaceId, id)),
    cron: timing.cron,
    everyMs: timing.everyMs,
    timeZone: timing.timeZone,
    overlap: body.overlap,
    catchUpMs: Math.max(parseDuration(body.catchUp) ?? 0, 10_000),
    jitterMs: parseDuration(body.jitter) ?? 0,
    startAt: timing.startAt,
    endAt: timing.endAt,
  };
}

/** A JSON merge: what is not given stays, `null` takes away, and giving `every` replaces `cron` and the other way round. */
function merge(row: ScheduleRow, body: ChangeSchedule, inputs: JsonObject): CreateSchedule {
  const cron = body.cron ?? (body.cron === undefined && !body.every && row.cron.length > 0 ? row.cron : undefined);
  const every =
    body.every ??
    (body.every === undefined && body.cron === undefined && row.everyMs !== null ? `${row.everyMs}ms` : undefined);
  return {
    name: body.name ?? row.name,
    description: body.description ?? row.description,
    target: body.target ?? targetOf({ ...row, inputs: inputs as Record<string, Json> }),
    ...(cron !== undefined && { cron }),
    ...(every !== undefined && { every }),
    timeZone: body.timeZone ?? row.timeZone,
    startAt: body.startAt === undefined ? row.startAt?.toISOString() : body.startAt,
    endAt: body.endAt === undefined ? row.endAt?.toISOString() : body.endAt,
    overlap: body.overlap ?? row.overlap,
    catchUp: body.catchUp ?? `${row.catchUpMs}ms`,
    jitter: body.jitter ?? `${row.jitterMs}ms`,
    paused: row.paused,
  };
}

type Paused = {
  actor: Actor;
  params: { id: string };
  body?: { note?: string | undefined } | null | undefined;
  request: Parameters<typeof auditOrigin>[0]['request'];
};
async function setPaused(tools: ApiTools, call: Paused, paused: boolean): Promise<Schedule> {
  const { actor, params, body } = call;
  await tools.inTenant(actor, async (tx) => {
    const row = await mustLock(tx, params.id);
    if (!paused) await mustMaySchedule(tx, actor, (await mustRead(tx, params.id)).target);
    await pauseSchedule(tx, params.id, { paused, note: body?.note ?? null, actor: actorRef(actor) });
    await recordAudit(tx, {
      ...auditOrigin(call),
      action: paused ? 'schedule.paused' : 'schedule.unpaused',
      subject: `schedule:${params.id}`,
      title: row.name,
      after: { note: body?.note ?? null },
    });
  });
  return tellTemporal(tools, actor, params.id);
}

/** Tells Temporal what the row says now. Where it is away the schedule shows as `unsynced`, and the sweep tells it. */
async function tellTemporal(tools: ApiTools, actor: Actor, id: string): Promise<Schedule> {
  const row = await tools.inTenant(actor, (tx) => readScheduleRow(tx, id));
  if (!row) throw problem('request.not_found');
  try {
    await makeSure(tools, row);
  } catch (error) {
    tools.log.warn(
      { err: error, workspaceId: actor.workspaceId, scheduleId: id },
      'Temporal could not be told of a schedule yet',
    );
  }
  return tools.inTenant(actor, (tx) => mustRead(tx, id));
}

async function makeSure(tools: ApiTools, row: ScheduleRow): Promise<void> {
  await tools.temporal.schedules.put(toTemporal(row));
  await tools.inTenant({ workspaceId: row.workspaceId, mids: '*' }, (tx) => markSynced(tx, row.id, row.version));
}

function countTimes(row: ScheduleRow, from: Date, to: Date): number {
  const refusal = problem('schedule.range_invalid', { limit: mostBackfill });
  if (from >= to || to.getTime() > Date.now()) throw refusal;
  const due = timesAfter(row, from.getTime() - 1, to.getTime());
  let count = 0;
  while (due.next().done !== true) {
    count += 1;
    if (count > mostBackfill) throw refusal;
  }
  return count;
}

const auditOf = ({ name, target, cron, every, timeZone, overlap, catchUp, jitter, startAt, endAt, paused }: Schedule) => ({
  name, target, cron, every, timeZone, overlap, catchUp, jitter, startAt, endAt, paused,
}); // prettier-ignore
