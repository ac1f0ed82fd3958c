import type { RouteDef } from './kit/route.ts';
import { runRoutes } from './runs/runs.ts';

/** Every route of the API. A room adds its table here; the API refuses to start if a route has no access. */
export const routes = {
  ...runRoutes,
} as const satisfies Record<string, RouteDef>;

export type OperationId = keyof typeof routes;
