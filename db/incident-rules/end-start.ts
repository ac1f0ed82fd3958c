import { sql } from 'kysely';
import { appendEvents } from '../events/append-event.ts';
import { addTimeline } from '../incidents/timeline.ts';
import type { TenantTx } from '../kit/database.ts';
import { tripRule } from './trip-rule.ts';

const words: Readonly<Record<string, string>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'was canceled',
  timed_out: 'ran out of time',
};

/** Takes over the end of a run that was begun for an incident: into its story, and against its rule where it failed. */
export async function endStart(tx: TenantTx, runId: string): Promise<void> {
  const start = await tx
    .selectFrom('incidentStarts as s')
    .innerJoin('runs as r', 'r.id', 's.runId')
    .leftJoin('playbooks as p', 'p.id', 's.playbookId')
    .select(['s.id', 's.incidentId', 's.ruleId', 's.actor', 'r.status', 'r.endedAt', 'r.error', 'p.name'])
    .where('s.runId', '=', runId)
    .where('s.status', '=', 'started')
    .where('r.endedAt', 'is not', null)
    .forUpdate('s')
    .skipLocked()
    .executeTakeFirst();
  if (!start?.endedAt) return;
  const { id, incidentId, ruleId, actor, status, endedAt, error, name } = start;
  await tx
    .updateTable('incidentStarts')
    .set({ status: 'ended', runStatus: status, endedAt })
    .where('id', '=', id)
    .execute();
  const why = status === 'failed' && error ? `: ${error.message}` : '';
  await addTimeline(tx, incidentId, {
    kind: 'run',
    actor,
    text: `${name ?? 'A playbook'} ${words[status] ?? 'ended'}${why}`.slice(0, 1_000),
    details: { runId, ruleId, phase: 'ended', status },
    at: endedAt,
    dedupKey: `run/${runId}/ended`,
  });
  const told = { subject: `incident:${incidentId}`, runId };
  await appendEvents(tx, [
    { ...told, type: 'incident.linked', data: { kind: 'run', status } },
    { ...told, type: 'incident_rule.ended', data: { status, start: id } },
  ]);
  if (ruleId !== null && status !== 'canceled') await countEnd(tx, ruleId, incidentId, status === 'succeeded');
}

/** Failures in a row are counted; so many stop the rule. */
export async function countEnd(tx: TenantTx, ruleId: string, incidentId: string, isGood: boolean): Promise<void> {
  const rule = await tx
    .updateTable('incidentRules')
    .set({ failures: isGood ? 0 : sql<number>`failures + 1` })
    .where('id', '=', ruleId)
    .returning(['id', 'name', 'createdBy', 'failures', 'limits'])
    .executeTakeFirst();
  if (rule && !isGood && rule.failures >= rule.limits.mostFailures)
    await tripRule(tx, rule, incidentId, `${rule.failures} of its runs in a row failed.`);
}
