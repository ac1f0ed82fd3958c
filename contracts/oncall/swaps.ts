import { z } from 'zod';
import { Id, Instant } from '../kit/schemas.ts';
import { endsAfterItBegins, type OnCallSpan } from './rotations.ts';
import { isNotTooLong } from './window.ts';

/** A time at which somebody is on call and which they hand over. */
export const Shift = z
  .object({ personId: Id, from: Instant, to: Instant })
  .refine(...endsAfterItBegins)
  .refine(...isNotTooLong);
export type Shift = z.infer<typeof Shift>;

/** Two people trade shifts: each is on call while the other one would have been. */
export const CreateSwap = z
  .object({ shifts: z.tuple([Shift, Shift]), reason: z.string().max(500).default('') })
  .refine(({ shifts: [a, b] }) => a.personId !== b.personId, {
    path: ['shifts', 1, 'personId'],
    message: 'A swap is between two people.',
  });
export type CreateSwap = z.infer<typeof CreateSwap>;

/** Whether somebody is on call throughout the spans of their shift. */
export const isTheirs = (spans: readonly OnCallSpan[], { personId }: Pick<Shift, 'personId'>): boolean =>
  spans.length > 0 && spans.every((span) => span.personId === personId);
