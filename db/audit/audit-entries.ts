import type { Insertable } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { appendEvents } from '../events/append-event.ts';
import type { Database, TenantTx } from '../kit/database.ts';
import { type LastWrite, writeLast } from '../kit/last-writes.ts';
import { withoutSecrets } from './without-secrets.ts';

export interface NewAuditEntry {
  actor: ActorRef;
  /** `noun.past_fact`: `server.created`, `secret.read`. */
  action: string;
  /** `server:<id>`, `playbook:<id>`; null for the workspace itself. */
  subject?: string | null;
  /** What people call the subject; it stays readable when the subject is gone. */
  title?: string | null;
  /** What it was and what it became; only the parts that changed are worth keeping. Secrets become `[secret]`. */
  before?: unknown;
  after?: unknown;
  /** The caller's address and request; null for machinery. */
  address?: string | null;
  requestId?: string | null;
}

/**
 * Writes who did what, in the transaction of the act itself: there is no act without its entry. Tells open screens by
 * `audit.appended`. Entries can be added and read by the app's role, never changed.
 */
export const recordAudit = (tx: TenantTx, entry: NewAuditEntry): Promise<void> => recordAudits(tx, [entry]);

/** Several acts of one transaction. */
export async function recordAudits(tx: TenantTx, entries: readonly NewAuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map(({ actor, action, subject, title, before, after, address, requestId }) => ({
    id: uuidv7(),
    actor: JSON.stringify({ kind: actor.kind, id: actor.id, name: actor.name }),
    actorId: actor.id,
    action,
    subject: subject ?? null,
    title: title?.slice(0, 300) ?? null,
    before: kept(before),
    after: kept(after),
    address: address ?? null,
    requestId: requestId ?? null,
  }));
  await writeLast(tx, auditRows, rows);
  await appendEvents(
    tx,
    entries.map(({ actor, action, subject }, index) => ({
      type: 'audit.appended',
      subject: subject ?? null,
      actor: { kind: actor.kind, id: actor.id, name: actor.name },
      data: { id: rows[index]?.id, action },
    })),
  );
}

const auditRows: LastWrite<Insertable<Database['auditEntries']>> = {
  write: async (tx, rows) => void (await tx.insertInto('auditEntries').values(rows).execute()),
};

const mostCharacters = 32_768;

/** As JSON text without secrets; what is too long to be a record of a change says so. */
function kept(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const text = JSON.stringify(withoutSecrets(value));
  return text.length <= mostCharacters ? text : JSON.stringify({ tooLong: true, characters: text.length });
}
