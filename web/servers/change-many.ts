import { type BulkActs, type BulkChange, type BulkFailure } from '#contracts/servers/bulk.ts';
import { asFailure } from '../kit/failure.ts';

/** Servers sent in one request: few enough that it is told often how far it is. */
const SOME = 100;

export interface ManyOutcome {
  /** Ids that were changed. */
  changed: string[];
  failed: BulkFailure[];
  /** What was left when it was stopped. */
  left: string[];
  /** Requests that take back what was done; empty where nothing can be. */
  undo: BulkChange[];
}
type Answer = Pick<ManyOutcome, 'changed' | 'failed' | 'undo'>;

/**
 * Does the same to many servers, a hundred in a request, and tells how far it is. What is refused for one stops none of
 * the others; a request that fails as a whole is told for each server in it.
 */
export async function changeMany(
  ids: readonly string[],
  acts: BulkActs,
  send: (body: BulkChange) => Promise<Answer>,
  onProgress: (done: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<ManyOutcome> {
  const all: ManyOutcome = { changed: [], failed: [], left: [], undo: [] };
  for (let from = 0; from < ids.length; from += SOME) {
    if (signal?.aborted) {
      all.left = ids.slice(from);
      break;
    }
    const some = ids.slice(from, from + SOME);
    try {
      const { changed, failed, undo } = await send({ ...acts, ids: some });
      all.changed.push(...changed);
      all.failed.push(...failed);
      all.undo.push(...undo);
    } catch (error) {
      const { code, message } = asFailure(error);
      all.failed.push(...some.map((id): BulkFailure => ({ id, name: null, error: code, message })));
    }
    onProgress(Math.min(from + SOME, ids.length));
  }
  return all;
}
