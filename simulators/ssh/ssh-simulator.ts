import { spawn } from 'node:child_process';
import { timingSafeEqual } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel, type Session } from 'ssh2';
import { generateKey } from '#connectors/ssh/keys.ts';

export interface SimulatedHost {
  name: string;
  /** On Linux any of 127/8 works; elsewhere only 127.0.0.1 is up. */
  address?: string;
  /** 0 or absent: picked by the system. */
  port?: number;
  /** More environment for its commands. */
  env?: Record<string, string>;
}

export interface SshSimulatorOptions {
  hosts: SimulatedHost[];
  /** What signs in everywhere; `ops` by default. */
  username?: string;
  /** Public keys in the form of `authorized_keys`; a pair is made where none is given. */
  authorizedKeys?: string[];
  password?: string;
  /** Where each host has its HOME (`<folder>/<name>`); kept between starts. Absent: a folder that goes at the end. */
  folder?: string;
  /** Private host key in OpenSSH format by host name; made where absent. Keep it, or hosts seem changed after a restart. */
  hostKeys?: Record<string, string>;
}

export interface RunningHost {
  name: string;
  address: string;
  port: number;
  home: string;
  /** `ssh-ed25519 AAAA…`. */
  hostKey: string;
  hostPrivateKey: string;
}

export interface SshSimulator {
  hosts: RunningHost[];
  username: string;
  password: string | null;
  /** Signs in everywhere; null where keys were given. */
  privateKey: string | null;
  /** Ends every connection. Commands go on, as they do on a real host. */
  dropConnections: () => void;
  /** Ends servers, connections and all commands in the hosts' homes. */
  stop: () => Promise<void>;
}

/**
 * SSH servers on loopback over the real `/bin/sh` of this machine, for the demo: keys and passwords, commands with their output,
 * exit codes and signals, and ways through for jump hosts. Needs no sshd and no root. A command outlives its connection.
 */
export async function startSshSimulator(options: SshSimulatorOptions): Promise<SshSimulator> {
  const pair = options.authorizedKeys ? null : generateKey();
  const keys = (options.authorizedKeys ?? [pair?.publicKey ?? '']).map(readPublicKey);
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'windlass-hosts-'));
  const username = options.username ?? 'ops';
  const door: Door = { username, password: options.password ?? null, keys };
  const servers = await Promise.all(
    options.hosts.map((host) => startHost(host, join(folder, host.name), options.hostKeys?.[host.name], door)),
  );
  return {
    hosts: servers.map(({ running }) => running),
    username,
    password: door.password,
    privateKey: pair?.privateKey ?? null,
    dropConnections: () => servers.forEach(({ drop }) => drop()),
    stop: async () => {
      await Promise.all(servers.map(({ stop }) => stop()));
      endCommands(`HOME=${folder}/`);
      if (!options.folder) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** ssh2's types leave out what its server connections can do. */
const disableNagle = (connection: Connection) =>
  (connection as Connection & { setNoDelay?: (isOn: boolean) => void }).setNoDelay?.(true);

interface Door {
  username: string;
  password: string | null;
  keys: ParsedKey[];
}

async function startHost(host: SimulatedHost, home: string, privateKey: string | undefined, door: Door) {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const hostPrivateKey = privateKey ?? generateKey().privateKey;
  const shown = ssh2.utils.parseKey(hostPrivateKey);
  if (shown instanceof Error) throw shown;
  const connections = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [hostPrivateKey] }, (connection) => {
    connections.add(connection);
    connection.on('error', () => {}); // a dropped connection is everyday life here
    connection.on('close', () => connections.delete(connection));
    connection.on('authentication', (context) => admit(door, context));
    connection.on('ready', () => {
      disableNagle(connection);
      connection.on('session', (accept) => serveSession(accept(), home, door.username, host));
      connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
        const far = connectTcp({ host: destIP, port: destPort, noDelay: true });
        far.once('error', () => reject());
        far.once('connect', () => {
          far.removeAllListeners('error');
          const near = accept();
          near.on('error', () => far.destroy()).on('close', () => far.destroy());
          far
            .on('error', () => near.close())
            .pipe(near)
            .pipe(far);
        });
      });
    });
  });
  const address = host.address ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(host.port ?? 0, address, () => resolve());
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error(`${host.name} has no TCP address.`);
  const { port } = bound;
  const drop = () => connections.forEach((connection) => connection.end());
  const running: RunningHost = {
    name: host.name,
    address,
    port,
    home,
    hostKey: `${shown.type} ${shown.getPublicSSH().toString('base64')}`,
    hostPrivateKey,
  };
  const stop = async () => {
    drop();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { running, drop, stop };
}

function admit(door: Door, context: AuthContext): void {
  if (context.username !== door.username) return context.reject(['publickey', 'password']);
  if (context.method === 'publickey') {
    const { key, blob, signature, hashAlgo } = context;
    const known = door.keys.find(
      (own) => own.type === key.algo.replace(/^rsa-sha2-\d+$/, 'ssh-rsa') && own.getPublicSSH().equals(key.data),
    );
    // Without a signature the client only asks whether the key would do.
    if (known && (!signature || (blob && isTrue(known.verify(blob, signature, hashAlgo))))) return context.accept();
  }
  if (context.method === 'password' && door.password !== null && isSame(context.password, door.password)) {
    return context.accept();
  }
  return context.reject(['publickey', 'password']);
}

/** ssh2 answers with an Error, which is no false. */
const isTrue = (answer: unknown): boolean => answer === true;

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function serveSession(session: Session, home: string, username: string, host: SimulatedHost): void {
  const asked: Record<string, string> = {};
  let pid: number | undefined;
  session.on('env', (accept, _reject, { key, val }: { key: string; val: string }) => {
    if (/^(?:LC_\w+|LANG)$/.test(key)) asked[key] = val; // what an ordinary sshd takes from a client
    accept?.();
  });
  session.on('signal', (_accept, _reject, { name }) => {
    if (pid) signalGroup(pid, `SIG${name}`);
  });
  const run = (channel: ServerChannel, args: string[]) => {
    const child = spawn('/bin/sh', args, {
      cwd: home,
      // A session of its own, as sshd makes one: nothing that ends the connection or this process reaches it.
      detached: true,
      env: {
        ...asked,
        HOME: home,
        USER: username,
        LOGNAME: username,
        SHELL: '/bin/sh',
        PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
        SSH_CLIENT: '127.0.0.1 0 22',
        ...host.env,
      },
    });
    pid = child.pid;
    child.on('error', () => channel.close());
    child.stdin.on('error', () => {});
    channel.on('error', () => {});
    channel.pipe(child.stdin);
    child.stdout.pipe(channel, { end: false });
    child.stderr.pipe(channel.stderr, { end: false });
    const isOver = [ended(child.stdout), ended(child.stderr)];
    child.on('exit', (code, signal) => {
      if (code === null) channel.exit((signal ?? 'SIGKILL').replace(/^SIG/, ''), false, '');
      else channel.exit(code);
      // Like sshd: what still holds the streams holds the channel.
      void Promise.all(isOver).then(() => channel.end());
    });
    channel.on('close', () => {
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
    });
  };
  session.on('exec', (accept, _reject, { command }) => run(accept(), ['-c', command]));
  session.on('shell', (accept) => run(accept(), []));
}

const ended = (stream: Readable) => new Promise<void>((resolve) => stream.once('close', () => resolve()));

function signalGroup(pid: number, signal: string): void {
  try {
    process.kill(-pid, signal as NodeJS.Signals);
  } catch {
    // it ended, or there is no such signal here
  }
}

function readPublicKey(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

/** Ends what still runs in the hosts' homes. Only Linux tells; elsewhere such commands end by themselves. */
function endCommands(beginning: string): void {
  let pids: string[] = [];
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  } catch {
    return;
  }
  for (const pid of pids) {
    try {
      const entries = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
      if (entries.some((entry) => entry.startsWith(beginning))) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // gone, or not ours to read
    }
  }
}
