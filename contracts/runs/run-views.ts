import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, Id, IdParams, Instant, Name } from '../kit/schemas.ts';

/** What a view shows: the query of the list's address, `status=failed&started=24h`; without what is open or selected. */
export const ViewQuery = z.string().max(2_000);

/** A saved view of the list of runs. */
export const RunView = z.object({
  id: Id,
  name: Name,
  query: ViewQuery,
  /** Seen by everybody who reads runs here, else by its owner alone. */
  isShared: z.boolean(),
  owner: ActorRef,
  isMine: z.boolean(),
  createdAt: Instant,
});
export type RunView = z.infer<typeof RunView>;

export const NewRunView = z.object({ name: Name, query: ViewQuery, isShared: z.boolean().default(false) });
export const RunViewChange = NewRunView.partial();

export const runViewRoutes = defineRoutes({
  listRunViews: {
    method: 'GET',
    path: '/run-views',
    access: 'runs:read',
    summary: 'Saved views of the list of runs: one’s own and those that are shared',
    response: z.array(RunView),
  },
  saveRunView: {
    method: 'POST',
    path: '/run-views',
    access: 'runs:read',
    idempotent: true,
    summary: 'Save a view',
    body: NewRunView,
    status: 201,
    response: RunView,
  },
  changeRunView: {
    method: 'PATCH',
    path: '/run-views/:id',
    access: 'runs:read',
    summary: 'Rename, share or change a view of one’s own',
    params: IdParams,
    body: RunViewChange,
    response: RunView,
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
