/**
 * Work that comes round: it finds what another process left undone, and does it. Each pass is safe to repeat and to run
 * in several processes at once; the worker's door calls it every `everyMs`, one pass at a time.
 */
export interface Sweep {
  readonly name: string;
  readonly everyMs: number;
  /** One pass. What fails is thrown, logged by the door, and tried again by the next pass. */
  run(): Promise<void>;
}
