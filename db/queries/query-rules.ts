import { sql } from 'kysely';
import { isForbidden, type QueryAct } from '#contracts/queries/query-acts.ts';
import type { CreateQueryRule, QueryLimit, QueryRule } from '#contracts/queries/query-rules.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';

const rules = (tx: TenantTx) =>
  tx
    .selectFrom('queryRules as r')
    .leftJoin('users as p', 'p.id', 'r.personId')
    .leftJoin('connections as c', (join) =>
      join.onRef('c.workspaceId', '=', 'r.workspaceId').onRef('c.id', '=', 'r.connectionId'),
    )
    .leftJoin('connectionUnits as u', (join) =>
      join
        .onRef('u.workspaceId', '=', 'r.workspaceId')
        .onRef('u.connectionId', '=', 'r.connectionId')
        .onRef('u.unit', '=', 'r.unit'),
    )
    .select([
      'r.id',
      'r.personId',
      'p.name as personName',
      'r.role',
      'r.connectionId',
      'c.name as connectionName',
      'r.unit',
      'u.name as unitName',
      'r.folder',
      'r.denied',
      'r.createdBy',
      'r.createdAt',
    ]);
type Row = Awaited<ReturnType<ReturnType<typeof rules>['execute']>>[number];
const toRule = (row: Row): QueryRule => ({ ...row, createdAt: row.createdAt.toISOString() });

/** All rules, oldest first. */
export const listQueryRules = async (tx: TenantTx): Promise<QueryRule[]> =>
  (await rules(tx).orderBy('r.id').limit(1_000).execute()).map(toRule);

/**
 * Makes a rule; one of the same id stays as it is.
 * @throws Refusal `request.not_found` where person, connection or unit are not there
 */
export async function createQueryRule(
  tx: TenantTx,
  id: string,
  rule: CreateQueryRule,
  actor: ActorRef,
): Promise<QueryRule> {
  const { personId, connectionId, unit } = rule;
  const isThere = await sql<{ ok: boolean }>`select
    (${personId}::uuid is null or exists (select from members where user_id = ${personId}::uuid))
    and (${connectionId}::uuid is null or exists (select from connections where id = ${connectionId}::uuid))
    and (${unit}::text is null or exists (select from connection_units where connection_id = ${connectionId}::uuid
      and unit = ${unit})) as ok`.execute(tx);
  if (!isThere.rows[0]?.ok) throw new Refusal('request.not_found');
  const made = await tx
    .insertInto('queryRules')
    .values({ id, ...rule, createdBy: JSON.stringify(actor) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (made.numInsertedOrUpdatedRows !== 0n) await tellRules(tx, actor);
  return toRule(await rules(tx).where('r.id', '=', id).executeTakeFirstOrThrow());
}

/** @returns what went; null where there was none */
export async function deleteQueryRule(tx: TenantTx, id: string, actor: ActorRef): Promise<QueryRule | null> {
  const row = await rules(tx).where('r.id', '=', id).executeTakeFirst();
  if (!row) return null;
  await tx.deleteFrom('queryRules').where('id', '=', id).execute();
  await tellRules(tx, actor);
  return toRule(row);
}

/** What anybody may do may be other from now on; of whom is said to nobody. */
const tellRules = (tx: TenantTx, actor: ActorRef): Promise<void> =>
  appendEvent(tx, { type: 'query_rule.changed', actor });

type Caller = Pick<ActorRef, 'kind' | 'id'>;

/** What rules take away from a caller; a key is bound as the person who answers for it. */
export async function queryLimitsOf(tx: TenantTx, { kind, id }: Caller): Promise<QueryLimit[]> {
  const { rows } = await sql<QueryLimit>`
    select r.connection_id as "connectionId", r.unit, r.folder, r.denied from query_rules r
    join members m on m.user_id = ${kind === 'key' ? sql`(select owner_id from api_keys where id = ${id}::uuid)` : sql`${id}::uuid`}
    where (r.person_id = m.user_id or r.role = m.role) and m.role not in ('owner', 'admin')
    order by r.id`.execute(tx);
  return rows;
}

const actWords: Readonly<Record<QueryAct, string>> = {
  view: 'see this',
  run: 'run queries',
  edit: 'change saved queries',
  schedule: 'schedule queries',
  export: 'take rows out',
};

/** @throws Refusal `query.act_forbidden` where a rule takes this act away from the caller at one of the places */
export async function mustMayQuery(
  tx: TenantTx,
  actor: Caller,
  act: QueryAct,
  ...places: readonly Parameters<typeof isForbidden>[2][]
): Promise<void> {
  const limits = await queryLimitsOf(tx, actor);
  if (limits.length > 0 && places.some((place) => isForbidden(limits, act, place)))
    throw new Refusal('query.act_forbidden', { act: actWords[act] });
}

/** Where a run stands, for its rules: its place, and the folder of the saved query it is of. */
export async function placeOfRun(
  tx: TenantTx,
  runId: string,
): Promise<{ connectionId: string; unit: string | null; folder: string | null } | null> {
  const row = await tx
    .selectFrom('queryRuns as q')
    .leftJoin('queries as s', (join) =>
      join.onRef('s.workspaceId', '=', 'q.workspaceId').onRef('s.id', '=', 'q.queryId'),
    )
    .select(['q.connectionId', 'q.unit', 's.folder'])
    .where('q.runId', '=', runId)
    .executeTakeFirst();
  return row ? { ...row, unit: row.unit === '' ? null : row.unit } : null;
}
