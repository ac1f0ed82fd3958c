import { lazy } from 'react';
import { useIncidentCounts } from '../incidents/incident-counts.ts';
import { AfterPaint } from '../kit/after-paint.tsx';
import { cx } from '../kit/cx.ts';
import { Go } from '../kit/navigation.tsx';
import { useMay } from '../kit/session.ts';
import { countText, durationText } from '../kit/time.ts';
import { Card } from '../ui/card.tsx';
import { Spark } from '../ui/spark.tsx';
import { comparedWords, type Overview, runningThen, spanWords, type Trends } from './overview.ts';

// Asked for once what is read first has been drawn.
const AlertFigure = lazy(async () => ({ default: (await import('./alert-figure.tsx')).AlertFigure }));

export interface FigureProps {
  to: string;
  search?: Record<string, string>;
  label: string;
  value: string;
  hint: string;
  isBad?: boolean;
  trend?: readonly number[];
}

interface FiguresProps {
  overview: Overview;
  trends: Trends | undefined;
  isMine: boolean;
}

/** The key figures of the first page, each a way to what it counts. */
export function Figures({ overview, trends, isMine }: FiguresProps) {
  const { span } = overview;
  const words = spanWords[span];
  const buckets = trends?.buckets ?? [];
  const rate = overview.ended === 0 ? null : (overview.failed / overview.ended) * 100;
  const mine: Record<string, string> = isMine ? { actor: 'me' } : {};
  const incidents = useIncidentCounts().data;
  const mayAlerts = useMay('alerts:read');
  const figures: FigureProps[] = [
    {
      to: '/runs',
      search: { view: 'alive', ...mine },
      label: 'Running now',
      value: countText(overview.running),
      hint: `${overview.waiting} wait for people, ${overview.queued} queued`,
      trend: runningThen(overview.running + overview.waiting + overview.queued, buckets),
    },
    {
      to: '/runs',
      search: { started: span, ...mine },
      label: `Started in ${words}`,
      value: countText(overview.started),
      hint: comparedWords(overview.started, overview.startedBefore, words),
      trend: buckets.map(({ started }) => started),
    },
    {
      to: '/runs',
      search: { view: 'failed', ended: span, ...mine },
      label: 'Failure rate',
      value: rate === null ? '–' : `${rate.toFixed(1)}%`,
      hint: `${countText(overview.failed)} of ${countText(overview.ended)} failed or timed out`,
      isBad: overview.failed > 0,
      trend: buckets.map(({ failed }) => failed),
    },
    {
      to: '/settings/queues',
      label: 'Start delay, p95',
      value: overview.startDelayP95Ms === null ? '–' : durationText(overview.startDelayP95Ms),
      hint: 'from asked to begun',
      trend: buckets.map(({ startDelayP95Ms }) => startDelayP95Ms ?? 0),
    },
    {
      to: '/servers',
      search: overview.servers.unreachable > 0 ? { health: 'no_answer,unhealthy' } : {},
      label: 'Servers',
      value: countText(overview.servers.total),
      hint: overview.servers.unreachable > 0 ? `${overview.servers.unreachable} cannot be worked on` : 'all answer',
      isBad: overview.servers.unreachable > 0,
    },
    ...(incidents
      ? [
          {
            to: '/incidents',
            label: 'Active incidents',
            value: countText(incidents.active),
            hint:
              incidents.breached + incidents.atRisk > 0
                ? `${incidents.atRisk} at risk, ${incidents.breached} late`
                : incidents.unacknowledged > 0
                  ? `${incidents.unacknowledged} not acknowledged`
                  : 'no clock at risk',
            isBad: incidents.breached + incidents.unacknowledged > 0,
          },
        ]
      : []),
  ];
  return (
    <Card
      label="Key figures"
      className="grid grid-flow-row grid-cols-[repeat(auto-fit,minmax(150px,1fr))] gap-px overflow-hidden bg-line! max-md:grid-cols-3 max-sm:grid-cols-2"
    >
      {figures.map((figure) => (
        <Figure key={figure.label} {...figure} />
      ))}
      {mayAlerts && (
        <AfterPaint instead={waiting}>
          <AlertFigure as={Figure} />
        </AfterPaint>
      )}
    </Card>
  );
}

/** A tile whose figure comes later holds its place. */
const waiting = <span className="block bg-surface" />;

/** One key figure. */
function Figure({ to, search, label, value, hint, isBad = false, trend }: FigureProps) {
  return (
    <Go
      to={to}
      search={search ?? {}}
      className="block min-w-0 bg-surface px-3.5 pt-[11px] pb-3 odd:last:max-md:col-span-2 [&:nth-child(7)]:sm:max-md:col-span-3 hover:bg-sunken"
    >
      <span className="block truncate text-meta text-text-2">{label}</span>
      <span className="flex items-center justify-between gap-2">
        <span className="num block text-figure font-semibold tracking-[-0.02em]">{value}</span>
        {trend && (
          <span className="max-sm:hidden">
            <Spark values={trend} tone={isBad ? 'fail' : 'plain'} />
          </span>
        )}
      </span>
      <span className={cx('block truncate text-meta', isBad ? 'text-fail-fg' : 'text-text-3')} title={hint}>
        {hint}
      </span>
    </Go>
  );
}
