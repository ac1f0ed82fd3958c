import { type Selectable, sql } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type {
  CreateOnCallSchedule,
  CreateOverride,
  DutyPerson,
  DutySpan,
  ShownOnCallSchedule,
  ShownOverride,
} from '#contracts/oncall/oncall.ts';
import type { OnCallSpan, Override } from '#contracts/oncall/rotations.ts';
import { dutyNow, gapsIn, onCallSpans } from '#contracts/oncall/who-is-on-call.ts';
import { listMembers } from '../identity/members.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import type { OnCallOverridesTable, OnCallSchedulesTable } from './tables.ts';

type ScheduleRow = Selectable<OnCallSchedulesTable>;
const lookAheadMs = 28 * 86_400_000;

const taken =
  (name: string) =>
  (error: unknown): never => {
    throw violates(error, 'oncall_schedules_name') ? new Refusal('oncall.name_taken', { name }) : error;
  };

/** Everybody who can be called. */
export async function listDutyPeople(tx: TenantTx): Promise<DutyPerson[]> {
  const members = await listMembers(tx);
  return members.map(({ id, name, email }) => ({ id, name, email }));
}

/** @throws Refusal `oncall.name_taken` */
export async function insertOnCallSchedule(
  tx: TenantTx,
  id: string,
  values: CreateOnCallSchedule,
  by: ActorRef,
): Promise<void> {
  const { name, description, timeZone, layers } = values;
  await tx
    .insertInto('oncallSchedules')
    .values({ id, name, description, timeZone, layers: JSON.stringify(layers), createdBy: JSON.stringify(by) })
    .execute()
    .catch(taken(name));
}

/** @throws Refusal `oncall.name_taken` */
export async function updateOnCallSchedule(tx: TenantTx, id: string, values: CreateOnCallSchedule): Promise<void> {
  const { name, description, timeZone, layers } = values;
  await tx
    .updateTable('oncallSchedules')
    .set({
      name,
      description,
      timeZone,
      layers: JSON.stringify(layers),
      version: sql<number>`version + 1`,
      updatedAt: new Date(),
    })
    .where('id', '=', id)
    .execute()
    .catch(taken(name));
}

/** Locks a schedule for a change. */
export const lockOnCallSchedule = (tx: TenantTx, id: string): Promise<ScheduleRow | undefined> =>
  tx.selectFrom('oncallSchedules').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();

/** Removes a schedule with its overrides and feed. @throws Refusal `oncall.schedule_in_use` */
export async function deleteOnCallSchedule(tx: TenantTx, id: string): Promise<void> {
  const { rows } = await sql<{ name: string }>`select name from escalation_policies
    where jsonb_path_exists(policy, '$.**.targets[*] ? (@.kind == "schedule" && @.id == $id)', ${JSON.stringify({ id })}::jsonb)
      or jsonb_path_exists(policy, '$.fallback[*] ? (@.kind == "schedule" && @.id == $id)', ${JSON.stringify({ id })}::jsonb)
    order by name limit 1`.execute(tx);
  const [user] = rows;
  if (user) throw new Refusal('oncall.schedule_in_use', { policy: user.name });
  await tx.deleteFrom('oncallSchedules').where('id', '=', id).execute();
}

/** Overrides of a schedule that touch a window, in the order in which they were made: later ones hold over earlier ones. */
export async function listOverrides(
  tx: TenantTx,
  scheduleId: string,
  window: { from: number; to: number },
): Promise<ShownOverride[]> {
  const rows = await tx
    .selectFrom('oncallOverrides')
    .selectAll()
    .where('scheduleId', '=', scheduleId)
    .where('toAt', '>', new Date(window.from))
    .where('fromAt', '<', new Date(window.to))
    .orderBy('id')
    .limit(2_000)
    .execute();
  return rows.map(showOverride);
}

export async function insertOverride(
  tx: TenantTx,
  id: string,
  scheduleId: string,
  values: CreateOverride & { swapId?: string },
  by: ActorRef,
): Promise<ShownOverride> {
  const { from, to, personId, reason, swapId = null } = values;
  const row = await tx
    .insertInto('oncallOverrides')
    .values({
      id,
      scheduleId,
      fromAt: new Date(from),
      toAt: new Date(to),
      personId,
      reason,
      swapId,
      createdBy: JSON.stringify(by),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return showOverride(row);
}

/**
 * Takes an override back. A swap is taken back whole, for one half alone would leave somebody with both shifts; once one of
 * them is over, though, what was done stays, and the other goes alone.
 * @returns what went: none where there was no such override
 */
export async function deleteOverride(tx: TenantTx, scheduleId: string, id: string): Promise<ShownOverride[]> {
  const made = tx.selectFrom('oncallOverrides').select(['id', 'swapId', 'toAt']).where('scheduleId', '=', scheduleId);
  const one = await made.where('id', '=', id).executeTakeFirst();
  if (!one) return [];
  const swap = one.swapId === null ? [one] : await made.where('swapId', '=', one.swapId).execute();
  const isOver = swap.some(({ toAt }) => toAt.getTime() <= Date.now());
  const rows = await tx
    .deleteFrom('oncallOverrides')
    .where('id', 'in', isOver ? [id] : swap.map((each) => each.id))
    .returningAll()
    .execute();
  return rows.map(showOverride);
}

const showOverride = ({
  id,
  fromAt,
  toAt,
  personId,
  reason,
  swapId,
  createdBy,
  createdAt,
}: Selectable<OnCallOverridesTable>): ShownOverride => ({
  id,
  from: fromAt.toISOString(),
  to: toAt.toISOString(),
  personId,
  reason,
  swapId,
  createdBy,
  createdAt: createdAt.toISOString(),
});

export const showSpan = ({ from, to, personId, by, isOverride }: OnCallSpan): DutySpan => ({
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
  personId,
  by,
  isOverride,
});

/** Who is on call in a window, members only: a turn of somebody who has left is a gap. */
export async function dutyOf(
  tx: TenantTx,
  schedule: Pick<ScheduleRow, 'id' | 'name' | 'timeZone' | 'layers'>,
  window: { from: number; to: number },
  people: readonly DutyPerson[],
): Promise<{ spans: OnCallSpan[]; overrides: ShownOverride[] }> {
  const overrides = await listOverrides(tx, schedule.id, window);
  const given: Override[] = overrides.map(({ id, from, to, personId, reason }) => ({ id, from, to, personId, reason }));
  return { spans: onCallSpans(schedule, given, window, new Set(people.map(({ id }) => id))), overrides };
}

/** Schedules by name, with who is on call. */
export async function listOnCallSchedules(
  tx: TenantTx,
  people: readonly DutyPerson[],
  now: number,
  id?: string,
): Promise<ShownOnCallSchedule[]> {
  let query = tx
    .selectFrom('oncallSchedules as s')
    .leftJoin('oncallFeeds as f', 'f.scheduleId', 's.id')
    .selectAll('s')
    .select(['f.hint as feedHint', 'f.createdAt as feedAt']);
  if (id !== undefined) query = query.where('s.id', '=', id);
  const rows = await query.orderBy('s.name').execute();
  const shown: ShownOnCallSchedule[] = [];
  for (const row of rows) {
    const { spans } = await dutyOf(tx, row, { from: now, to: now + lookAheadMs }, people);
    const { now: current, next } = dutyNow(spans);
    const [gap] = gapsIn(spans);
    shown.push({
      id: row.id,
      name: row.name,
      description: row.description,
      timeZone: row.timeZone,
      layers: row.layers,
      now: showSpan(current),
      next: next ? showSpan(next) : null,
      gap: gap ? { from: new Date(gap.from).toISOString(), to: new Date(gap.to).toISOString() } : null,
      feed: row.feedHint !== null && row.feedAt ? { hint: row.feedHint, createdAt: row.feedAt.toISOString() } : null,
      version: row.version,
      createdBy: row.createdBy,
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    });
  }
  return shown;
}

/** Gives a schedule's feed another address; the former one stops. */
export async function setDutyFeed(
  tx: TenantTx,
  scheduleId: string,
  feed: { tokenHash: string; hint: string },
): Promise<void> {
  await tx
    .insertInto('oncallFeeds')
    .values({ scheduleId, ...feed })
    .onConflict((conflict) =>
      conflict.columns(['workspaceId', 'scheduleId']).doUpdateSet({ ...feed, createdAt: new Date() }),
    )
    .execute();
}
export const removeDutyFeed = async (tx: TenantTx, scheduleId: string): Promise<boolean> =>
  (await tx
    .deleteFrom('oncallFeeds')
    .where('scheduleId', '=', scheduleId)
    .returning('scheduleId')
    .executeTakeFirst()) !== undefined;
