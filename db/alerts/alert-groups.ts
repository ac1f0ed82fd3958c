import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { type IncidentState, stateFlags } from '#contracts/incidents/states.ts';
import type { TenantTx } from '../kit/database.ts';

/** Alerts that belong together, and the incident they are told by. */
export interface AlertGroup {
  id: string;
  incidentId: string | null;
  raised: number;
  /** When it raised its last incidents. */
  raisedBefore: Date[];
  /** When an alert of it was last heard of, whatever came of it. */
  lastAlertAt: Date;
  /** Alerts that wait for its threshold. */
  waiting: number;
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('base64url');

/**
 * A group by its key, made where it is new. One settler at a time works in a workspace, so nobody makes it twice.
 * @param coming ids of the alerts that are about to join: what they were before is not the group's
 */
export async function readGroup(
  tx: TenantTx,
  {
    ruleKey,
    key,
    windowMs,
    now,
    coming,
  }: { ruleKey: string; key: string; windowMs: number; now: number; coming: readonly string[] },
): Promise<AlertGroup> {
  const { rows } = await sql<AlertGroup>`
    with made as (
      insert into alert_groups (id, rule_key, key_hash, key, last_alert_at)
      values (${uuidv7()}, ${ruleKey}, ${hashOf(key)}, ${key.slice(0, 2_000)}, 'epoch')
      on conflict (workspace_id, rule_key, key_hash) do update set key = excluded.key
      returning id, incident_id, raised, raised_before, last_alert_at)
    select id, incident_id as "incidentId", raised, raised_before as "raisedBefore",
      greatest(last_alert_at, (select max(last_seen_at) from alerts a
        where a.group_id = made.id and a.status <> 'resolved' and a.id <> all(${coming}::uuid[]))) as "lastAlertAt",
      (select count(*)::int from alerts a where a.group_id = made.id and a.outcome = 'waiting' and a.status <> 'resolved'
        and a.id <> all(${coming}::uuid[]) and a.last_seen_at >= ${new Date(now - windowMs)}) as waiting
    from made`.execute(tx);
  const [group] = rows;
  if (!group) throw new Error('A group was neither found nor made.');
  return group;
}

/** Writes that a group was heard of, and the incident it raised. */
export async function keepGroup(
  tx: TenantTx,
  group: AlertGroup,
  { now, raised }: { now: number; raised: string | null },
): Promise<void> {
  const at = new Date(now);
  await tx
    .updateTable('alertGroups')
    .set({
      lastAlertAt: at,
      incidentId: group.incidentId,
      ...(raised !== null && {
        raised: group.raised + 1,
        raisedAt: at,
        raisedBefore: [...group.raisedBefore, at].slice(-20),
      }),
    })
    .where('id', '=', group.id)
    .execute();
}

/** Their alerts ended: until then they were heard of, however long ago they began. */
export const touchGroups = async (tx: TenantTx, ids: readonly string[], now: number): Promise<void> => {
  if (ids.length === 0) return;
  await tx
    .updateTable('alertGroups')
    .set({ lastAlertAt: new Date(now) })
    .where('id', 'in', ids)
    .execute();
};

/** How many groups of a rule raised an incident lately. */
export async function raisedLately(tx: TenantTx, ruleKey: string, since: Date): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from alert_groups
    where rule_key = ${ruleKey} and raised_at > ${since}`.execute(tx);
  return rows[0]?.n ?? 0;
}

export interface StandingIncident {
  id: string;
  state: IncidentState;
  isActive: boolean;
}

/** An incident as it stands now; a merged one is the one it went into. */
export async function findStanding(tx: TenantTx, incidentId: string | null): Promise<StandingIncident | undefined> {
  let id = incidentId;
  // Merging goes forward only; ten are more than anybody merges in a row.
  for (let step = 0; id !== null && step < 10; step++) {
    const row = await tx
      .selectFrom('incidents')
      .select(['id', 'state', 'mergedInto'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row) return undefined;
    if (row.mergedInto === null) return { id: row.id, state: row.state, isActive: stateFlags[row.state].active };
    id = row.mergedInto;
  }
  return undefined;
}

/** The incident for which a run was begun: an alert about that run belongs to it and raises none of its own. */
export async function incidentOfRun(tx: TenantTx, runId: string | undefined): Promise<string | null> {
  if (runId === undefined) return null;
  const row = await tx
    .selectFrom('incidentLinks')
    .select('incidentId')
    .where('kind', '=', 'run')
    .where('ref', '=', runId)
    .executeTakeFirst();
  return row?.incidentId ?? null;
}
