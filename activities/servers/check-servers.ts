import type { DueServer } from '#contracts/servers/check-servers.ts';
import type { ServerFacts } from '#contracts/servers/servers.ts';
import { checkHost, type HostCheck } from '#connectors/ssh/check.ts';
import { isProblem, SshProblem } from '#connectors/ssh/problem.ts';
import { type CheckResult, checkPlan, noteSwept, postponeCheck, recordCheck } from '#db/servers/checks.ts';
import { takeDueServers } from '#db/system/due-servers.ts';
import type { Sweep } from '../kit/sweep.ts';
import type { ActivityTools } from '../kit/tools.ts';
import type { SshHosts } from './ssh-hosts.ts';

export interface CheckServersTools extends Pick<ActivityTools, 'inTenant' | 'log' | 'system'> {
  hosts: SshHosts;
  /** Checks at once in this process. */
  atOnce?: number;
}

/** A check is given up after this; a server may be taken again by anybody after twice that. */
const timeLimitMs = 60_000;
const minuteMs = 60_000;
const dayMs = 86_400_000;

/** The sweep, and a way to wait until what it began is done. */
export interface ServerSweep extends Sweep {
  settled(): Promise<void>;
}

/**
 * Checks servers whose time has come, of all workspaces, and those that somebody asked for. A pass only begins checks, so
 * that one server that hangs keeps nobody waiting. Runs where servers can be reached from: in processes of the role `ssh`.
 */
export function checkServers({ atOnce = 20, ...tools }: CheckServersTools): ServerSweep {
  const running = new Map<string, Promise<void>>();
  const again = new Set<string>();
  const begin = (due: DueServer) => {
    if (running.has(due.serverId)) return void again.add(due.serverId); // it may have been changed since
    const check = checkServer(tools, due)
      .catch((error: unknown) => tools.log.error({ err: error, ...due }, 'a server could not be checked'))
      .finally(() => {
        running.delete(due.serverId);
        if (again.delete(due.serverId)) begin(due);
      });
    running.set(due.serverId, check);
  };
  return {
    name: 'check-servers',
    everyMs: 1_000,
    async run() {
      const free = atOnce - running.size;
      if (free <= 0) return;
      for (const due of await takeDueServers(tools.system, free, 2 * timeLimitMs)) begin(due);
    },
    async settled() {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}

/** Looks at one server and keeps what was found. Once a day it also clears away old durable commands there. */
export async function checkServer(
  { inTenant, hosts }: Pick<CheckServersTools, 'inTenant' | 'hosts'>,
  { workspaceId, serverId }: DueServer,
): Promise<void> {
  const plan = await inTenant(workspaceId, (tx) => checkPlan(tx, serverId));
  if (!plan) return;
  // Without a rhythm nothing is checked unasked; the look after that rhythm goes on, should it be set again.
  const pauseMs = plan.everyMinutes > 0 ? plan.everyMinutes * minuteMs : 10 * minuteMs;
  const next = new Date(Date.now() + pauseMs * (0.9 + Math.random() * 0.2)); // jitter: servers added together drift apart
  if (!plan.isAsked && (plan.everyMinutes === 0 || plan.inMaintenance)) {
    await inTenant(workspaceId, (tx) => postponeCheck(tx, serverId, next));
    return;
  }
  const sweep = plan.sweptAt === null || plan.sweptAt.getTime() < Date.now() - dayMs;
  const { result, swept } = await look(hosts, { workspaceId, serverId }, sweep);
  await inTenant(workspaceId, async (tx) => {
    await recordCheck(tx, serverId, result, next);
    if (swept) await noteSwept(tx, serverId);
  });
}

async function look(hosts: SshHosts, due: DueServer, sweep: boolean): Promise<{ result: CheckResult; swept: boolean }> {
  const beganAt = performance.now();
  const signal = AbortSignal.timeout(timeLimitMs);
  try {
    const host = await hosts.openHost({ ...due, signal });
    const openedMs = performance.now() - beganAt;
    const check = await checkHost(host.pool, host.target, { sweep, signal });
    return { result: judge(check, openedMs), swept: sweep && check.problem === null };
  } catch (error) {
    if (isProblem(error)) return { result: failed(error, null), swept: false };
    if (signal.aborted)
      return {
        result: failed(
          new SshProblem('ssh.unreachable', { reason: `no answer within ${timeLimitMs / 1_000} s` }),
          null,
        ),
        swept: false,
      };
    throw error;
  }
}

/** Nobody answered; everything else that goes wrong is said by somebody who did. */
const isSilent = ({ code }: SshProblem): boolean =>
  ['ssh.unreachable', 'ssh.busy', 'ssh.connection_lost'].includes(code);

const failed = (problem: SshProblem, facts: ServerFacts | null): CheckResult => ({
  reachable: /^(?:ssh\.(?:auth|host_key|handshake)|command\.)/.test(problem.code),
  health: isSilent(problem) ? 'no_answer' : 'unhealthy',
  latencyMs: null,
  code: problem.code,
  message: problem.message,
  facts,
});

/** From where on a machine that answers is short of something. */
const limits = { diskPercent: 90, memoryPercent: 95, shellMs: 3_000 };

function judge(check: HostCheck, openedMs: number): CheckResult {
  const { diskUsedPercent = 0, memoryUsedPercent = 0 } = check.facts;
  const facts: ServerFacts = {
    ...check.facts,
    canSudo: check.canSudo,
    ...(check.shellMs !== null && { shellMs: check.shellMs }),
    ...(check.stateFolder !== null && { stateFolder: check.stateFolder }),
    ...(check.noise !== '' && { noise: check.noise }),
  };
  if (check.problem) return failed(check.problem, null);
  const short =
    diskUsedPercent >= limits.diskPercent
      ? new SshProblem('server.degraded_disk', { percent: Math.round(diskUsedPercent) })
      : memoryUsedPercent >= limits.memoryPercent
        ? new SshProblem('server.degraded_memory', { percent: Math.round(memoryUsedPercent) })
        : check.stateFolder === null
          ? new SshProblem('command.no_state_folder')
          : (check.shellMs ?? 0) >= limits.shellMs
            ? new SshProblem('server.degraded_slow', { latencyMs: check.shellMs ?? 0 })
            : null;
  return {
    reachable: true,
    health: short ? 'degraded' : 'healthy',
    latencyMs: Math.round((openedMs + (check.latencyMs ?? 0)) * 10) / 10,
    code: short?.code ?? null,
    message: short?.message ?? null,
    facts,
  };
}
