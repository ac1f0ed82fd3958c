import { z } from 'zod';
import { Id, Instant } from '../kit/schemas.ts';
import { AssetState, Criticality } from './lifecycle.ts';

export const relationKinds = ['depends_on', 'runs_on', 'part_of', 'connects_to', 'owns'] as const;
export const RelationKind = z.enum(relationKinds);
export type RelationKind = z.infer<typeof RelationKind>;

/**
 * Which way a failure goes along `from —kind→ to`. `back`: what fails is `to`, and `from` is hit (a service runs on a host).
 * `along`: `from` fails and `to` is hit (a disk is part of a cluster). `none`: owning something breaks nothing.
 * Migration 0025 keeps the same table as generated columns; a test holds the two to each other.
 */
export const failureGoes: Readonly<Record<RelationKind, 'back' | 'along' | 'none'>> = {
  depends_on: 'back',
  runs_on: 'back',
  connects_to: 'back',
  part_of: 'along',
  owns: 'none',
};

/** The words of a relation, read from either end. */
export const relationWords: Readonly<Record<RelationKind, { from: string; to: string }>> = {
  depends_on: { from: 'depends on', to: 'is needed by' },
  runs_on: { from: 'runs on', to: 'runs' },
  part_of: { from: 'is part of', to: 'consists of' },
  connects_to: { from: 'connects to', to: 'is connected from' },
  owns: { from: 'owns', to: 'belongs to' },
};

/** Levels that a walk goes at most, and how many it goes unasked. */
export const mostDepth = 50;
export const usualDepth = 10;
/** Assets that an answer names at most; the counts are of all. */
export const mostHit = 500;
/** Assets from which one walk may start. */
export const mostRoots = 50;

/** An asset as it is named elsewhere. */
export const AssetRef = z.object({
  id: Id,
  key: z.string(),
  name: z.string(),
  typeId: Id,
  state: AssetState,
  criticality: Criticality,
});
export type AssetRef = z.infer<typeof AssetRef>;

export const AssetRelation = z.object({
  id: Id,
  kind: RelationKind,
  from: AssetRef,
  to: AssetRef,
  note: z.string(),
  createdAt: Instant,
});
export type AssetRelation = z.infer<typeof AssetRelation>;

export const NewRelation = z.object({
  kind: RelationKind,
  fromId: Id,
  toId: Id,
  note: z.string().max(500).default(''),
});
export type NewRelation = z.infer<typeof NewRelation>;

/** `downstream`: what is hit when these fail. `upstream`: what must not fail for these to work. */
export const impactDirections = ['downstream', 'upstream'] as const;
export type ImpactDirection = (typeof impactDirections)[number];

/** One asset that a walk has reached, with the asset through which it was reached first. */
export const HitAsset = AssetRef.extend({
  depth: z.int(),
  via: z.object({ id: Id, name: z.string(), kind: RelationKind }).nullable(),
});
export type HitAsset = z.infer<typeof HitAsset>;

export const Impact = z.object({
  direction: z.enum(impactDirections),
  depth: z.int(),
  /** Where the walk began. Ids that are not there are left out. */
  of: z.array(AssetRef),
  /** Assets reached, without those it began with. */
  total: z.int(),
  /** How many of them at each distance: the first is at 1. */
  byDepth: z.array(z.int()),
  byCriticality: z.object({ critical: z.int(), high: z.int(), medium: z.int(), low: z.int() }),
  /** The nearest and most critical first, 500 at most. */
  data: z.array(HitAsset),
  /** The walk ended at its depth although there was more. */
  isCut: z.boolean(),
});
export type Impact = z.infer<typeof Impact>;
