import { z } from 'zod';
import type { ParameterValue } from '#contracts/queries/amc/parameters.ts';
import { taskOf } from './compile.ts';
import { usualFormat } from './engine/csv.ts';
import { type Exchange, instanceOf, json, page, read, refuse, type Route, route } from './exchange.ts';
import { type Execution, Queue } from './queue.ts';
import { instantOf, isZone, windowOf, windowTypes } from './time-window.ts';
import { compiled, type Saved, WorkflowBody } from './workflows.ts';
import type { World } from './world.ts';

const wall = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/, "must be written as yyyy-MM-dd'T'HH:mm:ss");
const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number(), z.boolean()]))]);
const StartBody = z.object({
  workflowId: z.string().optional(),
  workflow: WorkflowBody.optional(),
  timeWindowType: z.enum(windowTypes).default('MOST_RECENT_DAY'),
  timeWindowStart: wall.optional(),
  timeWindowEnd: wall.optional(),
  timeWindowTimeZone: z.string().default('UTC'),
  parameterValues: z.record(z.string(), value).default({}),
  dryRun: z.boolean().default(false),
  workflowExecutionTimeoutSeconds: z.int().min(900).max(86_400).default(21_600),
  skipPublish: z.boolean().default(false),
  advertisers: z.array(z.union([z.string(), z.number()])).optional(),
  requireSyntheticData: z.boolean().default(false),
  disableAggregationControls: z.boolean().default(false),
});

/** Runs queries in the embedded database for the queue. */
export function queueOf(world: World, advertisersOf: WeakMap<Execution, readonly number[]>): Queue {
  return new Queue(world, async (execution) => {
    const { workflow, window } = execution;
    const defaults = Object.fromEntries(
      (workflow.inputParameters ?? []).flatMap(({ name, defaultValue }) =>
        defaultValue === undefined ? [] : [[name, defaultValue]],
      ),
    );
    const advertisers = advertisersOf.get(execution);
    const answer = await world.engine.run(
      taskOf(execution.compiled, {
        window,
        windowStart: `${window.start}.000`,
        windowEnd: `${window.end}.000`,
        parameters: { ...defaults, ...execution.parameters } as Record<string, ParameterValue>,
        ...(advertisers && { advertisers }),
        removesValues: workflow.privacyFilteringBehavior === 'REMOVE_VALUES',
        discriminator: workflow.filteredMetricsDiscriminatorColumn ?? '',
        distinctUsers: workflow.distinctUserCountColumn ?? '',
        reason: workflow.filteredReasonColumn ?? '',
        format: workflow.outputFormat ?? usualFormat,
        rowsPerPart: world.knobs.rowsPerPart,
        isPrivacyOn: !execution.isUnfiltered,
        countsPeople: false,
      }),
    );
    if (!answer.ok) return { failed: `The query failed: ${answer.message}` };
    return { parts: answer.parts.map((part) => Buffer.from(part)), rows: answer.rows };
  });
}

function shown(world: World, execution: Execution, withQuery: boolean) {
  const { window, workflow } = execution;
  const isReady = execution.status === 'SUCCEEDED' && !execution.isDryRun;
  const { strangeStatus } = execution.outcome ?? {};
  const fields = {
    workflowExecutionId: execution.id,
    workflowId: execution.workflowId,
    status: execution.status === 'PENDING' && strangeStatus ? strangeStatus : execution.status,
    executionCategory: execution.isAdHoc ? 'AD_HOC' : 'WORKFLOW',
    createTime: world.stamp(execution.createdMs),
    lastUpdatedTime: world.stamp(execution.updatedMs),
    expireTime: world.stamp(execution.createdMs + world.knobs.expiresAfterMs),
    waitUntil: world.stamp(execution.createdMs),
    timeWindowType: execution.windowType,
    timeWindowStart: world.stamp(window.fromMs),
    timeWindowEnd: world.stamp(window.toMs),
    timeWindowStartOriginal: window.start,
    timeWindowEndOriginal: window.end,
    timeWindowTimeZoneOriginal: execution.zone,
    workflowExecutionTimeoutSeconds: execution.timeoutSeconds,
    parameterValues: execution.parameters,
    dataGaps: [],
    disableAggregationControls: execution.isUnfiltered,
    ignoreDataGaps: false,
    outputChannels: [
      {
        channel: { type: 'DOWNLOAD' },
        status: isReady ? 'AVAILABLE' : execution.status === 'FAILED' ? 'FAILED' : 'PENDING',
      },
    ],
    ...(isReady &&
      !execution.skipsPublish && {
        outputS3URI: `s3://amc-${execution.instanceId}-sim/workflow=${execution.workflowId}/schedule=adhoc/`,
      }),
    ...(execution.reason !== '' && { [execution.reasonField]: execution.reason }),
    ...(withQuery && { sqlQuery: workflow.sqlQuery, workflow }),
  };
  return fields;
}

/** Executions of queries (AMC §4.3). */
export function executionRoutes(
  world: World,
  saved: Saved,
  queue: Queue,
  advertisersOf: WeakMap<Execution, readonly number[]>,
): readonly Route[] {
  const base = '/amc/reporting/{instance}/workflowExecutions';
  const wrapped = (execution: Execution, withQuery = false) => {
    const fields = shown(world, execution, withQuery);
    return json(world.knobs.wrapsAnswers ? { workflowExecution: fields } : fields);
  };
  const known = (exchange: Exchange): Execution => {
    const { instanceId } = instanceOf(exchange);
    const id = exchange.params[1] ?? '';
    const found = queue.find(instanceId, id);
    if (!found) throw refuse(404, `Execution with ID ${id} does not exist.`);
    return found;
  };

  const start = (exchange: Exchange) => {
    const { instanceId, instanceType } = instanceOf(exchange);
    const body = read(exchange, StartBody);
    if ((body.workflowId === undefined) === (body.workflow === undefined))
      throw refuse(400, 'Exactly one of workflowId and workflow must be given.');
    const workflow = body.workflow ?? saved.workflows(instanceId).get(body.workflowId ?? '');
    if (!workflow) throw refuse(404, `Workflow ${body.workflowId ?? ''} does not exist.`);
    if (instanceType === 'SANDBOX' && !body.requireSyntheticData)
      throw refuse(400, 'requireSyntheticData must be true in a sandbox instance.');
    if (instanceType !== 'SANDBOX' && (body.requireSyntheticData || body.disableAggregationControls))
      throw refuse(400, 'requireSyntheticData and disableAggregationControls are for sandbox instances only.');
    if (!isZone(body.timeWindowTimeZone)) throw refuse(400, `Unknown time zone ${body.timeWindowTimeZone}.`);
    const until = world.scenario.events.until;
    const window = windowOf(body.timeWindowType, body.timeWindowTimeZone, until ? Date.parse(until) : world.now(), {
      start: body.timeWindowStart,
      end: body.timeWindowEnd,
    });
    if (!window)
      throw refuse(400, 'timeWindowStart must be before timeWindowEnd, and both are required with EXPLICIT.');
    const ready = compiled(workflow);
    const missing = (workflow.inputParameters ?? []).find(
      ({ name, defaultValue }) => defaultValue === undefined && !Object.hasOwn(body.parameterValues, name),
    );
    if (missing) throw refuse(400, `No value for the parameter ${missing.name} was given.`);
    const undeclared = Object.keys(body.parameterValues).find(
      (name) => !(workflow.inputParameters ?? []).some((one) => one.name === name),
    );
    if (undeclared !== undefined) throw refuse(400, `The parameter ${undeclared} is not defined in the workflow.`);
    const now = world.now();
    const execution: Execution = {
      id: world.id(),
      instanceId,
      workflowId: body.workflowId ?? `transient_${world.id()}`,
      isAdHoc: body.workflow !== undefined,
      workflow,
      compiled: ready,
      window,
      windowType: body.timeWindowType,
      zone: body.timeWindowTimeZone,
      parameters: body.parameterValues,
      isDryRun: body.dryRun,
      isUnfiltered: body.disableAggregationControls,
      skipsPublish: body.skipPublish,
      timeoutSeconds: body.workflowExecutionTimeoutSeconds,
      createdMs: now,
      outcome: world.outcomes.shift(),
      status: 'PENDING',
      reason: '',
      reasonField: 'statusReason',
      startedMs: null,
      updatedMs: now,
      succeededMs: null,
      parts: [],
      rows: 0,
      isCleared: false,
    };
    if (body.advertisers)
      advertisersOf.set(
        execution,
        body.advertisers.map((id) => Number(id) - 580_000),
      );
    queue.add(execution);
    return wrapped(execution);
  };

  const list = (exchange: Exchange) => {
    const { instanceId } = instanceOf(exchange);
    const { query } = exchange;
    const zone = query.get('timeZone') ?? 'UTC';
    const moment = (name: string): number | undefined => {
      const text = query.get(name);
      if (text === null) return undefined;
      const ms = instantOf(text.replace(/Z$/, '').slice(0, 19), zone);
      if (Number.isNaN(ms)) throw refuse(400, `Invalid value for ${name}.`);
      return ms;
    };
    const [min = -Infinity, max = Infinity] = [moment('minCreationTime'), moment('maxCreationTime')];
    queue.settle();
    const found = queue.executions.filter(
      (one) =>
        one.instanceId === instanceId &&
        !one.isCleared &&
        (query.get('includeCancelled') === 'true' || one.status !== 'CANCELLED') &&
        (query.get('workflowId') === null || one.workflowId === query.get('workflowId')) &&
        Math.floor(one.createdMs / 1_000) * 1_000 >= Math.floor(min / 1_000) * 1_000 &&
        one.createdMs <= max,
    );
    const sorted = query.get('sortAscending') === 'true' ? found : found.toReversed();
    const { items, nextToken } = page(exchange, sorted);
    const withQuery = query.get('includeWorkflow') === 'true';
    return json({ executions: items.map((one) => shown(world, one, withQuery)), ...(nextToken && { nextToken }) });
  };

  return [
    route('POST', base, start),
    route('GET', base, list),
    route('GET', `${base}/{id}`, (exchange) =>
      wrapped(known(exchange), exchange.query.get('includeWorkflow') === 'true'),
    ),
    route('PUT', `${base}/{id}`, (exchange) => {
      const execution = known(exchange);
      const { status } = read(exchange, z.object({ status: z.string() }));
      if (status !== 'CANCELLED') throw refuse(400, 'Only the status CANCELLED can be set.');
      if (!queue.cancel(execution))
        throw refuse(400, `Execution with ID ${execution.id} is ${execution.status} and cannot be cancelled.`);
      return wrapped(execution);
    }),
    route('DELETE', `${base}/{id}`, (exchange) => {
      const execution = known(exchange);
      queue.cancel(execution);
      execution.isCleared = true;
      return json({});
    }),
  ];
}
