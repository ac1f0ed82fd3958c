import { startProgram } from './channel.ts';
import type { SshTarget } from './connect.ts';
import { sweepMarkers } from './durable.ts';
import type { PublicKey } from './keys.ts';
import type { SshPool } from './pool.ts';
import { isProblem, type SshProblem } from './problem.ts';
import type { Sudo } from './script.sh.ts';

/** What the machine told of itself. Numbers are numbers; what it could not say is absent. */
export interface HostFacts {
  os?: string;
  kernel?: string;
  arch?: string;
  hostname?: string;
  user?: string;
  shell?: string;
  sshVersion?: string;
  uptimeSeconds?: number;
  cpus?: number;
  load1?: number;
  /** While it was checked; where the system tells it (Linux). */
  cpuUsedPercent?: number;
  memoryTotalBytes?: number;
  memoryUsedPercent?: number;
  diskTotalBytes?: number;
  diskUsedPercent?: number;
}

export interface HostCheck {
  reachable: boolean;
  /** Signed in. */
  authOk: boolean;
  /** From the first packet to the first word of a command. */
  latencyMs: number | null;
  /** How long the account's login shell took until our program spoke; a slow login script shows here. */
  shellMs: number | null;
  hostKey: PublicKey | null;
  facts: HostFacts;
  /** Where durable commands keep their state; null: nowhere, so only `durable: false` works. */
  stateFolder: string | null;
  hasSetsid: boolean;
  /** `sudo -n` works without a password. */
  canSudo: boolean;
  /** What a login script prints into every command (it is kept out of outputs). */
  noise: string;
  /** Markers of old commands that were removed, where a sweep was asked for. */
  swept: number;
  /** Why it is not as it should be. */
  problem: SshProblem | null;
}

const numbers = new Set([
  'uptimeSeconds',
  'cpus',
  'load1',
  'cpuUsedPercent',
  'memoryTotalBytes',
  'memoryUsedPercent',
  'diskTotalBytes',
  'diskUsedPercent',
]);
const texts = new Set(['os', 'kernel', 'arch', 'hostname', 'user', 'shell']);

/** Looks at a host: connects, signs in, asks our program for facts. Does not throw for what is wrong with the host. */
export async function checkHost(
  pool: SshPool,
  target: SshTarget,
  options: { sweep?: boolean; sudo?: Sudo; signal?: AbortSignal; sh?: string; firstWordMs?: number } = {},
): Promise<HostCheck> {
  const check: HostCheck = {
    reachable: false,
    authOk: false,
    latencyMs: null,
    shellMs: null,
    hostKey: null,
    facts: {},
    stateFolder: null,
    hasSetsid: false,
    canSudo: false,
    noise: '',
    swept: 0,
    problem: null,
  };
  const beganAt = performance.now();
  try {
    const lease = await pool.lease(target, options.signal);
    check.reachable = check.authOk = true;
    check.hostKey = lease.connection.hostKey;
    if (lease.connection.software) check.facts.sshVersion = lease.connection.software;
    lease.release();
    const execAt = performance.now();
    const { signal, sh, sudo, firstWordMs } = options;
    const channel = await startProgram(pool, target, {
      verb: 'check',
      key: 'windlass-check',
      parameters: {},
      signal,
      sh,
      sudo,
      firstWordMs,
    });
    try {
      for await (const item of channel) {
        if (item.kind !== 'words') continue;
        const [word, name = '', ...rest] = item.words;
        if (word === 'checking') {
          check.latencyMs = Math.round(performance.now() - beganAt);
          check.shellMs = Math.round(performance.now() - execAt);
        }
        if (word === 'fact') takeFact(check, name, rest.join(' '));
        if (word === 'done') break;
      }
      check.noise = channel.noise.trim().slice(0, 500);
    } finally {
      channel.close();
    }
    if (options.sweep) check.swept = (await sweepMarkers(pool, target, { signal, sh, sudo })).removed;
  } catch (error) {
    if (!isProblem(error)) throw error;
    check.problem = error;
    // Who refuses us by name or by key was reached.
    if (/^ssh\.(?:auth|host_key|handshake)|^command\./.test(error.code)) check.reachable = true;
  }
  return check;
}

function takeFact(check: HostCheck, name: string, value: string): void {
  if (name === 'setsid') check.hasSetsid = true;
  else if (name === 'sudo') check.canSudo = true;
  else if (name === 'stateFolder') check.stateFolder = value;
  else if (texts.has(name)) Object.assign(check.facts, { [name]: value });
  else if (numbers.has(name) && Number.isFinite(Number(value))) Object.assign(check.facts, { [name]: Number(value) });
}
