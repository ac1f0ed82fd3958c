import {
  Bar,
  BarChart,
  CartesianGrid,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
  type TooltipContentProps,
} from 'recharts';
import { useParts } from '../kit/after-paint.tsx';
import { durationText } from '../kit/time.ts';
import type { Trends } from './overview.ts';

type Bucket = Trends['buckets'][number];
const axis = { fontSize: 11, fill: 'var(--wl-text-3)' } as const;

interface ChartProps {
  buckets: readonly Bucket[];
  timeOf: (at: string) => string;
  onOpen: (bucket: Bucket) => void;
}

/** Runs that ended, bucket by bucket: what failed stands on what did not. */
export function EndedChart({ buckets, timeOf, onOpen }: ChartProps) {
  const data = buckets.map((bucket) => ({ ...bucket, quiet: bucket.succeeded + bucket.canceled }));
  const open = ({ payload }: { payload?: unknown }) => onOpen(payload as Bucket);
  // The scale stands first, so that nothing moves when the bars come.
  const highest = Math.max(1, ...data.map(({ quiet, failed }) => quiet + failed));
  const parts = useParts(2);
  return (
    <ResponsiveContainer width="100%" height={150}>
      <BarChart
        data={data}
        margin={{ top: 6, right: 0, bottom: 0, left: -18 }}
        barCategoryGap={1.5}
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} stroke="var(--wl-grid)" />
        <XAxis dataKey="at" tickFormatter={timeOf} tick={axis} tickLine={false} axisLine={false} minTickGap={60} />
        <YAxis
          allowDecimals={false}
          domain={[0, highest]}
          tick={axis}
          tickLine={false}
          axisLine={false}
          tickCount={3}
          width={48}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ fill: 'var(--wl-fill)' }}
          content={(props) => (
            <Hint
              {...props}
              timeOf={timeOf}
              rows={(bucket) => [
                ['Succeeded', String(bucket.succeeded)],
                ['Canceled', String(bucket.canceled)],
                ['Failed or timed out', String(bucket.failed)],
              ]}
            />
          )}
        />
        {(
          [
            ['quiet', 'var(--wl-c1)'],
            ['failed', 'var(--wl-c6)'],
          ] as const
        )
          .slice(0, parts)
          .map(([key, fill]) => (
            <Bar
              key={key}
              dataKey={key}
              stackId="a"
              fill={fill}
              isAnimationActive={false}
              onClick={open}
              cursor="pointer"
            />
          ))}
      </BarChart>
    </ResponsiveContainer>
  );
}

/** How long runs took: half of them, and nearly all. */
export function DurationChart({ buckets, timeOf }: Omit<ChartProps, 'onOpen'>) {
  return (
    <ResponsiveContainer width="100%" height={150}>
      <LineChart data={[...buckets]} margin={{ top: 6, right: 0, bottom: 0, left: -10 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--wl-grid)" />
        <XAxis dataKey="at" tickFormatter={timeOf} tick={axis} tickLine={false} axisLine={false} minTickGap={60} />
        <YAxis
          tickFormatter={(ms: number) => durationText(ms)}
          tick={axis}
          tickLine={false}
          axisLine={false}
          tickCount={3}
          width={60}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: 'var(--wl-line-strong)' }}
          content={(props) => (
            <Hint
              {...props}
              timeOf={timeOf}
              rows={(bucket) => [
                ['p50', bucket.durationP50Ms === null ? '–' : durationText(bucket.durationP50Ms)],
                ['p95', bucket.durationP95Ms === null ? '–' : durationText(bucket.durationP95Ms)],
              ]}
            />
          )}
        />
        <Line
          dataKey="durationP50Ms"
          stroke="var(--wl-c2)"
          strokeWidth={1.75}
          dot={false}
          connectNulls
          isAnimationActive={false}
        />
        <Line
          dataKey="durationP95Ms"
          stroke="var(--wl-c5)"
          strokeWidth={1.75}
          strokeDasharray="4 3"
          dot={false}
          connectNulls
          isAnimationActive={false}
        />
      </LineChart>
    </ResponsiveContainer>
  );
}

interface HintProps extends Pick<TooltipContentProps, 'active' | 'payload'> {
  timeOf: (at: string) => string;
  rows: (bucket: Bucket) => ReadonlyArray<readonly [string, string]>;
}

function Hint({ active, payload, timeOf, rows }: HintProps) {
  const bucket = payload?.[0]?.payload as Bucket | undefined;
  if (!active || !bucket) return null;
  return (
    <div className="num rounded-md border border-line-strong bg-raised px-2.5 py-1.5 text-meta shadow-2">
      <p className="font-medium">{timeOf(bucket.at)}</p>
      {rows(bucket).map(([name, value]) => (
        <p key={name} className="flex justify-between gap-4 text-text-2">
          {name} <span className="text-text">{value}</span>
        </p>
      ))}
    </div>
  );
}
