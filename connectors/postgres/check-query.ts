import { z } from 'zod';
import type { QueryColumn } from '#contracts/queries/engine.ts';
import { readColumns } from './columns.ts';
import { type PreparedText, positionAfter } from './query-text.ts';
import type { Session, TextResult } from './session.ts';

/** What the server says of a query before it runs. */
export interface CheckedQuery {
  /** Null: only its run tells. */
  readonly columns: readonly QueryColumn[] | null;
  /** By the planner; null for EXPLAIN and SHOW. */
  readonly estimatedRows: number | null;
}

const Plan = z.tuple([z.object({ Plan: z.object({ 'Plan Rows': z.number() }) })]);
/** Its name cannot be the user's: no statement of theirs names a cursor. */
const cursor = 'windlass_rows';
const declare = `declare ${cursor} no scroll cursor without hold for\n`;
const explain = 'explain (format json)\n';

/**
 * Opens the cursor of a query. This is the judge as well: PostgreSQL takes one statement by the extended protocol, of
 * DECLARE only what reads (no INTO, no writing WITH), checks names, types and rights, and the transaction is read only.
 * Nothing runs before the first FETCH.
 */
export async function openCursor(
  session: Session,
  { text, values }: PreparedText,
  signal?: AbortSignal,
): Promise<void> {
  await session.query(declare + text, values, { positionOf: positionAfter(declare, text), signal });
}

export const fetchRows = (session: Session, count: number, signal?: AbortSignal): Promise<TextResult> =>
  session.query(`fetch forward ${Math.trunc(count)} from ${cursor}`, [], { signal });

/** All rows of EXPLAIN or SHOW. */
export const runTold = (session: Session, { text, values }: PreparedText, signal?: AbortSignal): Promise<TextResult> =>
  session.query(text, values, { positionOf: positionAfter('', text), signal });

/** @throws QueryFailure with its place in the text */
export async function checkQuery(
  session: Session,
  prepared: PreparedText,
  signal?: AbortSignal,
): Promise<CheckedQuery> {
  const { text, values, kind, isRunByAsking } = prepared;
  if (isRunByAsking) return { columns: null, estimatedRows: null };
  if (kind === 'told') {
    // EXPLAIN and SHOW have no cheaper check than themselves.
    const { fields } = await runTold(session, prepared, signal);
    return { columns: await readColumns(session, fields), estimatedRows: null };
  }
  await openCursor(session, prepared, signal);
  const columns = await readColumns(session, (await fetchRows(session, 0, signal)).fields);
  const { rows } = await session.query(explain + text, values, { positionOf: positionAfter(explain, text), signal });
  const [plan] = Plan.parse(JSON.parse(rows[0]?.[0] ?? ''));
  return { columns, estimatedRows: plan.Plan['Plan Rows'] };
}
