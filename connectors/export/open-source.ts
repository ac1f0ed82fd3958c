import type { Cell, QueryColumn, QueryEngine, QueryPage, QueryText, RunRef } from '#contracts/queries/engine.ts';
import type { AmcEngine } from '../amc/engine.ts';
import type { PostgresEngine } from '../postgres/engine.ts';
import type { ExportSource } from './source.ts';

/** A run that has succeeded, with what its rows are asked for by. */
export interface WholeResult {
  readonly engine: QueryEngine;
  readonly runId: string;
  readonly ref: RunRef;
  readonly columns: readonly QueryColumn[];
  /** The text with its values, for engines that read it anew. */
  readonly text: () => QueryText;
  readonly signal: AbortSignal;
  /** Takes one page; the engine's own way unless said. */
  readonly page?: (cursor: string | null, limit: number) => Promise<QueryPage>;
  /** Rows that are being taken are not idle: awaited once a minute. */
  readonly touch: () => Promise<unknown>;
}

/** A page of an export is as large as the service gives. */
const pageRows = 10_000;
const batchRows = 1_000;
const touchEveryMs = 60_000;

const isPostgres = (engine: QueryEngine): engine is PostgresEngine => engine.kind === 'postgres' && 'copyOut' in engine;
const isStreaming = (engine: QueryEngine): engine is AmcEngine => engine.kind === 'amc' && 'stream' in engine;

/**
 * Opens all rows of a result, page by page, and takes the first of them, so that what is wrong with them is told now.
 * @param isRaw CSV of PostgreSQL's own making serves where there is such a thing
 * @throws QueryFailure; from the pages and the stream too
 */
export async function openSource(
  result: WholeResult,
  isRaw: boolean,
): Promise<{ columns: readonly QueryColumn[]; source: ExportSource }> {
  const { engine, runId, ref, signal } = result;
  if (isPostgres(engine)) {
    const copied = await engine.copyOut(result.text(), { as: isRaw ? 'csv' : 'rows', runId, signal });
    return { columns: copied.columns, source: copied };
  }
  const page = result.page ?? pageOfEngine(result);
  const first = await page(null, isStreaming(engine) ? 1 : pageRows);
  const { columns } = first;
  if (isStreaming(engine))
    return { columns, source: { kind: 'rows', pages: batched(engine.stream(ref, () => undefined, { signal })) } };
  return { columns, source: { kind: 'rows', pages: pagesFrom(first, page, result.touch) } };
}

const pageOfEngine =
  ({ engine, ref, columns, signal }: WholeResult) =>
  (cursor: string | null, limit: number): Promise<QueryPage> =>
    engine.page({ ref, columns, cursor, limit }, { signal });

async function* pagesFrom(
  first: QueryPage,
  take: (cursor: string | null, limit: number) => Promise<QueryPage>,
  touch: () => Promise<unknown>,
): AsyncGenerator<readonly (readonly Cell[])[]> {
  let touchedAt = Date.now();
  let page = first;
  for (;;) {
    yield page.rows;
    const { cursor } = page;
    if (cursor === null) return;
    if (Date.now() - touchedAt > touchEveryMs) {
      touchedAt = Date.now();
      await touch();
    }
    page = await take(cursor, pageRows);
  }
}

async function* batched(rows: AsyncIterable<readonly Cell[]>): AsyncGenerator<readonly (readonly Cell[])[]> {
  let batch: (readonly Cell[])[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < batchRows) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
