import type { CleanupResult, RemoteAsset, RunRef, SweepRequest } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { type AmcEngineOptions, workflowIdOf, workflowPrefix } from './engine-options.ts';
import { findExecutions, isFinal } from './executions.ts';
import { deleteWorkflow, listWorkflows } from './workflows.ts';

/** Removes the saved queries that runs made. Results stay as long as the service keeps them: they belong to executions. */
export class AmcAssets {
  readonly #options: AmcEngineOptions;
  constructor(options: AmcEngineOptions) {
    this.#options = options;
  }

  cleanup(ref: RunRef, signal?: AbortSignal): Promise<CleanupResult> {
    return this.#remove([workflowIdOf(ref.runId)], signal);
  }

  /** Those of ours that began before that time, no longer run and are not to be kept. */
  async sweep({ olderThanMs, keepRunIds }: SweepRequest, signal?: AbortSignal): Promise<CleanupResult> {
    const { client, instance, now = Date.now } = this.#options;
    const kept = new Set(keepRunIds.map(workflowIdOf));
    const before = now() - olderThanMs;
    const old: string[] = [];
    for (const { workflowId } of await listWorkflows(client, instance, signal)) {
      if (!workflowId.startsWith(workflowPrefix) || kept.has(workflowId)) continue;
      const executions = await findExecutions(client, instance, { workflowId, mostPages: 1 }, signal);
      if (executions.some((execution) => !isFinal(execution))) continue;
      const begunMs =
        timeOf(workflowId.slice(workflowPrefix.length)) ??
        Math.max(...executions.map(({ createdAt }) => Date.parse(createdAt ?? '')), Number.NEGATIVE_INFINITY);
      // Of one that never ran and whose id tells no time nobody knows the age, so it may be somebody's start of this moment.
      if (Number.isFinite(begunMs) && begunMs < before) old.push(workflowId);
    }
    return this.#remove(old, signal);
  }

  async #remove(ids: readonly string[], signal?: AbortSignal): Promise<CleanupResult> {
    const { client, instance } = this.#options;
    const removed: RemoteAsset[] = [];
    const left: CleanupResult['left'][number][] = [];
    for (const name of ids) {
      try {
        await deleteWorkflow(client, instance, name, signal);
        removed.push({ kind: 'workflow', name });
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof QueryFailure)) throw error;
        left.push({ kind: 'workflow', name, failure: error.facts });
      }
    }
    return { removed, left };
  }
}

/** When a UUIDv7 was made, in milliseconds; undefined of any other id. */
function timeOf(id: string): number | undefined {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/i.test(id)
    ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
    : undefined;
}
