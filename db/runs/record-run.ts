import { sql } from 'kysely';
import { type HostState, type RecordOutcome, type RunRecord, type StepState } from '#contracts/runs/record-run.ts';
import { type RunStatus, isEnded } from '#contracts/runs/status.ts';
import { type NewEvent, appendEvents } from '../events/append-event.ts';
import { type EndedRun, afterRunEnded } from '../hooks/run-triggers.ts';
import type { TenantTx } from '../kit/database.ts';
import { admitNext } from './admit-runs.ts';
import type { RunRef } from './insert-run.ts';

export interface Recorded extends RecordOutcome {
  /** Runs that the end of this one let in; to be started after the commit. */
  admitted: RunRef[];
}

/**
 * Writes what a workflow says of its run: state, steps, hosts and their events, in this one transaction. Repeatable:
 * records are numbered, and one that is in here already changes nothing.
 */
export async function recordRun(tx: TenantTx, record: RunRecord): Promise<Recorded> {
  const run = await tx
    .selectFrom('runs')
    .select([
      'status',
      'journalSeq',
      'kind',
      'title',
      'shape',
      'parentRunId',
      'admittedAt',
      'subjectKind',
      'subjectId',
      'concurrencyKey',
    ])
    .where('id', '=', record.runId)
    .forUpdate()
    .executeTakeFirst();
  if (!run || (isEnded(run.status) && run.journalSeq < record.seq)) return { isEnded: true, admitted: [] };
  if (run.journalSeq >= record.seq) return { isEnded: false, admitted: [] };

  // Sent together: none of these needs another's answer, and their order holds.
  const updated = tx
    .updateTable('runs')
    .set({
      status: record.status,
      waitingFor: record.waitingFor ?? null,
      journalSeq: record.seq,
      startedAt: sql<Date>`coalesce(started_at, ${record.startedAt}::timestamptz)`,
      endedAt: record.endedAt === undefined ? null : new Date(record.endedAt),
      admittedAt: sql<Date>`coalesce(admitted_at, now())`,
      ...(record.progress !== undefined && { progress: JSON.stringify(record.progress) }),
      ...(record.strand !== undefined && { strand: JSON.stringify(record.strand) }),
      ...(record.outputs !== undefined && { outputs: JSON.stringify(record.outputs) }),
      ...(record.error !== undefined && { error: JSON.stringify(record.error) }),
      ...(record.undo !== undefined && { undo: JSON.stringify(record.undo) }),
      ...(record.undoPlan !== undefined && { undoPlan: JSON.stringify(record.undoPlan) }),
      ...(record.warnings !== undefined && { warnings: record.warnings }),
    })
    .where('id', '=', record.runId)
    .execute();
  const written = [
    updated,
    record.steps?.length ? writeSteps(tx, record.runId, record.steps) : undefined,
    record.hosts?.length ? writeHosts(tx, record.runId, record.hosts) : undefined,
    ...(record.undone ?? []).map((undone) => writeUndone(tx, record.runId, undone)),
    appendEvents(tx, eventsOf(record, run)),
  ];
  const { status, runId: id } = record;
  const closed = isEnded(status) ? closeRun(tx, { ...run, id, status, admittedAt: run.admittedAt ?? new Date() }) : [];
  const [admitted] = await Promise.all([closed, ...written]);
  return { isEnded: false, admitted };
}

const writeUndone = (tx: TenantTx, runId: string, { address, undo }: NonNullable<RunRecord['undone']>[number]) =>
  tx.updateTable('runSteps').set({ undo }).where('runId', '=', runId).where('address', '=', address).execute();

/** What of an ended run its end needs to know. */
export interface ClosedRun extends EndedRun {
  shape: string;
  admittedAt: Date | null;
  /** What it may have held a place of, beside the workspace's slot. */
  concurrencyKey: string | null;
}

/** What every end of a run brings with it: its locks go, the next runs are let in, what waits for its end is started. */
export async function closeRun(tx: TenantTx, run: ClosedRun): Promise<RunRef[]> {
  const unlocked = tx.deleteFrom('runLocks').where('runId', '=', run.id).execute();
  const isJob = run.shape === 'job';
  const [, followUps, freed] = await Promise.all([
    unlocked,
    isJob ? afterRunEnded(tx, run) : [],
    isJob && (run.parentRunId === null || run.concurrencyKey !== null) && run.admittedAt !== null ? admitNext(tx) : [],
  ]);
  return [...followUps, ...freed];
}

const asDate = (instant: string | null | undefined): Date | null => (instant ? new Date(instant) : null);

async function writeSteps(tx: TenantTx, runId: string, steps: readonly StepState[]): Promise<void> {
  await tx
    .insertInto('runSteps')
    .values(
      steps.map(({ output, attempts, error, startedAt, endedAt, waitingUntil, ...step }) => ({
        ...step,
        runId,
        attempts: JSON.stringify(attempts),
        error: JSON.stringify(error),
        output: output === undefined ? null : JSON.stringify(output),
        startedAt: asDate(startedAt),
        endedAt: asDate(endedAt),
        waitingUntil: asDate(waitingUntil),
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['workspaceId', 'runId', 'address']).doUpdateSet((eb) => ({
        status: eb.ref('excluded.status'),
        reason: eb.ref('excluded.reason'),
        attempts: eb.ref('excluded.attempts'),
        startedAt: eb.ref('excluded.startedAt'),
        endedAt: eb.ref('excluded.endedAt'),
        // SQL null: the output did not change. A step that returned nothing has the JSON null.
        output: sql<string>`coalesce(excluded.output, run_steps.output)`,
        error: eb.ref('excluded.error'),
        carried: eb.ref('excluded.carried'),
        undo: eb.ref('excluded.undo'),
        waitingUntil: eb.ref('excluded.waitingUntil'),
        childRunId: eb.ref('excluded.childRunId'),
      })),
    )
    .execute();
}

async function writeHosts(tx: TenantTx, runId: string, hosts: readonly HostState[]): Promise<void> {
  await tx
    .insertInto('runHosts')
    .values(
      hosts.map((host) => ({
        runId,
        address: host.address,
        host: host.host,
        serverId: host.serverId,
        batch: host.batch,
        status: host.status,
        attempt: host.attempt,
        exitCode: host.exitCode ?? null,
        signal: host.signal ?? null,
        error: JSON.stringify(host.error ?? null),
        stdout: host.stdout ?? '',
        stderr: host.stderr ?? '',
        truncated: host.truncated ?? false,
        facts: JSON.stringify(host.facts ?? null),
        phase: null,
        startedAt: asDate(host.startedAt),
        endedAt: asDate(host.endedAt),
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['workspaceId', 'runId', 'address', 'host']).doUpdateSet((eb) => ({
        status: eb.ref('excluded.status'),
        batch: eb.ref('excluded.batch'),
        attempt: eb.ref('excluded.attempt'),
        exitCode: sql<number>`coalesce(excluded.exit_code, run_hosts.exit_code)`,
        signal: sql<string>`coalesce(excluded.signal, run_hosts.signal)`,
        error: eb.ref('excluded.error'),
        startedAt: sql<Date>`coalesce(run_hosts.started_at, excluded.started_at)`,
        endedAt: eb.ref('excluded.endedAt'),
      })),
    )
    .execute();
}

const toldByWorkflow: ReadonlySet<string> = new Set(['pending', 'skipped', 'canceled', 'unknown']);

interface Before {
  status: RunStatus;
  kind: string;
  title: string;
  shape: string;
  parentRunId: string | null;
}

function eventsOf(record: RunRecord, before: Before): NewEvent[] {
  const subject = `run:${record.runId}`;
  const about = {
    kind: before.kind,
    title: before.title,
    shape: before.shape,
    parentRunId: before.parentRunId,
    startedAt: record.startedAt,
    ...(record.progress !== undefined && { progress: record.progress }),
    ...(record.strand !== undefined && { strand: record.strand }),
  };
  const event = (type: string, data: Record<string, unknown>): NewEvent => ({
    type,
    subject,
    runId: record.runId,
    actor: record.actor ?? null,
    data,
  });
  const events: NewEvent[] = [];
  if (before.status === 'queued') events.push(event('run.started', { ...about, status: 'running' }));
  for (const step of record.steps ?? []) {
    // Whoever hears of the step may not see the run that it began; that one tells of itself, with its parent's id.
    const { output: _output, childRunId: _child, attempts, ...state } = step;
    events.push(event('step.updated', { ...state, attempt: attempts.length, attempts }));
  }
  for (const host of record.hosts ?? []) {
    // Of hosts at work the activity tells by itself, as it happens.
    if (!toldByWorkflow.has(host.status)) continue;
    const { stdout: _stdout, stderr: _stderr, facts: _facts, ...state } = host;
    events.push(event('host.updated', state));
  }
  for (const note of record.notes ?? [])
    events.push({ ...event(note.type, note.data), subject: note.subject ?? subject });
  if (record.status === 'waiting')
    events.push(event('run.waiting', { ...about, status: 'waiting', waitingFor: record.waitingFor ?? null }));
  else if (before.status === 'waiting' && record.status === 'running')
    events.push(event('run.resumed', { ...about, status: 'running' }));
  else if (record.status === 'running' && (record.progress !== undefined || record.strand !== undefined)) {
    events.push(event('run.progressed', { ...about, status: 'running' }));
  }
  if (isEnded(record.status)) {
    events.push(
      event('run.ended', {
        ...about,
        status: record.status,
        endedAt: record.endedAt ?? null,
        error: record.error ?? null,
        warnings: record.warnings ?? 0,
      }),
    );
  }
  return events;
}
