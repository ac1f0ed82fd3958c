import { type Selectable, sql } from 'kysely';
import type { ShownSilence } from '#contracts/alerts/silence-routes.ts';
import { openingAt, type Silence } from '#contracts/alerts/silences.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { timesAfter } from '#contracts/schedules/times.ts';
import type { TenantTx } from '../kit/database.ts';
import type { SilencesTable } from './tables.ts';

type SilenceRow = Selectable<SilencesTable>;
const yearMs = 366 * 86_400_000;

const columnsOf = ({ name, ...silence }: Silence) => ({
  name,
  silence: JSON.stringify(silence),
  endsAt: silence.time.kind === 'once' ? new Date(silence.time.to) : null,
});

export async function insertSilence(tx: TenantTx, id: string, silence: Silence, by: ActorRef): Promise<void> {
  await tx
    .insertInto('silences')
    .values({ id, ...columnsOf(silence), createdBy: JSON.stringify(by) })
    .execute();
}

/** Changes a silence; what it holds back is looked at again, for it may not hold it back any more. */
export async function updateSilence(tx: TenantTx, id: string, silence: Silence): Promise<void> {
  await tx
    .updateTable('silences')
    .set({ ...columnsOf(silence), version: sql<number>`version + 1`, updatedAt: new Date() })
    .where('id', '=', id)
    .execute();
  await lookAgain(tx, id);
}

export async function deleteSilence(tx: TenantTx, id: string): Promise<string | undefined> {
  const gone = await tx.deleteFrom('silences').where('id', '=', id).returning('name').executeTakeFirst();
  if (gone) await lookAgain(tx, id);
  return gone?.name;
}

/** What a silence held back and still fires has its turn now. */
const lookAgain = (tx: TenantTx, silenceId: string): Promise<unknown> =>
  tx
    .updateTable('alerts')
    .set({ lookAt: new Date() })
    .where('silenceId', '=', silenceId)
    .where('outcome', '=', 'silenced')
    .where('status', '<>', 'resolved')
    .execute();

export const lockSilence = (tx: TenantTx, id: string): Promise<SilenceRow | undefined> =>
  tx.selectFrom('silences').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();

/** Those that can hold at an instant: recurring ones, and single ones that have not ended. */
export async function openSilences(tx: TenantTx, at: Date): Promise<(Silence & { id: string })[]> {
  const rows = await tx
    .selectFrom('silences')
    .select(['id', 'name', 'silence'])
    .where((has) => has.or([has('endsAt', 'is', null), has('endsAt', '>', at)]))
    .orderBy('id')
    .limit(2_000)
    .execute();
  return rows.map(({ id, name, silence }) => ({ id, name, ...silence }));
}

/** Silences, newest first. */
export async function listSilences(
  tx: TenantTx,
  { cursor, limit, id }: { cursor?: string | undefined; limit: number; id?: string },
  now: number,
) {
  let query = tx.selectFrom('silences').selectAll();
  if (id !== undefined) query = query.where('id', '=', id);
  if (cursor !== undefined) query = query.where('id', '<', cursor);
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const data = rows.slice(0, limit).map((row) => showSilence(row, now));
  return { data, pagination: { limit, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null } };
}

function showSilence({ id, name, silence, silenced, version, ...row }: SilenceRow, now: number): ShownSilence {
  const opening = openingAt(silence.time, now);
  return {
    id,
    name,
    ...silence,
    openUntil: opening && new Date(opening.to).toISOString(),
    opensAt: opening ? null : nextOpening(silence.time, now),
    isOver: row.endsAt !== null && row.endsAt.getTime() <= now,
    silenced,
    version,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

function nextOpening(time: Silence['time'], now: number): string | null {
  if (time.kind === 'once') return Date.parse(time.from) > now ? new Date(time.from).toISOString() : null;
  for (const { at } of timesAfter({ cron: [time.cron], everyMs: null, timeZone: time.timeZone }, now, now + yearMs))
    return new Date(at).toISOString();
  return null;
}
