import { Rows3, LayoutGrid } from 'lucide-react';
import { useState } from 'react';
import { cx } from '../kit/cx.ts';
import { IconButton } from './button.tsx';
import { HostCells } from './host-cells.tsx';
import { Duration } from './relative-time.tsx';
import { statusLooks, type StatusName } from './status.ts';
import { StatusGlyph } from './status-glyph.tsx';
import { Strand } from './strand.tsx';

export interface HostTile {
  host: string;
  status: StatusName;
  /** What became of each step on this host. */
  segments: ReadonlyArray<{ id: string; status: StatusName }>;
  startedAt: string | null;
  endedAt: string | null;
  /** Why it is as it is: "exit 28 · 3 tries". */
  note?: string;
}

interface HostGridProps {
  hosts: readonly HostTile[];
  selected?: string;
  onSelect: (host: string | undefined) => void;
}

const counted = (hosts: readonly HostTile[]): string => {
  const count = (test: (host: HostTile) => boolean, word: string) => {
    const figure = hosts.filter(test).length;
    return figure > 0 ? `${figure} ${word}` : '';
  };
  const failed = (host: HostTile) => statusLooks[host.status].family === 'fail';
  return [
    count(({ status }) => status === 'succeeded', 'done'),
    count(failed, 'failed'),
    count(({ status }) => status === 'unknown', 'unknown'),
    count(({ status }) => status === 'running', 'running'),
    count(({ status }) => status === 'pending', 'left'),
  ]
    .filter(Boolean)
    .join(' · ');
};

/** The hosts of a run: tiles to 40, cells to 500, a table beyond; each narrows log and steps to itself. */
export function HostGrid({ hosts, selected, onSelect }: HostGridProps) {
  const [asTable, setAsTable] = useState(false);
  const look = asTable || hosts.length > 500 ? 'table' : hosts.length > 40 ? 'cells' : 'tiles';
  const toggle = (host: string) => onSelect(host === selected ? undefined : host);
  return (
    <section aria-label="Hosts" className="flex min-h-0 min-w-0 flex-1 flex-col" data-testid="run.hosts">
      <div className="flex h-[42px] flex-none items-center gap-2 pr-3 pl-5">
        <h2 className="font-semibold">Hosts</h2>
        <span className="num truncate text-meta text-text-2">{counted(hosts)}</span>
        {hosts.length <= 500 && (
          <span className="ml-auto">
            <IconButton
              size="sm"
              icon={asTable ? LayoutGrid : Rows3}
              label={asTable ? 'Show as tiles' : 'Show as table'}
              onClick={() => setAsTable(!asTable)}
            />
          </span>
        )}
      </div>
      <div className="min-h-0 flex-1 overflow-auto">
        {look === 'tiles' && (
          <ul className="grid grid-cols-[repeat(auto-fill,minmax(96px,1fr))] gap-2 pr-3 pb-4 pl-5">
            {hosts.map((tile) => (
              <li key={tile.host}>
                <Tile tile={tile} isSelected={tile.host === selected} onClick={() => toggle(tile.host)} />
              </li>
            ))}
          </ul>
        )}
        {look === 'cells' && <HostCells hosts={hosts} selected={selected} onToggle={toggle} />}
        {look === 'table' && <HostTable hosts={hosts} selected={selected} onSelect={toggle} />}
      </div>
    </section>
  );
}

function Tile({ tile, isSelected, onClick }: { tile: HostTile; isSelected: boolean; onClick: () => void }) {
  const { family, word } = statusLooks[tile.status];
  return (
    <button
      type="button"
      aria-pressed={isSelected}
      data-host={tile.host}
      data-status={tile.status}
      onClick={onClick}
      className={cx(
        'flex min-h-[76px] w-full min-w-0 flex-col justify-center gap-[7px] rounded-md border px-2 py-2 text-left text-meta hover:border-line-strong',
        family === 'fail'
          ? 'border-fail-line bg-fail-soft'
          : tile.status === 'unknown'
            ? 'border-wait-line bg-wait-soft'
            : tile.status === 'pending'
              ? 'border-dashed border-line'
              : 'border-line',
        isSelected && 'outline-2 outline-offset-1 outline-focus',
      )}
    >
      <span className="flex min-w-0 items-center gap-[5px]">
        <StatusGlyph status={tile.status} />
        <span className={cx('truncate', tile.status === 'pending' ? 'text-text-2' : 'font-medium')} title={tile.host}>
          {tile.host}
        </span>
      </span>
      <Strand size="sm" segments={tile.segments} />
      <span
        className={cx('num truncate text-micro', family === 'fail' ? 'text-fail-fg' : 'text-text-3')}
        title={tile.note}
      >
        {tile.note ?? (tile.startedAt ? <Duration from={tile.startedAt} to={tile.endedAt} /> : word.toLowerCase())}
      </span>
    </button>
  );
}

function HostTable({
  hosts,
  selected,
  onSelect,
}: {
  hosts: readonly HostTile[];
  selected: string | undefined;
  onSelect: (host: string) => void;
}) {
  return (
    <table className="w-full text-meta">
      <thead className="sticky top-0 bg-sunken text-left text-text-3">
        <tr>
          <th className="h-8 pl-5 font-medium">Host</th>
          <th className="px-2 font-medium">Status</th>
          <th className="px-2 font-medium">Steps</th>
          <th className="pr-5 text-right font-medium">Time</th>
        </tr>
      </thead>
      <tbody>
        {hosts.map((tile) => (
          <tr
            key={tile.host}
            data-host={tile.host}
            className={cx(
              'h-7 border-b border-line [content-visibility:auto]',
              tile.host === selected ? 'bg-accent-soft' : 'hover:bg-sunken',
            )}
          >
            <td className="pl-5">
              <button type="button" onClick={() => onSelect(tile.host)} className="font-medium hover:underline">
                {tile.host}
              </button>
              {tile.note && <span className="ml-2 text-text-3">{tile.note}</span>}
            </td>
            <td className="px-2">
              <StatusGlyph status={tile.status} withWord />
            </td>
            <td className="w-32 px-2">
              <Strand size="sm" segments={tile.segments} />
            </td>
            <td className="num pr-5 text-right">
              <Duration from={tile.startedAt} to={tile.endedAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
