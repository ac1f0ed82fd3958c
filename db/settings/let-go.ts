import { sql } from 'kysely';
import { windlass } from '#contracts/kit/windlass-actor.ts';
import { LetGo, type LetGoInput, type LetGoTotals } from '#contracts/settings/let-go.ts';
import type { LogKeeping } from '#contracts/logs/logs.ts';
import type { Vault } from '#system/vault/vault.ts';
import { hasOldAlerts } from '../alerts/trim-alerts.ts';
import type { TenantTx } from '../kit/database.ts';
import { firstKeptDay, readLogKeeping } from '../logs/log-keeping.ts';
import { runInputContext } from '../playbooks/start-playbook-run.ts';
import { insertRun, newRunId, type RunRef } from '../runs/insert-run.ts';
import { readSettings } from './settings.ts';

/**
 * Writes the run that lets go of what this workspace keeps no longer.
 * @returns runs to be started after the commit; null where nothing is to go, or one is at it
 */
export async function beginLettingGo(
  tx: TenantTx,
  vault: Vault,
  workspaceId: string,
  now: number,
): Promise<RunRef[] | null> {
  const { before, days } = await logsKept(tx, now);
  const alerts = await alertsKept(tx, now);
  const isDue = days.some(({ day }) => day < before) || (await hasOldAlerts(tx, alerts.from));
  if (!isDue) return null;
  const open = await tx
    .selectFrom('runs')
    .select('id')
    .where('kind', '=', LetGo.kind)
    .where('endedAt', 'is', null)
    .executeTakeFirst();
  if (open) return null;
  const runId = newRunId();
  const input: LetGoInput = { workspaceId, runId };
  const { admitted } = await insertRun(tx, {
    id: runId,
    kind: LetGo.kind,
    title: 'Let go of what is kept no longer',
    trigger: 'schedule',
    actor: windlass,
    rootRunId: runId,
    inputs: { logsBefore: before, alertDays: alerts.days },
    workflowType: LetGo.type,
    taskQueue: LetGo.taskQueue,
    sealedInput: await vault.seal(JSON.stringify(input), runInputContext(workspaceId, runId)),
  });
  return admitted;
}

/** The days that there are logs of, and before which of them they go. */
export async function logsKept(tx: TenantTx, now: number): Promise<{ before: string; days: LogKeeping['days'] }> {
  const [keeping, { legalHold: isHeld }] = await Promise.all([readLogKeeping(tx), readSettings(tx)]);
  return { before: firstKeptDay({ ...keeping, isHeld }, now), days: keeping.days };
}

/** For how many days alerts are kept once they are over, and so since when. */
export async function alertsKept(tx: TenantTx, now: number): Promise<{ days: number; from: Date }> {
  const { alertRetentionDays: days, legalHold } = await readSettings(tx);
  return { days, from: new Date(legalHold ? 0 : now - days * 86_400_000) };
}

/** What a run has let go of, from the notes that its portions left. */
export async function sumTrims(tx: TenantTx, runId: string): Promise<Omit<LetGoTotals, 'days'>> {
  const { rows } = await sql<Omit<LetGoTotals, 'days'>>`
    select coalesce(sum(events), 0)::float8 as "logEvents", coalesce(sum(bytes), 0)::float8 as "logBytes",
      coalesce((select alerts from alert_trims where run_id = ${runId}), 0) as alerts,
      coalesce((select marks from alert_trims where run_id = ${runId}), 0) as marks
    from log_trims where run_id = ${runId}`.execute(tx);
  return rows[0] ?? { logEvents: 0, logBytes: 0, alerts: 0, marks: 0 };
}
