import { createHash } from 'node:crypto';
import type { CommandText } from '#connectors/ssh/command.ts';
import { playbookCode, type SshProblem } from '#connectors/ssh/problem.ts';
import { isCommandKey } from '#connectors/ssh/script.sh.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import type { HostWork, ServerFacts } from '#contracts/playbooks/engine/effects.ts';
import type { ErrorFacts } from '#contracts/playbooks/engine/failures.ts';
import type { Masker } from '#contracts/playbooks/masking.ts';
import type { HostPlace } from '#db/runs/host-output.ts';
import type { OpenHost, SshHosts } from '../servers/ssh-hosts.ts';
import type { HostWriter } from './host-writer.ts';

/** The log of a stream keeps so much of its beginning, and its end (playbook-language §11). */
export const headBytes = 8 * 1_048_576;
/** Between the polite signal and the one that cannot be refused. */
export const graceSeconds = 10;

/** What one host does of a step. */
export interface HostJob {
  hosts: SshHosts;
  writer: HostWriter;
  masker: Masker;
  /** The content of a stored file, by name or id. */
  readArtifact: (name: string) => Promise<Buffer>;
  workspaceId: string;
  runId: string;
  actor: { kind: 'user' | 'key' | 'system'; id: string | null; name: string };
  address: string;
  attempt: number;
  execution: number;
  server: ServerFacts;
  /** Secrets put in. */
  work: HostWork;
  timeoutMs: number | null;
  outputBytes: number;
  okExitCodes: readonly number[];
  /** What is to be done once the host's end is recorded. */
  afterRecord: (() => void)[];
  /** What an earlier attempt of this activity has left. */
  before: HostPlace | undefined;
  /** When the activity was first scheduled, and whether this is a later attempt of it. */
  firstScheduledMs: number;
  isRepeated: boolean;
  /** Whoever began it is lost, and it is to be stopped, whether or not its row says that it began. */
  onlyStop: boolean;
  /** Cancel was asked: end the command. */
  cancel: AbortSignal;
  /** The worker stops: leave the command and come back later. */
  shutdown: AbortSignal;
}

/** One intended execution on one host, for ever: `<run>.<step>.<host>.<n>` (durable-commands.md §2). */
export function commandKey({
  runId,
  address,
  server,
  execution,
}: Pick<HostJob, 'runId' | 'address' | 'server' | 'execution'>): string {
  const key = `${runId}.${address}.${server.id}.${execution}`;
  return isCommandKey(key) ? key : createHash('sha256').update(key).digest('hex');
}

export const open = ({ hosts, workspaceId, runId, actor, server, shutdown }: HostJob): Promise<OpenHost> =>
  hosts.openHost({ workspaceId, serverId: server.id, runId, actor, signal: shutdown });

export function textOf(work: Extract<HostWork, { kind: 'ssh' | 'script' }>, host: OpenHost): CommandText {
  const env = Object.fromEntries(Object.entries(work.env).map(([name, value]) => [name, asText(value)]));
  return {
    ...(work.kind === 'ssh'
      ? { command: work.command, shell: work.shell }
      : { script: { body: work.script, interpreter: work.interpreter, args: work.args } }),
    env,
    ...(work.stdin !== null && work.stdin !== '' && { stdin: asText(work.stdin) }),
    ...(work.cwd !== null && { cwd: work.cwd }),
    ...sudoOf(work.sudo, host),
  };
}

export const sudoOf = (sudo: boolean | string, { sudoPassword }: OpenHost) =>
  sudo === false
    ? {}
    : { sudo: { user: sudo === true ? 'root' : sudo, ...(sudoPassword && { password: sudoPassword.reveal() }) } };

export const asText = (value: unknown): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);

export const failed = (problem: SshProblem): ErrorFacts => ({
  code: playbookCode({ code: problem.code, facts: problem.facts }),
  message: problem.message,
  details: Object.fromEntries(
    Object.entries({ ...problem.facts, reason: problem.facts['reason'] ?? problem.code }).filter(
      ([, fact]) => fact !== undefined,
    ),
  ) as { [name: string]: Json },
});
