import { runPlain } from '#connectors/ssh/exec.ts';
import { isProblem } from '#connectors/ssh/problem.ts';
import { uploadFile } from '#connectors/ssh/upload.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import type { HostReply, HostWork } from '#contracts/playbooks/engine/effects.ts';
import { classifyHost } from '#contracts/playbooks/engine/hosts/results.ts';
import { Refusal } from '#db/kit/refusal.ts';
import type { HostPlace } from '#db/runs/host-output.ts';
import { DurableRun } from './durable-run.ts';
import { asText, failed, graceSeconds, headBytes, type HostJob, open, sudoOf, textOf } from './host-job.ts';
import type { HostWriter } from './host-writer.ts';
import { MaskedText } from './masked-text.ts';

/** Does a step's work on one host and says how it went; what happened is written before it answers. Throws only on shutdown. */
export async function runOnHost(job: HostJob): Promise<HostReply> {
  const { before, execution, writer, server } = job;
  if (before?.phase === `ended:${execution}`) return repliedBefore(before, job);
  const hasBegun = before?.phase === `begun:${execution}`;
  const reply = await attempt(job, hasBegun);
  await writer.ended(server.name, endOf(reply, job));
  for (const call of job.afterRecord) call();
  return reply;
}

async function attempt(job: HostJob, hasBegun: boolean): Promise<HostReply> {
  const { work, cancel, onlyStop } = job;
  // Without a marker on the host there is nothing to find it by.
  if (onlyStop && (work.kind === 'upload' || !work.durable))
    return { kind: 'unknown', reason: 'The worker that ran it was lost.' };
  if (cancel.aborted && !hasBegun && !onlyStop) return { kind: 'canceled' };
  switch (work.kind) {
    case 'upload':
      return upload(job, work);
    case 'ssh':
    case 'script':
      return work.durable ? new DurableRun(job, hasBegun).run() : plain(job, work);
  }
}

/** Without a marker on the host: quicker, and where the connection is lost nobody knows what became of it. */
async function plain(job: HostJob, work: Extract<HostWork, { kind: 'ssh' | 'script' }>): Promise<HostReply> {
  const texts = { stdout: new MaskedText(job.masker, 0), stderr: new MaskedText(job.masker, 0) };
  const kept = { stdout: '', stderr: '' };
  const say = (stream: 'stdout' | 'stderr', part: { text: string; fromByte: number; toByte: number }): void => {
    if (part.text === '') return;
    if (kept[stream].length < job.outputBytes) kept[stream] += part.text;
    job.writer.output(job.server.name, { stream, ...part });
  };
  let hasBegun = false;
  try {
    const host = await open(job);
    hasBegun = true;
    job.writer.begun(job.server.name, { phase: `begun:${job.execution}`, at: new Date(), attempt: job.attempt });
    const end = await runPlain(host.pool, host.target, textOf(work, host), {
      onOutput: (stream, bytes) => say(stream, texts[stream].push(bytes)),
      capBytes: headBytes,
      ...(job.timeoutMs !== null && { timeoutMs: Math.min(job.timeoutMs, 2 ** 31 - 1) }),
      signal: AbortSignal.any([job.cancel, job.shutdown]),
      graceSeconds,
    });
    for (const stream of ['stdout', 'stderr'] as const) say(stream, texts[stream].end());
    const isCut = end.totals.stdout > job.outputBytes || end.totals.stderr > job.outputBytes;
    return {
      kind: 'ended',
      exitCode: end.exitCode,
      signal: end.signal,
      stdout: kept.stdout.slice(0, job.outputBytes),
      stderr: kept.stderr.slice(0, job.outputBytes),
      stdoutBytes: end.totals.stdout,
      stderrBytes: end.totals.stderr,
      truncated: isCut,
    };
  } catch (error) {
    job.shutdown.throwIfAborted();
    if (job.cancel.aborted) return { kind: 'canceled', ...kept };
    if (!isProblem(error)) throw error;
    if (hasBegun && error.code === 'ssh.connection_lost') return { kind: 'unknown', reason: error.message, ...kept };
    return { kind: 'error', error: failed(error), ...kept };
  }
}

/** Repeatable: a temporary file and a rename; the same content is left alone. */
async function upload(job: HostJob, work: Extract<HostWork, { kind: 'upload' }>): Promise<HostReply> {
  try {
    const { artifact, mode, owner, backup, to } = work;
    const content = artifact === null ? Buffer.from(asText(work.content)) : await job.readArtifact(artifact);
    const host = await open(job);
    const result = await uploadFile(
      host.pool,
      host.target,
      {
        path: to,
        content,
        backup,
        ...(mode !== null && { mode }),
        ...(owner !== null && { owner }),
        ...sudoOf(work.sudo, host),
      },
      {
        signal: AbortSignal.any([job.cancel, job.shutdown]),
        ...(job.timeoutMs !== null && { timeoutMs: Math.min(job.timeoutMs, 2 ** 31 - 1) }),
      },
    );
    return { kind: 'ended', exitCode: 0, signal: null, stdout: '', stderr: '', more: { ...result } };
  } catch (error) {
    job.shutdown.throwIfAborted();
    if (job.cancel.aborted) return { kind: 'canceled' };
    if (error instanceof Refusal)
      return { kind: 'error', error: { code: error.code, message: error.message, retryable: false } };
    if (!isProblem(error)) throw error;
    return { kind: 'error', error: failed(error) };
  }
}

/** An earlier attempt of this activity saw its end and wrote it: nothing is done again. */
function repliedBefore(before: HostPlace, { outputBytes }: HostJob): HostReply {
  const texts = { stdout: before.stdout.slice(0, outputBytes), stderr: before.stderr.slice(0, outputBytes) };
  if (before.status === 'unknown')
    return { kind: 'unknown', reason: before.error?.message ?? 'Nobody knows whether it ran.', ...texts };
  if (before.status === 'canceled') return { kind: 'canceled', ...texts };
  if (before.error && before.exitCode === null)
    return {
      kind: 'error',
      error: {
        code: before.error.code,
        message: before.error.message,
        ...(before.error.details != null && { details: before.error.details as { [name: string]: Json } }),
      },
      ...texts,
    };
  return {
    kind: 'ended',
    exitCode: before.exitCode,
    signal: before.signal,
    ...texts,
    stdoutBytes: before.stdoutBytes,
    stderrBytes: before.stderrBytes,
    truncated: before.truncated,
    ...(before.facts && { more: before.facts }),
  };
}

function endOf(reply: HostReply, { execution, okExitCodes }: HostJob): Parameters<HostWriter['ended']>[1] {
  const { status, error } = classifyHost(reply, okExitCodes);
  const ended = reply.kind === 'ended' ? reply : undefined;
  const unknown = reply.kind === 'unknown' ? { code: 'outcome.unknown', message: reply.reason } : null;
  return {
    phase: `ended:${execution}`,
    status,
    exitCode: ended?.exitCode ?? null,
    signal: ended?.signal ?? null,
    error: error
      ? { code: error.code, message: error.message, ...(error.details && { details: error.details as Json }) }
      : unknown,
    truncated: ended?.truncated ?? false,
    facts: (ended?.more as Record<string, Json> | undefined) ?? null,
    at: new Date(),
  };
}
