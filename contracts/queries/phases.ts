import { z } from 'zod';
import { Instant } from '../kit/schemas.ts';

/**
 * What a query run goes through, in this order: `queued` waits for a slot of its connection, or for a sign-in ·
 * `validating` · `starting` · `remote_queued` · `running` at the service · `ready` its rows can be read · `delivering` to
 * mail, file or table, where a schedule asks for it · `closed` nothing of it is at the service any more.
 */
export const phaseNames = [
  'queued',
  'validating',
  'starting',
  'remote_queued',
  'running',
  'ready',
  'delivering',
  'closed',
] as const;
export type PhaseName = (typeof phaseNames)[number];

export const QueryPhase = z.object({ name: z.enum(phaseNames), startedAt: Instant, endedAt: Instant.nullable() });
export type QueryPhase = z.infer<typeof QueryPhase>;

/** What became of that which a run made at the service. */
export const CleanupState = z.object({
  state: z.enum(['nothing', 'kept', 'pending', 'done', 'left']),
  removed: z.number().int(),
  left: z.number().int(),
  at: Instant.nullable(),
});
export type CleanupState = z.infer<typeof CleanupState>;
