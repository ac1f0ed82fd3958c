import { sql } from 'kysely';
import type { Role } from '#contracts/identity/permissions.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import { type NewAuditEntry, recordAudit } from '../audit/audit-entries.ts';
import { appendEvent, type NewEvent } from '../events/append-event.ts';
import type { SystemTx, TenantTx } from '../kit/database.ts';
import { hiddenFrom } from './hidden-queries.ts';

/** A person as the API shows them. */
export interface PersonRow {
  id: string;
  email: string;
  name: string;
  isInstanceAdmin: boolean;
  hasSecondFactor: boolean;
  preferences: Record<string, Json>;
  createdAt: Date;
}
/** With what sign-in checks. Never leaves the API's sign-in. */
export interface Account extends PersonRow {
  passwordHash: string;
}

/** A workspace of a person, with the settings that bear on their sign-in. */
export interface MembershipRow {
  workspaceId: string;
  slug: string;
  name: string;
  role: Role;
  mids: string;
  /** What rules hide from them. */
  hidden: string;
  requireMfa: boolean;
  accessTokenMinutes: number;
  requestsPerMinute: number;
}

const personColumns = [
  'id',
  'email',
  'name',
  'isInstanceAdmin',
  'hasSecondFactor',
  'preferences',
  'createdAt',
] as const;

export const findAccountByEmail = (tx: SystemTx, email: string): Promise<Account | undefined> =>
  tx
    .selectFrom('users')
    .select([...personColumns, 'passwordHash'])
    .where('email', '=', email.toLowerCase())
    .executeTakeFirst();

export const findAccount = (tx: SystemTx, id: string): Promise<Account | undefined> =>
  tx
    .selectFrom('users')
    .select([...personColumns, 'passwordHash'])
    .where('id', '=', id)
    .executeTakeFirst();

/** Where a person belongs, by the name of the workspace. */
export const membershipsOf = (tx: SystemTx, userId: string): Promise<MembershipRow[]> =>
  tx
    .selectFrom('members as m')
    .innerJoin('workspaces as w', 'w.id', 'm.workspaceId')
    .leftJoin('settings as s', 's.workspaceId', 'm.workspaceId')
    .select([
      'm.workspaceId',
      'w.slug',
      'w.name',
      'm.role',
      'm.mids',
      hiddenFrom('m').as('hidden'),
      sql<boolean>`coalesce(s.require_mfa, false)`.as('requireMfa'),
      sql<number>`coalesce(s.access_token_minutes, 15)`.as('accessTokenMinutes'),
      sql<number>`coalesce(s.requests_per_minute, 6000)`.as('requestsPerMinute'),
    ])
    .where('m.userId', '=', userId)
    .orderBy('w.name')
    .orderBy('w.id')
    .execute();

/** Changes a person's own record. */
export async function updatePerson(
  tx: SystemTx,
  id: string,
  {
    preferences,
    ...values
  }: { name?: string; passwordHash?: string; hasSecondFactor?: boolean; preferences?: Record<string, Json> },
): Promise<void> {
  const changes = { ...values, ...(preferences && { preferences: JSON.stringify(preferences) }) };
  if (Object.values(changes).every((value) => value === undefined)) return;
  await tx.updateTable('users').set(changes).where('id', '=', id).execute();
}

/**
 * Names a workspace to a transaction of the system role, for rows whose `workspace_id` comes from it: events and audit
 * entries. It hides nothing: the system role sees every workspace, so its reads must name theirs.
 */
export async function boundTo(tx: SystemTx, workspaceId: string): Promise<TenantTx> {
  await sql`select set_config('app.tenant_id', ${workspaceId}, true)`.execute(tx);
  return tx as unknown as TenantTx;
}

/**
 * Tells every workspace of a person: in its audit log, and where an event is given, in its event stream.
 * @param only these of their workspaces
 */
export async function tellWorkspacesOf(
  tx: SystemTx,
  userId: string,
  entry: NewAuditEntry | null,
  event?: NewEvent,
  only?: readonly string[],
): Promise<void> {
  const rows = await tx.selectFrom('members').select('workspaceId').where('userId', '=', userId).execute();
  for (const { workspaceId } of rows) {
    if (only && !only.includes(workspaceId)) continue;
    const bound = await boundTo(tx, workspaceId);
    if (entry) await recordAudit(bound, entry);
    if (event) await appendEvent(bound, event);
  }
}
