import { type Selectable, sql } from 'kysely';
import type { IncidentRule, IncidentStart, ShownIncidentRule } from '#contracts/incident-rules/incident-rules.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import { showStarts } from './starts.ts';
import type { IncidentRulesTable } from './tables.ts';

export type RuleRow = Selectable<IncidentRulesTable>;

const taken =
  (name: string) =>
  (error: unknown): never => {
    throw violates(error, 'incident_rules_name') ? new Refusal('incident_rule.name_taken', { name }) : error;
  };

const columnsOf = ({ target, inputs, limits, ...rule }: IncidentRule) => ({
  ...rule,
  playbookId: target.id,
  playbookVersion: target.version ?? null,
  inputs: JSON.stringify(inputs),
  limits: JSON.stringify(limits),
});

/** @throws Refusal `incident_rule.name_taken` */
export async function insertRule(tx: TenantTx, id: string, rule: IncidentRule, by: ActorRef): Promise<void> {
  await tx
    .insertInto('incidentRules')
    .values({ id, ...columnsOf(rule), createdBy: JSON.stringify(by) })
    .execute()
    .catch(taken(rule.name));
}

/** @throws Refusal `incident_rule.name_taken` */
export async function updateRule(tx: TenantTx, id: string, rule: IncidentRule): Promise<void> {
  await tx
    .updateTable('incidentRules')
    .set({ ...columnsOf(rule), version: sql<number>`version + 1`, updatedAt: new Date() })
    .where('id', '=', id)
    .execute()
    .catch(taken(rule.name));
}

/** Lets a rule go on that was stopped; what it held meanwhile is not made up for. */
export const resumeRule = async (tx: TenantTx, id: string): Promise<void> =>
  void (await tx
    .updateTable('incidentRules')
    .set({ trippedAt: null, trippedWhy: null, failures: 0, version: sql<number>`version + 1`, updatedAt: new Date() })
    .where('id', '=', id)
    .execute());

export const deleteRule = async (tx: TenantTx, id: string): Promise<string | undefined> =>
  (await tx.deleteFrom('incidentRules').where('id', '=', id).returning('name').executeTakeFirst())?.name;

export const lockRule = (tx: TenantTx, id: string): Promise<RuleRow | undefined> =>
  tx.selectFrom('incidentRules').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();

/** Rules by name, or one of them, with what became of them the last times. */
export async function listRules(tx: TenantTx, id?: string): Promise<ShownIncidentRule[]> {
  let query = tx
    .selectFrom('incidentRules as r')
    .leftJoin('playbooks as p', (join) => join.onRef('p.id', '=', 'r.playbookId').on('p.deletedAt', 'is', null))
    .selectAll('r')
    .select('p.name as playbookName');
  if (id !== undefined) query = query.where('r.id', '=', id);
  const rows = await query.orderBy('r.name').execute();
  const starts = await lastStarts(
    tx,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    happenings: row.happenings,
    condition: row.condition,
    target: { kind: 'playbook', id: row.playbookId, version: row.playbookVersion, name: row.playbookName },
    inputs: row.inputs,
    mode: row.mode,
    limits: row.limits,
    enabled: row.enabled,
    tripped: row.trippedAt && { at: row.trippedAt.toISOString(), why: row.trippedWhy ?? '' },
    failures: row.failures,
    lastStarts: starts.filter(({ rule }) => rule?.id === row.id),
    version: row.version,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }));
}

/** The last ten of each rule whose condition held. */
async function lastStarts(tx: TenantTx, rules: readonly string[]): Promise<IncidentStart[]> {
  if (rules.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select f.id from unnest(${[...rules]}::uuid[]) r(id) cross join lateral (
      select id from incident_starts s where s.rule_id = r.id and status <> 'passed' order by at desc limit 10) f`.execute(
    tx,
  );
  return showStarts(
    tx,
    rows.map(({ id }) => id),
  );
}
