import { runViewRoutes } from '#contracts/runs/run-views.ts';
import { viewLists } from '#db/kit/saved-views.ts';
import { type Handlers, room } from '../kit/room.ts';
import { savedViewActs } from '../kit/saved-views.ts';

/** Saved views of the list of runs. */
export const runViewRoom = room(runViewRoutes, (tools): Handlers<typeof runViewRoutes> => {
  const acts = savedViewActs(tools, viewLists.runs);
  return { listRunViews: acts.list, saveRunView: acts.save, changeRunView: acts.change, deleteRunView: acts.remove };
});
