import { type Selectable, sql } from 'kysely';
import type { ShownAlertRule } from '#contracts/alerts/alert-rule-routes.ts';
import { AlertRule } from '#contracts/alerts/alert-rules.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import type { AlertRulesTable } from './tables.ts';

type RuleRow = Selectable<AlertRulesTable>;

const taken =
  (name: string) =>
  (error: unknown): never => {
    throw violates(error, 'alert_rules_name') ? new Refusal('alert_rule.name_taken', { name }) : error;
  };

/** Adds a rule behind the others. @throws Refusal `alert_rule.name_taken` */
export async function insertAlertRule(
  tx: TenantTx,
  id: string,
  { name, ...rule }: AlertRule,
  by: ActorRef,
): Promise<void> {
  await tx
    .insertInto('alertRules')
    .values({
      id,
      name,
      rule: JSON.stringify(rule),
      position: sql<number>`(select coalesce(max(position), 0) + 1 from alert_rules)`,
      createdBy: JSON.stringify(by),
      lastFailure: null,
      lastHitAt: null,
    })
    .execute()
    .catch(taken(name));
}

/** @throws Refusal `alert_rule.name_taken` */
export async function updateAlertRule(tx: TenantTx, id: string, { name, ...rule }: AlertRule): Promise<void> {
  await tx
    .updateTable('alertRules')
    .set({
      name,
      rule: JSON.stringify(rule),
      lastFailure: null,
      version: sql<number>`version + 1`,
      updatedAt: new Date(),
    })
    .where('id', '=', id)
    .execute()
    .catch(taken(name));
}

export const deleteAlertRule = async (tx: TenantTx, id: string): Promise<string | undefined> =>
  (await tx.deleteFrom('alertRules').where('id', '=', id).returning('name').executeTakeFirst())?.name;

/** Puts all rules into this order. @throws Refusal `alert_rule.order_incomplete` */
export async function orderAlertRules(tx: TenantTx, ids: readonly string[]): Promise<void> {
  const rows = await tx.selectFrom('alertRules').select('id').orderBy('id').forUpdate().execute();
  const named = new Set(ids);
  if (named.size !== ids.length || rows.length !== ids.length || rows.some(({ id }) => !named.has(id)))
    throw new Refusal('alert_rule.order_incomplete');
  await sql`update alert_rules r set position = o.position
    from unnest(${ids}::uuid[]) with ordinality as o(id, position) where r.id = o.id`.execute(tx);
}

/** Rules in the order in which they are gone through. */
export async function listAlertRules(tx: TenantTx, id?: string, { lock = false } = {}): Promise<ShownAlertRule[]> {
  let query = tx.selectFrom('alertRules').selectAll();
  if (id !== undefined) query = query.where('id', '=', id);
  const rows = await (lock ? query.forUpdate() : query.orderBy('position').orderBy('id')).execute();
  return rows.map((row, index) => showRule(row, id === undefined ? index + 1 : row.position));
}

const showRule = (row: RuleRow, position: number): ShownAlertRule => ({
  ...AlertRule.parse({ name: row.name, ...row.rule }),
  id: row.id,
  position,
  counters: {
    hits: row.hits,
    raised: row.raised,
    kept: row.kept,
    dropped: row.dropped,
    monitored: row.monitored,
    failed: row.failed,
  },
  lastFailure: row.lastFailure,
  lastHitAt: row.lastHitAt?.toISOString() ?? null,
  version: row.version,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

/** What of a rule's people, policy and playbooks is not there, by its place. */
export async function unknownInRule(
  tx: TenantTx,
  { assigneeId, escalationPolicyId, playbooks }: AlertRule,
): Promise<{ path: string; code: string; message: string }[]> {
  const named = [
    ...(assigneeId === null ? [] : [{ path: 'assigneeId', kind: 'member', id: assigneeId }]),
    ...(escalationPolicyId === null
      ? []
      : [{ path: 'escalationPolicyId', kind: 'escalation policy', id: escalationPolicyId }]),
    ...playbooks.map(({ playbookId }, n) => ({ path: `playbooks/${n}/playbookId`, kind: 'playbook', id: playbookId })),
  ];
  const { rows } = await sql<{ kind: string; id: string }>`
    select 'member' as kind, user_id as id from members where user_id = any (${named.map(({ id }) => id)}::uuid[])
    union all select 'escalation policy', id from escalation_policies where id = any (${named.map(({ id }) => id)}::uuid[])
    union all select 'playbook', id from playbooks where deleted_at is null and id = any (${named.map(({ id }) => id)}::uuid[])`.execute(
    tx,
  );
  const there = new Set(rows.map(({ kind, id }) => `${kind} ${id}`));
  return named
    .filter(({ kind, id }) => !there.has(`${kind} ${id}`))
    .map(({ path, kind }) => ({ path, code: 'not_found', message: `There is no such ${kind}.` }));
}
