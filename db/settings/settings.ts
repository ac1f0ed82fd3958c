import { sql } from 'kysely';
import { type UpdateSettings, defaultSettings } from '#contracts/settings/settings.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';

export interface SettingsRow extends Required<UpdateSettings> {
  version: number;
  updatedAt: Date;
  updatedBy: ActorRef | null;
}
const columns = [
  'egressAllow',
  'hostKeyFirstUse',
  'concurrency',
  'retentionDays',
  'alertRetentionDays',
  'auditRetentionDays',
  'legalHold',
  'accessTokenMinutes',
  'requireMfa',
  'requestsPerMinute',
  'serverCheckMinutes',
  'version',
  'updatedAt',
  'updatedBy',
] as const;

/** The workspace's settings; the defaults where it has no row. */
export async function readSettings(tx: TenantTx): Promise<SettingsRow> {
  const row = await tx.selectFrom('settings').select(columns).executeTakeFirst();
  return row ?? { ...defaultSettings, version: 0, updatedAt: new Date(0), updatedBy: null };
}

/**
 * Changes what is given and leaves the rest.
 * @param version refuses with `request.stale` where another one is current; absent: whatever is current
 * @returns the settings before and after
 */
export async function updateSettings(
  tx: TenantTx,
  changes: UpdateSettings,
  { actor, version }: { actor: ActorRef; version?: number },
): Promise<{ before: SettingsRow; after: SettingsRow }> {
  await tx
    .insertInto('settings')
    .defaultValues()
    .onConflict((conflict) => conflict.column('workspaceId').doNothing())
    .execute();
  const before = await tx.selectFrom('settings').select(columns).forUpdate().executeTakeFirstOrThrow();
  if (version !== undefined && version !== before.version) throw new Refusal('request.stale');
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length === 0) return { before, after: before };
  const after = await tx
    .updateTable('settings')
    .set({ ...given, version: before.version + 1, updatedAt: sql`now()`, updatedBy: JSON.stringify(actor) })
    .returning(columns)
    .executeTakeFirstOrThrow();
  return { before, after };
}
