import type { ServerCheck } from '#contracts/servers/servers.ts';
import { RelativeTime } from '../ui/relative-time.tsx';

type Check = Pick<ServerCheck, 'id' | 'at' | 'latencyMs' | 'reachable'>;

/** The latency of checks over time, oldest first; a check without an answer is a mark of full height. */
export function ChecksChart({ checks }: { checks: readonly Check[] }) {
  const [first, last] = [checks[0], checks.at(-1)];
  if (!first || !last || checks.length < 2) return null;
  const [from, to] = [Date.parse(first.at), Date.parse(last.at)];
  const answered = checks.flatMap(({ latencyMs, at }) => (latencyMs === null ? [] : [{ latencyMs, at }]));
  const lost = checks.length - answered.length;
  const most = Math.max(1, ...answered.map(({ latencyMs }) => latencyMs));
  const x = (at: string) => (to === from ? 0 : ((Date.parse(at) - from) / (to - from)) * 100);
  const points = answered.map(
    ({ at, latencyMs }) => `${x(at).toFixed(2)},${(38 - (latencyMs / most) * 32).toFixed(2)}`,
  );
  const label = `${checks.length} checks, latency up to ${Math.round(most)} ms${lost > 0 ? `, ${lost} without an answer` : ''}`;
  return (
    <figure>
      <svg role="img" aria-label={label} viewBox="0 0 100 40" preserveAspectRatio="none" className="h-16 w-full">
        <line x1="0" x2="100" y1="39.5" y2="39.5" className="stroke-line" vectorEffect="non-scaling-stroke" />
        {checks.map(
          (check) =>
            check.latencyMs === null && (
              <line
                key={check.id}
                x1={x(check.at)}
                x2={x(check.at)}
                y1="2"
                y2="39"
                className="stroke-fail-solid"
                strokeWidth="2"
                vectorEffect="non-scaling-stroke"
              />
            ),
        )}
        <polyline
          points={points.join(' ')}
          fill="none"
          className="stroke-c1"
          strokeWidth="1.5"
          vectorEffect="non-scaling-stroke"
          strokeLinejoin="round"
        />
      </svg>
      <figcaption className="num flex justify-between gap-3 text-[11px] text-text-3">
        <RelativeTime at={first.at} />
        <span>{label}</span>
        <RelativeTime at={last.at} />
      </figcaption>
    </figure>
  );
}
