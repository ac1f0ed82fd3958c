import { type Selectable, sql } from 'kysely';
import type { SlaPolicy } from '#contracts/incidents/sla-policy.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { ShownSlaPolicy } from '#contracts/sla/sla.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import type { SlaPoliciesTable } from './tables.ts';

const refused =
  (name: string) =>
  (error: unknown): never => {
    if (violates(error, 'sla_policies_name')) throw new Refusal('sla.name_taken', { name });
    if (violates(error, 'sla_policies_calendar')) throw new Refusal('sla.calendar_unknown');
    throw error;
  };

/** @throws Refusal `sla.name_taken`, `sla.calendar_unknown`, `sla.scope_taken` */
export async function insertSlaPolicy(tx: TenantTx, id: string, policy: SlaPolicy, by: ActorRef): Promise<void> {
  await refuseSameScope(tx, id, policy);
  const { name, calendarId, ...rest } = policy;
  await tx
    .insertInto('slaPolicies')
    .values({ id, name, calendarId, policy: JSON.stringify(rest), createdBy: JSON.stringify(by) })
    .execute()
    .catch(refused(name));
}

/** @throws Refusal `sla.name_taken`, `sla.calendar_unknown`, `sla.scope_taken` */
export async function updateSlaPolicy(tx: TenantTx, id: string, policy: SlaPolicy): Promise<void> {
  await refuseSameScope(tx, id, policy);
  const { name, calendarId, ...rest } = policy;
  await tx
    .updateTable('slaPolicies')
    .set({
      name,
      calendarId,
      policy: JSON.stringify(rest),
      version: sql<number>`version + 1`,
      updatedAt: new Date(),
    })
    .where('id', '=', id)
    .execute()
    .catch(refused(name));
}

/** @returns its name, undefined where it was not there */
export const deleteSlaPolicy = async (tx: TenantTx, id: string): Promise<string | undefined> =>
  (await tx.deleteFrom('slaPolicies').where('id', '=', id).returning('name').executeTakeFirst())?.name;

/** Policies by name, or one of them. */
export async function listSlaPolicies(tx: TenantTx, id?: string, { lock = false } = {}): Promise<ShownSlaPolicy[]> {
  let query = tx.selectFrom('slaPolicies').selectAll();
  if (id !== undefined) query = query.where('id', '=', id);
  if (lock) query = query.forUpdate();
  const rows = await query.orderBy('name').execute();
  return rows.map((row) => ({
    ...slaPolicyOf(row),
    id: row.id,
    version: row.version,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }));
}

export const slaPolicyOf = ({
  name,
  calendarId,
  policy,
}: Pick<Selectable<SlaPoliciesTable>, 'name' | 'calendarId' | 'policy'>): SlaPolicy => ({
  name,
  calendarId,
  ...policy,
});

/** For each service one policy holds, and one for all the others: two would leave it to chance which promise counts. */
async function refuseSameScope(tx: TenantTx, id: string, { services }: SlaPolicy): Promise<void> {
  // Two that are saved at once must not both pass.
  await sql`select pg_advisory_xact_lock(hashtext('sla_policies'), hashtext(current_setting('app.tenant_id')))`.execute(
    tx,
  );
  const others = await tx.selectFrom('slaPolicies').select(['name', 'policy']).where('id', '!=', id).execute();
  for (const { name: policy, policy: other } of others) {
    const both = other.services.find((service) => services.includes(service));
    if (both !== undefined) throw new Refusal('sla.scope_taken', { policy, what: both });
    if (services.length === 0 && other.services.length === 0)
      throw new Refusal('sla.scope_taken', { policy, what: 'all services that no other names' });
  }
}
