import pg from 'pg';
import type { LogEvent } from '#contracts/ingest/log-event.ts';
import { Refusal } from '../kit/refusal.ts';
import { type CopyRow, copyRow, packRows } from './copy-rows.ts';
import { type BatchPart, listPartitions, type PartWritten, writeBatch } from './log-batch.ts';

export interface LogWriterOptions {
  /** The app role's address. */
  url: string;
  connections?: number;
  /** Bounds of what waits to be written, in bytes: of one workspace, and of all. */
  mostOfOne?: number;
  mostOfAll?: number;
  /** What a first event waits for others at most. */
  gatherMs?: number;
}
interface Waiting extends BatchPart {
  size: number;
  done: (written: PartWritten) => void;
  fail: (error: unknown) => void;
}
interface Queue {
  parts: Waiting[];
  rows: number;
  size: number;
  timer: NodeJS.Timeout | undefined;
}

const fullBatch = 5_000;
/** Enough to go without waiting for more. */
const soonBatch = 1_000;

/**
 * The way of log events into the database. Requests of a moment are gathered by workspace and copied together; each is
 * told once its batch is committed, and of an error where it is not. What cannot be taken is refused before any of it is
 * held, so that senders, who keep what was not accepted, wait and not we.
 */
export class LogWriter {
  readonly #pool: pg.Pool;
  readonly #options: Required<Omit<LogWriterOptions, 'url'>>;
  readonly #queues = new Map<string, Queue>();
  readonly #ready: string[] = [];
  #size = 0;
  #busy = 0;
  #partitions: { names: ReadonlySet<string>; until: number } = { names: new Set(), until: 0 };
  #idle: (() => void)[] = [];

  constructor({ url, connections = 2, mostOfOne = 48e6, mostOfAll = 128e6, gatherMs = 40 }: LogWriterOptions) {
    this.#options = { connections, mostOfOne, mostOfAll, gatherMs };
    this.#pool = new pg.Pool({ connectionString: url, max: connections, application_name: 'windlass logs', idleTimeoutMillis: 30_000, connectionTimeoutMillis: 10_000 }); // prettier-ignore
    this.#pool.on('error', () => {});
    this.#pool.on('connect', (client) => void client.on('error', () => {}));
  }

  /**
   * Resolves once the events are committed.
   * @throws Refusal `log.too_fast` or `log.intake_full`, with nothing of it taken; else what the database says
   */
  async write(workspaceId: string, sourceId: string | null, events: readonly LogEvent[]): Promise<PartWritten> {
    if (events.length === 0) return { stored: 0, duplicates: new Set() };
    const queue = this.#queues.get(workspaceId) ?? { parts: [], rows: 0, size: 0, timer: undefined };
    if (queue.size >= this.#options.mostOfOne) throw new Refusal('log.too_fast', { retryAfter: 1 });
    if (this.#size >= this.#options.mostOfAll) throw new Refusal('log.intake_full', { retryAfter: 2 });
    const lines = linesOf(events, sourceId);
    const held = 'packed' in lines ? lines.packed.map(({ bytes }) => bytes) : lines.rows.map(({ line }) => line);
    const size = held.reduce((sum, { length }) => sum + length, 0);
    this.#queues.set(workspaceId, queue);
    this.#size += size;
    queue.size += size;
    queue.rows += events.length;
    return new Promise((done, fail) => {
      queue.parts.push({ sourceId, events: events.length, lines, size, done, fail });
      if (queue.rows >= soonBatch) this.#offer(workspaceId, queue);
      else queue.timer ??= setTimeout(() => this.#offer(workspaceId, queue), this.#options.gatherMs);
    });
  }

  /** Writes what waits, and ends. */
  async close(): Promise<void> {
    for (const [workspaceId, queue] of this.#queues) if (queue.parts.length > 0) this.#offer(workspaceId, queue);
    if (this.#busy > 0) await new Promise<void>((done) => this.#idle.push(done));
    await this.#pool.end();
  }

  #offer(workspaceId: string, queue: Queue): void {
    clearTimeout(queue.timer);
    queue.timer = undefined;
    if (!this.#ready.includes(workspaceId)) this.#ready.push(workspaceId);
    this.#next();
  }

  /** Workspaces take turns, so that one that floods does not hold up the others. */
  #next(): void {
    while (this.#busy < this.#options.connections) {
      const workspaceId = this.#ready.shift();
      const queue = workspaceId === undefined ? undefined : this.#queues.get(workspaceId);
      if (workspaceId === undefined || !queue) return;
      const taken: Waiting[] = [];
      for (let rows = 0; queue.parts.length > 0 && rows < fullBatch;) {
        const part = queue.parts.shift();
        if (!part) break;
        taken.push(part);
        rows += part.events;
      }
      queue.rows -= taken.reduce((sum, { events }) => sum + events, 0);
      if (queue.parts.length > 0) this.#ready.push(workspaceId);
      if (taken.length === 0) continue;
      this.#busy += 1;
      void this.#write(workspaceId, taken).finally(() => {
        const size = taken.reduce((sum, part) => sum + part.size, 0);
        this.#size -= size;
        queue.size -= size;
        if (queue.parts.length === 0 && queue.size === 0) this.#queues.delete(workspaceId);
        this.#busy -= 1;
        this.#next();
        if (this.#busy === 0) for (const tell of this.#idle.splice(0)) tell();
      });
    }
  }

  async #write(workspaceId: string, parts: readonly Waiting[]): Promise<void> {
    try {
      const written = await this.#attempt(workspaceId, parts);
      for (const [place, part] of parts.entries()) part.done(written[place] ?? { stored: 0, duplicates: new Set() });
    } catch (error) {
      // Data that the database does not take must not cost others what they sent in the same moment.
      if (parts.length > 1 && codeOf(error)?.startsWith('22'))
        for (const part of parts) await this.#write(workspaceId, [part]);
      else for (const part of parts) part.fail(error);
    }
  }

  async #attempt(workspaceId: string, parts: readonly Waiting[], isLast = false): Promise<PartWritten[]> {
    const client = await this.#pool.connect();
    let broken: Error | boolean = false;
    try {
      if (Date.now() >= this.#partitions.until)
        this.#partitions = { names: await listPartitions(client), until: Date.now() + 60_000 };
      return await writeBatch(client, workspaceId, parts, this.#partitions.names);
    } catch (error) {
      const code = codeOf(error);
      broken = code === undefined || !/^(?:22|23|42|57014)/.test(code);
      // A partition was made or dropped meanwhile.
      if (isLast || (code !== '42P01' && code !== '23514')) throw error;
      this.#partitions = { names: new Set(), until: 0 };
    } finally {
      client.release(broken);
    }
    return this.#attempt(workspaceId, parts, true);
  }
}

/** Without keys nothing of it can be there already, and it need not be looked at again. */
function linesOf(events: readonly LogEvent[], sourceId: string | null): BatchPart['lines'] {
  const now = Date.now();
  if (events.every(({ key }) => key === null)) return { packed: packRows(eachRow(events, sourceId, now)) };
  const keys = events.map(({ key }) => key?.slice(0, 512).replaceAll('\0', '') ?? null);
  return { rows: [...eachRow(events, sourceId, now)], keys };
}
function* eachRow(events: readonly LogEvent[], sourceId: string | null, now: number): Generator<CopyRow> {
  for (const event of events) yield copyRow(event, sourceId, now);
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
