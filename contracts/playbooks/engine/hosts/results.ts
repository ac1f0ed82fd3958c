import { utf8Length } from '../../bytes.ts';
import type { JsonObject, Json } from '../../document.ts';
import { limits } from '../../limits.ts';
import type { HostResult, HostStatus } from '../changes.ts';
import type { HostReply, HostsRequest } from '../effects.ts';
import { type ErrorFacts, isRetryable, mayRetry } from '../failures.ts';

/** What a reply means: how the host's attempt ended, and the error where it did not end well. */
export interface Verdict {
  readonly status: HostStatus;
  readonly error: ErrorFacts | null;
}

/** Reads a host's reply. Exit codes outside `okExitCodes` and signals are failures; the code says how to show it. */
export function classifyHost(reply: HostReply, okExitCodes: readonly number[]): Verdict {
  switch (reply.kind) {
    case 'ended':
      return classifyEnd(reply.exitCode ?? 0, reply.signal ?? null, okExitCodes);
    case 'error':
      return { status: statusByCode[reply.error.code] ?? 'failed', error: reply.error };
    case 'unknown':
      return { status: 'unknown', error: null };
    case 'canceled':
      return { status: 'canceled', error: null };
    case 'notStarted':
      return { status: 'skipped', error: null };
  }
}

const statusByCode: Readonly<Record<string, HostStatus>> = {
  'host.unreachable': 'unreachable',
  'step.timed_out': 'timed_out',
};

function classifyEnd(exitCode: number, signal: string | null, okExitCodes: readonly number[]): Verdict {
  if (okExitCodes.includes(exitCode) && signal === null) return { status: 'succeeded', error: null };
  if (signal !== null) {
    return {
      status: 'failed',
      error: { code: 'command.killed', message: `Ended by signal ${signal}.`, details: { signal, exitCode } },
    };
  }
  return {
    status: 'failed',
    error: { code: 'command.exited_nonzero', message: `Ended with exit code ${exitCode}.`, details: { exitCode } },
  };
}

/** Whether a reply is a failure for good, which counts against `stopAfterFailures`; others will be tried again. */
export function countsAsFailure(
  reply: HostReply,
  { okExitCodes, retryRule }: Pick<HostsRequest, 'okExitCodes' | 'retryRule'>,
): boolean {
  const { error } = classifyHost(reply, okExitCodes);
  if (error === null) return false;
  return retryRule === null || !mayRetry({ code: error.code, retryable: isRetryable(error) }, retryRule.on);
}

/** A host as expressions see it. The error's place in the run is filled in by the caller. */
export function resultOf(reply: HostReply, status: HostStatus, error: HostResult['error']): HostResult {
  const texts: { readonly stdout?: string; readonly stderr?: string } = reply.kind === 'notStarted' ? {} : reply;
  const { stdout = '', stderr = '' } = texts;
  const ended = reply.kind === 'ended' ? reply : null;
  return {
    ...ended?.more,
    status,
    stdout,
    stderr,
    exitCode: ended ? (ended.exitCode ?? 0) : null,
    signal: ended?.signal ?? null,
    error,
    truncated: ended?.truncated ?? false,
    stdoutBytes: ended?.stdoutBytes ?? utf8Length(stdout),
    stderrBytes: ended?.stderrBytes ?? utf8Length(stderr),
  };
}

/** How much of stdout, and how much of stderr, an answer may hold per host, so that all together fit one message. */
export const outputBytesPerHost = (hosts: number): number =>
  Math.min(limits.hostOutputBytes, Math.floor(limits.stepHostsOutputBytes / (2 * Math.max(1, hosts))));

/** Cuts a text to so many bytes of UTF-8, never within a character. */
export function cutText(text: string, most: number): string {
  if (text.length * 3 <= most || utf8Length(text) <= most) return text;
  let [at, bytes] = [0, 0];
  for (const character of text) {
    const length = utf8Length(character);
    if (bytes + length > most) break;
    bytes += length;
    at += character.length;
  }
  return text.slice(0, at);
}

/** Puts all hosts' output under the limits of §11: the first 64 kB of a host's stdout and stderr, 1 MB together, evenly cut. */
export function capOutputs(hosts: Readonly<Record<string, HostResult>>): Record<string, HostResult> {
  const sizes = Object.values(hosts).flatMap(({ stdout, stderr }) =>
    [stdout, stderr].map((text) => Math.min(limits.hostOutputBytes, utf8Length(text))),
  );
  const most = Math.min(limits.hostOutputBytes, evenShare(sizes, limits.stepHostsOutputBytes));
  return Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, capHost(host, most)]));
}

function capHost(host: HostResult, most: number): HostResult {
  const [stdout, stderr] = [cutText(host.stdout, most), cutText(host.stderr, most)];
  if (stdout.length === host.stdout.length && stderr.length === host.stderr.length) return host;
  return { ...host, stdout, stderr, truncated: true };
}

/** The largest cap under which sizes fit `most` together: small ones stay whole, large ones are cut to the same. */
export function evenShare(sizes: readonly number[], most: number): number {
  let left = most;
  const sorted = [...sizes].sort((a, b) => a - b);
  for (const [index, size] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - index));
    if (size > share) return share;
    left -= size;
  }
  return Number.MAX_SAFE_INTEGER;
}

/** `{succeeded, failed, skipped}` and, for exactly one host, its own result beside it. */
export function hostsOutput(names: readonly string[], hosts: Readonly<Record<string, HostResult>>): JsonObject {
  const by = (test: (status: HostStatus) => boolean): string[] =>
    names.filter((name) => test(hosts[name]?.status ?? 'skipped'));
  const output = {
    succeeded: by((status) => status === 'succeeded'),
    failed: by((status) => status !== 'succeeded' && status !== 'skipped' && status !== 'canceled'),
    skipped: by((status) => status === 'skipped' || status === 'canceled'),
  };
  const only = names.length === 1 ? hosts[names[0] ?? ''] : undefined;
  if (!only || only.status === 'skipped') return output;
  const {
    status: _status,
    error: _error,
    truncated: _cut,
    signal: _signal,
    stdoutBytes: _out,
    stderrBytes: _err,
    ...own
  } = only;
  return { ...output, ...(own as { readonly [name: string]: Json }) };
}
