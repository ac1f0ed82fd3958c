import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, Id, IdParams, Instant, PageQuery, pageOf } from '../kit/schemas.ts';
import { Silence } from './silences.ts';

export const ShownSilence = z.object({
  ...Silence.shape,
  reason: z.string(),
  mode: z.enum(['suppress', 'collapse', 'watch']),
  id: Id,
  /** The opening that holds now; null while it is closed. */
  openUntil: Instant.nullable(),
  /** The next opening, where it is closed and one follows within a year. */
  opensAt: Instant.nullable(),
  isOver: z.boolean(),
  /** Alerts it held back since it was made. */
  silenced: z.int(),
  version: z.int(),
  createdBy: ActorRef,
  createdAt: Instant,
  updatedAt: Instant,
});
export type ShownSilence = z.infer<typeof ShownSilence>;

const one = { params: IdParams, response: ShownSilence } as const;

export const silenceRoutes = defineRoutes({
  listSilences: {
    method: 'GET',
    path: '/silences',
    access: 'alerts:read',
    summary: 'Silences and maintenance windows, newest first',
    query: PageQuery,
    response: pageOf(ShownSilence),
  },
  createSilence: {
    method: 'POST',
    path: '/silences',
    access: 'alerts:manage',
    idempotent: true,
    summary: 'Hold back alerts by their labels, once or again and again',
    body: Silence,
    status: 201,
    response: ShownSilence,
  },
  getSilence: { method: 'GET', path: '/silences/:id', access: 'alerts:read', summary: 'One silence', ...one },
  changeSilence: {
    method: 'PUT',
    path: '/silences/:id',
    access: 'alerts:manage',
    summary: 'Change a silence; what it held back is looked at again',
    body: Silence,
    ...one,
  },
  endSilence: {
    method: 'POST',
    path: '/silences/:id/end',
    access: 'alerts:manage',
    summary: 'End it now; what still fires comes back',
    ...one,
  },
  deleteSilence: {
    method: 'DELETE',
    path: '/silences/:id',
    access: 'alerts:manage',
    summary: 'Remove a silence; what still fires comes back',
    params: IdParams,
    status: 204,
  },
});
