import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { addTimeline, type NewTimelineEntry } from './timeline.ts';

/** Writes a line into the story; by a key that stands there already it gives that line. */
export async function notePart(
  tx: TenantTx,
  incidentId: string,
  entry: NewTimelineEntry,
): Promise<{ entryId: string; isNew: boolean }> {
  const id = await addTimeline(tx, incidentId, entry);
  if (id !== null) return { entryId: id, isNew: true };
  const there = await tx
    .selectFrom('incidentTimeline')
    .select('id')
    .where('incidentId', '=', incidentId)
    .where('dedupKey', '=', entry.dedupKey ?? '')
    .executeTakeFirstOrThrow();
  return { entryId: there.id, isNew: false };
}

/** Tells open screens that something beside the incident's own row is another now. */
export const addPartEvent = (
  tx: TenantTx,
  type: 'incident.noted' | 'incident.linked' | 'incident.changed',
  incidentId: string,
  actor: ActorRef,
  data: Record<string, Json>,
): Promise<void> => appendEvent(tx, { type, subject: `incident:${incidentId}`, actor, data });
