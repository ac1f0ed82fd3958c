import { usualDepth } from '#contracts/assets/relations.ts';
import { incidentImpactRoutes } from '#contracts/incidents/incident-impact.ts';
import { impactOf } from '#db/assets/relations.ts';
import { assetsOfIncident } from '#db/incidents/assets-of.ts';
import { mustIncident } from '#db/incidents/show-incident.ts';
import { problem } from '../kit/problem.ts';
import { type Handlers, room } from '../kit/room.ts';

/** What an incident takes along. */
export const incidentImpactRoom = room(incidentImpactRoutes, ({ inTenant }): Handlers<typeof incidentImpactRoutes> => ({
  incidentImpact: ({ actor, params }) => {
    // Who reads assets and no incidents does not learn which of them an incident is about.
    if (!actor.permissions.has('incidents:read')) throw problem('request.not_found');
    return inTenant(actor, async (tx) => {
      await mustIncident(tx, params.id);
      const of = await assetsOfIncident(tx, params.id);
      return impactOf(tx, { of, direction: 'downstream', depth: usualDepth });
    });
  },
}));
