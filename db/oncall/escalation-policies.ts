import { type Selectable, sql } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { EscalationPolicy, type EscalationTarget } from '#contracts/oncall/escalation.ts';
import type { ShownPolicy } from '#contracts/oncall/oncall.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import type { EscalationPoliciesTable } from './tables.ts';

type PolicyRow = Selectable<EscalationPoliciesTable>;

const taken =
  (name: string) =>
  (error: unknown): never => {
    throw violates(error, 'escalation_policies_name') ? new Refusal('oncall.name_taken', { name }) : error;
  };

export async function insertPolicy(
  tx: TenantTx,
  id: string,
  { name, ...policy }: EscalationPolicy,
  by: ActorRef,
): Promise<void> {
  await tx
    .insertInto('escalationPolicies')
    .values({ id, name, policy: JSON.stringify(policy), createdBy: JSON.stringify(by) })
    .execute()
    .catch(taken(name));
}

export async function updatePolicy(tx: TenantTx, id: string, { name, ...policy }: EscalationPolicy): Promise<void> {
  await tx
    .updateTable('escalationPolicies')
    .set({ name, policy: JSON.stringify(policy), version: sql<number>`version + 1`, updatedAt: new Date() })
    .where('id', '=', id)
    .execute()
    .catch(taken(name));
}

/** @returns its name, or undefined where there is none */
export const deletePolicy = async (tx: TenantTx, id: string): Promise<string | undefined> =>
  (await tx.deleteFrom('escalationPolicies').where('id', '=', id).returning('name').executeTakeFirst())?.name;

/** Policies by name; with `lock`, for a change of one. */
export async function listPolicies(tx: TenantTx, id?: string, { lock = false } = {}): Promise<ShownPolicy[]> {
  let query = tx.selectFrom('escalationPolicies').selectAll();
  if (id !== undefined) query = query.where('id', '=', id);
  const rows = await (lock ? query.forUpdate() : query.orderBy('name')).execute();
  return rows.map(showPolicy);
}

const showPolicy = ({ id, name, policy, version, createdBy, createdAt, updatedAt }: PolicyRow): ShownPolicy => ({
  ...EscalationPolicy.parse({ name, ...policy }),
  id,
  version,
  createdBy,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

/** What of a policy's targets and playbooks is not there, by its place. */
export async function unknownTargets(
  tx: TenantTx,
  { steps, fallback }: EscalationPolicy,
): Promise<{ path: string; code: string; message: string }[]> {
  const named: { path: string; kind: EscalationTarget['kind'] | 'playbook'; id: string }[] = [
    ...steps.flatMap(({ targets, playbookId }, step) => [
      ...targets.map((target, n) => ({ ...target, path: `/body/steps/${step}/targets/${n}` })),
      ...(playbookId === null
        ? []
        : [{ kind: 'playbook' as const, id: playbookId, path: `/body/steps/${step}/playbookId` }]),
    ]),
    ...fallback.map((target, n) => ({ ...target, path: `/body/fallback/${n}` })),
  ];
  const idsOf = (kind: string): string[] => named.filter((one) => one.kind === kind).map(({ id }) => id);
  const { rows } = await sql<{ kind: string; id: string }>`
    select 'person' as kind, user_id as id from members where user_id = any (${idsOf('person')}::uuid[])
    union all select 'schedule', id from oncall_schedules where id = any (${idsOf('schedule')}::uuid[])
    union all select 'channel', id from channels where id = any (${idsOf('channel')}::uuid[])
    union all select 'playbook', id from playbooks where deleted_at is null and id = any (${idsOf('playbook')}::uuid[])`.execute(
    tx,
  );
  const there = new Set(rows.map(({ kind, id }) => `${kind} ${id}`));
  return named
    .filter(({ kind, id }) => !there.has(`${kind} ${id}`))
    .map(({ path, kind }) => ({ path, code: 'not_found', message: `There is no such ${kind}.` }));
}
