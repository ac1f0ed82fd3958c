import { columnTypeOf } from '#contracts/queries/amc/column-type.ts';
import type {
  CallOptions,
  Cell,
  DescribePage,
  DescribeRequest,
  QueryEngine,
  QueryText,
  Remark,
  RunRef,
  StartQuery,
  Started,
  Verdict,
} from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { type AmcInstance, listAccounts, listInstances } from './accounts.ts';
import type { AdsClient } from './ads-client.ts';
import { readDataSource, readDataSources } from './data-sources.ts';
import { AmcAssets } from './engine-assets.ts';
import { type AmcEngineOptions, workflowIdOf } from './engine-options.ts';
import { AmcResults } from './engine-results.ts';
import {
  type AmcExecution,
  cancelExecution,
  clearExecution,
  findExecutions,
  isFinal,
  readExecution,
  startExecution,
} from './executions.ts';
import { executionFailure } from './failures.ts';
import { foresee, placed, prepareQuery } from './query-text.ts';
import { deleteWorkflow, saveWorkflow } from './workflows.ts';

/** A request that started and whose answer was lost may still be carried out for as long as it may be answered. */
const doubtMs = 75_000;

export interface AmcEngine extends QueryEngine {
  /** All rows from the first on, for exports, with flat memory. `onHeader` is told the names before the first row. */
  stream(
    ref: RunRef,
    onHeader: (names: readonly string[]) => void,
    options?: CallOptions,
  ): AsyncGenerator<readonly Cell[]>;
}

/**
 * Amazon Marketing Cloud. Each run saves its query under an id of its own and starts that: since the service has no key for
 * requests, this name is what makes a run findable, so that none begins twice. `cleanup` deletes it.
 */
export function amcEngine(options: AmcEngineOptions): AmcEngine {
  const { client, instance, catalog, now = Date.now } = options;
  const results = new AmcResults(options);
  const assets = new AmcAssets(options);

  /** What began for a run and was not turned away: the newest. */
  const findStarted = async (workflowId: string, signal?: AbortSignal): Promise<AmcExecution | undefined> => {
    const found = await findExecutions(client, instance, { workflowId }, signal);
    // What was rejected never ran, so it may be asked for again.
    return found.find((execution) => execution.workflowId === workflowId && execution.state !== 'rejected');
  };

  async function start(query: StartQuery, { signal }: CallOptions = {}): Promise<Started> {
    const prepared = prepareQuery(query);
    const workflowId = workflowIdOf(query.runId);
    const known = query.known;
    const refOf = (execution: AmcExecution | null, startingAt: string): RunRef => ({
      engine: 'amc',
      runId: query.runId,
      begunAt: known?.begunAt ?? startingAt,
      parts: {
        instanceId: instance.instanceId,
        workflowId,
        startingAt,
        executionId: execution?.id ?? null,
        expiresAt: execution?.expiresAt ?? null,
      },
    });
    const adopted = (execution: AmcExecution): Started => ({
      ref: refOf(execution, String(known?.parts['startingAt'] ?? new Date(now()).toISOString())),
      isAdopted: true,
      pollAfterMs: 500,
    });

    if (known) {
      const found = await findStarted(workflowId, signal);
      if (found) return adopted(found);
      const doubt = Date.parse(String(known.parts['startingAt'])) + doubtMs - now();
      // A list may lag behind, and the lost request may be on its way: only after a while is it sure that nothing began.
      if (doubt > 0)
        throw new QueryFailure({
          kind: 'network',
          code: 'start_uncertain',
          message: 'The answer to the start was lost, and the service does not show the run yet.',
          hint: 'It is looked for again.',
          retryable: true,
          retryAfterMs: Math.min(doubt, 15_000),
          mayHaveActed: true,
        });
    }
    await saveWorkflow(client, instance, workflowId, prepared.workflow, signal).catch((error: unknown) => {
      throw placed(error, prepared.flat);
    });
    const startingAt = new Date(now()).toISOString();
    await query.note(refOf(null, startingAt));
    const { timeWindow, timeoutSeconds, skipPublish, advertisers, disableAggregationControls } = prepared.options;
    try {
      const execution = await startExecution(
        client,
        instance,
        {
          query: { workflowId },
          window: timeWindow,
          parameterValues: prepared.parameterValues,
          timeoutSeconds,
          skipPublish,
          advertisers,
          disableAggregationControls,
        },
        signal,
      );
      return { ref: refOf(execution, startingAt), isAdopted: false, pollAfterMs: 1_000 };
    } catch (error) {
      if (error instanceof QueryFailure && error.facts.mayHaveActed) {
        const found = await findStarted(workflowId, signal);
        if (found) return { ...adopted(found), ref: refOf(found, startingAt) };
      }
      throw placed(error, prepared.flat);
    }
  }

  async function validate(query: QueryText, { signal }: CallOptions = {}): Promise<Verdict> {
    const refused = (error: unknown): Verdict => {
      if (!(error instanceof QueryFailure) || error.facts.kind !== 'syntax') throw error;
      return {
        isValid: false,
        columns: null,
        remarks: [{ severity: 'error', message: error.facts.message, position: error.facts.position }],
      };
    };
    let prepared;
    try {
      prepared = prepareQuery(query);
    } catch (error) {
      return refused(error);
    }
    const { workflow, parameterValues, options: own, flat } = prepared;
    let execution: AmcExecution;
    try {
      execution = await startExecution(
        client,
        instance,
        {
          query: { workflow },
          window: own.timeWindow,
          parameterValues,
          isDryRun: true,
          advertisers: own.advertisers,
          disableAggregationControls: own.disableAggregationControls,
        },
        signal,
      );
    } catch (error) {
      return refused(placed(error, flat));
    }
    try {
      for (let looks = 0; !isFinal(execution) && looks < 6; looks++) {
        await results.sleep(200 * 2 ** looks, signal);
        execution = await readExecution(client, instance, execution.id, signal);
      }
    } finally {
      await clearExecution(client, instance, execution.id).catch(() => undefined);
    }
    const known = catalog ? await catalog() : null;
    const { columns, warnings } = known ? foresee(query.sql, prepared, known, now()) : { columns: null, warnings: [] };
    if (execution.state === 'failed' || execution.state === 'rejected') {
      const failure = placed(executionFailure(execution.status, execution.reason), flat) as QueryFailure;
      const remark: Remark = { severity: 'error', message: failure.facts.message, position: failure.facts.position };
      // Too many queries at once say nothing about this one.
      return { isValid: failure.facts.kind === 'quota' ? null : false, columns, remarks: [remark, ...warnings] };
    }
    return { isValid: execution.state === 'succeeded' ? true : null, columns, remarks: warnings };
  }

  return {
    kind: 'amc',
    validate,
    start,
    poll: (ref, { signal } = {}) => results.poll(ref, signal),
    columns: (ref, known, { signal } = {}) => results.columns(ref, known, signal),
    page: (request, { signal } = {}) => results.page(request, signal),
    stream: (ref, onHeader, { signal } = {}) => results.stream(ref, onHeader, signal),
    cancel: async (ref, { signal } = {}) => {
      let id = ref.parts['executionId'];
      if (typeof id !== 'string') id = (await findStarted(workflowIdOf(ref.runId), signal))?.id ?? null;
      if (typeof id !== 'string') {
        // The start may be on its way: without its saved query it cannot begin any more.
        await deleteWorkflow(client, instance, workflowIdOf(ref.runId), signal);
        const late = await findStarted(workflowIdOf(ref.runId), signal);
        if (!late) return { outcome: 'ended_before', note: 'Nothing had begun at Amazon.' };
        id = late.id;
      }
      const { outcome, execution } = await cancelExecution(client, instance, id, signal);
      const notes = {
        stopped: 'Amazon stopped the query.',
        ended_before: `It was too late to stop: at Amazon the query ${execution?.state === 'succeeded' ? 'had finished' : 'had ended already'}.`,
        unknown: 'Amazon took the request to stop but still shows the query as open.',
      };
      return { outcome, note: notes[outcome] };
    },
    cleanup: (ref, { signal } = {}) => assets.cleanup(ref, signal),
    sweep: (request, { signal } = {}) => assets.sweep(request, signal),
    describe: (request, { signal } = {}) => describe(client, instance, request, signal),
  };
}

async function describe(
  client: AdsClient,
  instance: AmcInstance,
  request: DescribeRequest,
  signal?: AbortSignal,
): Promise<DescribePage> {
  if (request.what === 'units') {
    const { instances } = await listInstances(client, await listAccounts(client, signal), signal);
    const objects = instances.map(({ instanceId, name, isSandbox, isReady, account }) => ({
      id: instanceId,
      kind: 'unit' as const,
      name,
      sqlName: null,
      parentId: null,
      description: null,
      columns: null,
      details: {
        accountId: account.accountId,
        accountName: account.accountName ?? '',
        marketplaceId: account.marketplaceId,
        isSandbox,
        isReady,
      },
    }));
    return { objects, cursor: null, cut: null };
  }
  const page =
    request.what === 'columns'
      ? { tables: [await readDataSource(client, instance, request.of ?? '', signal)], nextToken: null }
      : await readDataSources(client, instance, request.cursor ?? undefined, signal);
  const objects = page.tables.map((table) => ({
    id: table.name,
    kind: 'source' as const,
    name: table.name,
    sqlName: table.name,
    parentId: instance.instanceId,
    description: table.description || null,
    columns: table.columns.map(({ name, dataType, kind, sensitivity, description }) => ({
      name,
      type: columnTypeOf(dataType),
      ...(dataType && { nativeType: dataType }),
      ...(description && { description }),
      details: { kind, sensitivity },
    })),
    details: {
      owner: table.owner,
      isPremium: table.isPremium,
      tags: table.tags.map(({ type }) => type).join(' ') || null,
      tagNote:
        table.tags
          .map(({ description }) => description)
          .filter(Boolean)
          .join(' ') || null,
    },
  }));
  return { objects, cursor: page.nextToken, cut: null };
}
