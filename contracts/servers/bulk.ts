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

/** The input by which a playbook is told servers, as it declares it: how many it takes, and which. */
export const ServerInput = z.object({
  name: z.string(),
  label: z.string().nullable(),
  /** `server` takes one, `servers` a list. */
  type: z.enum(['server', 'servers']),
  tags: z.array(z.string()).nullable(),
  anyTags: z.array(z.string()).nullable(),
  notTags: z.array(z.string()).nullable(),
  minItems: z.number().int().nullable(),
  maxItems: z.number().int().nullable(),
});
export type ServerInput = z.infer<typeof ServerInput>;
/** A playbook as something to run on servers; `input` is null where it names its hosts itself and can be told none. */
export const PlaybookForServers = z.object({
  id: Id,
  name: z.string(),
  version: z.number().int(),
  input: ServerInput.nullable(),
});
export type PlaybookForServers = z.infer<typeof PlaybookForServers>;

export const serverBulkRoutes = defineRoutes({
  findServerIds: {
    method: 'GET',
    path: '/servers/ids',
    access: 'servers:read',
    summary: 'Id and name of all servers that a filter shows, 10,000 at most',
    query: ServerChoice,
    response: z.object({ data: z.array(z.object({ id: Id, name: z.string() })), isCapped: z.boolean() }),
  },
  listPlaybooksForServers: {
    method: 'GET',
    path: '/servers/playbooks',
    access: 'playbooks:read',
    summary: 'Playbooks by name, with the input by which each can be told servers; 500 at most',
    query: z.object({ q: z.string().max(200).optional() }),
    response: z.object({ data: z.array(PlaybookForServers), isCapped: z.boolean() }),
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
