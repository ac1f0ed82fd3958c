import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { Id, Tag } from '../kit/schemas.ts';
import { MaintenanceRequest, ServerChoice } from './servers.ts';

/** Servers in one request to change many. Callers send more in several requests, and say how far they are. */
export const mostInBulk = 1_000;
/** Servers that one choice of all can hold. */
export const mostChosen = 10_000;
const Ids = z.array(Id).min(1).max(mostInBulk);

/** Says what is wrong with one of many, by its id. */
export const BulkFailure = z.object({ id: Id, name: z.string().nullable(), error: z.string(), message: z.string() });
export type BulkFailure = z.infer<typeof BulkFailure>;

const Acts = z.object({
  addTags: z.array(Tag).max(50).optional(),
  removeTags: z.array(Tag).max(50).optional(),
  /** Null ends it. */
  maintenance: MaintenanceRequest.nullish(),
  credentialId: Id.nullish(),
  delete: z.literal(true).optional(),
});
export const BulkChange = Acts.extend({ ids: Ids }).refine(
  ({ ids: _ids, ...acts }) => Object.values(acts).some((act) => act !== undefined),
  'Say what to change.',
);
export type BulkChange = z.infer<typeof BulkChange>;
/** What is done to each of them. */
export type BulkActs = Omit<BulkChange, 'ids'>;

export const serverBulkRoutes = defineRoutes({
  findServerIds: {
    method: 'GET',
    path: '/servers/ids',
    access: 'servers:read',
    summary: 'Id and name of all servers that a filter shows, 10,000 at most',
    query: ServerChoice,
    response: z.object({ data: z.array(z.object({ id: Id, name: z.string() })), isCapped: z.boolean() }),
  },
  changeServers: {
    method: 'POST',
    path: '/servers/bulk',
    access: 'servers:manage',
    summary: 'Tags, maintenance, credential or deletion of many at once',
    body: BulkChange,
    response: z.object({
      changed: z.array(Id),
      failed: z.array(BulkFailure),
      /** Sent one by one, these take back what was done here and nothing else. A deletion has none. */
      undo: z.array(Acts.extend({ ids: z.array(Id) })),
    }),
  },
});
