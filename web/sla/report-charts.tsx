import { Bar, BarChart, CartesianGrid, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import type { IncidentReport } from '#contracts/sla/reports.ts';

const axis = { fontSize: 11, fill: 'var(--wl-text-3)' } as const;
const percent = ({ kept, ended }: { kept: number; ended: number }): number | null =>
  ended === 0 ? null : Math.round((kept / ended) * 1_000) / 10;

/** What was kept of what was promised, in percent by month: answering beside resolving. The table below says the same. */
export function AttainmentChart({ months }: { months: IncidentReport['months'] }) {
  const data = months.map(({ month, respond, resolve }) => ({
    month,
    respond: percent(respond),
    resolve: percent(resolve),
  }));
  return (
    <ResponsiveContainer width="100%" height={180}>
      <BarChart data={data} margin={{ top: 6, right: 0, bottom: 0, left: -10 }} barGap={2} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--wl-grid)" />
        <XAxis dataKey="month" tick={axis} tickLine={false} axisLine={false} minTickGap={20} />
        <YAxis domain={[0, 100]} unit=" %" tick={axis} tickLine={false} axisLine={false} tickCount={3} width={56} />
        <Bar dataKey="respond" fill="var(--wl-c2)" maxBarSize={28} isAnimationActive={false} />
        <Bar dataKey="resolve" fill="var(--wl-c1)" maxBarSize={28} isAnimationActive={false} />
      </BarChart>
    </ResponsiveContainer>
  );
}
