import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { cancelCommand, followCommand } from '#connectors/ssh/durable.ts';
import { runPlain } from '#connectors/ssh/exec.ts';
import { isProblem, playbookCode, type SshProblem } from '#connectors/ssh/problem.ts';
import { isCommandKey } from '#connectors/ssh/script.sh.ts';
import { uploadFile } from '#connectors/ssh/upload.ts';
import type { CommandText } from '#connectors/ssh/command.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import type { HostReply, HostWork, ServerFacts } from '#contracts/playbooks/engine/effects.ts';
import type { ErrorFacts } from '#contracts/playbooks/engine/failures.ts';
import { classifyHost } from '#contracts/playbooks/engine/hosts/results.ts';
import type { Masker } from '#contracts/playbooks/masking.ts';
import { Refusal } from '#db/kit/refusal.ts';
import type { HostPlace } from '#db/runs/host-output.ts';
import type { OpenHost, SshHosts } from '../servers/ssh-hosts.ts';
import type { HostWriter } from './host-writer.ts';
import { MaskedText } from './masked-text.ts';

/** The log of a stream keeps its beginning and its end; the length of all of it is told (playbook-language §11). */
const headBytes = 8 * 1_048_576;
const tailBytes = 2 * 1_048_576;
/** A lost connection to a command that began is tried anew for so long, unless the step's own time is up before. */
const regainMs = 15 * 60_000;
const graceSeconds = 10;

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

/** Does a step's work on one host and says how it went; what happened is written before it answers. Throws only on shutdown. */
export async function runOnHost(job: HostJob): Promise<HostReply> {
  const { before, execution, writer, server } = job;
  if (before?.phase === `ended:${execution}`) return repliedBefore(before, job);
  const hasBegun = before?.phase === `begun:${execution}`;
  const reply = await attempt(job, hasBegun);
  await writer.ended(server.name, endOf(reply, job));
  for (const call of job.afterRecord) call();
  return reply;
}

async function attempt(job: HostJob, hasBegun: boolean): Promise<HostReply> {
  const { work, cancel, onlyStop } = job;
  // Without a marker on the host there is nothing to find it by.
  if (onlyStop && (work.kind === 'upload' || !work.durable))
    return { kind: 'unknown', reason: 'The worker that ran it was lost.' };
  if (cancel.aborted && !hasBegun && !onlyStop) return { kind: 'canceled' };
  switch (work.kind) {
    case 'upload':
      return upload(job, work);
    case 'ssh':
    case 'script':
      return work.durable ? new DurableRun(job, hasBegun).run() : plain(job, work);
  }
}

const open = ({ hosts, workspaceId, runId, actor, server, shutdown }: HostJob): Promise<OpenHost> =>
  hosts.openHost({ workspaceId, serverId: server.id, runId, actor, signal: shutdown });

function textOf(work: Extract<HostWork, { kind: 'ssh' | 'script' }>, host: OpenHost): CommandText {
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

const sudoOf = (sudo: boolean | string, { sudoPassword }: OpenHost) =>
  sudo === false
    ? {}
    : { sudo: { user: sudo === true ? 'root' : sudo, ...(sudoPassword && { password: sudoPassword.reveal() }) } };

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);

const failed = (problem: SshProblem): ErrorFacts => ({
  code: playbookCode({ code: problem.code, facts: problem.facts }),
  message: problem.message,
  details: Object.fromEntries(
    Object.entries({ ...problem.facts, reason: problem.facts['reason'] ?? problem.code }).filter(
      ([, fact]) => fact !== undefined,
    ),
  ) as { [name: string]: Json },
});

const cancelOptions = (sudo: CommandText['sudo']) => ({ graceSeconds, ...(sudo && { sudo }) });

/** A durable command: begun once, followed to its end over lost connections, and ended for good when that is asked. */
class DurableRun {
  readonly #job: HostJob;
  readonly #key: string;
  readonly #texts: { stdout: MaskedText; stderr: MaskedText };
  readonly #kept: { stdout: string; stderr: string };
  readonly #bytes: { stdout: number; stderr: number };
  #hasBegun: boolean;
  #beganAt: number;
  #isTimedOut = false;
  #cancel: Promise<void> | undefined;

  constructor(job: HostJob, hasBegun: boolean) {
    this.#job = job;
    this.#key = commandKey(job);
    this.#hasBegun = hasBegun;
    const { before, masker } = job;
    this.#bytes = {
      stdout: hasBegun ? (before?.stdoutBytes ?? 0) : 0,
      stderr: hasBegun ? (before?.stderrBytes ?? 0) : 0,
    };
    this.#kept = { stdout: hasBegun ? (before?.stdout ?? '') : '', stderr: hasBegun ? (before?.stderr ?? '') : '' };
    this.#texts = {
      stdout: new MaskedText(masker, this.#bytes.stdout),
      stderr: new MaskedText(masker, this.#bytes.stderr),
    };
    this.#beganAt = hasBegun ? (before?.startedAt?.getTime() ?? Date.now()) : 0;
  }

  async run(): Promise<HostReply> {
    const { cancel, shutdown, onlyStop } = this.#job;
    let lostSince = 0;
    for (let round = 0; ; round++) {
      try {
        const host = await open(this.#job);
        return await this.#follow(host);
      } catch (error) {
        shutdown.throwIfAborted();
        if (!isProblem(error)) throw error;
        const isUnknown = playbookCode({ code: error.code, facts: error.facts }) === 'outcome.unknown';
        if (isUnknown) return { kind: 'unknown', reason: error.message, ...this.#kept };
        if (!this.#hasBegun && !onlyStop)
          return cancel.aborted ? { kind: 'canceled' } : { kind: 'error', error: failed(error) };
        if (!error.retry) return { kind: 'unknown', reason: error.message, ...this.#kept };
        lostSince ||= Date.now();
        const isUp = Date.now() - lostSince > regainMs || this.#isOver();
        if (isUp)
          return {
            kind: 'unknown',
            reason: `The connection was lost and did not come back: ${error.message}`,
            ...this.#kept,
          };
        await pause(Math.min(10_000, 200 * 2 ** Math.min(round, 6)) * (0.5 + Math.random()), undefined, {
          signal: shutdown,
        }).catch(() => undefined);
      }
    }
  }

  #isOver(): boolean {
    const { timeoutMs } = this.#job;
    return timeoutMs !== null && this.#beganAt > 0 && Date.now() > this.#beganAt + timeoutMs + 60_000;
  }

  async #follow(host: OpenHost): Promise<HostReply> {
    const { work, cancel, shutdown, isRepeated, firstScheduledMs } = this.#job;
    if (work.kind === 'upload') throw new Error('An upload is no command.');
    const command = { ...textOf(work, host), key: this.#key };
    if (this.#job.onlyStop) {
      // Takes the key where nothing has: the follower finds what ran, or that nothing ever will.
      await cancelCommand(host.pool, host.target, this.#key, cancelOptions(command.sudo));
      this.#cancel = Promise.resolve();
    }
    const timer = this.#watch(host, command.sudo);
    const stop = (): void => this.#end(host, command.sudo);
    if (cancel.aborted) stop();
    else cancel.addEventListener('abort', stop, { once: true });
    try {
      const sinceSeconds = isRepeated ? Math.max(0, Math.floor((Date.now() - firstScheduledMs) / 1_000)) : undefined;
      const options = {
        isBegun: this.#hasBegun,
        signal: shutdown,
        ...(sinceSeconds !== undefined && { sinceSeconds }),
      };
      for await (const event of followCommand(host.pool, host.target, command, {
        ...options,
        from: { ...this.#bytes },
        capBytes: headBytes,
      })) {
        switch (event.kind) {
          case 'begun':
            this.#begun();
            break;
          case 'output':
            await this.#output(event.stream, event.bytes);
            break;
          case 'gap':
            this.#skip(event.stream, event.endByte);
            break;
          case 'end': {
            const { end } = event;
            await this.#cancel;
            if (end.isTruncated.stdout || end.isTruncated.stderr) await this.#tail(host, command, end.totals);
            this.#flushTexts();
            this.#tidy(host, command.sudo);
            if (this.#isTimedOut) return { kind: 'error', error: this.#timeoutError(), ...this.#kept };
            if (end.isCanceled || cancel.aborted) return { kind: 'canceled', ...this.#kept };
            return {
              kind: 'ended',
              exitCode: end.exitCode,
              signal: end.signal,
              ...this.#cut(),
              stdoutBytes: end.totals.stdout,
              stderrBytes: end.totals.stderr,
              truncated:
                end.totals.stdout > this.#job.outputBytes ||
                end.totals.stderr > this.#job.outputBytes ||
                end.isOutputLost,
            };
          }
        }
      }
      throw new Error('A followed command ended without an end.');
    } finally {
      clearTimeout(timer);
      cancel.removeEventListener('abort', stop);
    }
  }

  #begun(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#beganAt = Date.now();
    this.#job.writer.begun(this.#job.server.name, {
      phase: `begun:${this.#job.execution}`,
      at: new Date(this.#beganAt),
      attempt: this.#job.attempt,
    });
  }

  async #output(stream: 'stdout' | 'stderr', bytes: Buffer): Promise<void> {
    this.#bytes[stream] += bytes.length;
    this.#say(stream, this.#texts[stream].push(bytes));
    await this.#job.writer.full();
  }

  #skip(stream: 'stdout' | 'stderr', toByte: number): void {
    this.#bytes[stream] = toByte;
    this.#say(stream, this.#texts[stream].skip(toByte));
  }

  #say(stream: 'stdout' | 'stderr', part: { text: string; fromByte: number; toByte: number }): void {
    if (part.text === '' && part.toByte === part.fromByte) return;
    if (this.#kept[stream].length < this.#job.outputBytes) this.#kept[stream] += part.text;
    this.#job.writer.output(this.#job.server.name, { stream, ...part });
  }

  #flushTexts(): void {
    for (const stream of ['stdout', 'stderr'] as const) this.#say(stream, this.#texts[stream].end());
  }

  #cut(): { stdout: string; stderr: string } {
    const most = this.#job.outputBytes;
    return { stdout: this.#kept.stdout.slice(0, most), stderr: this.#kept.stderr.slice(0, most) };
  }

  /** What was cut in the middle: the last 2 MB of each stream are still on the host. */
  async #tail(
    host: OpenHost,
    command: Parameters<typeof followCommand>[2],
    totals: { stdout: number; stderr: number },
  ): Promise<void> {
    const from = {
      stdout: Math.max(this.#bytes.stdout, totals.stdout - tailBytes),
      stderr: Math.max(this.#bytes.stderr, totals.stderr - tailBytes),
    };
    for (const stream of ['stdout', 'stderr'] as const)
      if (from[stream] > this.#bytes[stream]) this.#skip(stream, from[stream]);
    for await (const event of followCommand(host.pool, host.target, command, {
      isBegun: true,
      from,
      capBytes: Number.MAX_SAFE_INTEGER,
      signal: this.#job.shutdown,
    })) {
      if (event.kind === 'output') await this.#output(event.stream, event.bytes);
      else if (event.kind === 'gap') this.#skip(event.stream, event.endByte);
    }
  }

  #watch(host: OpenHost, sudo: CommandText['sudo']): NodeJS.Timeout | undefined {
    const { timeoutMs } = this.#job;
    if (timeoutMs === null) return undefined;
    const left = this.#beganAt === 0 ? timeoutMs : Math.max(0, this.#beganAt + timeoutMs - Date.now());
    return setTimeout(
      () => {
        this.#isTimedOut = true;
        this.#end(host, sudo);
      },
      Math.min(left, 2 ** 31 - 1),
    );
  }

  /** TERM to all that the command started, KILL after the grace; the follower takes the last output meanwhile. */
  #end(host: OpenHost, sudo: CommandText['sudo']): void {
    this.#cancel ??= cancelCommand(host.pool, host.target, this.#key, cancelOptions(sudo)).then(
      () => undefined,
      () => undefined, // the follower tells what became of it
    );
  }

  /** Once the result is in the database, the command's output on the host is not needed any more. */
  #tidy(host: OpenHost, sudo: CommandText['sudo']): void {
    this.#job.afterRecord.push(() => this.#job.hosts.tidy.add(host.target, this.#key, sudo ? { sudo } : {}));
  }

  #timeoutError(): ErrorFacts {
    return {
      code: 'step.timed_out',
      message: `It took longer than ${Math.round((this.#job.timeoutMs ?? 0) / 1_000)} s and was ended.`,
    };
  }
}

/** Without a marker on the host: quicker, and where the connection is lost nobody knows what became of it. */
async function plain(job: HostJob, work: Extract<HostWork, { kind: 'ssh' | 'script' }>): Promise<HostReply> {
  const texts = { stdout: new MaskedText(job.masker, 0), stderr: new MaskedText(job.masker, 0) };
  const kept = { stdout: '', stderr: '' };
  const say = (stream: 'stdout' | 'stderr', part: { text: string; fromByte: number; toByte: number }): void => {
    if (part.text === '') return;
    if (kept[stream].length < job.outputBytes) kept[stream] += part.text;
    job.writer.output(job.server.name, { stream, ...part });
  };
  let hasBegun = false;
  try {
    const host = await open(job);
    hasBegun = true;
    job.writer.begun(job.server.name, { phase: `begun:${job.execution}`, at: new Date(), attempt: job.attempt });
    const end = await runPlain(host.pool, host.target, textOf(work, host), {
      onOutput: (stream, bytes) => say(stream, texts[stream].push(bytes)),
      capBytes: headBytes,
      ...(job.timeoutMs !== null && { timeoutMs: Math.min(job.timeoutMs, 2 ** 31 - 1) }),
      signal: AbortSignal.any([job.cancel, job.shutdown]),
      graceSeconds,
    });
    for (const stream of ['stdout', 'stderr'] as const) say(stream, texts[stream].end());
    const isCut = end.totals.stdout > job.outputBytes || end.totals.stderr > job.outputBytes;
    return {
      kind: 'ended',
      exitCode: end.exitCode,
      signal: end.signal,
      stdout: kept.stdout.slice(0, job.outputBytes),
      stderr: kept.stderr.slice(0, job.outputBytes),
      stdoutBytes: end.totals.stdout,
      stderrBytes: end.totals.stderr,
      truncated: isCut,
    };
  } catch (error) {
    job.shutdown.throwIfAborted();
    if (job.cancel.aborted) return { kind: 'canceled', ...kept };
    if (!isProblem(error)) throw error;
    if (hasBegun && error.code === 'ssh.connection_lost') return { kind: 'unknown', reason: error.message, ...kept };
    return { kind: 'error', error: failed(error), ...kept };
  }
}

/** Repeatable: a temporary file and a rename; the same content is left alone. */
async function upload(job: HostJob, work: Extract<HostWork, { kind: 'upload' }>): Promise<HostReply> {
  try {
    const { artifact, mode, owner, backup, to } = work;
    const content = artifact === null ? Buffer.from(asText(work.content)) : await job.readArtifact(artifact);
    const host = await open(job);
    const result = await uploadFile(
      host.pool,
      host.target,
      {
        path: to,
        content,
        backup,
        ...(mode !== null && { mode }),
        ...(owner !== null && { owner }),
        ...sudoOf(work.sudo, host),
      },
      {
        signal: AbortSignal.any([job.cancel, job.shutdown]),
        ...(job.timeoutMs !== null && { timeoutMs: Math.min(job.timeoutMs, 2 ** 31 - 1) }),
      },
    );
    return { kind: 'ended', exitCode: 0, signal: null, stdout: '', stderr: '', more: { ...result } };
  } catch (error) {
    job.shutdown.throwIfAborted();
    if (job.cancel.aborted) return { kind: 'canceled' };
    if (error instanceof Refusal)
      return { kind: 'error', error: { code: error.code, message: error.message, retryable: false } };
    if (!isProblem(error)) throw error;
    return { kind: 'error', error: failed(error) };
  }
}

/** An earlier attempt of this activity saw its end and wrote it: nothing is done again. */
function repliedBefore(before: HostPlace, { outputBytes }: HostJob): HostReply {
  const texts = { stdout: before.stdout.slice(0, outputBytes), stderr: before.stderr.slice(0, outputBytes) };
  if (before.status === 'unknown')
    return { kind: 'unknown', reason: before.error?.message ?? 'Nobody knows whether it ran.', ...texts };
  if (before.status === 'canceled') return { kind: 'canceled', ...texts };
  if (before.error && before.exitCode === null)
    return {
      kind: 'error',
      error: {
        code: before.error.code,
        message: before.error.message,
        ...(before.error.details != null && { details: before.error.details as { [name: string]: Json } }),
      },
      ...texts,
    };
  return {
    kind: 'ended',
    exitCode: before.exitCode,
    signal: before.signal,
    ...texts,
    stdoutBytes: before.stdoutBytes,
    stderrBytes: before.stderrBytes,
    truncated: before.truncated,
    ...(before.facts && { more: before.facts }),
  };
}

function endOf(reply: HostReply, { execution, okExitCodes }: HostJob): Parameters<HostWriter['ended']>[1] {
  const { status, error } = classifyHost(reply, okExitCodes);
  const ended = reply.kind === 'ended' ? reply : undefined;
  const unknown = reply.kind === 'unknown' ? { code: 'outcome.unknown', message: reply.reason } : null;
  return {
    phase: `ended:${execution}`,
    status,
    exitCode: ended?.exitCode ?? null,
    signal: ended?.signal ?? null,
    error: error
      ? { code: error.code, message: error.message, ...(error.details && { details: error.details as Json }) }
      : unknown,
    truncated: ended?.truncated ?? false,
    facts: (ended?.more as Record<string, Json> | undefined) ?? null,
    at: new Date(),
  };
}
