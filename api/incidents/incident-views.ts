import { incidentViewRoutes } from '#contracts/incidents/incident-views.ts';
import { viewLists } from '#db/kit/saved-views.ts';
import { type Handlers, room } from '../kit/room.ts';
import { savedViewActs } from '../kit/saved-views.ts';

/** Saved views of the list of incidents. */
export const incidentViewRoom = room(incidentViewRoutes, (tools): Handlers<typeof incidentViewRoutes> => {
  const acts = savedViewActs(tools, viewLists.incidents);
  return {
    listIncidentViews: acts.list,
    saveIncidentView: acts.save,
    changeIncidentView: acts.change,
    deleteIncidentView: acts.remove,
  };
});
