import { sql } from 'kysely';
import { clocksAt } from '#contracts/incidents/due-deeds.ts';
import type { IncidentTask, ShownIncident } from '#contracts/incidents/incidents.ts';
import { incidentWorkflowId } from '#contracts/incidents/lifecycle.ts';
import { clockKinds } from '#contracts/incidents/sla-clock.ts';
import { allowedMoves, needsReason } from '#contracts/incidents/states.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import { memberNames } from './change-incident.ts';
import { timesOf } from './hold-incident.ts';
import { listLinks } from './links.ts';
import { readPolicyName, readRules } from './read-rules.ts';
import { showListed } from './shown-columns.ts';
import { listTasks } from './tasks.ts';

/** One incident with all that is known of it but its story. @throws Refusal `request.not_found` */
export async function showIncident(
  tx: TenantTx,
  by: { id: string } | { number: number },
  now: number,
): Promise<Omit<ShownIncident, 'temporalUrl'>> {
  const row = await tx
    .selectFrom('incidents')
    .selectAll()
    .where((eb) => ('id' in by ? eb('id', '=', by.id) : eb('number', '=', by.number)))
    .executeTakeFirst();
  if (!row) throw new Refusal('request.not_found');
  const [{ rules, slaPolicyId }, listed, names, links, tasks] = await Promise.all([
    readRules(tx, row),
    showListed(tx, [row], now),
    memberNames(
      tx,
      row.responders.map(({ personId }) => personId),
    ),
    listLinks(tx, row.id),
    listTasks(tx, row.id),
  ]);
  const [incident] = listed;
  if (!incident) throw new Refusal('request.not_found');
  const clocks = clocksAt(timesOf(row), rules, now);
  const segments: ShownIncident['segments'] = { respond: [], resolve: [] };
  for (const kind of clockKinds)
    segments[kind] = (clocks[kind]?.segments ?? []).map(({ from, to, ...segment }) => ({
      ...segment,
      from: new Date(from).toISOString(),
      to: to === null ? null : new Date(to).toISOString(),
    }));
  return {
    ...incident,
    description: row.description,
    moves: allowedMoves(row.state).map((to) => ({ to, needsReason: needsReason(row.state, to) })),
    responders: row.responders.map((responder) => ({
      ...responder,
      name: names.get(responder.personId) ?? 'Somebody who has left',
    })),
    tasks: tasks satisfies IncidentTask[],
    links,
    segments,
    slaPolicy: slaPolicyId === null || !rules.sla ? null : { id: slaPolicyId, name: rules.sla.name },
    escalationPolicy: await readPolicyName(tx, row.escalationPolicyId),
    postmortem: row.postmortem,
    createdBy: row.createdBy,
    workflowId: incidentWorkflowId({ workspaceId: row.workspaceId, incidentId: row.id }),
  };
}

/** Whether there is such an incident, by its key and state. @throws Refusal `request.not_found` */
export async function mustIncident(tx: TenantTx, id: string) {
  const row = await tx
    .selectFrom('incidents')
    .select(['id', 'key', 'title', 'state', 'version'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw new Refusal('request.not_found');
  return row;
}

/** Which of these incidents there are. */
export async function knownIncidents(tx: TenantTx, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx
    .selectFrom('incidents')
    .select('id')
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute();
  return new Set(rows.map(({ id }) => id));
}
