import { z } from 'zod';
import { type Reply, json } from './http.ts';
import { type RestCall, type RestRoute, restError } from './rest-call.ts';
import { checkText, isRunningShown, startQuery, wrappedText } from './runs.ts';
import { saveQuery } from './soap-objects.ts';
import { type QueryDef, findExtension } from './world.ts';

const modes = ['overwrite', 'update', 'append'] as const;
const iso = (at: number): string => new Date(at).toISOString().slice(0, 23);

function shown({ world }: RestCall, query: QueryDef): object {
  const target = findExtension(world, query.mid, { key: query.targetKey });
  const type = modes.indexOf(query.mode);
  return {
    queryDefinitionId: query.id,
    name: query.name,
    key: query.key,
    description: query.description,
    queryText: query.text,
    targetName: query.targetName,
    targetKey: query.targetKey,
    targetId: target?.id ?? null,
    targetDescription: target?.description ?? '',
    createdDate: iso(query.madeAt),
    modifiedDate: iso(query.changedAt),
    targetUpdateTypeId: type,
    targetUpdateTypeName: ['Overwrite', 'Update', 'Append'][type],
    validatedQueryText: target ? wrappedText(query, target) : null,
    categoryId: query.folderId,
    isFrozen: false,
  };
}

const found = ({ world, access, part }: RestCall): QueryDef | undefined => {
  const query = world.queries.get(part('id'));
  return query?.mid === access.mid ? query : undefined;
};
const withQuery =
  (work: (call: RestCall, query: QueryDef) => Reply | Promise<Reply>) =>
  (call: RestCall): Reply | Promise<Reply> => {
    const query = found(call);
    return query ? work(call, query) : restError(404, 404, 'Query definition not found.');
  };

const NewQuery = z.object({
  name: z.string().min(1),
  key: z.string().max(36).default(''),
  description: z.string().default(''),
  queryText: z.string(),
  targetKey: z.string(),
  targetUpdateTypeId: z.int().min(0).max(2).default(0),
  categoryId: z.number().default(0),
});

function list(call: RestCall): Reply {
  const { world, access, query } = call;
  const page = Number(query.get('$page') ?? 1);
  const pageSize = Math.min(Number(query.get('$pageSize') ?? 25), 25);
  const wanted = /^name eq '?(.+?)'?$/i.exec(query.get('$filter') ?? '')?.[1];
  const all = [...world.queries.values()].filter(
    ({ mid, name }) => mid === access.mid && (wanted === undefined || name.toLowerCase() === wanted.toLowerCase()),
  );
  const items = all.slice((page - 1) * pageSize, page * pageSize).map((item) => shown(call, item));
  return json({ count: all.length, page, pageSize, items });
}

async function create(call: RestCall): Promise<Reply> {
  const { world, access, body } = call;
  // A nested target, as other routes of the service have it, breaks this one.
  if (typeof body === 'object' && body !== null && 'target' in body)
    return restError(500, 0, 'An unexpected error occurred.');
  const read = NewQuery.safeParse(body);
  if (!read.success) {
    const additionalErrors = read.error.issues.map(({ path, message }) => ({
      message: `${path.join('.')}: ${message}`,
      errorcode: 10_002,
    }));
    return restError(400, additionalErrors.length > 1 ? 10_006 : 10_002, 'The request is not valid.', {
      additionalErrors,
    });
  }
  const { name, key, description, queryText, targetKey, targetUpdateTypeId, categoryId } = read.data;
  if (
    [...world.queries.values()].some((query) => query.mid === access.mid && (query.key === key || query.name === name))
  ) {
    return restError(400, 10_000, 'The name or key of the query is already in use.');
  }
  const saved = await saveQuery(world, access.mid, {
    key: key === '' ? name.slice(0, 36) : key,
    name,
    description,
    text: queryText,
    targetKey,
    mode: modes[targetUpdateTypeId] ?? 'overwrite',
    folderId: categoryId,
  });
  const query = world.queries.get(saved.newObjectId ?? '');
  return query ? json(shown(call, query)) : restError(400, 10_000, saved.message);
}

async function patch(call: RestCall, query: QueryDef): Promise<Reply> {
  const { queryText, name, description } = z
    .object({ queryText: z.string(), name: z.string(), description: z.string() })
    .partial()
    .parse(call.body ?? {});
  if (queryText !== undefined) {
    const problems = await checkText(
      call.world,
      query.mid,
      queryText,
      findExtension(call.world, query.mid, { key: query.targetKey }),
    );
    if (problems.length > 0)
      return restError(400, 10_000, `Error saving the Query field.<br />${problems.join('<br />')}`);
    query.text = queryText;
  }
  query.name = name ?? query.name;
  query.description = description ?? query.description;
  query.changedAt = call.world.now();
  return json(shown(call, query));
}

async function validate({ world, access, body }: RestCall): Promise<Reply> {
  const { Text = '', targetKey } = z
    .object({ Text: z.string(), targetKey: z.string() })
    .partial()
    .parse(body ?? {});
  const target = targetKey === undefined ? undefined : findExtension(world, access.mid, { key: targetKey });
  const problems = await checkText(world, access.mid, Text, target);
  return json({ queryValid: problems.length === 0, errors: problems.map((message) => ({ message })), warnings: [] });
}

/** The entries of a query's runs; a run shows when AsyncActivityStatus would. */
function log({ world }: RestCall, query: QueryDef): Reply {
  const items = [...world.tasks.values()]
    .filter(({ queryId }) => queryId === query.id)
    .map((task) => ({
      taskId: task.id,
      startTime: iso(task.startedAt),
      endTime: task.endedAt === null ? null : iso(task.endedAt),
      status: task.state,
      message: task.error ?? '',
    }));
  return json({ count: items.length, page: 1, pageSize: 25, items });
}

/** Query activities: section 6.1. */
export const automationRoutes: readonly RestRoute[] = [
  { route: 'GET /automation/v1/queries', scope: 'automations_read', answer: list },
  {
    route: 'GET /automation/v1/queries/{id}',
    scope: 'automations_read',
    answer: withQuery((call, query) => json(shown(call, query))),
  },
  { route: 'POST /automation/v1/queries', scope: 'automations_write', answer: create },
  { route: 'PATCH /automation/v1/queries/{id}', scope: 'automations_write', answer: withQuery(patch) },
  {
    route: 'DELETE /automation/v1/queries/{id}',
    scope: 'automations_write',
    answer: withQuery(({ world }, query) => (world.queries.delete(query.id), json('OK'))),
  },
  {
    route: 'POST /automation/v1/queries/{id}/actions/start/',
    scope: 'automations_execute',
    answer: withQuery(({ world, body }, query) => {
      // With a body the service says OK and does nothing.
      if (body === undefined) startQuery(world, query);
      return json('OK');
    }),
  },
  {
    route: 'GET /automation/v1/queries/{id}/actions/isrunning/',
    scope: 'automations_read',
    answer: withQuery(({ world }, query) =>
      json({ queryDefinitionId: query.id, isRunning: isRunningShown(world, query.id) }),
    ),
  },
  { route: 'GET /automation/v1/queries/{id}/log', scope: 'automations_read', answer: withQuery(log) },
  { route: 'POST /automation/v1/queries/actions/validate/', scope: 'automations_read', answer: validate },
  {
    route: 'GET /automation/v1/automations',
    scope: 'automations_read',
    answer: () => json({ count: 0, page: 1, pageSize: 50, items: [] }),
  },
  {
    route: 'GET /automation/v1/automations/{id}',
    scope: 'automations_read',
    answer: () => restError(404, 404, 'Automation not found.'),
  },
];
