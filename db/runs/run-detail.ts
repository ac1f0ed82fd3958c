import type { RunDetail, RunHost, RunStep, RunSummary } from '#contracts/runs/runs.ts';
import type { TenantTx } from '../kit/database.ts';
import { summaryColumns, toSummary } from './run-columns.ts';
import { queueLine } from './runs.ts';

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

/** One run as lists show it. @returns null where this workspace has no such run */
export async function readRun(tx: TenantTx, id: string): Promise<RunSummary | null> {
  const row = await tx.selectFrom('runs').select(summaryColumns).where('id', '=', id).executeTakeFirst();
  if (!row) return null;
  return toSummary(row, (await queueLine(tx, [row])).get(id));
}

/** A run with steps, hosts and children. @returns null where this workspace has no such run */
export async function readRunDetail(tx: TenantTx, id: string): Promise<Omit<RunDetail, 'temporalUrl'> | null> {
  const row = await tx
    .selectFrom('runs')
    .select([...summaryColumns, 'inputs', 'outputs', 'undo', 'undoPlan', 'rerunOf', 'cancelRequestedAt'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) return null;
  const [steps, hosts, children, line] = [
    await readSteps(tx, id),
    await readHosts(tx, id),
    await tx.selectFrom('runs').select(summaryColumns).where('parentRunId', '=', id).orderBy('id').limit(500).execute(),
    await queueLine(tx, [row]),
  ];
  return {
    ...toSummary(row, line.get(id)),
    inputs: row.inputs,
    outputs: row.outputs,
    undo: row.undo,
    undoPlan: row.undoPlan,
    rerunOf: row.rerunOf,
    cancelRequestedAt: iso(row.cancelRequestedAt),
    steps,
    hosts,
    children: children.map((child) => toSummary(child)),
  };
}

/** The steps of a run that have a row: those that began, were skipped, or wait. A run that one began is named to those who may see it. */
async function readSteps(tx: TenantTx, id: string): Promise<RunStep[]> {
  const rows = await tx
    .selectFrom('runSteps')
    .leftJoin('runs as child', 'child.id', 'runSteps.childRunId')
    .selectAll('runSteps')
    .select('child.id as seenChildId')
    .where('runSteps.runId', '=', id)
    .orderBy('runSteps.position')
    .orderBy('runSteps.address')
    .execute();
  return rows.map((row) => ({
    address: row.address,
    id: row.id,
    parent: row.parent,
    kind: row.kind,
    name: row.name,
    section: row.section,
    status: row.status,
    reason: row.reason,
    attempts: row.attempts,
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
    output: row.output,
    error: row.error,
    carried: row.carried,
    undo: row.undo,
    waitingUntil: iso(row.waitingUntil),
    childRunId: row.seenChildId,
    position: row.position,
  }));
}

/** Every host of every step of a run. */
async function readHosts(tx: TenantTx, runId: string): Promise<RunHost[]> {
  const rows = await tx
    .selectFrom('runHosts')
    .select([
      'address',
      'host',
      'serverId',
      'batch',
      'status',
      'attempt',
      'exitCode',
      'signal',
      'error',
      'stdoutBytes',
      'stderrBytes',
      'truncated',
      'startedAt',
      'endedAt',
    ])
    .where('runId', '=', runId)
    .orderBy('address')
    .orderBy('batch')
    .orderBy('host')
    .execute();
  return rows.map((row) => ({ ...row, startedAt: iso(row.startedAt), endedAt: iso(row.endedAt) }));
}
