import type { QueryColumn, RunRef, SchemaColumn, WriteTarget, Written } from '#contracts/queries/engine.ts';
import { QueryFailure, type QueryFailureFacts } from '#contracts/queries/failures.ts';
import { copyLetters } from '#contracts/queries/remote-assets.ts';
import { bracketed } from './describe.ts';
import { runFailure, sfmcHints } from './failures.ts';
import { createQuery, createResultExtension, readTask } from './objects.ts';
import { longestRunMs, pollWaitMs } from './poll.ts';
import { countRows, isRunning } from './rest.ts';
import { type RunState, readRef, writeRef } from './run-state.ts';
import { performQuery } from './soap.ts';
import type { StartTools } from './start.ts';

interface WriteTools extends StartTools {
  readonly random: () => number;
}

/** `isrunning` is believed from this age on, and when it has said no for so long: as in `poll.ts`. */
const oldEnoughMs = 3 * 60_000;
const idleGapMs = 15_000;
/** Rows show a while after the end; so often they are counted. */
const mostCounts = 8;

/**
 * Rows of a run into a data extension by two query activities of the service: result → copy with the target's own fields,
 * keys and types → target. The service has no transaction: what could fail for what the rows are fails at the copy, and what
 * is left to fail at the target is the service itself, after which overwriting or updating is done again from the copy.
 * Appending is never done twice.
 */
export async function writeTarget(request: WriteTarget, tools: WriteTools, signal?: AbortSignal): Promise<Written> {
  const { target, mode, index, columns } = request;
  const { calls } = tools;
  let ref: RunRef = request.ref;
  let state = readRef(ref);
  const moved = async (change: Partial<RunState>): Promise<void> => {
    state = { ...state, ...change };
    ref = writeRef(ref, state);
    await request.note(ref);
  };
  const letters = copyLetters(index);
  const copy = { key: `${state.key}${letters.copy}`, name: `${state.key}${letters.copy}` };
  if (state.writeIndex !== index) state = { ...state, writeIndex: index, writePhase: 'new', rowsBefore: null };
  const pairs = pairsOf(columns, target.fields);

  const rows = await countRows(calls, state.key, { signal });
  if (rows === null) throw gone();
  if (state.writePhase === 'written') return { rows, total: await countRows(calls, target.key, { signal }) };

  if (['new', 'copy_starting', 'copy_started'].includes(state.writePhase)) {
    if (state.writePhase === 'new') {
      request.mayWrite(rows);
      // On record before they are there.
      await moved({ copies: [...new Set(state.copies + letters.copy + letters.write)].join('') });
    }
    const folderId = await tools.folder(signal);
    await createResultExtension(calls, { key: copy.key, folderId, columns: pairs.map(({ field }) => field) }, signal);
    const sql = `SELECT ${pairs.map(({ column, field }) => `${bracketed(column.name)} AS ${bracketed(field.name)}`).join(', ')} FROM ${bracketed(state.key)}`;
    const query = await createQuery(calls, { key: copy.key, sql, target: copy }, signal);
    const failure = await perform(query.id, 'copy', true);
    if (failure) {
      await moved({ writePhase: 'new' });
      throw made(failure, 'target_refused', `A copy with the fields of “${target.name}” could not be filled: ${failure.message} Nothing was written to it.`); // prettier-ignore
    }
    const copied = await counted(copy.key, rows);
    if (copied !== rows) {
      await moved({ writePhase: 'new' });
      throw told('copy_differs', `Of ${rows} rows ${copied ?? 0} went into a copy with the fields of “${target.name}”. Nothing was written to it.`); // prettier-ignore
    }
    await moved({ writePhase: 'copied', rowsBefore: await countRows(calls, target.key, { signal }) });
  }

  const names = pairs.map(({ field }) => bracketed(field.name)).join(', ');
  const sql = `SELECT ${names} FROM ${bracketed(copy.key)}`;
  const key = `${state.key}${letters.write}`;
  const query = await createQuery(calls, { key, sql, target, mode }, signal);
  const isRepeatable = mode !== 'append';
  const failure = await perform(query.id, 'write', isRepeatable);
  if (failure) {
    await moved({ writePhase: isRepeatable ? 'copied' : 'write_started' });
    const left = mode === 'overwrite' ? 'It may be empty or half filled until it is written again.' : mode === 'append' ? 'Some of the rows may have been added: look before you add them again.' : 'Some of its rows may have been changed.'; // prettier-ignore
    throw made(failure, 'write_failed', `Marketing Cloud failed while it wrote to “${target.name}”: ${failure.message} ${left}`, isRepeatable); // prettier-ignore
  }
  const expected =
    mode === 'overwrite' ? rows : mode === 'append' && state.rowsBefore !== null ? state.rowsBefore + rows : null;
  const total = await counted(target.key, expected);
  if (mode === 'overwrite' && total !== rows) {
    await moved({ writePhase: 'copied' });
    throw told(
      'target_differs',
      `“${target.name}” has ${total ?? 'an unknown number of'} rows where ${rows} were written.`,
    );
  }
  await moved({ writePhase: 'written' });
  return { rows, total };

  /**
   * Has a query of ours run once and waits for its end. One whose start may have been lost is looked for first; where none
   * is found it is started again only if that does no harm.
   * @returns why it failed, null where it did not
   */
  async function perform(
    queryId: string,
    step: 'copy' | 'write',
    mayRepeat: boolean,
  ): Promise<QueryFailureFacts | null> {
    const [starting, started] = [`${step}_starting`, `${step}_started`] as const;
    let { writeTaskId: taskId } = state;
    if (state.writePhase !== started) {
      taskId = state.writePhase === starting ? await findTask(queryId) : null;
      if (taskId === null) {
        if (state.writePhase === starting && !mayRepeat) throw unknownStart(target.name);
        await moved({ writePhase: starting, writeTaskId: null, writeAt: tools.now() });
        taskId = await performOnce(queryId, mayRepeat);
      }
      await moved({ writePhase: started, writeTaskId: taskId, writeAt: tools.now() });
    }
    return waitForEnd(queryId, taskId);
  }

  async function performOnce(queryId: string, mayRepeat: boolean): Promise<string | null> {
    try {
      return await performQuery(calls, queryId, signal);
    } catch (error) {
      if (!(error instanceof QueryFailure)) throw error;
      if (error.facts.mayHaveActed) {
        const found = await findTask(queryId);
        if (found !== null) return found;
        // Left as starting: the next attempt looks again.
        if (!mayRepeat) throw unknownStart(target.name);
      } else await moved({ writePhase: state.writePhase === 'copy_starting' ? 'new' : 'copied' });
      throw error;
    }
  }

  async function findTask(queryId: string): Promise<string | null> {
    const until = tools.now() + tools.lookForMs;
    for (;;) {
      const task = await readTask(calls, { queryId }, signal);
      if (task?.taskId) return task.taskId;
      if (tools.now() >= until) return null;
      await tools.sleep(1_500, signal);
    }
  }

  async function waitForEnd(queryId: string, taskId: string | null): Promise<QueryFailureFacts | null> {
    const begunAt = state.writeAt;
    let idleAt: number | null = null;
    for (;;) {
      const task = taskId === null ? null : await readTask(calls, { taskId }, signal);
      if (task?.state === 'error') return runFailure(task.words).facts;
      if (task?.state === 'complete') return null;
      const ageMs = tools.now() - begunAt;
      if (ageMs >= oldEnoughMs || taskId === null) {
        const running = await isRunning(calls, queryId, { signal });
        idleAt = running === false ? (idleAt ?? tools.now()) : null;
        if (idleAt !== null && tools.now() - idleAt >= idleGapMs) return null; // the count tells whether all are there
      }
      if (ageMs > longestRunMs) return told('query_timed_out', 'It did not end within 29 minutes.').facts;
      await tools.sleep(pollWaitMs(ageMs, tools.random), signal);
    }
  }

  /** How many rows are there; looked at again for a while where others are expected. */
  async function counted(of: string, wanted: number | null): Promise<number | null> {
    for (let look = 1; ; look++) {
      const found = await countRows(calls, of, { signal });
      if (wanted === null || found === wanted || look >= mostCounts) return found;
      await tools.sleep(Math.min(500 * 1.6 ** look, 8_000), signal);
    }
  }
}

/** The fields that have a column, without regard to case. */
const pairsOf = (
  columns: readonly QueryColumn[],
  fields: readonly SchemaColumn[],
): { column: QueryColumn; field: SchemaColumn }[] =>
  fields.flatMap((field) => {
    const column = columns.find(({ name }) => name.toLowerCase() === field.name.toLowerCase());
    return column ? [{ column, field }] : [];
  });

const told = (code: string, message: string): QueryFailure =>
  new QueryFailure({ kind: 'provider', code, message, hint: 'Look at the rows and the data extension, then run the query again.' }); // prettier-ignore
const made = (facts: QueryFailureFacts, code: string, message: string, retryable = false): QueryFailure =>
  new QueryFailure({ ...facts, code, message, retryable, hint: retryable ? 'It is written again from the copy.' : facts.hint, position: null }); // prettier-ignore
const gone = (): QueryFailure =>
  new QueryFailure({ kind: 'provider', code: 'rows_expired', message: 'The service no longer has the rows of this run.', hint: 'Run it again.', status: 404 }); // prettier-ignore
const unknownStart = (name: string): QueryFailure =>
  new QueryFailure({
    kind: 'provider',
    code: 'start_unknown',
    message: `The answer to the start was lost, and nobody can tell whether rows were added to “${name}”.`,
    hint: sfmcHints.odd,
    mayHaveActed: true,
  });
