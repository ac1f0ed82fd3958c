import { type Selectable, sql } from 'kysely';
import { holdsOver, mapValues } from '#contracts/hooks/map-values.ts';
import type { RuleLimits } from '#contracts/incident-rules/incident-rules.ts';
import { inputsFromIncident } from '#contracts/incident-rules/incident-inputs.ts';
import { type RuleHistory, verdictOf } from '#contracts/incident-rules/verdict.ts';
import type { JsonObject } from '#contracts/playbooks/document.ts';
import type { Vault } from '#system/vault/vault.ts';
import { appendEvents } from '../events/append-event.ts';
import { insertLinks } from '../incidents/links.ts';
import { addTimeline } from '../incidents/timeline.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import { readPlaybook } from '../playbooks/playbooks.ts';
import { startPlaybookRun } from '../playbooks/start-playbook-run.ts';
import { newRunId, type RunRef } from '../runs/insert-run.ts';
import { viewIncident } from './incident-view.ts';
import { settle } from './settle.ts';
import { isAsked, tellSuggestion } from './suggest-playbook.ts';
import type { IncidentRulesTable, StartRow } from './tables.ts';
import { tripRule } from './trip-rule.ts';

type RuleRow = Selectable<IncidentRulesTable>;

const triggerOf = { user: 'user', key: 'api', system: 'rule' } as const;

/** The incident could not be turned into inputs, for good. */
export class MappingFailed extends Error {
  override name = 'MappingFailed';
}

/** Takes a note that waits; null where somebody else has it, or it is settled. */
export const claimStart = async (tx: TenantTx, id: string): Promise<StartRow | null> =>
  (await tx
    .selectFrom('incidentStarts')
    .selectAll()
    .where('id', '=', id)
    .where('status', 'in', ['pending', 'due'])
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()) ?? null;

/**
 * Decides on a note and, where it says so, begins the run: in one transaction, so that a run and its place in the incident's story
 * are there together.
 * @returns runs to be started after the commit
 * @throws Refusal, InputsRefused, MappingFailed, LanguageFailure: it cannot start, now or ever
 */
export async function decideStart(
  tx: TenantTx,
  { vault, workspaceId, now }: { vault: Vault; workspaceId: string; now: number },
  start: StartRow,
): Promise<RunRef[]> {
  if (start.status === 'due') return beginStart(tx, { vault, workspaceId }, start);
  const rule = start.ruleId === null ? undefined : await readRule(tx, start.ruleId);
  const view = await viewIncident(tx, start.incidentId, start.facts);
  if (!rule || !rule.enabled || rule.trippedAt || !view) {
    await settle(tx, start, { status: 'passed', why: 'The rule was turned off meanwhile.' });
    return [];
  }
  const { incident, hosts } = view;
  if (rule.condition !== null && !holdsOver(rule.condition, { incident }, now)) {
    await settle(tx, start, { status: 'passed', why: 'Its condition did not hold.' });
    return [];
  }
  // Two notes of one incident or one rule are decided one after the other, or both would find that nothing runs yet.
  await sql`select pg_advisory_xact_lock(hashtext('incident-rule'), hashtext(${rule.id}))`.execute(tx);
  const history = await historyOf(tx, rule, start, hosts);
  const verdict = verdictOf(rule.limits, history);
  if (verdict.kind === 'tripped') {
    await settle(tx, start, { status: 'held', why: verdict.why });
    await tripRule(tx, rule, start.incidentId, verdict.why);
    return [];
  }
  if (verdict.kind === 'held') {
    await settle(tx, start, { status: 'held', why: verdict.why });
    return [];
  }
  const mapped = mapValues(rule.inputs, { incident }, now);
  if (!mapped.ok) throw new MappingFailed(mapped.issues.map(({ message }) => message).join('; '));
  const set = { inputs: mapped.values as JsonObject, hosts, depth: history.depth };
  if (rule.mode === 'suggest') {
    await suggest(tx, rule, start, set);
    return [];
  }
  const due: StartRow = { ...start, ...set, status: 'due', runId: newRunId(), why: `Started by the rule ${rule.name}` };
  await settle(tx, start, { status: 'due', why: due.why, runId: due.runId, ...set });
  return beginStart(tx, { vault, workspaceId }, due);
}

/** Begins the run of a note that is due. @throws as `startPlaybookRun`, and Refusal `request.not_found` without the incident */
export async function beginStart(
  tx: TenantTx,
  { vault, workspaceId }: { vault: Vault; workspaceId: string },
  start: StartRow,
): Promise<RunRef[]> {
  const view = await viewIncident(tx, start.incidentId);
  const version = start.playbookVersion ?? undefined;
  const playbook = await readPlaybook(tx, { id: start.playbookId }, version);
  if (!view || !playbook) throw new Refusal(view ? 'schedule.target_unknown' : 'request.not_found');
  const { incident, hosts } = view;
  const inputs = inputsFromIncident(playbook.definition.inputs ?? [], incident, start.inputs ?? {});
  const { runId, admitted } = await startPlaybookRun(tx, vault, {
    workspaceId,
    id: start.runId ?? newRunId(),
    playbook: { id: start.playbookId },
    version,
    inputs,
    trigger: triggerOf[start.actor.kind],
    triggerId: start.ruleId,
    actor: start.actor,
    title: `${playbook.name}: ${String(incident['key'])}`,
  });
  await settle(tx, start, { status: 'started', why: start.why, runId, inputs, hosts });
  await insertLinks(tx, start.incidentId, [{ kind: 'run', ref: runId, label: playbook.name }]);
  await addTimeline(tx, start.incidentId, {
    kind: 'run',
    actor: start.actor,
    text: `${playbook.name} began${start.why ? `: ${start.why}` : ''}`,
    details: { runId, playbookId: start.playbookId, ruleId: start.ruleId, phase: 'begun' },
    dedupKey: `run/${runId}/begun`,
  });
  const told = { subject: `incident:${start.incidentId}`, runId, actor: start.actor };
  await appendEvents(tx, [
    { ...told, type: 'incident.linked', data: { kind: 'run', playbook: playbook.name } },
    { ...told, type: 'incident_rule.began', data: { playbook: playbook.name, start: start.id } },
  ]);
  return admitted;
}

async function suggest(
  tx: TenantTx,
  rule: RuleRow,
  start: StartRow,
  set: { inputs: JsonObject; hosts: string[]; depth: number },
): Promise<void> {
  if (await isAsked(tx, start.incidentId, start.playbookId)) {
    await settle(tx, start, { status: 'held', why: 'The playbook is suggested for this incident already.' });
    return;
  }
  await settle(tx, start, { status: 'suggested', why: `Suggested by the rule ${rule.name}`, ...set });
  await tellSuggestion(tx, { ...start, actor: { ...start.actor, name: `The rule ${rule.name}` } });
}

const readRule = (tx: TenantTx, id: string): Promise<RuleRow | undefined> =>
  tx.selectFrom('incidentRules').selectAll().where('id', '=', id).executeTakeFirst();

/** What has happened so far, from the notes of this and other rules. */
async function historyOf(
  tx: TenantTx,
  rule: Pick<RuleRow, 'id' | 'playbookId'> & { limits: RuleLimits },
  start: StartRow,
  hosts: readonly string[],
): Promise<RuleHistory> {
  const service = 'service' in start.facts ? start.facts.service : null;
  const { rows } = await sql<Omit<RuleHistory, 'isRunning'> & { isRunning: boolean }>`
    select
      -- An incident that a run opened names the run; runs begun for this very incident are no cause of it.
      1 + coalesce((select max(s.depth) from incident_links l join incident_starts s on s.run_id::text = l.ref
        where l.incident_id = ${start.incidentId} and l.kind = 'run' and s.incident_id <> ${start.incidentId}), 0) as depth,
      (select count(*) from incident_starts where rule_id = ${rule.id} and incident_id = ${start.incidentId}
        and at > now() - interval '10 minutes' and (status not in ('pending', 'passed') or id = ${start.id}))::int as "timesOfIncident",
      (select count(*) from incident_starts where rule_id = ${rule.id} and status in ('due', 'started', 'ended')
        and at > now() - interval '1 hour')::int as "startsInHour",
      (select count(*) from incident_starts where rule_id = ${rule.id} and status = 'held'
        and at > now() - interval '1 hour' and why like 'It has started % times in an hour%')::int as "heldInHour",
      (select (extract(epoch from now() - max(coalesce(decided_at, at))) * 1000)::float8 from incident_starts
        where rule_id = ${rule.id} and status in ('due', 'started', 'ended')
          and (incident_id = ${start.incidentId} or facts ->> 'service' = ${service})) as "sinceStartMs",
      coalesce((select max(runs) from (select count(*)::int as runs from incident_starts, unnest(hosts) host
        where playbook_id = ${rule.playbookId} and status in ('due', 'started') and host = any(${[...hosts]}::text[])
        group by host) busy), 0) as "runsOnHost",
      exists (select from incident_starts where incident_id = ${start.incidentId} and playbook_id = ${rule.playbookId}
        and status in ('due', 'started')) as "isRunning"`.execute(tx);
  const [found] = rows;
  if (!found) throw new Error('A select without a table gives one row.');
  return found;
}
