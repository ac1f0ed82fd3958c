import { z } from 'zod';
import { Id } from '../kit/schemas.ts';

/** Assets that one graph shows. */
export const mostDrawn = 20_000;

/**
 * The whole graph in columns, small enough to send ten thousand: places in `ids` stand for assets everywhere else.
 * `kind` counts in `relationKinds`, `type` in `types`, `state` in `assetStates`, `criticality` in `criticalities`.
 */
export const AssetGraph = z.object({
  types: z.array(z.object({ id: Id, name: z.string(), icon: z.string() })),
  ids: z.array(Id),
  names: z.array(z.string()),
  type: z.array(z.int()),
  state: z.array(z.int()),
  criticality: z.array(z.int()),
  owners: z.array(z.string()),
  /** -1: nobody. */
  owner: z.array(z.int()),
  from: z.array(z.int()),
  to: z.array(z.int()),
  kind: z.array(z.int()),
  /** There are more assets than are drawn. */
  isCapped: z.boolean(),
});
export type AssetGraph = z.infer<typeof AssetGraph>;
