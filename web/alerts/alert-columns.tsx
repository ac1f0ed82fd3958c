import { BellOff } from 'lucide-react';
import type { ListedAlert } from '#contracts/alerts/alerts.ts';
import type { AlertSeverity } from '#contracts/alerts/severity.ts';
import { Go } from '../kit/navigation.tsx';
import { Tag } from '../ui/card.tsx';
import type { DataColumn } from '../ui/data-table.tsx';
import { Icon } from '../ui/icon.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { outcomeWords, severityTones, statusWords } from './alerts.ts';

export const SeverityTag = ({ severity }: { severity: AlertSeverity }) => (
  <Tag tone={severityTones[severity]}>{severity}</Tag>
);

/** Reports in each of the last 24 hours, as bars. */
export function FiringBars({ hours }: { hours: readonly number[] }) {
  const most = Math.max(1, ...hours);
  const total = hours.reduce((sum, count) => sum + count, 0);
  return (
    <svg
      width={96}
      height={20}
      viewBox="0 0 96 20"
      role="img"
      aria-label={`${total} reports in 24 hours`}
      className="flex-none"
    >
      {hours.map((count, index) => {
        const height = count === 0 ? 1 : 3 + (count / most) * 16;
        return (
          <rect
            key={index}
            x={index * 4}
            y={20 - height}
            width={3}
            height={height}
            rx={0.5}
            className={count === 0 ? 'fill-line-strong' : 'fill-c6'}
          />
        );
      })}
    </svg>
  );
}

/** What became of it: its incident, or why it has none. */
export function AlertOutcome({ alert }: { alert: ListedAlert }) {
  if (alert.incident)
    return (
      <Go to={`/incidents/${alert.incident.key}`} className="font-mono text-[11.5px] text-accent hover:underline">
        {alert.incident.key}
      </Go>
    );
  return (
    <span className="inline-flex min-w-0 items-center gap-1 text-text-3">
      {alert.outcome === 'silenced' && <Icon of={BellOff} size={13} />}
      <span className="truncate">{alert.silence?.name ?? outcomeWords[alert.outcome]}</span>
    </span>
  );
}

export const alertColumns: ReadonlyArray<DataColumn<ListedAlert>> = [
  { id: 'severity', head: 'Severity', width: 92, cell: ({ severity }) => <SeverityTag severity={severity} /> },
  {
    id: 'title',
    head: 'Alert',
    width: 280,
    grow: true,
    cell: ({ title, source, status, count, lastSeenAt }) => (
      <span className="block min-w-0 leading-[17px]">
        <span className={status === 'resolved' ? 'block truncate text-text-2' : 'block truncate font-medium'}>
          <bdi>{title}</bdi>
        </span>
        <span className="block truncate text-meta text-text-3">
          {statusWords[status]}
          <span className="sm:hidden">
            {' · '}
            <RelativeTime at={lastSeenAt} />
            {` · ×${count}`}
          </span>
          <span className="lg:hidden">{` · ${source.name}`}</span>
        </span>
      </span>
    ),
  },
  { id: 'source', head: 'Source', width: 140, hideBelow: 'lg', cell: ({ source }) => source.name },
  {
    id: 'hours',
    head: 'Last 24 h',
    width: 116,
    hideBelow: 'md',
    cell: ({ hours }) => <FiringBars hours={hours} />,
  },
  {
    id: 'count',
    head: 'Count',
    width: 70,
    align: 'right',
    hideBelow: 'sm',
    cell: ({ count }) => <span className="tabular-nums">{count.toLocaleString('en')}</span>,
  },
  {
    id: 'first',
    head: 'First seen',
    width: 100,
    hideBelow: 'lg',
    cell: ({ firstSeenAt }) => <RelativeTime at={firstSeenAt} />,
  },
  {
    id: 'last',
    head: 'Last seen',
    width: 96,
    hideBelow: 'sm',
    cell: ({ lastSeenAt }) => <RelativeTime at={lastSeenAt} />,
  },
  { id: 'outcome', head: 'Incident', width: 150, hideBelow: 'sm', cell: (alert) => <AlertOutcome alert={alert} /> },
];
