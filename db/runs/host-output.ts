import { sql } from 'kysely';
import type { Json } from '#contracts/kit/schemas.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import type { HostStatus } from '#contracts/runs/status.ts';
import { appendEvents } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { type NewLogChunk, appendLog } from './run-logs.ts';

/** Where one host of one step is: what the next attempt of a lost activity reads to go on. */
export interface HostPlace {
  host: string;
  /** `begun:<n>`, `ended:<n>` of the intended execution n. */
  phase: string | null;
  stdoutBytes: number;
  stderrBytes: number;
  stdout: string;
  stderr: string;
  status: HostStatus;
  exitCode: number | null;
  signal: string | null;
  error: RunError | null;
  truncated: boolean;
  facts: Record<string, Json> | null;
  startedAt: Date | null;
}

/** The hosts of a step as their rows say. */
export async function readHostPlaces(
  tx: TenantTx,
  runId: string,
  address: string,
  hosts: readonly string[],
): Promise<Map<string, HostPlace>> {
  const rows = await tx
    .selectFrom('runHosts')
    .select([
      'host',
      'phase',
      'stdoutBytes',
      'stderrBytes',
      'stdout',
      'stderr',
      'status',
      'exitCode',
      'signal',
      'error',
      'truncated',
      'facts',
      'startedAt',
    ])
    .where('runId', '=', runId)
    .where('address', '=', address)
    .where('host', 'in', [...hosts])
    .execute();
  return new Map(rows.map((row) => [row.host, row]));
}

/** What happened on one host since the last write. */
export interface HostChange {
  host: string;
  /** Sets it anew: a further execution begins with empty streams. */
  begun?: { phase: string; at: Date; attempt: number };
  /** Output in order; `toByte` is where the next attempt would read on. */
  output: { stream: 'stdout' | 'stderr'; text: string; fromByte: number; toByte: number }[];
  ended?: {
    phase: string;
    status: HostStatus;
    exitCode: number | null;
    signal: string | null;
    error: RunError | null;
    truncated: boolean;
    facts: Record<string, Json> | null;
    at: Date;
  };
}

/** Characters of each stream that a row keeps for expressions. */
const keptCharacters = 65_536;

/**
 * Writes what happened on hosts of a step: output, offsets, ends and their events, in this one transaction, so that no
 * byte is lost or doubled whatever dies when (durable-commands.md §6.3).
 */
export async function writeHostChanges(
  tx: TenantTx,
  { runId, address, attempt, keepsLog }: { runId: string; address: string; attempt: number; keepsLog: boolean },
  changes: readonly HostChange[],
): Promise<void> {
  const begun = changes.filter((change) => change.begun !== undefined);
  if (begun.length > 0) {
    await sql`update run_hosts h set phase = c.phase, started_at = c.at, status = 'running', attempt = ${attempt}, stdout_bytes = 0, stderr_bytes = 0,
        stdout = '', stderr = '', truncated = false, exit_code = null, signal = null, error = 'null', ended_at = null
      from jsonb_to_recordset(${JSON.stringify(begun.map(({ host, begun: start }) => ({ host, phase: start?.phase, at: start?.at })))}::jsonb) as c(host text, phase text, at timestamptz)
      where h.run_id = ${runId} and h.address = ${address} and h.host = c.host`.execute(tx);
  }
  const chunks: NewLogChunk[] = [];
  const moved = changes
    .filter(({ output }) => output.length > 0)
    .map(({ host, output }) => {
      const row = { host, out: null as number | null, err: null as number | null, outText: '', errText: '' };
      for (const { stream, text, fromByte, toByte } of output) {
        if (stream === 'stdout')
          [row.out, row.outText] = [toByte, row.outText.length < keptCharacters ? row.outText + text : row.outText];
        else [row.err, row.errText] = [toByte, row.errText.length < keptCharacters ? row.errText + text : row.errText];
        if (keepsLog && text !== '') chunks.push({ address, host, stream, attempt, fromByte, text });
      }
      return row;
    });
  if (moved.length > 0) {
    await sql`update run_hosts h set
        stdout_bytes = coalesce(c.out, h.stdout_bytes), stderr_bytes = coalesce(c.err, h.stderr_bytes),
        stdout = case when c."outText" = '' or length(h.stdout) >= ${keptCharacters} then h.stdout else left(h.stdout || c."outText", ${keptCharacters}) end,
        stderr = case when c."errText" = '' or length(h.stderr) >= ${keptCharacters} then h.stderr else left(h.stderr || c."errText", ${keptCharacters}) end
      from jsonb_to_recordset(${JSON.stringify(keepsLog ? moved : moved.map((row) => ({ ...row, outText: '', errText: '' })))}::jsonb) as c(host text, out bigint, err bigint, "outText" text, "errText" text)
      where h.run_id = ${runId} and h.address = ${address} and h.host = c.host`.execute(tx);
    await appendLog(tx, runId, chunks);
  }
  const ended = changes.filter((change) => change.ended !== undefined);
  if (ended.length > 0) {
    await sql`update run_hosts h set phase = c.phase, status = c.status, exit_code = c."exitCode", signal = c.signal, error = coalesce(c.error, 'null'),
        truncated = c.truncated, facts = c.facts, ended_at = c.at
      from jsonb_to_recordset(${JSON.stringify(ended.map(({ host, ended: end }) => ({ host, ...end })))}::jsonb)
        as c(host text, phase text, status text, "exitCode" int, signal text, error jsonb, truncated boolean, facts jsonb, at timestamptz)
      where h.run_id = ${runId} and h.address = ${address} and h.host = c.host`.execute(tx);
  }
  const event = (data: Record<string, unknown>) => ({ type: 'host.updated', subject: `run:${runId}`, runId, data });
  // A short command begins and ends in one write: each of the two is told.
  await appendEvents(tx, [
    ...begun.map(({ host, begun: start }) =>
      event({ address, host, attempt, status: 'running', startedAt: start?.at.toISOString() }),
    ),
    ...ended.map(({ host, ended: end }) =>
      event({
        address,
        host,
        attempt,
        status: end?.status,
        exitCode: end?.exitCode,
        signal: end?.signal,
        error: end?.error,
        endedAt: end?.at.toISOString(),
      }),
    ),
  ]);
}
