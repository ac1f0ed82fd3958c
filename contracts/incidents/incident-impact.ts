import { Impact } from '../assets/relations.ts';
import { defineRoutes } from '../kit/route.ts';
import { IdParams } from '../kit/schemas.ts';

/** What an incident takes along: walked from the assets it names, and from those of the servers it names. */
export const incidentImpactRoutes = defineRoutes({
  incidentImpact: {
    method: 'GET',
    path: '/incidents/:id/impact',
    access: 'assets:read',
    summary: 'The assets that an incident names, and all that depends on them, nearest first',
    params: IdParams,
    response: Impact,
  },
});
