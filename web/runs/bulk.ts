import type { BulkResult } from '#contracts/runs/bulk.ts';
import { asFailure } from '../kit/failure.ts';

/** Runs sent in one request. */
const SOME = 100;

export interface BulkOutcome {
  done: BulkResult[];
  failed: BulkResult[];
  /** What was left when it was stopped. */
  left: string[];
}

/**
 * Does the same to many runs, a hundred in a request, and tells how far it is. What fails for one stops none of the
 * others; a request that fails as a whole is told for each run in it.
 */
export async function actOnMany(
  ids: readonly string[],
  send: (ids: string[]) => Promise<{ results: BulkResult[] }>,
  onProgress: (done: number) => void,
  signal?: AbortSignal,
): Promise<BulkOutcome> {
  const results: BulkResult[] = [];
  for (let from = 0; from < ids.length; from += SOME) {
    if (signal?.aborted) break;
    const some = ids.slice(from, from + SOME);
    try {
      results.push(...(await send(some)).results);
    } catch (error) {
      const { code, message } = asFailure(error);
      results.push(...some.map((id): BulkResult => ({ id, ok: false, error: { code, message } })));
    }
    onProgress(results.length);
  }
  const told = new Set(results.map(({ id }) => id));
  return {
    done: results.filter(({ ok }) => ok),
    failed: results.filter(({ ok }) => !ok),
    left: ids.filter((id) => !told.has(id)),
  };
}
