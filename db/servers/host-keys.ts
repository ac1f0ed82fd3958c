import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { type HostKey, type OfferedHostKey, type PinnedHostKey, splitHostKey } from '#contracts/servers/host-key.ts';
import { recordAudit } from '../audit/audit-entries.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import { checker, type Doer, recordActs } from './acts.ts';

type Pinned = z.infer<typeof PinnedHostKey>;
type Offered = z.infer<typeof OfferedHostKey>;

/** `SHA256:…` of a key in base64, as `ssh-keygen -l` prints it. */
export const fingerprintOf = (key: string): string =>
  `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`;

/** A host key as somebody wrote it (see `HostKeyText`), ready to be pinned. */
export function readHostKey(text: string): HostKey {
  const parts = splitHostKey(text);
  if (!parts) throw new Refusal('contract.broken', {}, { hostKey: 'This is no host key.' });
  if ('fingerprint' in parts) return { algorithm: null, fingerprint: parts.fingerprint, key: null };
  return { ...parts, fingerprint: fingerprintOf(parts.key) };
}

export const pinned = (key: HostKey, pinnedBy: Pinned['pinnedBy']): Pinned => ({
  algorithm: key.algorithm,
  fingerprint: key.fingerprint,
  key: key.key,
  pinnedAt: new Date().toISOString(),
  pinnedBy,
});

/** What came of showing a key: pinned now, the pinned one, another than the pinned one, or nothing is pinned and may not be. */
export type HostKeyVerdict = 'first_use' | 'match' | 'mismatch' | 'unpinned';

/**
 * Judges the key that a server shows, and remembers what must be remembered: pins it at the first contact where the
 * workspace allows (two first contacts at once pin one key, the other is compared with it), keeps another key as the
 * offered one for a person to decide, clears that again when the pinned key is back.
 */
export async function judgeHostKey(
  tx: TenantTx,
  serverId: string,
  key: HostKey,
  doer: Doer = checker,
): Promise<HostKeyVerdict> {
  const server = await tx
    .selectFrom('servers')
    .select(['name', 'pinnedKey', 'offeredKey'])
    .where('id', '=', serverId)
    .executeTakeFirst();
  if (!server) throw new Refusal('request.not_found');
  if (server.pinnedKey?.fingerprint === key.fingerprint && server.pinnedKey.key && !server.offeredKey) return 'match'; // the common case: no lock
  if (!server.pinnedKey && (await allowsFirstUse(tx)) && (await pinFirst(tx, serverId, server.name, key, doer)))
    return 'first_use';
  // Read again under a lock: another first contact may have pinned its key in between.
  const now = await tx
    .selectFrom('servers')
    .select(['name', 'pinnedKey', 'offeredKey'])
    .where('id', '=', serverId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!now) throw new Refusal('request.not_found');
  if (now.pinnedKey?.fingerprint === key.fingerprint) {
    if (now.offeredKey || !now.pinnedKey.key)
      await settle(
        tx,
        serverId,
        now.name,
        { ...now.pinnedKey, algorithm: key.algorithm, key: key.key },
        now.offeredKey !== null,
        doer,
      );
    return 'match';
  }
  if (now.offeredKey?.fingerprint !== key.fingerprint)
    await keepOffered(tx, serverId, now.name, now.pinnedKey, key, doer);
  return now.pinnedKey ? 'mismatch' : 'unpinned';
}

async function allowsFirstUse(tx: TenantTx): Promise<boolean> {
  const settings = await tx.selectFrom('settings').select('hostKeyFirstUse').executeTakeFirst();
  return settings?.hostKeyFirstUse ?? true;
}

async function pinFirst(tx: TenantTx, id: string, name: string, key: HostKey, doer: Doer): Promise<boolean> {
  const pin = pinned(key, 'first_use');
  const { numUpdatedRows } = await tx
    .updateTable('servers')
    .set({ pinnedKey: JSON.stringify(pin), offeredKey: null })
    .where('id', '=', id)
    .where('pinnedKey', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await recordActs(tx, doer, [
    { noun: 'server', id, name, act: 'host_key_pinned', after: { hostKey: pin.fingerprint, pinnedBy: pin.pinnedBy } },
  ]);
  return true;
}

/** The pinned key is back, or the key behind a fingerprint that was pinned alone is known now. */
async function settle(
  tx: TenantTx,
  id: string,
  name: string,
  pin: Pinned,
  wasOffered: boolean,
  { actor }: Doer,
): Promise<void> {
  await tx
    .updateTable('servers')
    .set({ pinnedKey: JSON.stringify(pin), offeredKey: null })
    .where('id', '=', id)
    .execute();
  if (wasOffered)
    await appendEvent(tx, {
      type: 'server.changed',
      subject: `server:${id}`,
      actor,
      data: { id, name, act: 'host_key_back', fields: ['hostKeyState'] },
    });
}

async function keepOffered(
  tx: TenantTx,
  id: string,
  name: string,
  pin: Pinned | null,
  key: HostKey,
  { actor }: Doer,
): Promise<void> {
  const offered: Offered = {
    algorithm: key.algorithm,
    fingerprint: key.fingerprint,
    key: key.key,
    offeredAt: new Date().toISOString(),
  };
  await tx
    .updateTable('servers')
    .set({ offeredKey: JSON.stringify(offered) })
    .where('id', '=', id)
    .execute();
  const act = pin ? 'host_key_mismatch' : 'host_key_offered';
  await appendEvent(tx, {
    type: 'server.changed',
    subject: `server:${id}`,
    actor,
    data: {
      id,
      name,
      act,
      fields: ['hostKeyState'],
      hostKeyState: pin ? 'mismatch' : 'none',
      offered: key.fingerprint,
    },
  });
  await recordAudit(tx, {
    actor,
    action: `server.${act}`,
    subject: `server:${id}`,
    title: name,
    before: pin && { hostKey: pin.fingerprint },
    after: { offered: key.fingerprint },
  });
}

/**
 * Pins the key that the server offers, which the caller names by its fingerprint. A key that is pinned already is
 * left as it is, so that the same decision may be sent twice.
 */
export async function trustHostKey(
  tx: TenantTx,
  doer: Doer,
  serverId: string,
  fingerprint: string,
  reason?: string,
): Promise<void> {
  const server = await tx
    .selectFrom('servers')
    .select(['name', 'pinnedKey', 'offeredKey', 'version'])
    .where('id', '=', serverId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!server) throw new Refusal('request.not_found');
  if (server.offeredKey?.fingerprint !== fingerprint) {
    if (!server.offeredKey && server.pinnedKey?.fingerprint === fingerprint) return;
    throw new Refusal(
      'server.host_key_not_offered',
      {},
      { offered: server.offeredKey?.fingerprint ?? null, pinned: server.pinnedKey?.fingerprint ?? null },
    );
  }
  await tx
    .updateTable('servers')
    .set({
      pinnedKey: JSON.stringify(pinned(server.offeredKey, 'person')),
      offeredKey: null,
      nextCheckAt: new Date(),
      updatedAt: new Date(),
      version: server.version + 1,
    })
    .where('id', '=', serverId)
    .execute();
  await recordActs(tx, doer, [
    {
      noun: 'server',
      id: serverId,
      name: server.name,
      act: 'host_key_trusted',
      before: { hostKey: server.pinnedKey?.fingerprint ?? null },
      after: { hostKey: fingerprint, reason: reason ?? null },
    },
  ]);
}
