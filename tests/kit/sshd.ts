import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { platform, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { generateKey } from '#connectors/ssh/keys.ts';
import { findProgram, needProgram } from './os-packages.ts';

/** The shells on which durable commands are tried; `system` is whatever `/bin/sh` is. */
export type ShellKind = 'system' | 'dash' | 'bash' | 'busybox';

/**
 * A host on which no file grows beyond so much, as on a full disk: writes fail there too, and `SIGXFSZ`, which a full disk
 * does not send, is ignored. It needs no mount, so no right that a container may lack.
 */
export const smallDisk = (blocks: number): Pick<SshdHostOptions, 'forceCommand'> => ({
  forceCommand: `trap '' XFSZ; ulimit -f ${blocks}; exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"`,
});

export interface SshdHostOptions {
  /** Runs instead of whatever a client asks for (which is then in `$SSH_ORIGINAL_COMMAND`). */
  forceCommand?: string;
  /** Plays the account's login shell: each command runs as `<loginShell> -c <command>`. Also `/usr/sbin/nologin`. */
  loginShell?: string;
  /** The `sh` that comes first on PATH; its absolute path is the host's `sh`. */
  shell?: ShellKind;
  /** More environment. `HOME` and, with `shell`, `PATH` are set for every host. */
  env?: Record<string, string>;
  permitTty?: boolean;
  /** Who signs in; as root any account of this machine, else only oneself. See `ensureUser`. */
  username?: string;
  /** Where HOME is, if not in the fixture's own folder (to share one among hosts, or to make it read-only). */
  home?: string;
}

export interface SshdOptions {
  hosts: number | SshdHostOptions[];
  /** OpenSSH's `MaxStartups`; by default too large to matter. */
  maxStartups?: string;
  maxSessions?: number;
  /** A server process and host key for every host; otherwise up to 16 hosts share both. */
  ownHostKeys?: boolean;
  passwordAuth?: boolean;
  /** Lines for the global part of `sshd_config`. */
  config?: string[];
}

export interface SshdHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly username: string;
  /** `ssh-ed25519 AAAA…`, as in `known_hosts`. */
  readonly hostKey: string;
  /** This host's own HOME. Commands begin in the account's home folder, so use `$HOME/…`. */
  readonly home: string;
  /** The `sh` of the chosen kind. */
  readonly sh: string;
}

export interface Sshd {
  readonly hosts: SshdHost[];
  /** OpenSSH format, and where it lies for the `ssh` program (`-i`). */
  readonly privateKey: string;
  readonly privateKeyFile: string;
  readonly publicKey: string;
  readonly username: string;
  readonly folder: string;
  /** What the servers wrote to their log. */
  log: () => string;
  /** Ends open connections and listeners, but not the commands on the hosts, then listens again on the same addresses. */
  restart: (change?: { newHostKeys?: boolean }) => Promise<void>;
  /** Ends every open connection (the servers' processes for them are killed); commands on the hosts are left. */
  dropConnections: () => void;
  /** Ends everything that was started here, commands on the hosts included, and removes the folder. */
  stop: () => Promise<void>;
}

const isRoot = process.getuid?.() === 0;
const perProcess = 16; // an sshd takes at most 16 listen addresses

/** As root: makes an OS account for tests if it is not there, and sets its password. Ordinary users cannot. */
export function ensureUser(name: string, { password, shell = '/bin/sh' }: { password: string; shell?: string }): void {
  if (!isRoot) throw new Error(`Only root can make the account ${name}.`);
  try {
    execFileSync('useradd', ['--no-create-home', '--home-dir', '/', '--shell', shell, name], { stdio: 'pipe' });
  } catch (error) {
    if ((error as { status?: number }).status !== 9) throw error; // 9: it exists
  }
  execFileSync('chpasswd', { input: `${name}:${password}\n`, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Takes such an account away again. */
export function removeUser(name: string): void {
  spawnSync('userdel', ['--force', name], { stdio: 'ignore' });
}

/** Starts real OpenSSH servers on loopback. Each host has an address (or port) and a HOME of its own. */
export async function startSshd(options: SshdOptions): Promise<Sshd> {
  const program = needProgram('sshd');
  const folder = mkdtempSync(join(tmpdir(), 'windlass-sshd-'));
  chmodSync(folder, 0o755); // other accounts pass through to their homes
  if (isRoot) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 }); // where sshd separates privileges
  const userKey = generateKey();
  const privateKeyFile = join(folder, 'id_ed25519');
  writeFileSync(privateKeyFile, userKey.privateKey, { mode: 0o600 });
  writeFileSync(join(folder, 'authorized_keys'), `${userKey.publicKey}\n`, { mode: 0o644 });

  const wanted = typeof options.hosts === 'number' ? Array.from({ length: options.hosts }, () => ({})) : options.hosts;
  const size = options.ownHostKeys ? 1 : perProcess;
  const servers: Server[] = [];
  for (let from = 0; from < wanted.length; from += size) {
    const group = wanted.slice(from, from + size);
    servers.push(new Server(program, folder, servers.length, options, await placeHosts(folder, group, from)));
  }
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    killByEnvironment(`HOME=${folder}/`);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(servers.map((server) => server.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    get hosts() {
      return servers.flatMap((server) => server.hosts.map((host) => ({ ...host, hostKey: server.hostKey })));
    },
    privateKey: userKey.privateKey,
    privateKeyFile,
    publicKey: userKey.publicKey,
    username: userInfo().username,
    folder,
    log: () => servers.map((server) => server.log).join(''),
    restart: async (change = {}) => {
      await Promise.all(servers.map((server) => server.stop()));
      if (change.newHostKeys) servers.forEach((server) => server.makeHostKey());
      await Promise.all(servers.map((server) => server.start()));
    },
    dropConnections: () => servers.forEach((server) => server.dropConnections()),
    stop,
  };
}

type PlacedHost = Omit<SshdHost, 'hostKey'> & { options: SshdHostOptions };

/** Gives each host an address: on Linux one of 127/8 each, elsewhere (only 127.0.0.1 is up) a port each. */
async function placeHosts(folder: string, group: SshdHostOptions[], from: number): Promise<PlacedHost[]> {
  const net = `127.${randomInt(16, 250)}.${randomInt(256)}`;
  const oneNet = platform() === 'linux';
  const shared = oneNet ? await freePort(`${net}.1`) : 0;
  const placed: PlacedHost[] = [];
  for (const [index, options] of group.entries()) {
    const name = `host-${String(from + index + 1).padStart(2, '0')}`;
    const home = options.home ?? join(folder, name);
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const username = options.username ?? userInfo().username;
    if (isRoot && username !== 'root') {
      chownSync(home, Number(execFileSync('id', ['-u', username])), Number(execFileSync('id', ['-g', username])));
    }
    placed.push({
      name,
      address: oneNet ? `${net}.${index + 1}` : '127.0.0.1',
      port: shared || (await freePort('127.0.0.1')),
      username,
      home,
      sh: shellOf(folder, options.shell ?? 'system'),
      options,
    });
  }
  return placed;
}

async function freePort(address: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, address, resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (bound === null || typeof bound === 'string') throw new Error('No TCP port could be had.');
  return bound.port;
}

/** A folder that stands first on PATH and whose `sh` is the wanted shell (for busybox: all its programs). */
function shellOf(folder: string, kind: ShellKind): string {
  if (kind === 'system') return '/bin/sh';
  const bin = join(folder, `bin-${kind}`);
  const sh = join(bin, 'sh');
  try {
    mkdirSync(bin);
  } catch {
    return sh; // made for an earlier host
  }
  if (kind === 'busybox') execFileSync(needProgram('busybox'), ['--install', '-s', bin]);
  else symlinkSync(findProgram(kind) ?? `/bin/${kind}`, sh);
  return sh;
}

/** One sshd process with its listen addresses. */
class Server {
  readonly hosts: PlacedHost[];
  hostKey = '';
  readonly #program: string;
  readonly #path: string;
  readonly #folder: string;
  readonly #options: SshdOptions;
  #process: ChildProcess | undefined;

  constructor(program: string, folder: string, index: number, options: SshdOptions, hosts: PlacedHost[]) {
    this.#program = program;
    this.#folder = folder;
    this.#path = join(folder, `sshd-${index}`);
    this.#options = options;
    this.hosts = hosts;
    this.makeHostKey();
    writeFileSync(`${this.#path}.conf`, this.#config());
  }

  makeHostKey(): void {
    const pair = generateKey('ed25519', '');
    writeFileSync(`${this.#path}.key`, pair.privateKey, { mode: 0o600 });
    this.hostKey = pair.publicKey.trim();
  }

  async start(): Promise<void> {
    // `-D` keeps it in front (and ours to end). The log goes to a file: a pipe nobody reads would stall the server.
    const before = this.log.length;
    const args = ['-D', '-f', `${this.#path}.conf`, '-E', `${this.#path}.log`];
    const child = spawn(this.#program, args, { stdio: 'ignore' });
    this.#process = child;
    let problem: Error | undefined;
    child.once('error', (error) => (problem = error));
    child.once('exit', (code) => (problem = new Error(`sshd ended with ${code}: ${this.log}`)));
    while ((this.log.slice(before).match(/Server listening on /g)?.length ?? 0) < this.hosts.length) {
      if (problem) throw problem;
      await setTimeout(5);
    }
    child.removeAllListeners('exit');
  }

  get log(): string {
    return existsSync(`${this.#path}.log`) ? readFileSync(`${this.#path}.log`, 'utf8') : '';
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.dropConnections();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  dropConnections(): void {
    if (this.#process?.pid === undefined) return;
    const table = processTable();
    const drop = (parent: number) => {
      for (const { pid, ppid, name } of table) {
        if (ppid !== parent || !name.startsWith('sshd')) continue; // what is no sshd is somebody's command
        drop(pid);
        kill(pid);
      }
    };
    drop(this.#process.pid);
  }

  #config(): string {
    const { maxStartups = '1000', maxSessions = 100, passwordAuth = false, config = [] } = this.#options;
    return [
      ...this.hosts.map(({ address, port }) => `ListenAddress ${address}:${port}`),
      `HostKey ${this.#path}.key`,
      `AuthorizedKeysFile ${join(this.#folder, 'authorized_keys')}`,
      'StrictModes no',
      'UsePAM no',
      'UseDNS no',
      'PidFile none',
      'PrintMotd no',
      'KbdInteractiveAuthentication no',
      `PasswordAuthentication ${passwordAuth ? 'yes' : 'no'}`,
      'PermitRootLogin yes',
      `MaxStartups ${maxStartups}`,
      `MaxSessions ${maxSessions}`,
      'LoginGraceTime 30',
      ...(hasPenalties() ? ['PerSourcePenalties no'] : []), // else a test of wrong passwords shuts the others out
      'Subsystem sftp internal-sftp',
      ...config,
      ...this.hosts.flatMap((host) => matchBlock(host)),
      '',
    ].join('\n');
  }
}

function matchBlock({ address, port, home, sh, options }: PlacedHost): string[] {
  const env: Record<string, string> = { HOME: home, ...options.env };
  if (options.shell && options.shell !== 'system')
    env.PATH ??= `${sh.slice(0, -3)}:${process.env.PATH ?? '/usr/bin:/bin'}`;
  const forced =
    options.forceCommand ?? (options.loginShell && `exec ${options.loginShell} -c "$SSH_ORIGINAL_COMMAND"`);
  return [
    `Match LocalAddress ${address} LocalPort ${port}`,
    `  SetEnv ${Object.entries(env)
      .map(([name, value]) => `"${name}=${value}"`)
      .join(' ')}`,
    ...(forced ? [`  ForceCommand ${forced}`] : []),
    ...(options.permitTty === undefined ? [] : [`  PermitTTY ${options.permitTty ? 'yes' : 'no'}`]),
  ];
}

let penalties: boolean | undefined;
/** OpenSSH 9.8 began to punish addresses for failed sign-ins; older servers do not know the setting. */
function hasPenalties(): boolean {
  if (penalties !== undefined) return penalties;
  const said = spawnSync(needProgram('sshd'), ['-V'], { encoding: 'utf8' }); // older than 9.2: an error that names the version
  const [, major = '0', minor = '0'] = /OpenSSH_(\d+)\.(\d+)/.exec(said.stderr + said.stdout) ?? [];
  return (penalties = Number(major) * 100 + Number(minor) >= 908);
}

interface ProcessRow {
  pid: number;
  ppid: number;
  name: string;
}

function processTable(): ProcessRow[] {
  const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' });
  return text.split('\n').flatMap((line) => {
    const [, pid, ppid, name] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid && ppid && name ? [{ pid: Number(pid), ppid: Number(ppid), name: name.split('/').pop() ?? name }] : [];
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended meanwhile
  }
}

/** Ends processes whose environment holds an entry with this beginning: what ran in a home of ours. */
function killByEnvironment(beginning: string): void {
  if (platform() !== 'linux') return;
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    try {
      const entries = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
      if (entries.some((entry) => entry.startsWith(beginning))) kill(Number(pid));
    } catch {
      // gone, or not ours to read
    }
  }
}
