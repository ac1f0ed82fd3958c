import type { RouteDef } from './kit/route.ts';
import { runRoutes } from './runs/runs.ts';
import { credentialRoutes } from './servers/credentials.ts';
import { serverRoutes } from './servers/servers.ts';

/** Every route of the API. A room adds its table here; the API refuses to start if a route has no access. */
export const routes = {
  ...runRoutes,
  ...credentialRoutes,
  ...serverRoutes,
} as const satisfies Record<string, RouteDef>;

export type OperationId = keyof typeof routes;
