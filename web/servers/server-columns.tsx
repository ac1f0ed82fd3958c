import type { Server } from '#contracts/servers/servers.ts';
import { KeyRound, ShieldAlert } from 'lucide-react';
import { cx } from '../kit/cx.ts';
import { Tag } from '../ui/card.tsx';
import type { DataColumn } from '../ui/data-table.tsx';
import { Icon } from '../ui/icon.tsx';
import { Meter } from '../ui/meter.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Tooltip } from '../ui/tooltip.tsx';
import { Health } from './health.tsx';
import { healthOf } from './servers.ts';

function Percent({ value, label }: { value: number | undefined; label: string }) {
  if (value === undefined) return <span className="text-meta text-text-3">no data</span>;
  const family = value >= 90 ? 'fail' : value >= 75 ? 'wait' : 'idle';
  return (
    <span className="flex items-center gap-2">
      <Meter value={value} max={100} label={label} family={family} className="w-10!" />
      <span className={cx('num text-meta', family === 'fail' ? 'text-fail-fg' : 'text-text-2')}>
        {Math.round(value)}%
      </span>
    </span>
  );
}

export const serverColumns: ReadonlyArray<DataColumn<Server>> = [
  {
    id: 'name',
    head: 'Server',
    width: 220,
    grow: true,
    serverSort: true,
    cell: (server) => (
      <span className="flex min-w-0 items-baseline gap-2.5">
        <span className="truncate font-medium">{server.name}</span>
        <span className="truncate font-mono text-[11px] text-text-3">
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
  { id: 'health', head: 'Health', width: 124, cell: (server) => <Health health={healthOf(server)} /> },
  {
    id: 'tags',
    head: 'Tags',
    width: 190,
    hideBelow: 'sm',
    cell: ({ tags }) => (
      <span className="flex gap-1 overflow-hidden">
        {tags.slice(0, 4).map((tag) => (
          <Tag key={tag}>{tag}</Tag>
        ))}
        {tags.length > 4 && <span className="text-meta text-text-3">+{tags.length - 4}</span>}
      </span>
    ),
  },
  {
    id: 'memory',
    head: 'Memory',
    width: 112,
    hideBelow: 'lg',
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
          <span className="truncate">{credential.name}</span>
        </span>
      ) : (
        <span className="text-wait-fg">none</span>
      ),
  },
  {
    id: 'checked',
    head: 'Checked',
    width: 100,
    align: 'right',
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
  ].join('|');
