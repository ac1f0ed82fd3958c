import { setTimeout as delay } from 'node:timers/promises';
import type { RunRef, StartQuery, Started } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import type { SfmcCalls } from './calls.ts';
import { createQuery, createResultExtension, readTask } from './objects.ts';
import { countRows, hasRun, isRunning } from './rest.ts';
import { type RunState, newState, readRef, writeRef } from './run-state.ts';
import { performQuery } from './soap.ts';

export interface StartTools {
  readonly calls: SfmcCalls;
  readonly folder: (signal?: AbortSignal) => Promise<number>;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  /** How long to look for a run that may have begun, before it counts as unknown. Longer than the service's own lag. */
  readonly lookForMs: number;
}

export const plainSleep = async (ms: number, signal: AbortSignal | undefined): Promise<void> => {
  await delay(ms, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
};

/** When to look first after a start. */
export const firstPollMs = 400;

/**
 * Makes the data extension and the query, both named after the run, and starts it once. Both creates are met again after a
 * lost answer. The start is not: the phase `starting` is stored before it, and whoever finds that phase looks for the run
 * and never starts another.
 */
export async function startRun(request: StartQuery, tools: StartTools, signal?: AbortSignal): Promise<Started> {
  const { calls } = tools;
  const { runId, known } = request;
  const begunAt = known?.begunAt ?? new Date(tools.now()).toISOString();
  let state: RunState = known ? readRef(known) : newState(runId);
  const ref = (): RunRef => writeRef({ runId, begunAt }, state);
  const moved = async (change: Partial<RunState>) => {
    state = { ...state, ...change };
    await request.note(ref());
  };
  const started = (isAdopted: boolean): Started => ({ ref: ref(), isAdopted, pollAfterMs: firstPollMs });
  if (state.phase === 'started' || state.phase === 'done') return started(true);

  if (!request.columns || request.columns.length === 0) {
    throw new QueryFailure({
      kind: 'syntax',
      code: 'columns_unknown',
      message: 'The columns of the result are not known, so that no data extension can be made for them.',
      hint: 'Name each column of the query.',
    });
  }
  if (!known) await moved({});
  const mayHaveStarted = state.phase === 'starting';
  const folderId = await tools.folder(signal);
  await createResultExtension(calls, { key: state.key, folderId, columns: request.columns }, signal);
  const result = { key: state.key, name: state.key };
  const query = await createQuery(calls, { key: state.key, sql: request.sql, target: result }, signal);
  state = { ...state, queryId: query.id };
  if (mayHaveStarted) return adopt();

  await moved({ phase: 'starting' });
  try {
    const taskId = await performQuery(calls, query.id, signal);
    // Whoever asked stores it with the answer, at once; until then `starting` is stored, and who finds that looks for the run.
    state = { ...state, phase: 'started', taskId, startedAt: tools.now() };
    return started(false);
  } catch (error) {
    if (error instanceof QueryFailure && error.facts.mayHaveActed) return adopt();
    // Surely refused: a later attempt may start it.
    if (error instanceof QueryFailure) await moved({ phase: 'preparing' });
    throw error;
  }

  async function adopt(): Promise<Started> {
    const found = await findStarted(tools, state.key, query.id, signal);
    if (!found) {
      throw new QueryFailure({
        kind: 'provider',
        code: 'start_unknown',
        message: 'The answer to the start was lost, and the service shows no run of this query.',
        hint: 'Run the query again.',
        retryable: false,
        mayHaveActed: true,
      });
    }
    await moved({ phase: 'started', taskId: found.taskId, startedAt: tools.now() });
    return started(true);
  }
}

/** Looks for a run of a query at every witness there is, as long as the service may lag. */
async function findStarted(
  { calls, now, sleep, lookForMs }: StartTools,
  key: string,
  queryId: string,
  signal?: AbortSignal,
): Promise<{ taskId: string | null } | null> {
  const until = now() + lookForMs;
  for (;;) {
    const task = await readTask(calls, { queryId }, signal);
    if (task) return { taskId: task.taskId };
    const witnesses = await Promise.all([
      isRunning(calls, queryId, { signal }),
      hasRun(calls, queryId, { signal }),
      countRows(calls, key, { signal }),
    ]);
    const [running, logged, rows] = witnesses;
    if (running === true || logged === true || (rows ?? 0) > 0) {
      // The task's id may show a little later; without it the other witnesses tell of the end.
      const late = await readTask(calls, { queryId }, signal);
      return { taskId: late?.taskId ?? null };
    }
    if (now() >= until) return null;
    await sleep(1_500, signal);
  }
}
