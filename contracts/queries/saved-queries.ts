import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, Id, IdParams, Instant, Name, PageQuery, QueryFlag, Tag, pageOf } from '../kit/schemas.ts';
import { EngineKind } from './engine.ts';
import { ParameterDef } from './parameter-defs.ts';

/** Where a query lies: words apart by ` / `, empty at the top. */
export const FolderPath = z
  .string()
  .trim()
  .max(300)
  .refine((text) => text === '' || text.split('/').every((part) => part.trim() !== ''), 'Folder names apart by /.')
  .transform((text) =>
    text
      .split('/')
      .map((part) => part.trim())
      .join('/'),
  );

/** What one version of a query holds; never changed once saved. */
export const QueryBody = z.object({
  engine: EngineKind,
  sql: z.string().max(500_000),
  parameters: z.array(ParameterDef).max(100).default([]),
  connectionId: Id.nullish(),
  unit: z.string().max(100).nullish(),
  options: z.record(z.string(), z.unknown()).default({}),
});
export type QueryBody = z.infer<typeof QueryBody>;

export const SavedQuerySummary = z.object({
  id: Id,
  name: z.string(),
  description: z.string(),
  folder: z.string(),
  tags: z.array(z.string()),
  engine: EngineKind,
  connectionId: Id.nullable(),
  unit: z.string().nullable(),
  /** `private`: its owner alone sees it. */
  sharing: z.enum(['private', 'workspace']),
  owner: ActorRef,
  isFavourite: z.boolean(),
  /** Somebody other than its author has looked at this very version. */
  reviewed: z.object({ by: ActorRef, at: Instant }).nullable(),
  forkedFrom: z.object({ id: Id, version: z.number().int() }).nullable(),
  createdAt: Instant,
  updatedAt: Instant,
  /** Also the etag, in quotes. */
  version: z.number().int(),
});
export type SavedQuerySummary = z.infer<typeof SavedQuerySummary>;
export const SavedQuery = SavedQuerySummary.extend({ body: QueryBody });
export type SavedQuery = z.infer<typeof SavedQuery>;

export const QueryVersion = z.object({
  version: z.number().int(),
  note: z.string(),
  body: QueryBody,
  savedBy: ActorRef,
  savedAt: Instant,
  restoredFrom: z.number().int().nullable(),
});
export type QueryVersion = z.infer<typeof QueryVersion>;

const Head = z.object({
  name: Name,
  description: z.string().max(5_000).default(''),
  folder: FolderPath.default(''),
  tags: z.array(Tag).max(50).default([]),
  sharing: z.enum(['private', 'workspace']).default('workspace'),
});
export const CreateSavedQuery = Head.extend({
  body: QueryBody,
  note: z.string().max(500).default(''),
  forkedFrom: z.object({ id: Id, version: z.int().positive() }).optional(),
});
export type CreateSavedQuery = z.infer<typeof CreateSavedQuery>;
/** A merge. A new `body` makes a new version; the rest does not. */
export const ChangeSavedQuery = z.object({
  name: Name.optional(),
  description: z.string().max(5_000).optional(),
  folder: FolderPath.optional(),
  tags: z.array(Tag).max(50).optional(),
  sharing: z.enum(['private', 'workspace']).optional(),
  body: QueryBody.optional(),
  note: z.string().max(500).optional(),
});
export type ChangeSavedQuery = z.infer<typeof ChangeSavedQuery>;

/** An open tab of the editor: one person's, on all their browsers. */
export const QueryTab = z.object({
  id: Id,
  title: z.string(),
  sql: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  parameterDefs: z.array(ParameterDef),
  connectionId: Id.nullable(),
  unit: z.string().nullable(),
  timeWindow: z.unknown().nullable(),
  queryId: Id.nullable(),
  queryVersion: z.number().int().nullable(),
  /** The version that it was forked from, until it is saved as a query of its own. */
  forkedFrom: z.object({ id: Id, version: z.number().int() }).nullable(),
  /** The run whose rows it shows. */
  runId: Id.nullable(),
  cursor: z.object({ from: z.int().min(0), to: z.int().min(0) }).nullable(),
  position: z.number(),
  updatedAt: Instant,
  /** Counts what was kept of it. */
  revision: z.number().int(),
});
export type QueryTab = z.infer<typeof QueryTab>;
export const KeepQueryTab = QueryTab.omit({ id: true, updatedAt: true, revision: true })
  .partial()
  .extend({
    /** The revision this was typed upon: a newer text of another browser is merged with it, line by line. 0 for a new tab. */
    base: z.int().min(0),
  });
export type KeepQueryTab = z.infer<typeof KeepQueryTab>;

export const savedQueryRoutes = defineRoutes({
  listQueries: {
    method: 'GET',
    path: '/queries',
    access: 'queries:read',
    summary: 'Saved queries by folder and name',
    query: PageQuery.extend({
      q: z.string().max(200).optional(),
      folder: z.string().max(300).optional(),
      tag: z.string().max(63).optional(),
      engine: EngineKind.optional(),
      connection: Id.optional(),
      favourite: QueryFlag.optional(),
      mine: QueryFlag.optional(),
      sort: z.enum(['name', '-name', 'updatedAt', '-updatedAt']).default('name'),
    }),
    response: pageOf(SavedQuerySummary),
  },
  listQueryFolders: {
    method: 'GET',
    path: '/query-folders',
    access: 'queries:read',
    summary: 'Folders with how many queries lie in each',
    response: z.object({ data: z.array(z.object({ folder: z.string(), queries: z.number().int() })) }),
  },
  createQuery: {
    method: 'POST',
    path: '/queries',
    access: 'queries:edit',
    idempotent: true,
    summary: 'Save a query; `forkedFrom` keeps where it comes from',
    body: CreateSavedQuery,
    status: 201,
    response: SavedQuery,
  },
  getQuery: {
    method: 'GET',
    path: '/queries/:id',
    access: 'queries:read',
    summary: 'One saved query with its newest text',
    params: IdParams,
    response: SavedQuery,
  },
  updateQuery: {
    method: 'PATCH',
    path: '/queries/:id',
    access: 'queries:edit',
    summary: 'Change a query; a new text is a new version; `If-Match` guards the change',
    params: IdParams,
    body: ChangeSavedQuery,
    response: SavedQuery,
  },
  deleteQuery: {
    method: 'DELETE',
    path: '/queries/:id',
    access: 'queries:edit',
    summary: 'Delete a query and its versions; its runs stay in the history',
    params: IdParams,
    status: 204,
  },
  listQueryVersions: {
    method: 'GET',
    path: '/queries/:id/versions',
    access: 'queries:read',
    summary: 'Versions, newest first',
    params: IdParams,
    query: PageQuery,
    response: pageOf(QueryVersion),
  },
  restoreQueryVersion: {
    method: 'POST',
    path: '/queries/:id/versions/:version/restore',
    access: 'queries:edit',
    summary: 'Make an earlier version the newest again, as a version of its own',
    params: IdParams.extend({ version: z.coerce.number().int().positive() }),
    response: SavedQuery,
  },
  markQuery: {
    method: 'PUT',
    path: '/queries/:id/marks',
    access: 'queries:read',
    summary: 'Favourite for oneself, reviewed for all (needs `queries:edit`, and not by who wrote the version)',
    params: IdParams,
    body: z.object({ favourite: z.boolean().optional(), reviewed: z.boolean().optional() }),
    response: SavedQuery,
  },
  listQueryTabs: {
    method: 'GET',
    path: '/query-tabs',
    access: 'queries:read',
    summary: 'One’s own open tabs',
    response: z.object({ data: z.array(QueryTab) }),
  },
  keepQueryTab: {
    method: 'PUT',
    path: '/query-tabs/:id',
    access: 'queries:read',
    summary: 'Keep a tab; what another browser typed meanwhile is merged, and the answer holds the result',
    params: IdParams,
    body: KeepQueryTab,
    response: QueryTab.extend({
      /** Both had changed the same lines: both are in the text, one after the other. */
      hasConflict: z.boolean(),
    }),
  },
  closeQueryTab: {
    method: 'DELETE',
    path: '/query-tabs/:id',
    access: 'queries:read',
    summary: 'Close a tab',
    params: IdParams,
    status: 204,
  },
});
