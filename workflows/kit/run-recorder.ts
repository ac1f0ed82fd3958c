import type { RecordOutcome, RunRecord } from '#contracts/runs/record-run.ts';

/** What a workflow wants to say of its run; numbers, ids and times are added. */
export type RecordPart = Omit<RunRecord, 'workspaceId' | 'runId' | 'seq' | 'startedAt'>;

/**
 * Writes a run's records one after another, each numbered, so that a repeated one changes nothing. While one is being
 * written, what else happens is gathered for the next.
 */
export class RunRecorder {
  readonly #run: Pick<RunRecord, 'workspaceId' | 'runId' | 'startedAt'>;
  readonly #write: (record: RunRecord) => Promise<RecordOutcome>;
  #seq: number;
  #last: Promise<unknown> = Promise.resolve();
  #isEnded = false;

  constructor(
    run: Pick<RunRecord, 'workspaceId' | 'runId' | 'startedAt'>,
    write: (record: RunRecord) => Promise<RecordOutcome>,
    /** Records that an earlier execution of the same run has written. */
    seq = 0,
  ) {
    this.#run = run;
    this.#write = write;
    this.#seq = seq;
  }

  /** Records written so far. */
  get seq(): number {
    return this.#seq;
  }

  /** The run was ended from outside: nothing more is written, and the workflow should stop. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Writes what `collect` gives at the moment when its turn has come; null: there is nothing to say any more. */
  write(collect: () => RecordPart | null): Promise<void> {
    const turn = this.#last.then(async () => {
      if (this.#isEnded) return;
      const part = collect();
      if (!part) return;
      this.#seq += 1;
      const { isEnded } = await this.#write({ ...this.#run, ...part, seq: this.#seq });
      this.#isEnded = isEnded;
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
