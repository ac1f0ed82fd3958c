import { z } from 'zod';
import { type Reply, json } from './http.ts';
import { storeRows } from './extensions.ts';
import { type RestCall, type RestRoute, restError } from './rest-call.ts';
import { readRows } from './runs.ts';
import { visibleExtensions } from './soap-retrieve.ts';
import { readDate } from './sql/dates.ts';
import { type Extension, type Field, type World, newId } from './world.ts';

const mostRows = 2_500;
const tokenLifeMs = 600_000;

interface RowToken {
  extensionId: string;
  mid: number;
  pageSize: number;
  filter: string;
  order: string;
  expiresAt: number;
}
const handed = new WeakMap<World, Map<string, RowToken>>();
const rowTokens = (world: World): Map<string, RowToken> => {
  const known = handed.get(world) ?? new Map<string, RowToken>();
  handed.set(world, known);
  return known;
};
const requests = new WeakMap<World, Map<string, { at: number; rows: number; error: string | null }>>();
const asyncRequests = (world: World) => {
  const known = requests.get(world) ?? new Map<string, { at: number; rows: number; error: string | null }>();
  requests.set(world, known);
  return known;
};

const findSeen = ({ world, access }: RestCall, match: (extension: Extension) => boolean): Extension | undefined =>
  visibleExtensions(world, access.mid).find((extension) => match(extension) && extension.visibleAt <= world.now());

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const operators: Record<string, string> = {
  eq: '=',
  ne: '<>',
  neq: '<>',
  gt: '>',
  gte: '>=',
  ge: '>=',
  lt: '<',
  lte: '<=',
  le: '<=',
  like: 'like',
};

/** `city eq 'Oslo' and points gt 5` as a WHERE with its values; a text where it cannot be read. */
function readFilter(filter: string, fields: readonly Field[]): { where: string; values: unknown[] } | string {
  if (filter === '') return { where: '', values: [] };
  const values: unknown[] = [];
  const parts = filter.split(/\s+(and|or)\s+/i).map((part, index) => {
    if (index % 2 === 1) return part.toLowerCase();
    const found = /^(\S+|\[[^\]]+\])\s+(\w+)\s+'?(.*?)'?$/.exec(part.trim());
    const field = fields.find(({ name }) => name.toLowerCase() === found?.[1]?.replace(/^\[|\]$/g, '').toLowerCase());
    const operator = operators[found?.[2]?.toLowerCase() ?? ''];
    if (!field || !operator) return undefined;
    const value = found?.[3] ?? '';
    values.push(
      field.type === 'Number' || field.type === 'Decimal'
        ? Number(value)
        : field.type === 'Boolean'
          ? Number(/true|1/i.test(value))
          : value,
    );
    return `${quoted(field.name)} ${operator} ?`;
  });
  if (parts.includes(undefined)) return `The filter '${filter}' is not valid.`;
  return { where: ` where ${parts.join(' ')}`, values };
}

function readOrder(order: string, fields: readonly Field[]): string {
  const parts = order.split(',').flatMap((part) => {
    const [name = '', way = 'asc'] = part.trim().split(/\s+/);
    const field = fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    return field ? [`${quoted(field.name)} ${way.toLowerCase() === 'desc' ? 'desc' : 'asc'}`] : [];
  });
  return parts.length > 0 ? ` order by ${parts.join(', ')}` : '';
}

/** Every value is a text: dates as Americans write them, no word for nothing. */
function asText(value: unknown, type: Field['type']): string {
  if (value === null || value === undefined) return '';
  if (type === 'Boolean') return Number(value) === 0 ? 'False' : 'True';
  if (type === 'Decimal') return String(value);
  if (type !== 'Date') return String(value);
  const date = new Date(readDate(String(value)));
  const hour = date.getUTCHours();
  const two = (number: number) => String(number).padStart(2, '0');
  return `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()} ${hour % 12 || 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${hour < 12 ? 'AM' : 'PM'}`;
}

async function rowset(
  call: RestCall,
  extension: Extension | undefined,
  given?: { token: string } & RowToken,
): Promise<Reply> {
  const { world, access, query } = call;
  if (!extension) return restError(404, 404, 'Not Found');
  const page = Number(query.get('$page') ?? 1);
  const pageSize = given?.pageSize ?? Number(query.get('$pageSize') ?? mostRows);
  if (!Number.isInteger(page) || page < 1 || !(pageSize >= 1 && pageSize <= mostRows))
    return restError(400, 10_005, `$pageSize must be between 1 and ${mostRows}.`);
  const filter = given?.filter ?? query.get('$filter') ?? '';
  const order = given?.order ?? query.get('$orderBy') ?? '';
  const read = readFilter(filter, extension.fields);
  if (typeof read === 'string') return restError(400, 10_003, read);
  const token = given?.token ?? newId();
  const expiresAt = world.now() + tokenLifeMs;
  rowTokens(world).set(token, { extensionId: extension.id, mid: access.mid, pageSize, filter, order, expiresAt });
  const isHidden = extension.rowsVisibleAt > world.now();
  const { count, rows } = isHidden
    ? { count: 0, rows: [] }
    : await readRows(world, extension, { page, pageSize, ...read, order: readOrder(order, extension.fields) });
  const link = (number: number) => `/v1/customobjectdata/token/${token}/rowset?$page=${number}`;
  const shown = (row: Record<string, unknown>, isKey: boolean) =>
    Object.fromEntries(
      extension.fields
        .filter((field) => field.isKey === isKey)
        .map((field) => [field.name.toLowerCase(), asText(row[field.name], field.type)]),
    );
  return json({
    links: { self: link(page), ...(page * pageSize < count && { next: link(page + 1) }) },
    requestToken: token,
    tokenExpireDateUtc: new Date(expiresAt).toISOString().slice(0, 21),
    customObjectId: extension.id,
    customObjectKey: extension.key,
    pageSize,
    page,
    count,
    top: 0,
    ...(count > 0 && { items: rows.map((row) => ({ keys: shown(row, true), values: shown(row, false) })) }),
  });
}

function byToken(call: RestCall): Reply | Promise<Reply> {
  const token = call.part('token');
  const known = rowTokens(call.world).get(token);
  if (!known || known.expiresAt < call.world.now() || known.mid !== call.access.mid)
    return restError(404, 404, 'The request token is unknown or has expired.');
  return rowset(call, call.world.extensions.get(known.extensionId), { token, ...known });
}

const Items = z.object({ items: z.array(z.record(z.string(), z.unknown())).max(mostRows) });

/** Rows in: stored at once, told by a request id. */
async function addRows(call: RestCall): Promise<Reply> {
  const extension = findSeen(call, ({ key }) => key === call.part('key'));
  if (!extension) return restError(404, 404, 'Not Found');
  const read = Items.safeParse(call.body);
  if (!read.success) return restError(400, 10_002, 'items is required and holds 2500 rows at most.');
  const requestId = newId();
  let error: string | null = null;
  try {
    await storeRows(call.world, extension);
    const rows = read.data.items.map((item) => {
      const byName = new Map(Object.entries(item).map(([name, value]) => [name.toLowerCase(), value]));
      return extension.fields.map((field) => stored(byName.get(field.name.toLowerCase()), field));
    });
    await call.world.store.ask({
      op: 'insert',
      into: extension.table,
      columns: extension.fields.map(({ name }) => name),
      rows,
    });
  } catch (caught) {
    error = caught instanceof Error ? caught.message : String(caught);
  }
  asyncRequests(call.world).set(requestId, { at: call.world.now(), rows: read.data.items.length, error });
  return json({ requestId, resultMessages: [] }, 202);
}

function stored(value: unknown, field: Field): unknown {
  if (value === undefined || value === null || value === '') return field.defaultValue;
  if (field.type === 'Number' || field.type === 'Decimal') return Number(value);
  if (field.type === 'Boolean') return Number(/^(true|1|yes)$/i.test(String(value)));
  if (field.type === 'Date') return new Date(readDate(String(value))).toISOString().slice(0, 19).replace('T', ' ');
  return String(value);
}

function asyncStatus(call: RestCall): Reply {
  const request = asyncRequests(call.world).get(call.part('id'));
  if (!request) return restError(404, 404, 'Not Found');
  const status = {
    requestStatus: request.error === null ? 'Complete' : 'Error',
    resultStatus: request.error === null ? 'OK' : 'Error',
    requestId: call.part('id'),
  };
  return json({ status, resultMessages: [] });
}

function asyncResults(call: RestCall): Reply {
  const request = asyncRequests(call.world).get(call.part('id'));
  if (!request) return restError(404, 404, 'Not Found');
  const items = request.error === null ? [] : [{ errorCode: 'Error', message: request.error, status: 'Error' }];
  return json({ page: 1, pageSize: 25, count: items.length, items, requestId: call.part('id'), resultMessages: [] });
}

function searchExtensions(call: RestCall): Reply {
  const { world, access, query } = call;
  const search = query.get('$search');
  if (search === null || search === '') return restError(400, 10_002, '$search is required.');
  const page = Number(query.get('$page') ?? 1);
  const all = visibleExtensions(world, access.mid).filter(
    ({ name, visibleAt }) =>
      visibleAt <= world.now() && name.toLowerCase().includes(search.replaceAll('%', '').toLowerCase()),
  );
  const items = all.slice((page - 1) * 25, page * 25).map(shownExtension);
  return json({ count: all.length, page, pageSize: 25, items });
}

const shownExtension = (extension: Extension): object => ({
  id: extension.id,
  name: extension.name,
  key: extension.key,
  description: extension.description,
  categoryId: extension.folderId,
  isSendable: extension.isSendable,
  fieldCount: extension.fields.length,
});

const shownField = (field: Field): object => ({
  name: field.name,
  type: field.type,
  length: field.length,
  scale: field.scale,
  ordinal: field.ordinal - 1,
  isPrimaryKey: field.isKey,
  isNullable: !field.isRequired,
  isHidden: false,
});

const withExtension =
  (work: (call: RestCall, extension: Extension) => Reply | Promise<Reply>) =>
  (call: RestCall): Reply | Promise<Reply> => {
    const extension = findSeen(call, ({ id }) => id === call.part('id'));
    return extension ? work(call, extension) : restError(404, 404, 'Not Found');
  };

/** Data extensions and their rows: sections 6.2 and 6.3. */
export const dataRoutes: readonly RestRoute[] = [
  {
    route: 'GET /data/v1/customobjectdata/key/{key}/rowset',
    scope: 'data_extensions_read',
    answer: (call) =>
      rowset(
        call,
        findSeen(call, ({ key }) => key.toLowerCase() === call.part('key').toLowerCase()),
      ),
  },
  { route: 'GET /data/v1/customobjectdata/token/{token}/rowset', scope: 'data_extensions_read', answer: byToken },
  {
    route: 'GET /data/v1/customobjectdata/{id}/rowset',
    scope: 'data_extensions_read',
    answer: (call) =>
      rowset(
        call,
        findSeen(call, ({ id }) => id === call.part('id')),
      ),
  },
  { route: 'GET /data/v1/customObjects', scope: 'data_extensions_read', answer: searchExtensions },
  {
    route: 'GET /data/v1/customObjects/{id}',
    scope: 'data_extensions_read',
    answer: withExtension((_call, extension) => json(shownExtension(extension))),
  },
  {
    route: 'GET /data/v1/customObjects/{id}/fields',
    scope: 'data_extensions_read',
    answer: withExtension((_call, extension) => json({ id: extension.id, fields: extension.fields.map(shownField) })),
  },
  ...(['POST', 'PUT'] as const).map((method) => ({
    route: `${method} /data/v1/async/dataextensions/key:{key}/rows`,
    scope: 'data_extensions_write',
    answer: addRows,
  })),
  { route: 'GET /data/v1/async/{id}/status', scope: 'data_extensions_read', answer: asyncStatus },
  { route: 'GET /data/v1/async/{id}/results', scope: 'data_extensions_read', answer: asyncResults },
];
