import { z } from 'zod';
import { QueryColumn } from '#contracts/queries/engine.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import type { ApiTools } from '../kit/tools.ts';
import type { PreparedQuery } from './prepare-query.ts';

/** Columns that the caller names, where they cannot be told from the text: `options.columns`. */
const GivenColumns = z.array(QueryColumn).min(1).max(1_000);

/**
 * The columns of a query's result before it runs: those that the caller names, else those that text and schema tell.
 * @returns null where they cannot be told
 */
export async function inferColumns(
  _tools: ApiTools,
  _actor: Actor,
  { options }: PreparedQuery,
): Promise<QueryColumn[] | null> {
  if (options['columns'] !== undefined) {
    const given = GivenColumns.safeParse(options['columns']);
    if (!given.success) throw problem('query.refused', { why: 'options.columns must list the columns of the result.' });
    return given.data;
  }
  return null;
}
