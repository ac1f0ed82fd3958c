import { lookup as lookupCallback } from 'node:dns';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import ssh2, { type Algorithms, type AuthenticationType, type Client, type ConnectConfig } from 'ssh2';
import { describePublicKey, readPrivateKey, type PublicKey } from './keys.ts';
import { isProblem, SshProblem } from './problem.ts';

export interface SshLogin {
  username: string;
  privateKey?: string;
  passphrase?: string;
  password?: string;
}

/** The key a server must show. With a fingerprint alone only that is compared. */
export interface PinnedKey {
  algorithm?: string | null;
  fingerprint: string;
  key?: string | null;
}

export interface SshTarget {
  host: string;
  port: number;
  login: SshLogin;
  hostKey?: PinnedKey | null;
  /** The server to go through, which may itself be reached through another. */
  jump?: SshTarget;
  /** Connections are shared within a scope only: a workspace's id. */
  scope?: string;
}

export interface ConnectOptions {
  /** Decides on a server without a pinned key; the caller stores what it trusts. Absent: refused. */
  trustFirstUse?: (target: SshTarget, offered: PublicKey) => boolean | Promise<boolean>;
  /** Says whether an address is one of this installation's own ports, which no command may reach. */
  isOwnPort?: (address: string, port: number) => boolean;
  connectTimeoutMs?: number;
  /** Three unanswered ones end the connection; 10 s. */
  keepaliveMs?: number;
  /** How often a server that drops us before the handshake (MaxStartups) is tried. */
  attempts?: number;
  signal?: AbortSignal;
}

export interface SshConnection {
  readonly client: Client;
  readonly target: SshTarget;
  readonly hostKey: PublicKey;
  /** From the first packet to the end of signing in. */
  readonly latencyMs: number;
  /** What the server says it is, as `OpenSSH_9.2p1 Debian-2`. */
  readonly software: string;
  /** Why the connection ended, once it has. */
  readonly ended: Promise<string>;
  isOpen: () => boolean;
  end: () => void;
}

/** Opens a way through a jump host: a stream to an address as that host sees it. */
export type OpenJump = (jump: SshTarget, host: string, port: number) => Promise<Duplex>;

/**
 * Connects and signs in. The host's key is verified before anything is sent; a server that drops us early is tried again with
 * full jitter. Fails by `ssh.*`, `server.own_port` or `private_key.*`.
 */
export async function connect(
  target: SshTarget,
  options: ConnectOptions = {},
  openJump?: OpenJump,
): Promise<SshConnection> {
  const attempts = options.attempts ?? 6;
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      return await connectOnce(target, options, openJump);
    } catch (error) {
      if (!isProblem(error, 'ssh.busy')) throw error;
      if (attempt >= attempts) throw new SshProblem('ssh.busy', { ...error.facts, attempts }, error);
      await wait(Math.random() * Math.min(4_000, 100 * 2 ** attempt), undefined, { signal: options.signal });
    }
  }
}

async function connectOnce(target: SshTarget, options: ConnectOptions, openJump?: OpenJump): Promise<SshConnection> {
  const { host, port, login, jump } = target;
  const timeoutMs = options.connectTimeoutMs ?? 15_000;
  const auth = authOf(login);
  if (options.isOwnPort?.(host, port)) throw new SshProblem('server.own_port', { host, port });
  const beganAt = performance.now();
  let socket: Duplex;
  if (jump) {
    if (!openJump) throw new Error('A target with a jump host is connected through a pool.');
    socket = await openJump(jump, host, port);
  } else {
    socket = await openSocket(target, options, timeoutMs);
  }

  const client = new ssh2.Client();
  let hostKey: PublicKey | undefined;
  let refusal: unknown;
  let isOpen = true;
  const config: ConnectConfig = {
    sock: socket,
    username: login.username,
    ...auth,
    readyTimeout: timeoutMs,
    keepaliveInterval: options.keepaliveMs ?? 10_000,
    keepaliveCountMax: 3,
    algorithms: algorithmsFor(target.hostKey),
    hostVerifier: (blob: Buffer, verify: (isValid: boolean) => void) => {
      hostKey = describePublicKey(blob);
      judgeKey(target, hostKey, options).then(
        () => verify(true),
        (error: unknown) => {
          refusal = error;
          verify(false);
        },
      );
    },
  };
  let reason = 'closed';
  let software = '';
  const ended = new Promise<string>((resolve) => {
    client.on('error', (error) => (reason = error.message));
    // The server has said its last word. What we still have to write would keep the socket half open, and in the pool.
    client.on('end', () => {
      isOpen = false;
      client.destroy();
    });
    client.on('close', () => {
      isOpen = false;
      resolve(reason);
    });
  });
  client.on('handshake', () => {
    // ssh2 leaves Nagle's algorithm on, which costs up to 90 ms a command.
    client.setNoDelay(true);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      const abort = () =>
        reject(options.signal?.reason instanceof Error ? options.signal.reason : new Error('aborted'));
      options.signal?.addEventListener('abort', abort, { once: true });
      const settle = () => options.signal?.removeEventListener('abort', abort);
      client.once('ready', () => {
        settle();
        resolve();
      });
      client.on('keyboard-interactive', (_name, _instructions, _lang, prompts, finish) =>
        finish(prompts.map(() => login.password ?? '')),
      );
      client.once('error', (error) => {
        settle();
        reject(refusal ?? connectProblem(target, error));
      });
      client.once('close', () => {
        settle();
        reject(refusal ?? new SshProblem('ssh.busy', { host, port, attempts: 1 }));
      });
      client.connect(config);
    });
  } catch (error) {
    client.destroy();
    socket.destroy();
    throw error;
  }
  if (!hostKey) throw new Error('ssh2 signed in without asking about the host key.');
  software = remoteSoftware(client);
  return {
    client,
    target,
    hostKey,
    latencyMs: performance.now() - beganAt,
    software,
    ended,
    isOpen: () => isOpen,
    end: () => client.end(),
  };
}

/** Resolves, asks the guard about each address, and connects to one that it passed: no second look-up lies between. */
function openSocket({ host, port }: SshTarget, options: ConnectOptions, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({
      host,
      port,
      noDelay: true,
      autoSelectFamily: true,
      lookup: (name, lookupOptions, done) =>
        lookupCallback(name, { ...lookupOptions, all: true }, (error, found) => {
          if (error) return done(error, '', 0);
          const own = found.find(({ address }) => options.isOwnPort?.(address, port));
          if (own) return done(new SshProblem('server.own_port', { host, port }), '', 0);
          const [first] = found;
          if (lookupOptions.all) return done(null, found);
          return done(null, first?.address ?? '', first?.family ?? 0);
        }),
    });
    const fail = (error: Error) => {
      socket.destroy();
      reject(isProblem(error) ? error : unreachable(host, port, reasonOf(error), error));
    };
    const timer = setTimeout(() => fail(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    socket.once('error', (error) => {
      clearTimeout(timer);
      fail(error);
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

async function judgeKey(target: SshTarget, offered: PublicKey, options: ConnectOptions): Promise<void> {
  const pinned = target.hostKey;
  const facts = { host: target.host, port: target.port, offered: offered.fingerprint, algorithm: offered.algorithm };
  if (!pinned) {
    if (await options.trustFirstUse?.(target, offered)) return;
    throw new SshProblem('ssh.host_key_unknown', { ...facts, key: offered.key });
  }
  if (!isSameKey(pinned, offered))
    throw new SshProblem('ssh.host_key_changed', { ...facts, pinned: pinned.fingerprint, key: offered.key });
}

/** Whether a server's key is the pinned one; by the whole key where both are known. */
export const isSameKey = (pinned: PinnedKey, offered: PinnedKey): boolean =>
  pinned.key && offered.key
    ? pinned.key === offered.key
    : pinned.fingerprint.replace(/=$/, '') === offered.fingerprint.replace(/=$/, '');

const hostKeyAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const;

/** The pinned kind of key first, or a server with several would show another one and look changed. */
function algorithmsFor(pinned: PinnedKey | null | undefined): Algorithms {
  const isPinned = (name: string) =>
    pinned?.algorithm === 'ssh-rsa' ? name.includes('rsa') : name === pinned?.algorithm;
  return {
    serverHostKey: [
      ...hostKeyAlgorithms.filter((name) => isPinned(name)),
      ...hostKeyAlgorithms.filter((name) => !isPinned(name)),
    ],
    // These ciphers are Node's own code; chacha20 would be computed in JavaScript and WebAssembly.
    cipher: { prepend: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com'], append: [], remove: [] },
  };
}

function authOf({ username, privateKey, passphrase, password }: SshLogin): Partial<ConnectConfig> {
  const ways: AuthenticationType[] = [];
  if (privateKey) ways.push('publickey');
  if (password) ways.push('password', 'keyboard-interactive');
  if (ways.length === 0 || username === '') throw new SshProblem('server.no_credential', { name: username });
  return {
    ...(privateKey ? { privateKey: readPrivateKey(privateKey, passphrase).openSsh, passphrase } : {}),
    ...(password ? { password, tryKeyboard: true } : {}),
    authHandler: ways,
  };
}

function connectProblem({ host, port, login }: SshTarget, error: Error & { level?: string }): SshProblem {
  if (error.level === 'client-authentication') {
    return new SshProblem('ssh.auth_refused', { host, port, username: login.username }, error);
  }
  if (error.level === 'client-timeout') return unreachable(host, port, 'no answer to the handshake in time', error);
  if (error.level === 'handshake' || /no matching|handshake failed|unsupported|Invalid|Expected/i.test(error.message)) {
    return new SshProblem('ssh.handshake_failed', { host, port, reason: error.message }, error);
  }
  // A server at its MaxStartups closes before its greeting or in the middle of the key exchange.
  return new SshProblem('ssh.busy', { host, port, reason: reasonOf(error), attempts: 1 }, error);
}

const unreachable = (host: string, port: number, reason: string, cause: unknown) =>
  new SshProblem('ssh.unreachable', { host, port, reason }, cause);

const reasons: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ENOTFOUND: 'the name is unknown',
  EAI_AGAIN: 'the name could not be looked up',
  ETIMEDOUT: 'no answer in time',
  ECONNRESET: 'the connection was reset',
};
const reasonOf = (error: Error & { code?: string }): string => {
  const first = error instanceof AggregateError ? (error.errors[0] as Error & { code?: string }) : error;
  return reasons[first.code ?? ''] ?? first.message;
};

/** ssh2 keeps what the server says it is to itself. */
function remoteSoftware(client: Client): string {
  const version: unknown = Reflect.get(client, '_remoteVer');
  return typeof version === 'string' ? version : '';
}
