import { vitalRoutes } from '#contracts/vitals/vitals.ts';
import { countVitals, readVitals } from '#db/vitals/vitals.ts';
import { holdRate, RateLimits } from '../kit/rate-limit.ts';
import { type Handlers, room } from '../kit/room.ts';

/** Reports of one person or key in a minute. An open console sends two at most. */
const reportsPerMinute = 60;

/**
 * The console's own speed. A report is no act of a person: it is neither audited nor an event, since it holds only counts.
 */
export const vitalRoom = room(vitalRoutes, (tools): Handlers<typeof vitalRoutes> => {
  const rates = new RateLimits(tools.auth.clock);
  const now = () => new Date(tools.auth.clock.now());
  return {
    reportVitals: ({ actor, body }) => {
      holdRate(rates.take(`${actor.workspaceId}:${actor.id}`, reportsPerMinute));
      return tools.inTenant(actor, (tx) => countVitals(tx, body.samples, now()));
    },
    readVitals: ({ actor, query }) => tools.inTenant(actor, (tx) => readVitals(tx, query.days, now())),
  };
});
