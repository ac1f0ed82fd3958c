import { fillAddress } from '#contracts/kit/address.ts';
import type { RouteArguments, RouteDef, RouteResult } from '#contracts/kit/route.ts';
import type { OperationId, routes } from '#contracts/routes.ts';
import { ApiFailure, failureOf } from './failure.ts';
import { routeTable } from './route-table.ts';
import { currentWorkspace } from './workspace.ts';

type Table = typeof routes;
interface CallOptions {
  signal?: AbortSignal;
  /** The etag that the change was made from; a stale one is refused with 412. */
  ifMatch?: string;
  /** Makes the call safe to repeat: the same key gets the first answer again. */
  idempotencyKey?: string;
  headers?: Record<string, string>;
}
type Call<R extends RouteDef> = (args: RouteArguments<R> & CallOptions) => Promise<RouteResult<R>>;
export type Api = { readonly [Id in OperationId]: Call<Table[Id]> };

interface AnyArguments extends CallOptions {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
}

/** The address of an operation, for links and downloads; what is undefined, empty or null in the query is left out. */
export function addressOf(
  id: OperationId,
  { params = {}, query = {} }: Pick<AnyArguments, 'params' | 'query'> = {},
): string {
  return fillAddress(routeTable[id].path, { params, query });
}

/** Told when the session has ended under the page, so that the shell can ask for a sign-in. */
export const sessionEnded = { listener: undefined as (() => void) | undefined };

/** Sends, and throws `ApiFailure` for every answer that is not good and for none at all. */
export async function send(address: string, init: RequestInit): Promise<Response> {
  const workspace = currentWorkspace();
  const headers = new Headers(init.headers);
  if (workspace && !headers.has('X-Workspace')) headers.set('X-Workspace', workspace);
  let response: Response;
  try {
    response = await fetch(address, { credentials: 'same-origin', ...init, headers });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiFailure({
      code: 'network.unreachable',
      message: 'The server cannot be reached. Check the connection and try again.',
      status: 0,
    });
  }
  if (response.ok) return response;
  const failure = await failureOf(response);
  if (failure.status === 401 && !address.includes('/auth/')) sessionEnded.listener?.();
  throw failure;
}

async function call(id: OperationId, args: AnyArguments): Promise<unknown> {
  const route = routeTable[id];
  const headers: Record<string, string> = { Accept: 'application/json', ...args.headers };
  if (args.ifMatch) headers['If-Match'] = args.ifMatch;
  if (route.isIdempotent) headers['Idempotency-Key'] = args.idempotencyKey ?? crypto.randomUUID();
  const isText = typeof args.body === 'string';
  if (args.body !== undefined && args.body !== null)
    headers['Content-Type'] ??= isText ? 'text/plain' : 'application/json';
  const response = await send(addressOf(id, args), {
    method: route.method,
    headers,
    body:
      args.body === undefined || args.body === null
        ? undefined
        : isText
          ? (args.body as string)
          : JSON.stringify(args.body),
    signal: args.signal,
  });
  if (response.status === 204 || !route.hasAnswer) return undefined;
  // The server holds its answers to the contract (a test of each route does); parsing again would cost each list twice.
  return response.json();
}

/** The API, typed by the contracts' route table: `api.listRuns({ query, signal })`. */
export const api = new Proxy({} as Api, {
  get: (_, id: OperationId) => (args: AnyArguments) => call(id, args),
});
