import { createHmac } from 'node:crypto';
import { type HostKey, splitHostKey } from '#contracts/servers/host-key.ts';
import type { TenantTx } from '../kit/database.ts';
import { type Act, type Doer, recordActs } from './acts.ts';
import { fingerprintOf, pinned } from './host-keys.ts';

interface KnownHost {
  matches: (address: string) => boolean;
  key: HostKey;
}

/** Reads a `known_hosts` file; lines of authorities and revoked keys pin nothing and are passed over. */
export function readKnownHosts(text: string): { known: KnownHost[]; unreadableLines: number[] } {
  const known: KnownHost[] = [];
  const unreadableLines: number[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#') || line.startsWith('@')) continue;
    const [hosts = ''] = line.trim().split(/\s+/);
    const parts = splitHostKey(line);
    if (!parts || 'fingerprint' in parts || hosts === parts.algorithm) unreadableLines.push(index + 1);
    else known.push({ matches: matcherOf(hosts), key: { ...parts, fingerprint: fingerprintOf(parts.key) } });
  }
  return { known, unreadableLines };
}

/** Plain names apart by commas, or one hashed name: `|1|salt|HMAC-SHA1`. Globs are passed over: they name no host. */
function matcherOf(hosts: string): KnownHost['matches'] {
  const [, salt, hash] = /^\|1\|([^|]+)\|([^|]+)$/.exec(hosts) ?? [];
  if (salt && hash)
    return (address) => createHmac('sha1', Buffer.from(salt, 'base64')).update(address).digest('base64') === hash;
  const names = new Set(hosts.toLowerCase().split(','));
  return (address) => names.has(address);
}

// A server may have several keys in the file; we take the one that connections prefer.
const preference = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa'];
const rank = ({ key }: KnownHost): number => preference.indexOf(key.algorithm ?? '') >>> 0;

/** Pins keys of a `known_hosts` file on servers that have none; a pinned key that the file contradicts is named, not changed. */
export async function importKnownHosts(tx: TenantTx, doer: Doer, text: string, dryRun: boolean) {
  const { known, unreadableLines } = readKnownHosts(text);
  const servers = await tx
    .selectFrom('servers')
    .select(['id', 'name', 'host', 'port', 'pinnedKey'])
    .orderBy('nameKey')
    .execute();
  const fresh: { id: string; name: string; fingerprint: string }[] = [];
  const different: { id: string; name: string; pinned: string; offered: string }[] = [];
  const acts: Act[] = [];
  for (const { id, name, host, port, pinnedKey } of servers) {
    const address = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
    const found = known.filter(({ matches }) => matches(address)).sort((a, b) => rank(a) - rank(b));
    const [best] = found;
    if (!best) continue;
    if (pinnedKey) {
      if (!found.some(({ key }) => key.fingerprint === pinnedKey.fingerprint))
        different.push({ id, name, pinned: pinnedKey.fingerprint, offered: best.key.fingerprint });
      continue;
    }
    fresh.push({ id, name, fingerprint: best.key.fingerprint });
    if (dryRun) continue;
    const { numUpdatedRows } = await tx
      .updateTable('servers')
      .set(({ eb }) => ({
        pinnedKey: JSON.stringify(pinned(best.key, 'import')),
        offeredKey: null,
        nextCheckAt: new Date(),
        version: eb('version', '+', 1),
        updatedAt: new Date(),
      }))
      .where('id', '=', id)
      .where('pinnedKey', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows > 0n)
      acts.push({
        noun: 'server',
        id,
        name,
        act: 'host_key_pinned',
        after: { hostKey: best.key.fingerprint, pinnedBy: 'import' },
      });
  }
  if (acts.length > 0) await recordActs(tx, doer, acts);
  return { pinned: fresh, different, unreadableLines };
}
