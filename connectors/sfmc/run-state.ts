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
});
export type RunState = z.infer<typeof Parts>;

const prefix = 'QC_';
/** Name and key at the service: 35 of 36 characters, and it tells the run. */
export const keyOfRun = (runId: string): string => `${prefix}${runId.replaceAll('-', '').toLowerCase()}`.slice(0, 36);
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
