import type { z } from 'zod';
import type { Membership, User } from '#contracts/identity/accounts.ts';
import { rolePermissions } from '#contracts/identity/permissions.ts';
import type { MembershipRow, PersonRow } from '#db/system/people.ts';

export const showUser = ({
  id,
  email,
  name,
  isInstanceAdmin,
  hasSecondFactor,
  preferences,
  createdAt,
}: PersonRow): User => ({
  id,
  email,
  name,
  isInstanceAdmin,
  hasSecondFactor,
  preferences,
  createdAt: createdAt.toISOString(),
});

/** A workspace as its member sees it; `hasShownFactor` is of the session that asks. */
export const showMembership = (
  { workspaceId, slug, name, role, requireMfa }: MembershipRow,
  hasShownFactor: boolean,
): z.infer<typeof Membership> => ({
  id: workspaceId,
  slug,
  name,
  role,
  permissions: [...rolePermissions[role]],
  needsSecondFactor: requireMfa && !hasShownFactor,
});
