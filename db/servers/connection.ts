import { sql } from 'kysely';
import type { PinnedHostKey } from '#contracts/servers/host-key.ts';
import { maxJumps } from '#contracts/servers/server-fields.ts';
import type { Secret } from '#system/secret.ts';
import { SealBroken, type Vault } from '#system/vault/vault.ts';
import type { z } from 'zod';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import { type SecretField, sealContext } from './credentials.ts';

/** A server on the way, as the tables have it: its secrets are still sealed. */
export interface SealedHop {
  id: string;
  name: string;
  host: string;
  port: number;
  tags: string[];
  pinnedKey: z.infer<typeof PinnedHostKey> | null;
  /** Another key was offered since it was pinned. */
  isOffered: boolean;
  credential: {
    id: string;
    name: string;
    username: string;
    sealedPrivateKey: string | null;
    sealedPassword: string | null;
    sealedSudoPassword: string | null;
  };
}

/** A server on the way with its login opened. */
export interface OpenHop extends Omit<SealedHop, 'credential'> {
  credential: { id: string; name: string };
  login: { username: string; privateKey?: Secret; password?: Secret };
  sudoPassword?: Secret;
}

type WayRow = Omit<SealedHop, 'credential'> & {
  [K in keyof SealedHop['credential'] as K extends 'id' | 'name' ? `credential${Capitalize<K>}` : K]:
    | SealedHop['credential'][K]
    | null;
};

/**
 * The way to a server: itself first, then the one it is reached through, and so on.
 * @throws `request.not_found`; `server.no_credential` where a server on the way has nothing to sign in with
 */
export async function readWay(tx: TenantTx, serverId: string): Promise<SealedHop[]> {
  const { rows } = await sql<WayRow>`
    with recursive way as (
      select s.workspace_id, s.id, s.jump_server_id, 0 as depth from servers s where s.id = ${serverId}::uuid
      union all
      select s.workspace_id, s.id, s.jump_server_id, way.depth + 1 from way
      join servers s on s.workspace_id = way.workspace_id and s.id = way.jump_server_id where way.depth < ${maxJumps}
    )
    select s.id, s.name, s.host, s.port, s.tags, s.pinned_key, s.offered_key is not null as is_offered,
      c.id as credential_id, c.name as credential_name, c.username,
      c.sealed_private_key, c.sealed_password, c.sealed_sudo_password
    from way join servers s on s.workspace_id = way.workspace_id and s.id = way.id
    left join credentials c on c.workspace_id = s.workspace_id and c.id = s.credential_id
    order by way.depth`.execute(tx);
  if (rows.length === 0) throw new Refusal('request.not_found');
  return rows.map((row) => {
    const { credentialId, credentialName, username, sealedPrivateKey, sealedPassword, sealedSudoPassword, ...server } =
      row;
    if (credentialId === null || credentialName === null || username === null)
      throw new Refusal('server.no_credential', { name: row.name });
    return {
      ...server,
      credential: {
        id: credentialId,
        name: credentialName,
        username,
        sealedPrivateKey,
        sealedPassword,
        sealedSudoPassword,
      },
    };
  });
}

/**
 * Opens the logins on a way. Whoever calls it writes the reading into the audit log.
 * @throws `credential.unreadable` where a sealed secret does not open
 */
export const openWay = (vault: Vault, workspaceId: string, way: readonly SealedHop[]): Promise<OpenHop[]> =>
  Promise.all(
    way.map(async ({ credential, ...server }): Promise<OpenHop> => {
      const open = async (field: SecretField, sealed: string | null) => {
        if (sealed === null) return undefined;
        try {
          return await vault.open(sealed, sealContext(workspaceId, credential.id, field));
        } catch (error) {
          throw error instanceof SealBroken ? new Refusal('credential.unreadable', { name: credential.name }) : error;
        }
      };
      const [privateKey, password, sudoPassword] = await Promise.all([
        open('privateKey', credential.sealedPrivateKey),
        open('password', credential.sealedPassword),
        open('sudoPassword', credential.sealedSudoPassword),
      ]);
      return {
        ...server,
        credential: { id: credential.id, name: credential.name },
        login: { username: credential.username, privateKey, password },
        sudoPassword,
      };
    }),
  );
