import { Bar, BarChart, CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { countText } from '../../kit/time.ts';

const axis = { fontSize: 11, fill: 'var(--wl-text-3)' } as const;
const frame = { margin: { top: 6, right: 8, bottom: 0, left: 0 }, accessibilityLayer: false } as const;

interface ResultChartProps {
  shape: 'bar' | 'line';
  groups: readonly { label: string; value: number }[];
  measure: string;
}

/** Groups of rows as bars or a line. Fetched with the charts' library when a chart is first asked for. */
export function ResultChart({ shape, groups, measure }: ResultChartProps) {
  const parts = (
    <>
      <CartesianGrid vertical={false} stroke="var(--wl-grid)" />
      <XAxis dataKey="label" tick={axis} tickLine={false} axisLine={false} minTickGap={16} />
      <YAxis tick={axis} tickLine={false} axisLine={false} tickCount={5} width={56} tickFormatter={short} />
      <Tooltip
        isAnimationActive={false}
        cursor={{ fill: 'var(--wl-fill)', stroke: 'var(--wl-line-strong)' }}
        contentStyle={{
          background: 'var(--wl-raised)',
          border: '1px solid var(--wl-line-strong)',
          borderRadius: 6,
          fontSize: 12,
          color: 'var(--wl-text)',
        }}
        itemStyle={{ color: 'var(--wl-text-2)' }}
        formatter={(value) => [Number(value).toLocaleString('en-GB', { maximumFractionDigits: 6 }), measure]}
      />
    </>
  );
  const data = groups.map((group) => ({ ...group }));
  return (
    <ResponsiveContainer width="100%" height={260}>
      {shape === 'bar' ? (
        <BarChart data={data} {...frame} barCategoryGap={2}>
          {parts}
          <Bar dataKey="value" fill="var(--wl-c2)" isAnimationActive={false} />
        </BarChart>
      ) : (
        <LineChart data={data} {...frame}>
          {parts}
          <Line dataKey="value" stroke="var(--wl-c2)" strokeWidth={1.75} dot={false} isAnimationActive={false} />
        </LineChart>
      )}
    </ResponsiveContainer>
  );
}

const short = (value: number): string =>
  Math.abs(value) >= 10_000
    ? `${value < 0 ? '−' : ''}${countText(Math.abs(value))}`
    : String(Number(value.toPrecision(4)));
