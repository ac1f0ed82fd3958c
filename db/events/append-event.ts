import { sql } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';
import { type LastWrite, writeLast } from '../kit/last-writes.ts';

export interface NewEvent {
  /** `noun.past_fact`, from the list of ui.md §9. */
  type: string;
  /** `server:<id>`, `playbook:<id>`, `run:<id>`. */
  subject?: string | null;
  runId?: string | null;
  actor?: ActorRef | null;
  /** No secrets, no query rows. */
  data?: Record<string, unknown>;
}

const withEvents = new WeakSet<object>();
/** Whether this transaction has appended events: then, and only then, its commit is worth waking the streams for. */
export const hasEvents = (tx: TenantTx): boolean => withEvents.has(tx);

/** Appends to the workspace's one stream, in the transaction of the change it tells of: there is no state without its event. */
export async function appendEvents(tx: TenantTx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  withEvents.add(tx);
  await writeLast(tx, eventRows, events);
}

const eventRows: LastWrite<NewEvent> = {
  async write(tx, events) {
    await tx
      .insertInto('events')
      .values(
        events.map(({ type, subject = null, runId = null, actor = null, data = {} }) => ({
          type,
          subject,
          runId,
          actor: actor && JSON.stringify(actor),
          data: JSON.stringify(data),
          // One statement inserts all rows in this order, and each takes the next number of the sequence.
          seq: sql<number>`nextval('events_seq')`,
        })),
      )
      .execute();
  },
};

export const appendEvent = (tx: TenantTx, event: NewEvent): Promise<void> => appendEvents(tx, [event]);
