import { sql } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';

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

const gathered = new WeakMap<object, NewEvent[]>();
/** From now on the events of this transaction are kept until `writeGathered`: one statement writes all. */
export const gatherEvents = (tx: TenantTx): void => void gathered.set(tx, []);

/** Writes what was gathered, in the order of the appending; what is appended later is written at once. */
export async function writeGathered(tx: TenantTx): Promise<void> {
  const events = gathered.get(tx) ?? [];
  gathered.delete(tx);
  await insertEvents(tx, events);
}

/** Appends to the workspace's one stream, in the transaction of the change it tells of: there is no state without its event. */
export async function appendEvents(tx: TenantTx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  withEvents.add(tx);
  const waiting = gathered.get(tx);
  if (waiting) waiting.push(...events);
  else await insertEvents(tx, events);
}

async function insertEvents(tx: TenantTx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
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
}

export const appendEvent = (tx: TenantTx, event: NewEvent): Promise<void> => appendEvents(tx, [event]);
