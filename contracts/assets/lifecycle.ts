import { z } from 'zod';

/** Where an asset is in its life. */
export const assetStates = ['planned', 'active', 'maintenance', 'retired'] as const;
export const AssetState = z.enum(assetStates);
export type AssetState = z.infer<typeof AssetState>;

const moves: Readonly<Record<AssetState, readonly AssetState[]>> = {
  planned: ['active', 'retired'],
  active: ['maintenance', 'retired'],
  maintenance: ['active', 'retired'],
  // What was retired by mistake comes back as planned, so that somebody puts it to work on purpose.
  retired: ['planned'],
};

/** The states that an asset of this state may be given next. */
export const nextStates = (from: AssetState): readonly AssetState[] => moves[from];
/** Staying as it is needs no leave. */
export const mayBecome = (from: AssetState, to: AssetState): boolean => from === to || moves[from].includes(to);

/** How much an organisation leans on an asset, the most first. */
export const criticalities = ['critical', 'high', 'medium', 'low'] as const;
export const Criticality = z.enum(criticalities);
export type Criticality = z.infer<typeof Criticality>;
