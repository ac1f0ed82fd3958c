import type { HostChange } from '#db/runs/host-output.ts';

/** How long output is gathered, and how much of it at most, before it is written (design §4). */
const gatherMs = 25;
const gatherCharacters = 65_536;

/**
 * Gathers what happens on all hosts of a batch and writes it in one transaction each 25 ms or 64 kB. One write at a
 * time: what comes meanwhile makes the next. A stream that outruns the database waits in `full`.
 */
export class HostWriter {
  readonly #write: (changes: HostChange[]) => Promise<void>;
  #pending = new Map<string, HostChange>();
  #characters = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(write: (changes: HostChange[]) => Promise<void>) {
    this.#write = write;
  }

  begun(host: string, begun: NonNullable<HostChange['begun']>): void {
    this.#of(host).begun = begun;
    this.#schedule();
  }

  output(host: string, part: HostChange['output'][number]): void {
    const { output } = this.#of(host);
    const last = output.at(-1);
    if (last && last.stream === part.stream && last.toByte === part.fromByte && last.text.length < gatherCharacters) {
      last.text += part.text;
      last.toByte = part.toByte;
    } else output.push({ ...part });
    this.#characters += part.text.length;
    this.#schedule();
  }

  /** Settles when the end, and all before it, is in the database. */
  ended(host: string, ended: NonNullable<HostChange['ended']>): Promise<void> {
    this.#of(host).ended = ended;
    this.#schedule();
    return this.flush();
  }

  /** Waits while more is gathered than one write should hold: back-pressure on a host that prints without end. */
  async full(): Promise<void> {
    if (this.#characters >= gatherCharacters) await this.flush();
  }

  /** Settles when everything said so far is in the database. @throws what the database answered */
  async flush(): Promise<void> {
    const before = this.#writing;
    const turn = before.then(() => this.#writeNow());
    this.#writing = turn.catch(() => undefined);
    await turn;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #of(host: string): HostChange {
    const change = this.#pending.get(host) ?? { host, output: [] };
    this.#pending.set(host, change);
    return change;
  }

  #schedule(): void {
    if (this.#characters >= gatherCharacters) return void this.flush().catch(() => undefined);
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), gatherMs);
  }

  async #writeNow(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.size === 0 || this.#failure !== undefined) return;
    const changes = [...this.#pending.values()];
    this.#pending = new Map();
    this.#characters = 0;
    try {
      await this.#write(changes);
    } catch (error) {
      // The next attempt of the activity reads on where the database is; this one must not go on without it.
      this.#failure = error;
      throw error;
    }
  }
}
