import type {
  CancelResult,
  CleanupResult,
  QueryEngine,
  QueryText,
  RunRef,
  StartQuery,
  Verdict,
} from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { withoutValues } from '#contracts/queries/without-values.ts';
import type { PostgresAccess } from './access.ts';
import { type CheckedQuery, checkQuery } from './check-query.ts';
import { type CopiedOut, copyOut, type CopyOutOptions } from './copy-out.ts';
import { describe } from './describe.ts';
import type { LiveRows } from './live-rows.ts';
import { prepareText } from './query-text.ts';
import { inSession, sessionName } from './session.ts';

export interface PostgresEngineOptions {
  readonly access: PostgresAccess;
  readonly connectionId: string;
  /** The open results of this process: one for all connections. */
  readonly live: LiveRows;
  /** The text and the bound values that a run was started with: a reference holds neither. */
  readonly textOf: (runId: string) => Promise<QueryText>;
  /** Who reads rows, by name: told to whoever finds all transactions taken. */
  readonly reader?: string;
  readonly now?: () => number;
}

export interface ServerFacts {
  /** As the server tells it: `16.4`. */
  readonly version: string;
  readonly database: string;
  readonly user: string;
  readonly isEncrypted: boolean;
  /** The user may do anything in this server: worth a warning, since queries are then held by the transaction alone. */
  readonly isSuperuser: boolean;
}

export interface PostgresEngine extends QueryEngine {
  /** Signs in and says where one is. @throws QueryFailure */
  probe(signal?: AbortSignal): Promise<ServerFacts>;
  /** The whole result in a transaction of its own. `as: 'csv'` gives rows where COPY cannot serve. */
  copyOut(query: QueryText, options: CopyOutOptions): Promise<CopiedOut>;
}

/** Checks that were made in this process: what `poll` tells a moment later is known then. */
const mostRemembered = 200;

/**
 * Any PostgreSQL from version 12 on. `sql` has its parameters as `$1`…, their values under `'1'`…; positions are of that
 * text. The run itself is the check: its rows are read when somebody wants them, by `page` from a transaction that stays
 * open, or by `copyOut`. Everything is read only by the transaction; what a function does beyond its transaction is up to
 * the rights of the connection's user.
 */
export function postgresEngine(options: PostgresEngineOptions): PostgresEngine {
  const { access, connectionId, live, textOf, reader = 'somebody', now = Date.now } = options;
  const checked = new Map<string, CheckedQuery>();
  const remember = (runId: string, known: CheckedQuery): CheckedQuery => {
    const [oldest] = checked.keys();
    if (checked.size >= mostRemembered && oldest !== undefined) checked.delete(oldest);
    checked.set(runId, known);
    return known;
  };

  const check = async (query: QueryText, signal?: AbortSignal): Promise<CheckedQuery> => {
    const prepared = prepareText(query); // before anything is connected
    return inSession(access, { signal }, (session) => checkQuery(session, prepared, signal));
  };

  async function validate(query: QueryText, signal?: AbortSignal): Promise<Verdict> {
    try {
      const { columns, estimatedRows } = await check(query, signal);
      const estimate = estimateNote(estimatedRows);
      const remarks = estimate === null ? [] : [{ severity: 'info' as const, message: estimate, position: null }];
      return { isValid: true, remarks, columns };
    } catch (error) {
      const isOfText = error instanceof QueryFailure && (error.facts.kind === 'syntax' || error.facts.code === '42501');
      if (!isOfText) throw error;
      // EXPLAIN ANALYZE has run the query by then, and an error may quote what it met.
      const { message, hint, position } = withoutValues(error.facts, { engine: 'postgres', sql: query.sql });
      return {
        isValid: false,
        remarks: [{ severity: 'error', message: `${message} ${hint}`, position }],
        columns: null,
      };
    }
  }

  /** Ends what any process of ours has open for a run at the server; sessions carry the run's id as their name. */
  const endSessions = (runId: string, signal?: AbortSignal): Promise<number> =>
    inSession(access, { signal }, async (session) => {
      const { rows } = await session.query(
        `select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity
          where application_name = $1 and usename = current_user and pid <> pg_catalog.pg_backend_pid()`,
        [sessionName(runId)],
        { signal },
      );
      return rows.filter(([isEnded]) => isEnded === 't').length;
    });

  return {
    kind: 'postgres',
    validate: (query, { signal } = {}) => validate(query, signal),

    async start(query: StartQuery, { signal } = {}) {
      const known = remember(query.runId, await check(query, signal));
      const ref: RunRef = {
        engine: 'postgres',
        runId: query.runId,
        begunAt: query.known?.begunAt ?? new Date(now()).toISOString(),
        parts: { estimatedRows: known.estimatedRows },
      };
      await query.note(ref);
      // A check can be made twice: there is nothing at the server to be found.
      return { ref, isAdopted: false, pollAfterMs: 0 };
    },

    async poll(ref, { signal } = {}) {
      const known = checked.get(ref.runId) ?? remember(ref.runId, await check(await textOf(ref.runId), signal));
      return {
        state: 'succeeded',
        ref,
        pollAfterMs: 0,
        rowCount: null,
        columns: known.columns === null ? null : [...known.columns],
        failure: null,
        note: estimateNote(known.estimatedRows),
      };
    },

    page: ({ ref, cursor, limit }, { signal } = {}) =>
      live.read({
        access,
        connectionId,
        runId: ref.runId,
        reader,
        load: async () => prepareText(await textOf(ref.runId)),
        cursor,
        limit,
        signal,
      }),

    async cancel(ref, { signal } = {}): Promise<CancelResult> {
      const here = await live.close(ref.runId);
      const elsewhere = await endSessions(ref.runId, signal);
      if (here + elsewhere === 0)
        return { outcome: 'ended_before', note: 'Nothing of this query was running at the database.' };
      return { outcome: 'stopped', note: 'The query was stopped at the database, and its transaction ended.' };
    },

    async cleanup(ref, { signal, keepRows = false } = {}): Promise<CleanupResult> {
      if (keepRows) return { removed: [], left: [] };
      checked.delete(ref.runId);
      const asset = { kind: 'transaction', name: sessionName(ref.runId) };
      const here = await live.close(ref.runId);
      try {
        const ended = here + (await endSessions(ref.runId, signal));
        return { removed: Array.from({ length: ended }, () => asset), left: [] };
      } catch (error) {
        if (!(error instanceof QueryFailure)) throw error;
        // The server ends it by itself soon; it is told all the same.
        return { removed: [], left: [{ ...asset, failure: error.facts }] };
      }
    },

    describe: (request, { signal } = {}) =>
      inSession(access, { signal }, (session) => describe(session, request, signal)),

    sweep: async () => ({ removed: [], left: [] }),

    probe: (signal) =>
      inSession(access, { signal }, async (session) => {
        const { rows } = await session.query(
          `select pg_catalog.current_setting('server_version'), current_database(), current_user,
            pg_catalog.current_setting('is_superuser')`,
          [],
          { signal },
        );
        const [version, database, user, superuser] = rows[0] ?? [];
        return {
          version: version ?? '',
          database: database ?? '',
          user: user ?? '',
          isEncrypted: access.target.tls !== 'off',
          isSuperuser: superuser === 'on',
        };
      }),

    copyOut: (query, copy) => copyOut(access, query, copy),
  };
}

const counting = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });
const estimateNote = (rows: number | null): string | null =>
  rows === null
    ? null
    : `About ${counting.format(rows)} ${rows === 1 ? 'row' : 'rows'}, as the database's planner expects.`;
