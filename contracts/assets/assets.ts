import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import {
  ActorRef, CommaList, Id, IdParams, Instant, PageQuery, pageOf, Tag,
} from '../kit/schemas.ts'; // prettier-ignore
import { AssetKey, AssetType, AttributeName, AttributeValue, ChangeAssetType, CreateAssetType } from './asset-types.ts';
import { AssetGraph } from './asset-graph.ts';
import { BulkChange, BulkOutcome, UndoOutcome } from './change-many.ts';
import { AssetState, assetStates, Criticality } from './lifecycle.ts';
import { AssetOwner, OwnerChoice } from './owners.ts';
import {
  AssetRef, AssetRelation, Impact, impactDirections, mostDepth, mostRoots, NewRelation, usualDepth,
} from './relations.ts'; // prettier-ignore

/** Who wrote an attribute last. Discovery changes only what it wrote itself. */
export const attributeSources = ['person', 'import', 'discovery'] as const;
export const AttributeSource = z.enum(attributeSources);
export type AttributeSource = z.infer<typeof AttributeSource>;

export const Asset = AssetRef.extend({
  description: z.string(),
  attributes: z.record(z.string(), AttributeValue),
  attributeSources: z.record(z.string(), AttributeSource),
  tags: z.array(z.string()),
  owner: AssetOwner.nullable(),
  server: z.object({ id: Id, name: z.string() }).nullable(),
  discoveredAt: Instant.nullable(),
  createdBy: ActorRef,
  createdAt: Instant,
  updatedAt: Instant,
  /** Also the etag, in quotes. */
  version: z.int(),
});
export type Asset = z.infer<typeof Asset>;

const Tags = z
  .array(Tag)
  .max(50)
  .transform((tags) => [...new Set(tags)].sort());
const Attributes = z.record(AttributeName, AttributeValue).refine((all) => Object.keys(all).length <= 200, {
  message: 'At most 200 attributes.',
});
const AssetName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((text) => !/\p{Cc}/u.test(text), 'A name of one line.');
const fields = {
  key: AssetKey,
  name: AssetName,
  typeId: Id,
  description: z.string().max(5_000),
  attributes: Attributes,
  tags: Tags,
  owner: OwnerChoice,
  criticality: Criticality,
  state: AssetState,
  serverId: Id.nullable(),
};
export const NewAsset = z.object({
  ...fields,
  description: fields.description.default(''),
  attributes: fields.attributes.default({}),
  tags: fields.tags.default([]),
  owner: fields.owner.default(null),
  criticality: fields.criticality.default('medium'),
  state: fields.state.default('active'),
  serverId: fields.serverId.default(null),
});
export type NewAsset = z.infer<typeof NewAsset>;
/** A merge: what is absent stays, also among the attributes; an attribute that is null goes. */
export const AssetPatch = z
  .object({ ...fields, attributes: z.record(AttributeName, AttributeValue.nullable()) })
  .partial();
export type AssetPatch = z.infer<typeof AssetPatch>;

export const assetSorts = ['name', '-name', 'changed', '-changed'] as const;
export type AssetSort = (typeof assetSorts)[number];

export const AssetFilter = PageQuery.extend({
  /** In name or key. */
  q: z.string().max(200).optional(),
  type: CommaList.pipe(z.array(Id).max(50)).optional(),
  state: CommaList.pipe(z.array(z.enum(assetStates))).optional(),
  criticality: CommaList.pipe(z.array(Criticality)).optional(),
  /** A member's id. */
  owner: Id.optional(),
  team: z.string().max(120).optional(),
  /** Assets that carry all of these. */
  tag: CommaList.pipe(z.array(z.string().max(63)).max(10)).optional(),
  /** `os.name=Debian`: an attribute and its value as text; an item of a list is one. */
  attribute: z
    .string()
    .max(400)
    .refine((text) => text.indexOf('=') > 0, 'An attribute as name=value.')
    .optional(),
  server: Id.optional(),
  ids: CommaList.pipe(z.array(Id).max(200)).optional(),
  sort: z.enum(assetSorts).default('name'),
});
export type AssetFilter = z.infer<typeof AssetFilter>;
/** Which assets, without the page of them. */
export const AssetChoice = AssetFilter.omit({ limit: true, cursor: true, sort: true });
export type AssetChoice = z.infer<typeof AssetChoice>;

/** One change of one asset, with what was before. */
export const AssetChange = z.object({
  id: Id,
  at: Instant,
  actor: ActorRef,
  act: z.string(),
  source: AttributeSource,
  runId: Id.nullable(),
  version: z.int(),
  changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
});
export type AssetChange = z.infer<typeof AssetChange>;

const Counts = z.object({
  total: z.int(),
  matching: z.int(),
  byState: z.object({ planned: z.int(), active: z.int(), maintenance: z.int(), retired: z.int() }),
  byCriticality: z.object({ critical: z.int(), high: z.int(), medium: z.int(), low: z.int() }),
});

export const assetRoutes = defineRoutes({
  listAssetTypes: {
    method: 'GET',
    path: '/asset-types',
    access: 'assets:read',
    summary: 'Asset types by name, with how many assets each has',
    response: z.object({ data: z.array(AssetType) }),
  },
  createAssetType: {
    method: 'POST',
    path: '/asset-types',
    access: 'assets:manage',
    idempotent: true,
    summary: 'Define a type of asset and its attributes',
    body: CreateAssetType,
    status: 201,
    response: AssetType,
  },
  getAssetType: {
    method: 'GET',
    path: '/asset-types/:id',
    access: 'assets:read',
    summary: 'One asset type',
    params: IdParams,
    response: AssetType,
  },
  changeAssetType: {
    method: 'PATCH',
    path: '/asset-types/:id',
    access: 'assets:manage',
    summary: 'Change a type; assets are held to it from their next change on',
    params: IdParams,
    body: ChangeAssetType,
    response: AssetType,
  },
  deleteAssetType: {
    method: 'DELETE',
    path: '/asset-types/:id',
    access: 'assets:manage',
    summary: 'Remove a type that no asset has',
    params: IdParams,
    status: 204,
  },
  listAssets: {
    method: 'GET',
    path: '/assets',
    access: 'assets:read',
    summary: 'Assets by name in natural order, or by their last change',
    query: AssetFilter,
    response: pageOf(Asset),
    sentAsBuilt: true,
  },
  countAssets: {
    method: 'GET',
    path: '/assets/counts',
    access: 'assets:read',
    summary: 'How many assets a filter shows, by state and criticality',
    query: AssetChoice,
    response: Counts,
  },
  findAssetIds: {
    method: 'GET',
    path: '/assets/ids',
    access: 'assets:read',
    summary: 'Id and name of all assets that a filter shows, 10,000 at most',
    query: AssetChoice,
    response: z.object({ data: z.array(z.object({ id: Id, name: z.string() })), isCapped: z.boolean() }),
  },
  listAssetTags: {
    method: 'GET',
    path: '/assets/tags',
    access: 'assets:read',
    summary: 'Tags and teams in use, by name, with how many assets each has',
    response: z.object({
      tags: z.array(z.object({ name: z.string(), assets: z.int() })),
      teams: z.array(z.object({ name: z.string(), assets: z.int() })),
    }),
  },
  exportAssets: {
    method: 'GET',
    path: '/assets/export',
    access: 'assets:read',
    summary: 'All assets that a filter shows with their relations, as CSV or JSON that an import takes back unchanged',
    query: AssetChoice.extend({ format: z.enum(['csv', 'json']).default('csv'), workspace: z.string().optional() }),
    stream: 'file',
  },
  assetGraph: {
    method: 'GET',
    path: '/assets/graph',
    access: 'assets:read',
    summary: 'The assets that a filter shows and all relations among them, in columns',
    query: AssetChoice,
    response: AssetGraph,
    sentAsBuilt: true,
  },
  impactOf: {
    method: 'GET',
    path: '/assets/impact',
    access: 'assets:read',
    summary: 'What is hit when these assets fail, or what they need: all that can be reached, nearest first',
    query: z.object({
      of: CommaList.pipe(z.array(Id).min(1).max(mostRoots)),
      direction: z.enum(impactDirections).default('downstream'),
      depth: z.coerce.number().int().min(1).max(mostDepth).default(usualDepth),
    }),
    response: Impact,
  },
  changeAssets: {
    method: 'POST',
    path: '/assets/bulk',
    access: 'assets:manage',
    summary: 'Tags, owner, state or criticality of many at once; with `dryRun` what would change',
    body: BulkChange,
    response: BulkOutcome,
  },
  undoAssetBatch: {
    method: 'POST',
    path: '/asset-batches/:id/undo',
    access: 'assets:manage',
    summary: 'Take a change of many back, but for assets that were changed since',
    params: IdParams,
    response: UndoOutcome,
  },
  createAsset: {
    method: 'POST',
    path: '/assets',
    access: 'assets:manage',
    idempotent: true,
    summary: 'Add an asset',
    body: NewAsset,
    status: 201,
    response: Asset,
  },
  getAsset: {
    method: 'GET',
    path: '/assets/:id',
    access: 'assets:read',
    summary: 'One asset',
    params: IdParams,
    response: Asset,
  },
  changeAsset: {
    method: 'PATCH',
    path: '/assets/:id',
    access: 'assets:manage',
    summary: 'Change an asset; `If-Match` guards the change',
    params: IdParams,
    body: AssetPatch,
    response: Asset,
  },
  deleteAsset: {
    method: 'DELETE',
    path: '/assets/:id',
    access: 'assets:manage',
    summary: 'Delete an asset with its relations',
    params: IdParams,
    status: 204,
  },
  listAssetChanges: {
    method: 'GET',
    path: '/assets/:id/changes',
    access: 'assets:read',
    summary: 'What has changed of an asset, by whom, newest first',
    params: IdParams,
    query: PageQuery.extend({ cursor: Id.optional() }),
    response: pageOf(AssetChange),
  },
  listAssetRelations: {
    method: 'GET',
    path: '/assets/:id/relations',
    access: 'assets:read',
    summary: 'Relations from and to an asset, 500 at most',
    params: IdParams,
    response: z.object({ data: z.array(AssetRelation), isCapped: z.boolean() }),
  },
  relateAssets: {
    method: 'POST',
    path: '/asset-relations',
    access: 'assets:manage',
    idempotent: true,
    summary: 'Say how one asset stands to another; circles are allowed',
    body: NewRelation,
    status: 201,
    response: AssetRelation,
  },
  deleteRelation: {
    method: 'DELETE',
    path: '/asset-relations/:id',
    access: 'assets:manage',
    summary: 'Take a relation back',
    params: IdParams,
    status: 204,
  },
});
