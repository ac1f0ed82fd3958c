import { sql } from 'kysely';
import { looksAfter, type Role } from '#contracts/identity/permissions.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';

export interface MemberRow {
  id: string;
  name: string;
  email: string;
  role: Role;
  hasSecondFactor: boolean;
  joinedAt: Date;
  lastSeenAt: Date | null;
  /** The business units that they may see; null: all. */
  units: string[] | null;
}

/** Units as tables keep them: a comma list, each once, or `*` for all. */
export const midsOf = (units: readonly string[] | null): string =>
  units === null ? '*' : [...new Set(units)].toSorted().join(',');
/** The same read: null is all, and an empty list none. */
export const unitsIn = (mids: string) =>
  sql<string[] | null>`case when ${sql.ref(mids)} = '*' then null else string_to_array(${sql.ref(mids)}, ',') end`;

const members = (tx: TenantTx) =>
  tx
    .selectFrom('members as m')
    .innerJoin('users as u', 'u.id', 'm.userId')
    .select(['u.id', 'u.name', 'u.email', 'm.role', 'u.hasSecondFactor', 'm.createdAt as joinedAt', 'u.lastSeenAt'])
    .select(unitsIn('m.mids').as('units'));

/** Who belongs to the workspace, by name. */
export const listMembers = (tx: TenantTx): Promise<MemberRow[]> =>
  members(tx).orderBy('u.name').orderBy('u.id').execute();

export const findMember = (tx: TenantTx, userId: string): Promise<MemberRow | undefined> =>
  members(tx).where('u.id', '=', userId).executeTakeFirst();

/** Who has any of these roles: for approvals and notices. */
export const membersWithRoles = (tx: TenantTx, roles: readonly Role[]): Promise<MemberRow[]> =>
  members(tx).where('m.role', 'in', roles).orderBy('u.id').execute();

/** How many members have each role. */
export async function countRoles(tx: TenantTx): Promise<Map<Role, number>> {
  const rows = await tx
    .selectFrom('members')
    .select((eb) => ['role', eb.fn.countAll<number>().as('count')])
    .groupBy('role')
    .execute();
  return new Map(rows.map(({ role, count }) => [role, count]));
}

/**
 * Gives a member another role, or other business units to see. Who becomes owner or administrator sees all of them.
 * @param byRole of the one who asks: only owners appoint and remove owners
 * @returns the member as they were and as they are; undefined where there is none
 * @throws Refusal `identity.owner_needed`, `identity.last_owner`, `identity.sees_all`
 */
export async function changeMember(
  tx: TenantTx,
  userId: string,
  wish: { role?: Role | undefined; units?: readonly string[] | null | undefined },
  byRole: Role | null,
): Promise<{ before: MemberRow; after: MemberRow } | undefined> {
  const found = await findMember(tx, userId);
  const before = found && (await guarded(tx, userId, byRole, wish.role ?? found.role));
  if (!before) return undefined;
  const role = wish.role ?? before.role;
  if (wish.units && looksAfter(role)) throw new Refusal('identity.sees_all');
  const wanted = wish.units === undefined ? before.units : wish.units;
  // What binds those who look after the workspace they could take away themselves.
  const units = looksAfter(role) ? null : wanted && [...new Set(wanted)].toSorted();
  await tx
    .updateTable('members')
    .set({ role, mids: midsOf(units) })
    .where('userId', '=', userId)
    .execute();
  return { before, after: { ...before, role, units } };
}

/** The business units and instances of all connections, each once, by name. */
export async function listKnownUnits(tx: TenantTx): Promise<{ id: string; name: string; connections: string[] }[]> {
  const rows = await tx
    .selectFrom('connectionUnits as u')
    .innerJoin('connections as c', (join) =>
      join.onRef('c.workspaceId', '=', 'u.workspaceId').onRef('c.id', '=', 'u.connectionId'),
    )
    .select(['u.unit as id', (eb) => eb.fn.min('u.name').as('name')])
    .select(sql<string[]>`array_agg(c.name order by c.name)`.as('connections'))
    .where('u.unit', '<>', '')
    .groupBy('u.unit')
    .orderBy('name')
    .orderBy('id')
    .limit(2_000)
    .execute();
  return rows;
}

/** Removes a member; their API keys stop, because a key may do what its owner may. */
export async function removeMember(
  tx: TenantTx,
  userId: string,
  byRole: Role | null,
): Promise<{ member: MemberRow; revokedKeys: { id: string; name: string }[] } | undefined> {
  const member = await guarded(tx, userId, byRole, null);
  if (!member) return undefined;
  const revokedKeys = await tx
    .updateTable('apiKeys')
    .set({ revokedAt: sql`now()` })
    .where('ownerId', '=', userId)
    .where('revokedAt', 'is', null)
    .returning(['id', 'name'])
    .execute();
  await tx.deleteFrom('members').where('userId', '=', userId).execute();
  return { member, revokedKeys };
}

/** Holds the rules about owners: only they appoint and remove each other, and the last one stays. */
async function guarded(
  tx: TenantTx,
  userId: string,
  byRole: Role | null,
  role: Role | null,
): Promise<MemberRow | undefined> {
  // Two demotions at once must not each see the other's owner remain.
  await sql`select pg_advisory_xact_lock(hashtextextended('owners:' || current_setting('app.tenant_id'), 0))`.execute(
    tx,
  );
  const before = await findMember(tx, userId);
  if (!before) return undefined;
  if ((before.role === 'owner' || role === 'owner') && before.role !== role && byRole !== 'owner')
    throw new Refusal('identity.owner_needed');
  if (before.role === 'owner' && role !== 'owner' && ((await countRoles(tx)).get('owner') ?? 0) <= 1)
    throw new Refusal('identity.last_owner');
  return before;
}
