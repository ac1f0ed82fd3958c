import { z } from 'zod';
import { type Exchange, json, read, type Route, route } from './exchange.ts';
import { isOpen, type Queue } from './queue.ts';
import type { Files } from './results.ts';
import { Fault, Knobs, Outcome } from './scenario.ts';
import type { Saved } from './workflows.ts';
import type { World } from './world.ts';

/** What of its clients lives here now: for tests that nothing is left behind. */
export const assetsOf = (world: World, saved: Saved, queue: Queue, files: Files) => ({
  workflows: world.instances.flatMap(({ instanceId }) =>
    [...saved.workflows(instanceId).keys()].map((id) => ({ instanceId, id })),
  ),
  openExecutions: queue.executions
    .filter((one) => isOpen(one) && !one.isCleared)
    .map(({ instanceId, id, status }) => ({ instanceId, id, status })),
  executions: queue.executions.length,
  mostAtOnce: queue.mostAtOnce,
  files: files.count,
});

/** Turns knobs and makes things go wrong, without signing in: this is no part of the service. */
export function adminRoutes(world: World, saved: Saved, queue: Queue, files: Files): readonly Route[] {
  return [
    route('GET', '/simulator/assets', () => json(assetsOf(world, saved, queue, files))),
    route('GET', '/simulator/requests', () => json(world.requests)),
    route('GET', '/simulator/knobs', () => json(world.knobs)),
    route('PATCH', '/simulator/knobs', (exchange: Exchange) => {
      // Defaults of what is not named must not overwrite what was turned before.
      const named = read(exchange, z.record(z.string(), z.unknown()));
      world.knobs = Knobs.parse({ ...world.knobs, ...named });
      return json(world.knobs);
    }),
    route('POST', '/simulator/faults', (exchange: Exchange) => {
      world.addFault(read(exchange, Fault));
      return json({ waiting: world.faults.length });
    }),
    route('DELETE', '/simulator/faults', () => {
      world.faults.length = 0;
      return json({});
    }),
    route('POST', '/simulator/outcomes', (exchange: Exchange) => {
      world.outcomes.push(read(exchange, Outcome));
      return json({ waiting: world.outcomes.length });
    }),
    route('POST', '/simulator/clock', (exchange: Exchange) => {
      world.skip(read(exchange, z.object({ skipMs: z.number().positive() })).skipMs);
      return json({ now: world.stamp() });
    }),
    route('POST', '/simulator/revoke', () => {
      for (const grant of world.grants) grant.isRevoked = true;
      return json({});
    }),
    route('POST', '/simulator/expire-tokens', () => {
      world.accessTokens.clear();
      return json({});
    }),
  ];
}
