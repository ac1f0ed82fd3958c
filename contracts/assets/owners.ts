import { z } from 'zod';
import { Id } from '../kit/schemas.ts';

/** Who answers for an asset: a member, or a team by its name. */
export const AssetOwner = z.object({
  personId: Id.nullable(),
  /** The person's name, or the team's. */
  name: z.string(),
});
export type AssetOwner = z.infer<typeof AssetOwner>;
/** Whom an asset is given to: a member, a team by its name, or nobody. */
export const OwnerChoice = z
  .union([z.object({ personId: Id }).strict(), z.object({ team: z.string().trim().min(1).max(120) }).strict()])
  .nullable();
export type OwnerChoice = z.infer<typeof OwnerChoice>;
