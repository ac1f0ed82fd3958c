import { type Selectable, sql } from 'kysely';
import type { BusinessCalendar } from '#contracts/incidents/business-calendar.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { ShownCalendar } from '#contracts/sla/sla.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import type { SlaCalendarsTable } from './tables.ts';

const taken =
  (name: string) =>
  (error: unknown): never => {
    throw violates(error, 'sla_calendars_name') ? new Refusal('sla.name_taken', { name }) : error;
  };

/** @throws Refusal `sla.name_taken` */
export async function insertCalendar(
  tx: TenantTx,
  id: string,
  { name, ...calendar }: BusinessCalendar,
  by: ActorRef,
): Promise<void> {
  await tx
    .insertInto('slaCalendars')
    .values({ id, name, calendar: JSON.stringify(calendar), createdBy: JSON.stringify(by) })
    .execute()
    .catch(taken(name));
}

/** @throws Refusal `sla.name_taken` */
export async function updateCalendar(tx: TenantTx, id: string, { name, ...calendar }: BusinessCalendar): Promise<void> {
  await tx
    .updateTable('slaCalendars')
    .set({ name, calendar: JSON.stringify(calendar), version: sql<number>`version + 1`, updatedAt: new Date() })
    .where('id', '=', id)
    .execute()
    .catch(taken(name));
}

/** Removes a calendar that no policy counts by. @throws Refusal `sla.calendar_in_use` */
export async function deleteCalendar(tx: TenantTx, id: string): Promise<void> {
  const user = await tx
    .selectFrom('slaPolicies')
    .select('name')
    .where('calendarId', '=', id)
    .orderBy('name')
    .executeTakeFirst();
  if (user) throw new Refusal('sla.calendar_in_use', { policy: user.name });
  await tx.deleteFrom('slaCalendars').where('id', '=', id).execute();
}

/** Calendars by name, or one of them. */
export async function listCalendars(tx: TenantTx, id?: string, { lock = false } = {}): Promise<ShownCalendar[]> {
  let query = tx.selectFrom('slaCalendars').selectAll();
  if (id !== undefined) query = query.where('id', '=', id);
  if (lock) query = query.forUpdate();
  const [rows, users] = await Promise.all([
    query.orderBy('name').execute(),
    tx
      .selectFrom('slaPolicies')
      .select(['id', 'name', 'calendarId'])
      .where('calendarId', 'is not', null)
      .orderBy('name')
      .execute(),
  ]);
  return rows.map((row) => ({
    ...calendarOf(row),
    id: row.id,
    usedBy: users
      .filter(({ calendarId }) => calendarId === row.id)
      .map(({ id: policy, name }) => ({ id: policy, name })),
    version: row.version,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }));
}

/** Calendars by their ids: those that are named, or all. */
export async function calendarsById(
  tx: TenantTx,
  ids: readonly string[] | 'all',
): Promise<Record<string, BusinessCalendar>> {
  if (ids.length === 0) return {};
  let query = tx.selectFrom('slaCalendars').select(['id', 'name', 'calendar']);
  if (ids !== 'all') query = query.where('id', 'in', ids);
  return Object.fromEntries((await query.execute()).map((row) => [row.id, calendarOf(row)]));
}

const calendarOf = ({
  name,
  calendar,
}: Pick<Selectable<SlaCalendarsTable>, 'name' | 'calendar'>): BusinessCalendar => ({
  name,
  ...calendar,
});
