import { routes, type OperationId } from '#contracts/routes.ts';
import type { RouteDef } from '#contracts/kit/route.ts';

/** What a call needs to know of a route. */
export interface CallDef {
  method: RouteDef['method'];
  path: string;
  isIdempotent: boolean;
  hasAnswer: boolean;
}

/**
 * The contracts' route table without its schemas. The build puts this table in as data (`vite.config.ts`), so that the
 * first load carries no schema: they weigh more than React, and an answer is held to its schema by the server's tests.
 */
export const routeTable: Readonly<Record<OperationId, CallDef>> = Object.fromEntries(
  Object.entries(routes as Record<string, RouteDef>)
    // Doors for senders are never called from here.
    .filter(([, { access, rawBody }]) => access !== 'public' || !rawBody)
    .map(([id, { method, path, idempotent, response }]) => [
      id,
      { method, path, isIdempotent: idempotent === true, hasAnswer: response !== undefined },
    ]),
) as Record<OperationId, CallDef>;
