import type { RunDetail, RunHost } from '#contracts/runs/runs.ts';
import { bytesText } from '../kit/time.ts';
import type { HostTile } from '../ui/host-grid.tsx';

const gravest = [
  'unknown',
  'failed',
  'unreachable',
  'timed_out',
  'running',
  'canceled',
  'pending',
  'skipped',
  'succeeded',
] as const;

function noteOf(parts: readonly RunHost[]): string | undefined {
  const bad = parts.find(({ status }) => ['failed', 'unreachable', 'timed_out', 'unknown'].includes(status));
  if (!bad) {
    const cut = parts.find(({ truncated }) => truncated);
    return cut ? `output cut at ${bytesText(cut.stdoutBytes + cut.stderrBytes)}` : undefined;
  }
  const how = bad.signal
    ? `signal ${bad.signal}`
    : bad.exitCode === null
      ? (bad.error?.code ?? bad.status)
      : `exit ${bad.exitCode}`;
  return bad.attempt > 1 ? `${how} · ${bad.attempt} tries` : how;
}

/** One tile a host: the gravest of what its steps came to, and a segment for each. */
export function hostTiles({ hosts, steps }: Pick<RunDetail, 'hosts' | 'steps'>): HostTile[] {
  const place = new Map(steps.map(({ address, position }) => [address, position]));
  const byHost = Map.groupBy(hosts, ({ host }) => host);
  return [...byHost].map(([host, all]) => {
    const parts = [...all].sort((a, b) => (place.get(a.address) ?? 0) - (place.get(b.address) ?? 0));
    const begun = parts.filter(({ status }) => status !== 'pending');
    // A host that has done some steps and waits for the next is at work, not waiting to begin.
    const status = gravest.find((word) => parts.some((part) => part.status === word)) ?? 'pending';
    const isBetween = status === 'pending' && begun.length > 0;
    const ends = parts.map(({ endedAt }) => endedAt);
    return {
      host,
      status: isBetween ? 'running' : status,
      segments: parts.map(({ address, status: part }) => ({ id: address, status: part })),
      startedAt:
        begun
          .map(({ startedAt }) => startedAt)
          .filter((at) => at !== null)
          .sort()[0] ?? null,
      endedAt: ends.every((at) => at !== null)
        ? (ends
            .filter((at) => at !== null)
            .sort()
            .at(-1) ?? null)
        : null,
      note: noteOf(parts),
    };
  });
}
