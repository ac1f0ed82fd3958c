import type { ErrorCode } from '#contracts/errors.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { SshConnection, SshTarget } from '#connectors/ssh/connect.ts';
import type { PublicKey } from '#connectors/ssh/keys.ts';
import { type PoolOptions, SshPool } from '#connectors/ssh/pool.ts';
import { isProblem, SshProblem } from '#connectors/ssh/problem.ts';
import { MarkerTidy } from '#connectors/ssh/tidy.ts';
import { Refusal } from '#db/kit/refusal.ts';
import { type OpenHop, openWay, readWay, type SealedHop } from '#db/servers/connection.ts';
import { recordCredentialReads } from '#db/servers/credential-reads.ts';
import { judgeHostKey, type HostKeyVerdict } from '#db/servers/host-keys.ts';
import type { Secret } from '#system/secret.ts';
import type { ActivityTools } from '../kit/tools.ts';
import type { IsOwnPort } from './own-ports.ts';

export interface HostRef {
  workspaceId: string;
  serverId: string;
  /** Whom the secrets are opened for; absent: the machinery that checks servers. */
  runId?: string;
  actor?: ActorRef;
  signal?: AbortSignal;
}

/** A server that answers: signed in, its key verified. Commands take `pool` and `target`. */
export interface OpenHost {
  readonly server: {
    readonly id: string;
    readonly name: string;
    readonly host: string;
    readonly port: number;
    readonly tags: readonly string[];
  };
  readonly pool: SshPool;
  readonly target: SshTarget;
  readonly username: string;
  /** For `sudo` where it asks; undefined: `sudo -n`. */
  readonly sudoPassword: Secret | undefined;
  /** What the open connection says of itself. */
  readonly connection: Pick<SshConnection, 'hostKey' | 'latencyMs' | 'software'>;
}

/** From a server's id to an open, pooled connection: the way through jump hosts, logins from the vault, keys pinned or compared. */
export interface SshHosts {
  readonly pool: SshPool;
  /** Removes the output of ended commands, many at a time, once their results are recorded. */
  readonly tidy: MarkerTidy;
  /** Fails by `SshProblem` alone: `ssh.*`, `server.*`, `private_key.*`. */
  openHost(ref: HostRef): Promise<OpenHost>;
  close(graceMs?: number): Promise<void>;
}

export interface SshHostsParts extends Pick<ActivityTools, 'inTenant' | 'vault'> {
  isOwnPort: IsOwnPort;
  pool?: Omit<PoolOptions, 'trustFirstUse' | 'isOwnPort'>;
}

/** Which server of which workspace a target stands for. */
interface Place {
  workspaceId: string;
  serverId: string;
}

export function sshHosts({ inTenant, vault, isOwnPort, pool: poolOptions }: SshHostsParts): SshHosts {
  const places = new WeakMap<SshTarget, Place>();
  const judge = ({ workspaceId, serverId }: Place, key: PublicKey): Promise<HostKeyVerdict> =>
    inTenant(workspaceId, (tx) => judgeHostKey(tx, serverId, key));
  const verdicts = new WeakMap<SshTarget, HostKeyVerdict>();
  const pool = new SshPool({
    ...poolOptions,
    isOwnPort,
    trustFirstUse: async (target, offered) => {
      const place = places.get(target);
      if (!place) return false;
      const verdict = await judge(place, offered);
      verdicts.set(target, verdict);
      return verdict === 'first_use' || verdict === 'match';
    },
  });
  const tidy = new MarkerTidy(pool);
  const reads = new RecentReads();

  const targetOf = (workspaceId: string, [hop, ...rest]: readonly OpenHop[]): SshTarget | undefined => {
    if (!hop) return undefined;
    const { username, privateKey, password } = hop.login;
    const target: SshTarget = {
      host: hop.host,
      port: hop.port,
      login: {
        username,
        privateKey: privateKey?.reveal(),
        password: password?.reveal(),
      },
      hostKey: hop.pinnedKey,
      scope: hop.id, // a connection whose first use was trusted for one server answers for no other
      jump: targetOf(workspaceId, rest),
    };
    places.set(target, { workspaceId, serverId: hop.id });
    return target;
  };

  const read = async ({ workspaceId, serverId, runId, actor }: HostRef): Promise<SealedHop[]> => {
    const reader = {
      runId: runId ?? null,
      actor: actor ?? { kind: 'system' as const, id: null, name: runId ? 'Run' : 'Server check' },
    };
    const occasion = `${workspaceId}|${runId ?? `check of ${new Date().toISOString().slice(0, 10)}`}`;
    const fresh: { id: string; name: string }[] = [];
    try {
      return await inTenant(workspaceId, async (tx) => {
        const way = await readWay(tx, serverId);
        for (const { credential } of way)
          if (reads.isFirst(occasion, credential.id)) fresh.push({ id: credential.id, name: credential.name });
        if (fresh.length > 0) await recordCredentialReads(tx, reader, fresh, way[0]?.name ?? '');
        return way;
      });
    } catch (error) {
      for (const { id } of fresh) reads.forget(occasion, id); // the entry was rolled back
      throw error;
    }
  };

  /** Another key than the pinned one was shown, by the server or by one on the way to it: kept for a person to decide. */
  const keepOffered = async (target: SshTarget, { facts }: SshProblem): Promise<void> => {
    for (let hop: SshTarget | undefined = target; hop; hop = hop.jump) {
      const place = places.get(hop);
      if (!place || hop.host !== facts.host || hop.port !== facts.port || typeof facts.key !== 'string') continue;
      await judge(place, { algorithm: String(facts.algorithm), fingerprint: String(facts.offered), key: facts.key });
    }
  };

  return {
    pool,
    tidy,
    async openHost(ref) {
      try {
        const way = await read(ref);
        const hops = await openWay(vault, ref.workspaceId, way);
        const [server] = hops;
        const target = targetOf(ref.workspaceId, hops);
        if (!server || !target) throw new Refusal('request.not_found');
        const connection = await contact(target, ref.signal);
        // The pinned key is back, or the key behind a pinned fingerprint is known now.
        if (server.isOffered || (server.pinnedKey && !server.pinnedKey.key))
          await judge({ workspaceId: ref.workspaceId, serverId: server.id }, connection.hostKey);
        const { id, name, host, port, tags } = server;
        return {
          server: { id, name, host, port, tags },
          pool,
          target,
          username: server.login.username,
          sudoPassword: server.sudoPassword,
          connection,
        };
      } catch (error) {
        throw typed(error);
      }
    },
    close: async (graceMs) => {
      // What a host does not let us remove now, its next sweep finds.
      await Promise.race([tidy.close(), new Promise((done) => setTimeout(done, graceMs ?? 2_000))]);
      await pool.close(graceMs);
    },
  };

  /** Opens a connection, or finds one open, and gives its place back at once: what follows takes its own. */
  async function contact(target: SshTarget, signal?: AbortSignal): Promise<SshConnection> {
    try {
      const lease = await pool.lease(target, signal);
      lease.release();
      return lease.connection;
    } catch (error) {
      if (isProblem(error, 'ssh.host_key_changed')) await keepOffered(target, error);
      // Two first contacts at once: the other one's key was pinned, and ours is another.
      if (isProblem(error, 'ssh.host_key_unknown') && verdicts.get(target) === 'mismatch')
        throw new SshProblem('ssh.host_key_changed', error.facts, error);
      throw error;
    }
  }
}

/** Refusals of the tables become problems of the host, so that callers know one kind of failure. */
function typed(error: unknown): unknown {
  if (!(error instanceof Refusal)) return error;
  const code: ErrorCode = error.code === 'request.not_found' ? 'server.gone' : error.code;
  return new SshProblem(
    code,
    Object.fromEntries(Object.entries(error.facts).filter(([, fact]) => typeof fact === 'string')) as Record<
      string,
      string
    >,
    error,
  );
}

/** For which run a credential was opened already: one audit entry each is enough. The oldest are forgotten. */
class RecentReads {
  readonly #seen = new Set<string>();

  isFirst(occasion: string, credentialId: string): boolean {
    const name = `${occasion}|${credentialId}`;
    if (this.#seen.has(name)) return false;
    this.#seen.add(name);
    if (this.#seen.size > 20_000) for (const oldest of [...this.#seen].slice(0, 10_000)) this.#seen.delete(oldest);
    return true;
  }

  forget(occasion: string, credentialId: string): void {
    this.#seen.delete(`${occasion}|${credentialId}`);
  }
}
