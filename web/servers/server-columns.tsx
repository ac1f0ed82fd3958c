import { cpuPercentOf, type Server } from '#contracts/servers/servers.ts';
import { KeyRound, ShieldAlert } from 'lucide-react';
import { cx } from '../kit/cx.ts';
import { Tags } from '../ui/card.tsx';
import type { DataColumn } from '../ui/data-table.tsx';
import { Icon } from '../ui/icon.tsx';
import { Meter } from '../ui/meter.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Tooltip } from '../ui/tooltip.tsx';
import { Health } from './health.tsx';
import { healthOf } from './servers.ts';

function Percent({ value, label, title }: { value: number | undefined; label: string; title?: string | undefined }) {
  if (value === undefined) return <span className="text-meta text-text-3">no data</span>;
  const family = value >= 90 ? 'fail' : value >= 75 ? 'wait' : 'idle';
  return (
    <span className="flex items-center gap-2" title={title}>
      <Meter value={value} max={100} label={label} family={family} className="w-10!" />
      <span
        className={cx(
          'num text-meta',
          family === 'fail' ? 'text-fail-fg' : family === 'wait' ? 'text-wait-fg' : 'text-text-2',
        )}
      >
        {Math.round(value)}%
      </span>
    </span>
  );
}

/** The load behind the percentage, in words. */
export const loadWords = ({ load1, cpus }: Server['facts']): string | undefined =>
  load1 === undefined || !cpus
    ? undefined
    : `Load ${load1} on ${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'} in the last minute`;

/** Columns that are not shown until somebody chooses them. */
export const optionalColumns = ['disk', 'latency', 'credential'] as const;

export const serverColumns: ReadonlyArray<DataColumn<Server>> = [
  {
    id: 'name',
    head: 'Server',
    width: 200,
    grow: true,
    serverSort: true,
    cell: (server) => (
      <span className="flex min-w-0 items-baseline gap-2.5">
        <span className="truncate font-medium" title={server.name}>
          <bdi>{server.name}</bdi>
        </span>
        <span className="truncate font-mono text-[11px] text-text-3 max-sm:hidden" title={server.host}>
          {server.port === 22 ? server.host : `${server.host}:${server.port}`}
        </span>
        {server.hostKeyState === 'mismatch' && (
          <Tooltip says="The host key has changed: nothing connects until somebody decides.">
            <span className="self-center text-fail-fg">
              <Icon of={ShieldAlert} size={14} />
              <span className="sr-only">Host key changed</span>
            </span>
          </Tooltip>
        )}
      </span>
    ),
  },
  {
    id: 'health',
    head: 'Health',
    width: 120,
    serverSort: true,
    cell: (server) => <Health health={healthOf(server)} />,
  },
  {
    id: 'tags',
    head: 'Tags',
    width: 132,
    hideBelow: 'sm',
    cell: ({ tags }) => <Tags tags={tags} />,
  },
  {
    id: 'cpu',
    head: 'CPU',
    width: 104,
    serverSort: true,
    hideBelow: 'md',
    cell: ({ facts }) => <Percent value={cpuPercentOf(facts)} label="CPU" title={loadWords(facts)} />,
  },
  {
    id: 'memory',
    head: 'Memory',
    width: 104,
    serverSort: true,
    hideBelow: 'md',
    cell: ({ facts }) => <Percent value={facts.memoryUsedPercent} label="Memory in use" />,
  },
  {
    id: 'disk',
    head: 'Disk',
    width: 112,
    hideBelow: 'lg',
    cell: ({ facts }) => <Percent value={facts.diskUsedPercent} label="Disk in use" />,
  },
  {
    id: 'latency',
    head: 'Latency',
    width: 84,
    align: 'right',
    hideBelow: 'md',
    cell: ({ lastCheck }) =>
      lastCheck?.latencyMs === null || lastCheck?.latencyMs === undefined ? (
        <span className="text-text-3">–</span>
      ) : (
        `${Math.round(lastCheck.latencyMs)} ms`
      ),
  },
  {
    id: 'credential',
    head: 'Credential',
    width: 140,
    hideBelow: 'md',
    cell: ({ credential }) =>
      credential ? (
        <span className="flex min-w-0 items-center gap-1.5 text-text-2">
          <Icon of={KeyRound} size={14} className="text-text-3" />
          <bdi className="truncate">{credential.name}</bdi>
        </span>
      ) : (
        <span className="text-wait-fg">none</span>
      ),
  },
  {
    id: 'checked',
    head: 'Checked',
    width: 96,
    align: 'right',
    serverSort: true,
    hideBelow: 'sm',
    cell: ({ lastCheck }) =>
      lastCheck ? (
        <RelativeTime at={lastCheck.at} className="text-text-2" />
      ) : (
        <span className="text-text-3">never</span>
      ),
  },
];

export const serverVersion = (server: Server): string =>
  [
    server.version,
    server.health,
    server.lastCheck?.id,
    server.hostKeyState,
    server.maintenance?.since,
    server.credential?.name,
    server.facts.load1,
  ].join('|');
