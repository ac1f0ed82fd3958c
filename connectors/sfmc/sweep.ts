import type { CleanupResult, RemoteAsset, SweepRequest } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import type { SfmcCalls } from './calls.ts';
import { deleteByKey, ownDescription } from './objects.ts';
import { isOwnKey, keyOfRun, runKeyOf } from './run-state.ts';
import { type Retrieve, retrieveAll } from './soap.ts';
import { textAt } from './xml.ts';

/** Removes things one by one; one that stays does not keep the others. */
export async function removeAll(
  assets: readonly (RemoteAsset & { remove: () => Promise<void> })[],
): Promise<CleanupResult> {
  const removed: RemoteAsset[] = [];
  const left: CleanupResult['left'][number][] = [];
  for (const { kind, name, remove } of assets) {
    try {
      await remove();
      removed.push({ kind, name });
    } catch (error) {
      if (!(error instanceof QueryFailure)) throw error;
      left.push({ kind, name, failure: error.facts });
    }
  }
  return { removed, left };
}

const sorts = [
  { type: 'QueryDefinition', kind: 'query' },
  { type: 'DataExtension', kind: 'data_extension' },
] as const;

/** What is ours at the service and temporary: by our key and our description both, so that nobody else's is touched. */
export async function listOwn(
  calls: SfmcCalls,
  signal?: AbortSignal,
): Promise<(RemoteAsset & { type: (typeof sorts)[number]['type']; createdAtMs: number })[]> {
  const own = [];
  for (const { type, kind } of sorts) {
    const what: Retrieve = {
      type,
      properties: ['CustomerKey', 'Name', 'Description', 'CreatedDate'],
      filter: { property: 'CustomerKey', operator: 'like', values: ['QC_%'] },
    };
    const { results } = await retrieveAll(calls, what, { most: 10_000, signal });
    for (const result of results) {
      const name = textAt(result, 'CustomerKey') ?? '';
      if (!isOwnKey(name) || textAt(result, 'Description') !== ownDescription) continue;
      own.push({ type, kind, name, createdAtMs: readServiceTime(textAt(result, 'CreatedDate') ?? '') });
    }
  }
  return own;
}

/** SOAP times without a zone are the service's own, six hours behind UTC; read as UTC they look older, never younger. */
function readServiceTime(text: string): number {
  const at = Date.parse(/[zZ]|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(at) ? 0 : at;
}

/** The slack for that zone: nothing younger than asked is swept. */
const zoneSlackMs = 6 * 3_600_000;

/** Removes what runs left that are over and began long enough ago. */
export async function sweepOwn(
  calls: SfmcCalls,
  { olderThanMs, keepRunIds }: SweepRequest,
  now: () => number,
  signal?: AbortSignal,
): Promise<CleanupResult> {
  const kept = new Set(keepRunIds.map(keyOfRun));
  const before = now() - olderThanMs - (olderThanMs === 0 ? 0 : zoneSlackMs);
  const own = await listOwn(calls, signal);
  const orphans = own.filter(({ name, createdAtMs }) => !kept.has(runKeyOf(name)) && createdAtMs <= before);
  return removeAll(
    orphans.map(({ type, kind, name }) => ({ kind, name, remove: () => deleteByKey(calls, type, name, signal) })),
  );
}
