import type { Artifact } from '#contracts/playbooks/artifacts.ts';
import { bytesText } from '../kit/time.ts';
import { Copy } from '../ui/copy.tsx';
import type { DataColumn } from '../ui/data-table.tsx';
import { Person } from '../ui/person.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';

export const fileColumns: ReadonlyArray<DataColumn<Artifact>> = [
  {
    id: 'name',
    head: 'File',
    width: 240,
    grow: true,
    cell: ({ name }) => (
      <span className="font-medium" title={name}>
        <bdi>{name}</bdi>
      </span>
    ),
  },
  {
    id: 'size',
    head: 'Size',
    width: 84,
    align: 'right',
    cell: ({ bytes }) => <span title={`${bytes.toLocaleString('en-GB')} bytes`}>{bytesText(bytes)}</span>,
  },
  {
    id: 'sha256',
    head: 'SHA-256',
    width: 150,
    hideBelow: 'md',
    cell: ({ sha256 }) => (
      <span className="font-mono text-[11px] text-text-2" title={sha256}>
        <Copy text={sha256} what="SHA-256">
          {sha256.slice(0, 12)}
        </Copy>
      </span>
    ),
  },
  {
    id: 'used',
    head: 'Used by',
    width: 190,
    hideBelow: 'sm',
    cell: ({ usedBy }) => {
      const [first, ...rest] = usedBy;
      if (!first) return <span className="text-text-3">no playbook by its name</span>;
      return (
        <span className="flex min-w-0 gap-1.5" title={usedBy.map(({ name }) => name).join(', ')}>
          <bdi className="truncate">{first.name}</bdi>
          {rest.length > 0 && <span className="num flex-none text-text-3">{`+${rest.length}`}</span>}
        </span>
      );
    },
  },
  {
    id: 'by',
    head: 'Uploaded by',
    width: 150,
    hideBelow: 'md',
    cell: ({ createdBy }) => <Person name={createdBy.name} kind={createdBy.kind} />,
  },
  {
    id: 'at',
    head: 'Uploaded',
    width: 104,
    align: 'right',
    hideBelow: 'sm',
    cell: ({ createdAt }) => <RelativeTime at={createdAt} className="text-text-2" />,
  },
];
