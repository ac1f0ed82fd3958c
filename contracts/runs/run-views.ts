import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { NewSavedView, SavedView, SavedViewChange } from '../kit/saved-views.ts';
import { IdParams } from '../kit/schemas.ts';

export const runViewRoutes = defineRoutes({
  listRunViews: {
    method: 'GET',
    path: '/run-views',
    access: 'runs:read',
    summary: 'Saved views of the list of runs: one’s own and those that are shared',
    response: z.array(SavedView),
  },
  saveRunView: {
    method: 'POST',
    path: '/run-views',
    access: 'runs:read',
    idempotent: true,
    summary: 'Save a view',
    body: NewSavedView,
    status: 201,
    response: SavedView,
  },
  changeRunView: {
    method: 'PATCH',
    path: '/run-views/:id',
    access: 'runs:read',
    summary: 'Rename, share or change a view of one’s own',
    params: IdParams,
    body: SavedViewChange,
    response: SavedView,
  },
  deleteRunView: {
    method: 'DELETE',
    path: '/run-views/:id',
    access: 'runs:read',
    summary: 'Delete a view of one’s own',
    params: IdParams,
    status: 204,
  },
});
