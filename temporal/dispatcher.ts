import type { Log } from '#system/log.ts';
import type { Metrics } from '#system/metrics.ts';
import type { WorkflowClient } from './client.ts';

/** A run admitted by its workspace, to be started at Temporal. */
export interface DispatchRun {
  workspaceId: string;
  id: string;
  workflowType: string;
  taskQueue: string;
  kind: string;
  subject: string | null;
  actorId: string | null;
  priority: number;
  /** Absent: `loadInput` reads it. */
  input?: unknown;
}

export interface DispatcherOptions {
  client: Pick<WorkflowClient, 'start'>;
  /** Reads the sealed input of a run; null where the run has ended meanwhile. */
  loadInput: (run: DispatchRun) => Promise<unknown>;
  /** Task queues with a worker in this very process: their runs are started eagerly. */
  eagerQueues: ReadonlySet<string>;
  metrics: Pick<Metrics, 'runsStarted' | 'gateOpen' | 'gateWaiting'>;
  log: Log;
  /** Most short runs let through and not yet ended (temporal-performance.md, "5,000 at once"). */
  limit?: number;
}

/** Rows beyond so many stay in the database; the sweep offers them again. */
const mostWaiting = 5_000;
/** A run that has not been heard of for so long no longer counts: it waits, or its events were missed. */
const forgetAfterMs = 60_000;

/**
 * The gate before Temporal: at most `limit` runs not yet ended, in turn by workspace. Thousands of ungated starts time
 * out; behind the gate they wait in PostgreSQL, where they are safe.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #limit: number;
  readonly #waiting = new Map<string, DispatchRun[]>();
  readonly #known = new Set<string>();
  readonly #open = new Map<string, number>();
  #waitingCount = 0;
  #isClosed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#limit = options.limit ?? 100;
  }

  /** Hands runs over; those known already are passed over, those beyond the bound are left to the sweep. */
  offer(runs: readonly DispatchRun[]): void {
    for (const run of runs) {
      if (this.#isClosed || this.#known.has(run.id) || this.#open.has(run.id) || this.#waitingCount >= mostWaiting)
        continue;
      const line = this.#waiting.get(run.workspaceId) ?? [];
      if (line.length === 0) this.#waiting.set(run.workspaceId, line);
      line.push(run);
      this.#known.add(run.id);
      this.#waitingCount += 1;
    }
    this.#pump();
  }

  /** A run has ended or waits: its place is free. */
  release(runId: string): void {
    if (this.#open.delete(runId)) this.#pump();
  }

  /** Frees the places of runs not heard of for long; called by the sweep. */
  forgetStale(now = Date.now()): void {
    for (const [id, at] of this.#open) if (now - at > forgetAfterMs) this.#open.delete(id);
    this.#pump();
  }

  get open(): number {
    return this.#open.size;
  }
  get waiting(): number {
    return this.#waitingCount;
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.clear();
  }

  #pump(): void {
    while (this.#open.size < this.#limit && this.#waitingCount > 0 && !this.#isClosed) {
      const run = this.#next();
      if (!run) break;
      this.#open.set(run.id, Date.now());
      void this.#start(run);
    }
    this.#options.metrics.gateOpen.set(this.#open.size);
    this.#options.metrics.gateWaiting.set(this.#waitingCount);
  }

  /** The first of the workspace whose turn it is; the workspace then goes to the end of the line. */
  #next(): DispatchRun | undefined {
    const turn = this.#waiting.entries().next();
    if (turn.done) return undefined;
    const [workspaceId, line] = turn.value;
    const run = line.shift();
    this.#waiting.delete(workspaceId);
    if (line.length > 0) this.#waiting.set(workspaceId, line);
    this.#waitingCount -= 1;
    return run;
  }

  async #start(run: DispatchRun): Promise<void> {
    const { client, loadInput, eagerQueues, metrics, log } = this.#options;
    try {
      const input = run.input ?? (await loadInput(run));
      if (input === null || input === undefined) return this.#done(run.id);
      const { isEager } = await client.start({
        ...run,
        workflowId: run.id,
        input,
        isEager: eagerQueues.has(run.taskQueue),
      });
      metrics.runsStarted.inc({ kind: run.kind, eager: String(isEager) });
      this.#known.delete(run.id);
    } catch (error) {
      // The row stays queued and admitted: the sweep offers it again.
      log.warn({ err: error, runId: run.id }, 'a run could not be started at Temporal yet');
      this.#done(run.id);
    }
  }

  #done(runId: string): void {
    this.#known.delete(runId);
    this.release(runId);
  }
}
