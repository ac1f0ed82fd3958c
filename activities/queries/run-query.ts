import { setTimeout as delay } from 'node:timers/promises';
import { needsColumns, resultColumns } from '#connectors/engines/result-columns.ts';
import type { CancelResult, PollResult, QueryColumn, RunRef } from '#contracts/queries/engine.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import { placedFailure, placedRemark } from '#contracts/queries/prepare-run.ts';
import type { RunQueryInput } from '#contracts/queries/run-query.ts';
import { type QueryMove, moveQueryRun, noteCleanup, noteQueryRef } from '#db/queries/move-query-run.ts';
import { knownTables } from '#db/queries/known-tables.ts';
import { type EngineParts, type EngineTools, engineWork, kept } from './engine-work.ts';

export type QueryActivities = ReturnType<typeof queryActivities>;

/** A run that the service has taken, or what is wrong with its text. */
export type QueryBegun = { refusal: QueryFailureFacts } | { refusal: null; isAdopted: boolean; pollAfterMs: number };

type Checked = { refusal: QueryFailureFacts } | { refusal: null; columns: QueryColumn[] | null };

/** What is known of a run at the service after one or more looks. */
export interface QueryLook {
  state: PollResult['state'];
  /** When to look next. */
  pollAfterMs: number;
  rowCount: number | null;
  columns: QueryColumn[] | null;
  failure: QueryFailureFacts | null;
  note: string | null;
}
export interface Follow extends RunQueryInput {
  /** Before the first look. */
  waitMs: number;
  /** Looks again and again for so long; then only while the next look is near. */
  youngMs: number;
}

/** A next look so near is waited for within one activity: a timer and another activity would be eight events of history. */
const nearMs = 5_000;
const tellEveryMs = 1_000;

const refused = (message: string, position: QueryFailureFacts['position']): QueryFailureFacts => ({
  kind: 'syntax',
  code: 'refused',
  message,
  hint: 'Mend the text where it is marked, then run it again.',
  retryable: false,
  retryAfterMs: null,
  mayHaveActed: false,
  status: null,
  position,
});

/**
 * The activities of queue `query`: each one attempt at one thing of an engine. They read what they need from the run's own
 * row, and write there what the service said, so that the next attempt goes on from it. No row of a result is seen here.
 */
export const queryActivities = (tools: EngineTools) => {
  const { tenant, move, withEngine } = engineWork(tools);

  /** Asks what the service makes of the text. @returns what is wrong with it, or what its columns are */
  async function check({ input, run, bound, engine, signal }: EngineParts): Promise<Checked> {
    if (run.ref) return { refusal: null, columns: run.columns }; // an attempt that was cut off had checked it and begun to start it
    let { columns } = run;
    // Whoever started it by hand was told before; a schedule's run asks here.
    if (!columns && needsColumns(engine.kind)) {
      const found = await resultColumns({
        sql: bound.text.sql,
        options: run.options,
        engine,
        kept: (names) => tenant(input, (tx) => knownTables(tx, input, names)),
      });
      if (!found.columns) return { refusal: refused(found.why, null) };
      columns = [...found.columns];
      await move(input, { columns });
    }
    const verdict = await engine.validate(bound.text, { signal });
    const remarks = verdict.remarks.map((remark) => placedRemark(remark, bound.map));
    if (remarks.length > 0 || verdict.columns) await move(input, { remarks, columns: verdict.columns });
    if (verdict.isValid !== false) return { refusal: null, columns: verdict.columns ? [...verdict.columns] : columns };
    const fault = remarks.find(({ severity }) => severity === 'error');
    return { refusal: refused(fault?.message ?? 'The service would not run this text.', fault?.position ?? null) };
  }

  /** The engine is handed the reference that was stored last, and adopts what an earlier attempt began. */
  async function start({
    input,
    run,
    bound,
    engine,
    signal,
  }: EngineParts): Promise<{ isAdopted: boolean; pollAfterMs: number }> {
    const of = { runId: input.runId, connectionId: input.connectionId, unit: input.unit };
    let noted = '';
    const note = async (ref: RunRef): Promise<void> => {
      await tenant(input, (tx) => noteQueryRef(tx, of, ref));
      noted = JSON.stringify(ref);
    };
    const started = await engine.start(
      { ...bound.text, runId: input.runId, known: run.ref, note, ...(run.columns && { columns: run.columns }) },
      { signal },
    );
    await tenant(input, async (tx) => {
      if (JSON.stringify(started.ref) !== noted) await noteQueryRef(tx, of, started.ref);
      await moveQueryRun(tx, input.runId, { phase: 'remote_queued', isAdopted: started.isAdopted });
    });
    return { isAdopted: started.isAdopted, pollAfterMs: started.pollAfterMs };
  }

  /** Repeatable: asks, and changes nothing at the service. Null: go on. */
  const validateQuery = (input: RunQueryInput): Promise<QueryFailureFacts | null> =>
    withEngine(input, async (parts) => (await check(parts)).refusal, 'validating');

  /** Repeatable: adopts what an earlier attempt began. */
  const startQuery = (input: RunQueryInput): Promise<{ isAdopted: boolean; pollAfterMs: number }> =>
    withEngine(input, start, 'starting');

  return {
    validateQuery,
    startQuery,

    /** Repeatable: checks the text and starts it. What the service has taken already is adopted, and not checked again. */
    beginQuery: (input: RunQueryInput): Promise<QueryBegun> =>
      withEngine(
        input,
        async (parts) => {
          const checked = await check(parts);
          if (checked.refusal) return checked;
          await move(input, { phase: 'starting' });
          return {
            refusal: null,
            ...(await start({ ...parts, run: { ...parts.run, columns: checked.columns } })),
          };
        },
        'validating',
      ),

    /** Repeatable: looks. The young run is looked at within one activity, an old one once. */
    followQuery: (input: Follow): Promise<QueryLook> =>
      withEngine(input, async ({ run, bound, engine, signal }) => {
        if (!run.ref) throw new Error('The run was not started.');
        let { ref } = run;
        let told: { phase?: QueryMove['phase']; rows: number | null; at: number } = { rows: run.rowCount, at: 0 };
        let waitMs = input.waitMs;
        const until = Date.now() + input.youngMs;
        for (;;) {
          await delay(waitMs, undefined, { signal });
          const look = await engine.poll(ref, { signal });
          ref = look.ref;
          // The service's words for a failure may stand here too.
          const note = look.note === null ? null : kept({ code: '', message: look.note, hint: '' }, run).message;
          const isOver = look.state !== 'queued' && look.state !== 'running';
          const failure = look.failure && placedFailure(kept(look.failure, run), bound.map);
          if (isOver || (Date.now() >= until && look.pollAfterMs >= nearMs)) {
            // What the service does not tell now, it told before the run.
            const columns =
              look.state !== 'succeeded'
                ? look.columns
                : (look.columns ?? (await engine.columns?.(ref, run.columns ?? [], { signal })) ?? run.columns);
            await move(input, {
              isWhileOpen: true,
              ref,
              rowCount: look.rowCount,
              columns,
              note,
              ...phaseOf(look),
            });
            const { state, pollAfterMs, rowCount } = look;
            return { state, pollAfterMs, rowCount, columns: columns && [...columns], failure, note };
          }
          const { phase } = phaseOf(look);
          if (phase !== told.phase || (look.rowCount !== told.rows && Date.now() - told.at >= tellEveryMs)) {
            told = { ...(phase && { phase }), rows: look.rowCount, at: Date.now() };
            await move(input, { isWhileOpen: true, ref, rowCount: look.rowCount, note, ...(phase && { phase }) });
          }
          waitMs = look.pollAfterMs;
        }
      }),

    /** Repeatable: asks the service to stop. */
    cancelQuery: (input: RunQueryInput): Promise<CancelResult> =>
      withEngine(
        input,
        async ({ run, engine, signal }) =>
          run.ref
            ? engine.cancel(run.ref, { signal })
            : { outcome: 'ended_before', note: 'Nothing had begun at the service.' },
        undefined,
        true,
      ),

    /** Repeatable: what is not there counts as removed. */
    cleanQuery: ({ keepRows, ...input }: RunQueryInput & { keepRows: boolean }): Promise<void> =>
      withEngine(
        input,
        async ({ run, engine, signal }) => {
          const result = run.ref ? await engine.cleanup(run.ref, { signal, keepRows }) : { removed: [], left: [] };
          await tenant(input, (tx) => noteCleanup(tx, input.runId, result, !keepRows));
        },
        undefined,
        true,
      ),
  };
};

const phaseOf = ({ state }: Pick<PollResult, 'state'>): { phase?: 'remote_queued' | 'running' } =>
  state === 'queued' ? { phase: 'remote_queued' } : state === 'running' ? { phase: 'running' } : {};
