import { PassThrough, type Readable } from 'node:stream';
import { to as copyTo } from 'pg-copy-streams';
import type { Cell, QueryColumn, QueryText } from '#contracts/queries/engine.ts';
import { exportTimeoutOf, type PostgresAccess } from './access.ts';
import { fetchRows, openCursor, runTold } from './check-query.ts';
import { cellReaders, type ReadCell, readCells, readColumns } from './columns.ts';
import { prepareText, type PreparedText } from './query-text.ts';
import { Session, sessionName } from './session.ts';

export interface CopyOutOptions {
  /** `csv`: the bytes as PostgreSQL writes them, else cells of its own words (`t`) · `rows`: cells as `ColumnType` says. */
  readonly as: 'csv' | 'rows';
  /** Null is written so, unquoted; the empty text is `""` then. */
  readonly nullText?: string;
  readonly delimiter?: string;
  readonly runId?: string;
  readonly signal?: AbortSignal | undefined;
}

/** A whole result on its way out, in a transaction of its own that ends with it. One of the two, read once. */
export type CopiedOut = {
  readonly columns: readonly QueryColumn[];
  /** Ends the transaction, when what was begun is not wanted any more. */
  readonly close: () => Promise<void>;
} & (
  | {
      readonly kind: 'csv';
      /** Without a line of names. Fails, and never just ends, where the result broke off. */
      readonly stream: Readable;
      /** Rows by the server's count; null before the end. */
      readonly rowCount: () => number | null;
    }
  | { readonly kind: 'rows'; readonly pages: AsyncIterable<readonly (readonly Cell[])[]> }
);

/** Rows of one FETCH: enough for the wire, little for the memory. */
const mostFetched = 2_000;
const fetchedChars = 1_048_576;

/**
 * The whole result of a query as a stream with flat memory, from a transaction of its own.
 *
 * Without parameters it is `COPY (query) TO STDOUT`. The text was taken by DECLARE before, alone, in the same session: it is
 * one well-formed statement, so that it cannot close the bracket it is put into, and a line comment at its end ends with
 * the line. COPY takes no parameters, and writing values into the text would be a risk that nothing calls for: with
 * parameters, and for EXPLAIN and SHOW, rows come by the cursor they are bound to.
 * @throws QueryFailure; from the stream and the pages too
 */
export async function copyOut(access: PostgresAccess, query: QueryText, options: CopyOutOptions): Promise<CopiedOut> {
  const prepared = prepareText(query);
  const { signal, runId } = options;
  const session = await Session.open(access, {
    signal,
    statementTimeoutMs: exportTimeoutOf(access),
    idleTimeoutMs: 300_000, // between two fetches lies as much time as the reader takes
    ...(runId !== undefined && { name: sessionName(runId) }),
  });
  const close = async (): Promise<void> => {
    if (session.isEnded) return;
    await session.cancel();
    await session.close();
  };
  try {
    if (prepared.kind === 'told') return await told(session, prepared, signal);
    await session.query('set local cursor_tuple_fraction = 1'); // all rows are wanted, not the first soon
    await openCursor(session, prepared, signal);
    const columns = await readColumns(session, (await fetchRows(session, 0, signal)).fields);
    if (options.as === 'rows' || prepared.values.length > 0)
      return {
        kind: 'rows',
        columns,
        // CSV is the server's own words whichever way it comes.
        pages: cursorPages(session, options.as === 'csv' ? [] : cellReaders(columns), signal),
        close,
      };
    await session.query('close windlass_rows');
    return { kind: 'csv', columns, ...csvStream(session, prepared, options), close };
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function told(session: Session, prepared: PreparedText, signal?: AbortSignal): Promise<CopiedOut> {
  const { rows, fields } = await runTold(session, prepared, signal);
  const columns = await readColumns(session, fields);
  await session.close();
  const page = readCells([...rows], cellReaders(columns));
  const pages = (async function* () {
    yield page;
  })();
  return { kind: 'rows', columns, pages, close: async () => undefined };
}

async function* cursorPages(
  session: Session,
  readers: readonly ReadCell[],
  signal?: AbortSignal,
): AsyncGenerator<readonly (readonly Cell[])[]> {
  let isWhole = false;
  try {
    let batch = 100;
    let next = fetchRows(session, batch, signal);
    for (;;) {
      const { rows } = await next;
      isWhole = rows.length < batch;
      if (!isWhole) {
        const chars = rows.reduce((sum, row) => sum + row.reduce((all, cell) => all + (cell?.length ?? 0), 0), 0);
        batch = Math.max(1, Math.min(mostFetched, Math.floor(fetchedChars / Math.max(1, chars / rows.length))));
        // The next rows are on their way while these are written.
        next = fetchRows(session, batch, signal);
        next.catch(() => undefined);
      }
      if (rows.length > 0) yield readCells([...rows], readers);
      if (isWhole) return;
    }
  } finally {
    if (!isWhole) await session.cancel();
    await session.close();
  }
}

function csvStream(
  session: Session,
  { text }: PreparedText,
  { nullText = '', delimiter = ',', signal }: CopyOutOptions,
): { stream: Readable; rowCount: () => number | null } {
  const literal = (value: string): string => session.client.escapeLiteral(value);
  const beganAt = performance.now();
  const copy = session.client.query(
    copyTo(
      `copy (\n${text}\n) to stdout with (format csv, delimiter ${literal(delimiter)}, null ${literal(nullText)})`,
      { highWaterMark: 262_144 },
    ),
  );
  const out = new PassThrough({ highWaterMark: 262_144 });
  const { promise: copied, resolve: onCopied } = Promise.withResolvers<void>();
  void session.running(copied);
  let isWhole = false;
  const fail = (error: unknown): void => {
    const failure = signal?.aborted ? signal.reason : session.failureOf(error, performance.now() - beganAt);
    onCopied();
    session.destroy();
    out.destroy(failure instanceof Error ? failure : new Error('The export was stopped.'));
  };
  copy.on('error', fail);
  session.client.on('error', fail);
  session.socket.on('close', () => {
    if (!isWhole) fail(new Error('The connection was lost.'));
  });
  copy.on('end', () => {
    onCopied();
    // All data came. The next statement is answered once the server has counted them and is done with the copy.
    session.query('rollback').then(async () => {
      isWhole = true;
      await session.close();
      out.end();
    }, fail);
  });
  const stop = () => void session.cancel();
  signal?.addEventListener('abort', stop, { once: true });
  out.on('close', () => {
    signal?.removeEventListener('abort', stop);
    if (isWhole) return;
    copy.unpipe(out);
    copy.resume(); // a server that waits for its reader does not listen
    void session.cancel().then(() => session.destroy());
  });
  copy.pipe(out, { end: false });
  return { stream: out, rowCount: () => (isWhole ? copy.rowCount : null) };
}
