import { z } from 'zod';
import { amcDataTypes } from '#contracts/queries/amc/parameters.ts';
import { compile } from './compile.ts';
import { type Exchange, instanceOf, json, page, read, refuse, type Route, route } from './exchange.ts';

const dataType = z.union([
  z.enum(amcDataTypes),
  z.object({ type: z.literal('ARRAY'), elementDataType: z.enum(amcDataTypes) }),
]);
const columnName = z.string().max(128).optional();
const oneChar = z.string().length(1);
/** A query as it is sent: saved under an id, or within an ad hoc execution. */
export const WorkflowBody = z.object({
  workflowId: z
    .string()
    .regex(/^[A-Za-z0-9._-]+$/)
    .optional(),
  sqlQuery: z.string().min(1).max(100_000),
  inputParameters: z
    .array(
      z.object({
        name: z.string().min(1),
        dataType,
        columnType: z.string().optional(),
        defaultValue: z.unknown().optional(),
        displayName: z.string().optional(),
        description: z.string().optional(),
      }),
    )
    .max(100)
    .optional(),
  outputColumns: z.array(z.record(z.string(), z.unknown())).max(100).optional(),
  outputFormat: z
    .object({ separator: oneChar.default(','), quote: oneChar.default('"'), escapeCharacter: oneChar.default('"') })
    .optional(),
  privacyFilteringBehavior: z.enum(['REMOVE_ROWS', 'REMOVE_VALUES']).optional(),
  filteredMetricsDiscriminatorColumn: columnName,
  distinctUserCountColumn: columnName,
  filteredReasonColumn: columnName,
});
export type WorkflowBody = z.infer<typeof WorkflowBody>;

const schedule = z.object({
  scheduleId: z.string().regex(/^[A-Za-z0-9._-]+$/),
  workflowId: z.string(),
  aggregationPeriod: z.enum(['Daily', 'Weekly']),
  aggregationHourUtc: z.int().min(0).max(23).optional(),
  aggregationStartDay: z
    .enum(['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])
    .optional(),
  scheduleEnabled: z.boolean().default(true),
  requireSyntheticData: z.boolean().optional(),
  disableAggregationControls: z.boolean().optional(),
});
type Schedule = z.infer<typeof schedule>;

/** Queries and schedules that are saved, by instance. */
export class Saved {
  readonly #workflows = new Map<string, Map<string, WorkflowBody>>();
  readonly #schedules = new Map<string, Map<string, Schedule>>();
  workflows(instanceId: string): Map<string, WorkflowBody> {
    return within(this.#workflows, instanceId);
  }
  schedules(instanceId: string): Map<string, Schedule> {
    return within(this.#schedules, instanceId);
  }
}
function within<T>(all: Map<string, Map<string, T>>, key: string): Map<string, T> {
  const found = all.get(key) ?? new Map<string, T>();
  all.set(key, found);
  return found;
}

/** Refuses a query that the service could not run, with its words. */
export function compiled(body: WorkflowBody, isAudience = false) {
  const result = compile(
    body.sqlQuery,
    (body.inputParameters ?? []).map(({ name }) => name),
    isAudience,
  );
  if (!result.ok) throw refuse(400, result.details);
  return result.compiled;
}

/** Saved queries (AMC §4.2) and the service's own schedules (§4.5). */
export function workflowRoutes(saved: Saved): readonly Route[] {
  const base = '/amc/reporting/{instance}/workflows';
  const known = (exchange: Exchange) => {
    const { instanceId } = instanceOf(exchange);
    const id = exchange.params[1] ?? '';
    const workflow = saved.workflows(instanceId).get(id);
    if (!workflow) throw refuse(404, `Workflow ${id} does not exist.`);
    return { instanceId, id, workflow };
  };
  return [
    route('GET', base, (exchange) => {
      const { instanceId } = instanceOf(exchange);
      const { items, nextToken } = page(exchange, [...saved.workflows(instanceId).values()]);
      return json({ workflows: items, ...(nextToken && { nextToken }) });
    }),
    route('POST', base, (exchange) => {
      const { instanceId } = instanceOf(exchange);
      const body = read(exchange, WorkflowBody);
      if (body.workflowId === undefined) throw refuse(400, 'workflowId is required.');
      if (saved.workflows(instanceId).has(body.workflowId))
        throw refuse(422, `Workflow ${body.workflowId} already exists.`);
      compiled(body);
      saved.workflows(instanceId).set(body.workflowId, body);
      return json({});
    }),
    route('GET', `${base}/{id}`, (exchange) => json(known(exchange).workflow)),
    route('PUT', `${base}/{id}`, (exchange) => {
      const { instanceId, id } = known(exchange);
      const body = read(exchange, WorkflowBody);
      compiled(body);
      saved.workflows(instanceId).set(id, { ...body, workflowId: id });
      return json({});
    }),
    route('DELETE', `${base}/{id}`, (exchange) => {
      const { instanceId, id } = known(exchange);
      const user = [...saved.schedules(instanceId).values()].find(({ workflowId }) => workflowId === id);
      if (user) throw refuse(400, `Workflow ${id} cannot be deleted: schedule ${user.scheduleId} refers to it.`);
      saved.workflows(instanceId).delete(id);
      return json({});
    }),
    ...scheduleRoutes(saved),
  ];
}

function scheduleRoutes(saved: Saved): readonly Route[] {
  const base = '/amc/reporting/{instance}/schedules';
  const known = (exchange: Exchange) => {
    const { instanceId } = instanceOf(exchange);
    const found = saved.schedules(instanceId).get(exchange.params[1] ?? '');
    if (!found) throw refuse(404, `Schedule ${exchange.params[1] ?? ''} does not exist.`);
    return { instanceId, found };
  };
  const take = (exchange: Exchange, instanceId: string) => {
    const body = read(exchange, schedule);
    if (!saved.workflows(instanceId).has(body.workflowId))
      throw refuse(400, `Workflow ${body.workflowId} does not exist.`);
    saved.schedules(instanceId).set(body.scheduleId, body);
    return json({});
  };
  return [
    route('GET', base, (exchange) => {
      const { instanceId } = instanceOf(exchange);
      const { items, nextToken } = page(exchange, [...saved.schedules(instanceId).values()]);
      return json({ schedules: items, ...(nextToken && { nextToken }) });
    }),
    route('POST', base, (exchange) => take(exchange, instanceOf(exchange).instanceId)),
    route('GET', `${base}/{id}`, (exchange) => json(known(exchange).found)),
    route('PUT', `${base}/{id}`, (exchange) => take(exchange, known(exchange).instanceId)),
    route('DELETE', `${base}/{id}`, (exchange) => {
      const { instanceId, found } = known(exchange);
      saved.schedules(instanceId).delete(found.scheduleId);
      return json({});
    }),
  ];
}
