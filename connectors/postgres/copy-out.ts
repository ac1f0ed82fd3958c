import pg from 'pg';
import type { Cell, QueryColumn, QueryText } from '#contracts/queries/engine.ts';
import type { CellBatch } from '../engines/cell-batch.ts';
import { exportTimeoutOf, type PostgresAccess } from './access.ts';
import { fetchRows, openCursor, runTold } from './check-query.ts';
import { cellReaders, cellRewriters, readCells, readColumns } from './columns.ts';
import { positionAfter, prepareText, type PreparedText } from './query-text.ts';
import { Session, sessionName } from './session.ts';
import { WireRows, type WireStatement } from './wire-rows.ts';

export interface CopyOutOptions {
  /** `csv`: the bytes as PostgreSQL writes them, else cells of its own words (`t`) · `rows`: cells as `ColumnType` says. */
  readonly as: 'csv' | 'rows';
  /** Null is written so, unquoted; the empty text is `""` then. */
  readonly nullText?: string;
  readonly delimiter?: string;
  readonly runId?: string;
  readonly signal?: AbortSignal | undefined;
}

/** A whole result on its way out, in a transaction of its own that ends with it. One of these, read once. */
export type CopiedOut = {
  readonly columns: readonly QueryColumn[];
  /** Stops the query and ends the transaction, when what was begun is not wanted any more. */
  readonly close: () => Promise<void>;
} & (
  | {
      /** Pieces of CSV, each the one cell of a row. Without a line of names. Fails where the result broke off. */
      readonly kind: 'csv';
      readonly batches: AsyncIterable<CellBatch>;
      /** Rows by the server's count; null before the end. */
      readonly rowCount: () => number | null;
    }
  | { readonly kind: 'cells'; readonly batches: AsyncIterable<CellBatch> }
  | { readonly kind: 'rows'; readonly pages: AsyncIterable<readonly (readonly Cell[])[]> }
);

/**
 * The whole result of a query as a stream with flat memory, from a transaction of its own.
 *
 * The text was taken by DECLARE before, alone, in the same session: it is one well-formed statement that only reads. CSV
 * without parameters is `COPY (query) TO STDOUT`: the text cannot close the bracket it is put into, and a line comment at
 * its end ends with the line. COPY takes no parameters, and writing values into the text would be a risk that nothing calls
 * for: with parameters, and for cells, it is the query itself, by the extended protocol, with its values beside it. Not
 * FETCH ALL of the cursor: the server would make the whole result before it sends the first row of it.
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
  /** What is read to its end, or left, ends the session. */
  const ending = async function* (wire: WireRows): AsyncGenerator<CellBatch> {
    try {
      yield* wire.batches();
    } finally {
      await session.close();
    }
  };
  try {
    if (prepared.kind === 'told') return await told(session, prepared, signal);
    await openCursor(session, prepared, signal);
    const columns = await readColumns(session, (await fetchRows(session, 0, signal)).fields);
    await session.query('close windlass_rows');
    if (options.as === 'csv' && prepared.values.length === 0) {
      const wire = new WireRows(session, copyOf(prepared, options));
      return { kind: 'csv', columns, batches: ending(wire), rowCount: () => wire.rowCount, close };
    }
    const { text, values } = prepared;
    const wire = new WireRows(session, {
      text,
      values,
      positionOf: positionAfter('', text),
      columns: columns.length,
      // CSV is the server's own words whichever way it comes.
      rewrite: options.as === 'csv' ? [] : cellRewriters(columns),
      signal,
    });
    return { kind: 'cells', columns, batches: ending(wire), close };
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

function copyOf({ text }: PreparedText, { nullText = '', delimiter = ',', signal }: CopyOutOptions): WireStatement {
  const prefix = 'copy (\n';
  const literal = pg.escapeLiteral;
  return {
    text: `${prefix}${text}\n) to stdout with (format csv, delimiter ${literal(delimiter)}, null ${literal(nullText)})`,
    positionOf: positionAfter(prefix, text),
    columns: 1,
    signal,
  };
}
