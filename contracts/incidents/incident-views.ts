import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { NewSavedView, SavedView, SavedViewChange } from '../kit/saved-views.ts';
import { IdParams } from '../kit/schemas.ts';

export const incidentViewRoutes = defineRoutes({
  listIncidentViews: {
    method: 'GET',
    path: '/incident-views',
    access: 'incidents:read',
    summary: 'Saved views of the list of incidents: one’s own and those that are shared',
    response: z.array(SavedView),
  },
  saveIncidentView: {
    method: 'POST',
    path: '/incident-views',
    access: 'incidents:read',
    idempotent: true,
    summary: 'Save a view',
    body: NewSavedView,
    status: 201,
    response: SavedView,
  },
  changeIncidentView: {
    method: 'PATCH',
    path: '/incident-views/:id',
    access: 'incidents:read',
    summary: 'Rename, share or change a view of one’s own',
    params: IdParams,
    body: SavedViewChange,
    response: SavedView,
  },
  deleteIncidentView: {
    method: 'DELETE',
    path: '/incident-views/:id',
    access: 'incidents:read',
    summary: 'Delete a view of one’s own',
    params: IdParams,
    status: 204,
  },
});
