import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { type NewAuditEntry, recordAudit } from './audit-entries.ts';

/**
 * Writes an act that changed a thing into the audit log, which few may read, and tells all who see the thing by the event
 * `<noun>.changed`: `webhook.removed` becomes `webhook.changed` with `change: 'removed'`.
 */
export async function recordChange(tx: TenantTx, entry: NewAuditEntry): Promise<void> {
  const [noun = '', change = ''] = entry.action.split('.');
  await appendEvent(tx, {
    type: `${noun}.changed`,
    subject: entry.subject ?? null,
    actor: entry.actor,
    data: { name: entry.title, change },
  });
  await recordAudit(tx, entry);
}
