import { z } from 'zod';
import { RunRef } from '#contracts/queries/engine.ts';

/** What is kept of a run between calls, in the reference's `parts`. */
const Parts = z.object({
  /** `starting` is stored before the one call that must not be made twice. */
  phase: z.enum(['preparing', 'starting', 'started', 'done']),
  /** Name and key of the data extension and the query. */
  key: z.string(),
  queryId: z.string().nullable().default(null),
  taskId: z.string().nullable().default(null),
  /** Milliseconds since 1970, as all moments here. */
  startedAt: z.number().nullable().default(null),
  /** When AsyncActivityStatus is asked next. */
  taskAt: z.number().default(0),
  /** Since when isrunning says no. */
  idleAt: z.number().nullable().default(null),
  /** How often a finished run had no rows yet. */
  emptyLooks: z.number().default(0),
  /** The service has said that it is complete. */
  isComplete: z.boolean().default(false),
  /** What was made for targets, by the letters that are put to `key`; see `copyAssets`. */
  copies: z.string().default(''),
  /** The write that is at work or was last, by its place; how far it is, and the query that it waits for. */
  writeIndex: z.number().default(-1),
  writePhase: z
    .enum(['new', 'copy_starting', 'copy_started', 'copied', 'write_starting', 'write_started', 'written'])
    .default('new'),
  writeTaskId: z.string().nullable().default(null),
  writeAt: z.number().default(0),
  /** Rows in the target before it was written. */
  rowsBefore: z.number().nullable().default(null),
});
export type RunState = z.infer<typeof Parts>;

const prefix = 'QC_';
/** Name and key at the service: 35 of 36 characters, and it tells the run. */
export const keyOfRun = (runId: string): string => `${prefix}${runId.replaceAll('-', '').toLowerCase()}`.slice(0, 36);
/** Whose key it is, also where a letter was put to it. */
export const runKeyOf = (key: string): string => key.slice(0, prefix.length + 32);
export const isOwnKey = (key: string): boolean => /^QC_[0-9a-z]{8,33}$/.test(key);

/** @throws ZodError for a reference that this engine did not make */
export const readRef = (ref: RunRef): RunState => Parts.parse(ref.engine === 'sfmc' ? ref.parts : null);
export const writeRef = (ref: Pick<RunRef, 'runId' | 'begunAt'>, state: RunState): RunRef => ({
  engine: 'sfmc',
  runId: ref.runId,
  begunAt: ref.begunAt,
  parts: { ...state },
});
export const newState = (runId: string): RunState => Parts.parse({ phase: 'preparing', key: keyOfRun(runId) });
