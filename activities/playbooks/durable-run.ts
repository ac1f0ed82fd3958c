import { setTimeout as pause } from 'node:timers/promises';
import type { CommandText } from '#connectors/ssh/command.ts';
import { cancelCommand, followCommand } from '#connectors/ssh/durable.ts';
import { isProblem, playbookCode } from '#connectors/ssh/problem.ts';
import type { HostReply } from '#contracts/playbooks/engine/effects.ts';
import type { ErrorFacts } from '#contracts/playbooks/engine/failures.ts';
import type { OpenHost } from '../servers/ssh-hosts.ts';
import { commandKey, failed, graceSeconds, headBytes, type HostJob, open, textOf } from './host-job.ts';
import { MaskedText } from './masked-text.ts';

const tailBytes = 2 * 1_048_576;
/** A lost connection to a command that began is tried anew for so long, unless the step's own time is up before. */
const regainMs = 15 * 60_000;
const cancelOptions = (sudo: CommandText['sudo']) => ({ graceSeconds, ...(sudo && { sudo }) });

/** A durable command: begun once, followed to its end over lost connections, and ended for good when that is asked. */
export class DurableRun {
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
