import { z } from 'zod';
import { Id, Tag } from '../kit/schemas.ts';
import { AssetState, Criticality } from './lifecycle.ts';
import { OwnerChoice } from './owners.ts';

/** Assets in one request to change many. Callers send more in several requests, and say how far they are. */
export const mostInBulk = 1_000;
/** Assets that one choice of all can hold. */
export const mostChosen = 10_000;

const BulkActs = z.object({
  addTags: z.array(Tag).max(50).optional(),
  removeTags: z.array(Tag).max(50).optional(),
  /** Null takes the owner away. */
  owner: OwnerChoice.optional(),
  state: AssetState.optional(),
  criticality: Criticality.optional(),
});
export type BulkActs = z.infer<typeof BulkActs>;
export const BulkChange = BulkActs.extend({
  ids: z.array(Id).min(1).max(mostInBulk),
  /** Says what would change and changes nothing. */
  dryRun: z.boolean().optional(),
  /** What an earlier request of the same change was told: both are taken back as one. */
  batchId: Id.optional(),
}).refine(
  ({ ids: _ids, dryRun: _dryRun, batchId: _batchId, ...acts }) => Object.values(acts).some((act) => act !== undefined),
  {
    message: 'Say what to change.',
  },
);
export type BulkChange = z.infer<typeof BulkChange>;
export const BulkOutcome = z.object({
  /** What has changed of each, or would. Those that are so already are in none of the lists. */
  changed: z.array(
    z.object({
      id: Id,
      name: z.string(),
      changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
    }),
  ),
  failed: z.array(z.object({ id: Id, name: z.string().nullable(), error: z.string(), message: z.string() })),
  /** By this `undoAssetBatch` takes all of it back; null where nothing has changed. */
  batchId: Id.nullable(),
});
export type BulkOutcome = z.infer<typeof BulkOutcome>;

/** What became of taking a change of many back: an asset that was changed since stays as it is. */
export const UndoOutcome = z.object({
  undone: z.int(),
  kept: z.array(z.object({ id: Id, name: z.string(), reason: z.string() })),
});
export type UndoOutcome = z.infer<typeof UndoOutcome>;
