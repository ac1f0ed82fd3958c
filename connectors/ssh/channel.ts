import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import type { SshTarget } from './connect.ts';
import { ControlScanner } from './control.ts';
import type { Lease, SshPool } from './pool.ts';
import { SshProblem } from './problem.ts';
import { execString, programBytes, type Parameters, type Sudo, type Verb } from './script.sh.ts';

export type StreamName = 'stdout' | 'stderr';

export type ProgramItem =
  | { kind: 'bytes'; stream: StreamName; bytes: Buffer }
  | { kind: 'words'; stream: StreamName; words: string[] };

export interface ProgramRun {
  verb: Verb;
  key: string;
  parameters: Parameters;
  sudo?: Sudo;
  /** The shell that runs our program on the host. */
  sh?: string;
  /** No word from the host within this time: there is no POSIX shell, or a login script hangs. */
  firstWordMs?: number;
  signal?: AbortSignal;
}

/** How the channel ended: by itself, with what sshd says of its shell. */
export interface ChannelEnd {
  code: number | null;
  signal: string | null;
}

const highWater = 512 * 1024;

/** Opens a channel on a pooled connection and runs one verb of the program there. */
export async function startProgram(pool: SshPool, target: SshTarget, run: ProgramRun): Promise<ProgramChannel> {
  const nonce = randomBytes(16).toString('hex');
  const stdin = programBytes(run.verb, nonce, run.key, run.parameters, run.sudo);
  const command = execString(run.key, run.sudo, run.sh);
  for (let refusals = 0, losses = 0; ;) {
    const isUrgent = run.verb === 'cancel' || run.verb === 'kill';
    const lease = await pool.lease(target, run.signal, isUrgent);
    // Made inside ssh2's callback: a short answer and the exit status may already be in the packet that is being read.
    const make = (channel: ClientChannel) => new ProgramChannel(channel, lease, nonce, stdin, run);
    const made = await openExec(lease, command, make);
    if (made instanceof ProgramChannel) return made;
    if (made === 'gone') {
      // Our program goes out after the exec is confirmed, so nothing was started: another connection.
      if (++losses > 2) throw new SshProblem('ssh.connection_lost', { host: target.host, reason: 'it broke at once' });
      continue;
    }
    if (lease.refused()) continue; // another connection, or this one when a channel has gone
    // sshd counts a session until its process is reaped, a moment longer than we do.
    if (++refusals > 5) throw new SshProblem('command.shell_missing', { answer: made.message }, made);
    await wait(100 * refusals, undefined, { signal: run.signal });
  }
}

/** The error: this connection takes no further channel. `gone`: it broke before we sent anything. */
function openExec<T>(lease: Lease, command: string, make: (channel: ClientChannel) => T): Promise<T | Error | 'gone'> {
  return new Promise((resolve, reject) => {
    const gone = () => {
      lease.client.destroy();
      lease.release();
      void lease.connection.ended.then(() => resolve('gone'));
    };
    try {
      lease.client.exec(command, (error, channel) => {
        if (!error) return resolve(make(channel));
        if (!lease.connection.isOpen() || /no response|not connected/i.test(error.message)) return gone();
        if (/open failed|channel open failure/i.test(error.message)) return resolve(error);
        lease.release();
        return reject(new SshProblem('command.shell_missing', { answer: error.message }, error));
      });
    } catch {
      gone();
    }
  });
}

/** One running verb: an async iterable of the command's bytes and the program's words, in the order of each stream. */
export class ProgramChannel implements AsyncIterable<ProgramItem> {
  readonly #channel: ClientChannel;
  readonly #lease: Lease;
  readonly #items: ProgramItem[] = [];
  readonly #scanners: Record<StreamName, ControlScanner>;
  #queued = 0;
  #isPaused = false;
  #failure: unknown;
  #end: ChannelEnd | undefined;
  #exit: ChannelEnd = { code: null, signal: null };
  #wake: (() => void) | undefined;
  #hasSpoken = false;
  #heardAt = performance.now();
  #isGivenUp = false;
  readonly #firstWord: NodeJS.Timeout;
  readonly #asksPassword: boolean;

  constructor(channel: ClientChannel, lease: Lease, nonce: string, stdin: Buffer, run: ProgramRun) {
    this.#channel = channel;
    this.#lease = lease;
    this.#asksPassword = run.sudo?.password !== undefined;
    this.#scanners = { stdout: new ControlScanner(nonce), stderr: new ControlScanner(nonce) };
    channel.on('data', (bytes: Buffer) => this.#read('stdout', bytes));
    channel.stderr.on('data', (bytes: Buffer) => this.#read('stderr', bytes));
    channel.on('exit', (code: number | null, signal?: string) => (this.#exit = { code, signal: signal ?? null }));
    channel.on('error', (error: Error) => this.#fail(this.#lost(error.message)));
    channel.on('close', () => this.#close());
    this.#firstWord = setTimeout(() => this.#fail(this.#silence('nothing')), run.firstWordMs ?? 15_000);
    const abort = () => this.#fail(run.signal?.reason ?? new Error('aborted'));
    run.signal?.addEventListener('abort', abort, { once: true });
    channel.on('close', () => run.signal?.removeEventListener('abort', abort));
    channel.write(stdin);
  }

  /** What the account's login script printed before our program spoke. */
  get noise(): string {
    return Buffer.concat([this.#scanners.stdout.noise, this.#scanners.stderr.noise]).toString('utf8');
  }

  get isOpen(): boolean {
    return this.#end === undefined && !this.#isGivenUp;
  }

  /** Ends when the channel closes, or fails by why it broke. The caller stops early at the word it waited for. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ProgramItem, ChannelEnd> {
    for (;;) {
      for (let item = this.#items.shift(); item; item = this.#items.shift()) {
        if (item.kind === 'bytes') this.#queued -= item.bytes.length;
        if (this.#isPaused && this.#queued < highWater / 2) this.#pause(false);
        yield item;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#end) return this.#end;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** False: dropped, because what was written before has not left yet (a frozen link). */
  write(bytes: Buffer | string): boolean {
    if (!this.#channel.writable || this.#channel.writableLength > 4_096) return false;
    this.#channel.write(bytes);
    return true;
  }

  /** What has not been heard for so long is lost, unless it is we who do not listen. */
  failIfSilent(limitMs: number): void {
    if (!this.#isPaused && performance.now() - this.#heardAt > limitMs)
      this.#fail(this.#lost('nothing more was heard'));
  }

  /** Writes and waits until there is room for more. Resolves also when the channel has gone: its reader says why. */
  send(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (bytes.length === 0 || !this.#channel.writable || this.#channel.write(bytes)) return resolve();
      this.#channel.once('drain', resolve);
      this.#channel.once('close', resolve);
    });
  }

  /** Ends our side: a follower goes, its command stays. */
  endInput(): void {
    if (this.#channel.writable) this.#channel.end();
  }

  signal(name: string): void {
    this.#channel.signal(name);
  }

  /**
   * Gives the channel up. The follower goes at the end of its input; with `now` the server is told to close at once, which also
   * ends one that is busy sending.
   */
  close(now = false): void {
    clearTimeout(this.#firstWord);
    this.#isGivenUp = true;
    this.endInput();
    if (now) {
      this.#channel.close();
      return;
    }
    this.#channel.resume();
    this.#channel.stderr.resume();
    // Some hosts never close: a process that the program left behind may hold the streams.
    const timer = setTimeout(() => this.#channel.close(), 3_000);
    this.#channel.on('close', () => clearTimeout(timer));
    timer.unref();
  }

  #read(stream: StreamName, chunk: Buffer): void {
    if (this.#isGivenUp) return;
    this.#heardAt = performance.now();
    try {
      for (const item of this.#scanners[stream].push(chunk)) this.#push({ ...item, stream });
      // sudo would take what follows for two more passwords, and seconds over each.
      if (this.#asksPassword && !this.#hasSpoken && /^sorry, try again/im.test(this.noise))
        this.#fail(this.#silence(''));
    } catch (error) {
      this.#fail(new SshProblem('command.shell_missing', { answer: 'an answer that is no answer of ours' }, error));
    }
  }

  #push(item: ProgramItem): void {
    if (item.kind === 'words') {
      this.#hasSpoken = true;
      clearTimeout(this.#firstWord);
    } else {
      this.#queued += item.bytes.length;
      if (this.#queued > highWater && !this.#isPaused) this.#pause(true); // the reader is slower than the host
    }
    this.#items.push(item);
    this.#wake?.();
  }

  #pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#heardAt = performance.now();
    for (const stream of [this.#channel, this.#channel.stderr]) {
      if (isPaused) stream.pause();
      else stream.resume();
    }
  }

  #fail(error: unknown): void {
    clearTimeout(this.#firstWord);
    this.#failure ??= error;
    this.#wake?.();
    this.close(true);
  }

  #close(): void {
    clearTimeout(this.#firstWord);
    this.#lease.release();
    for (const stream of ['stdout', 'stderr'] as const) {
      for (const item of this.#scanners[stream].flush()) this.#push({ ...item, stream });
    }
    this.#end = this.#exit;
    if (!this.#lease.connection.isOpen() || (this.#exit.code === null && this.#exit.signal === null)) {
      this.#failure ??= this.#lost('it closed');
    } else if (!this.#hasSpoken) this.#failure ??= this.#silence(`exit code ${this.#exit.code}`);
    this.#wake?.();
  }

  #lost(reason: string): SshProblem {
    return new SshProblem('ssh.connection_lost', { host: this.#lease.connection.target.host, reason });
  }

  /** Nobody there who speaks as our program does: sudo refused, or the account has no shell for us. */
  #silence(fallback: string): SshProblem {
    const answer = this.noise.trim().slice(0, 200);
    const isSudo = /^(?:sudo|\[sudo\]|sorry)[:, ]|not in the sudoers file|may not run sudo/im.test(answer);
    return new SshProblem(isSudo ? 'command.sudo_refused' : 'command.shell_missing', { answer: answer || fallback });
  }
}
