import { sql } from 'kysely';
import { ExportEnd } from '#contracts/queries/query-exports.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';

/** Tells how an export ended: counts and a checksum, nothing of its rows. Kept as long as the run's other events. */
export const noteExport = (tx: TenantTx, runId: string, end: Omit<ExportEnd, 'endedAt'>): Promise<void> =>
  appendEvent(tx, { type: 'query.export_ended', subject: `run:${runId}`, runId, data: { ...end } });

/** How it ended, or null: it did not yet, or there is no such export of this run. */
export async function readExport(tx: TenantTx, runId: string, exportId: string): Promise<ExportEnd | null> {
  const found = await tx
    .selectFrom('events')
    .select(['at', 'data'])
    .where('runId', '=', runId)
    .where('type', '=', 'query.export_ended')
    .where(sql<boolean>`data->>'exportId' = ${exportId}`)
    .executeTakeFirst();
  return found ? ExportEnd.parse({ ...Object(found.data), endedAt: found.at.toISOString() }) : null;
}
