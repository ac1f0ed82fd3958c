import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, Id, IdParams, Instant, PageQuery, pageOf, QueryFlag, RunStarted } from '../kit/schemas.ts';

/** Lines of one file, and its bytes. */
export const mostImported = 50_000;
export const mostImportBytes = 32 * 1_048_576;
/** Servers that one discovery looks at. */
export const mostDiscovered = 1_000;

export const importFormats = ['csv', 'json'] as const;
export const importStatuses = ['reading', 'ready', 'applying', 'applied', 'undoing', 'undone', 'failed'] as const;
export type ImportStatus = (typeof importStatuses)[number];
export const importActs = ['create', 'update', 'unchanged', 'refuse'] as const;
export type ImportAct = (typeof importActs)[number];

export const ImportCounts = z.object({
  rows: z.int(),
  create: z.int(),
  update: z.int(),
  unchanged: z.int(),
  refuse: z.int(),
  applied: z.int(),
  undone: z.int(),
  kept: z.int(),
});
export type ImportCounts = z.infer<typeof ImportCounts>;

/** A file of assets: what it would do or has done. */
export const AssetImport = z.object({
  id: Id,
  fileName: z.string(),
  format: z.enum(importFormats),
  matchBy: z.enum(['key', 'name']),
  allOrNothing: z.boolean(),
  status: z.enum(importStatuses),
  counts: ImportCounts,
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  readRunId: Id.nullable(),
  applyRunId: Id.nullable(),
  undoRunId: Id.nullable(),
  createdBy: ActorRef,
  createdAt: Instant,
  endedAt: Instant.nullable(),
});
export type AssetImport = z.infer<typeof AssetImport>;

/** One line of the file, with what it changes. `line` counts as an editor does; of JSON it is the place in the list, from 1. */
export const AssetImportRow = z.object({
  line: z.int(),
  key: z.string(),
  name: z.string(),
  act: z.enum(importActs),
  assetId: Id.nullable(),
  changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
  errors: z.array(z.object({ field: z.string().nullable(), message: z.string() })),
  state: z.enum(['planned', 'applied', 'refused', 'undone', 'kept']),
});
export type AssetImportRow = z.infer<typeof AssetImportRow>;

export const assetImportRoutes = defineRoutes({
  listAssetImports: {
    method: 'GET',
    path: '/asset-imports',
    access: 'assets:read',
    summary: 'Imports of assets, newest first',
    query: PageQuery.extend({ cursor: Id.optional() }),
    response: pageOf(AssetImport),
  },
  startAssetImport: {
    method: 'POST',
    path: '/asset-imports',
    access: 'assets:manage',
    summary: 'Read a file of assets (the body, CSV or JSON) and say what it would do; with `apply` do it as well',
    query: z.object({
      fileName: z.string().trim().min(1).max(200).default('assets.csv'),
      format: z.enum(importFormats).optional(),
      /** By what a line finds its asset. */
      matchBy: z.enum(['key', 'name']).default('key'),
      allOrNothing: QueryFlag.optional(),
      apply: QueryFlag.optional(),
    }),
    streamBody: true,
    bodyLimit: mostImportBytes,
    status: 202,
    response: RunStarted.extend({ id: Id }),
  },
  getAssetImport: {
    method: 'GET',
    path: '/asset-imports/:id',
    access: 'assets:read',
    summary: 'One import',
    params: IdParams,
    response: AssetImport,
  },
  listAssetImportRows: {
    method: 'GET',
    path: '/asset-imports/:id/rows',
    access: 'assets:read',
    summary: 'Lines of an import in their order, with what each changes and what is wrong with it',
    params: IdParams,
    query: PageQuery.extend({ act: z.enum(importActs).optional(), cursor: z.coerce.number().int().optional() }),
    response: pageOf(AssetImportRow),
  },
  applyAssetImport: {
    method: 'POST',
    path: '/asset-imports/:id/apply',
    access: 'assets:manage',
    summary: 'Do what an import has shown',
    params: IdParams,
    status: 202,
    response: RunStarted,
  },
  undoAssetImport: {
    method: 'POST',
    path: '/asset-imports/:id/undo',
    access: 'assets:manage',
    summary: 'Take an import back, but for assets that were changed since',
    params: IdParams,
    status: 202,
    response: RunStarted,
  },
  discoverAssets: {
    method: 'POST',
    path: '/asset-discoveries',
    access: 'assets:manage',
    idempotent: true,
    summary: 'Look at servers over SSH and keep system, disks and services on an asset of each',
    body: z.object({ serverIds: z.array(Id).min(1).max(mostDiscovered) }),
    status: 202,
    response: RunStarted,
  },
});
