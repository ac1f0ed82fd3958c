import type { AssetType } from '#contracts/assets/asset-types.ts';
import type { Asset } from '#contracts/assets/assets.ts';
import { Tags } from '../ui/card.tsx';
import type { DataColumn } from '../ui/data-table.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { CriticalityMark, StateMark, TypeIcon } from './asset-looks.tsx';

/** The columns of the table; types come by their ids. */
export const assetColumns = (types: ReadonlyMap<string, AssetType>): ReadonlyArray<DataColumn<Asset>> => [
  {
    id: 'name',
    head: 'Asset',
    width: 240,
    grow: true,
    serverSort: true,
    cell: (asset) => (
      <span className="flex min-w-0 items-center gap-2.5">
        <span className="flex-none text-text-3" aria-hidden="true">
          <TypeIcon icon={types.get(asset.typeId)?.icon} />
        </span>
        <span className="truncate font-medium" title={asset.name}>
          <bdi>{asset.name}</bdi>
        </span>
        <span className="truncate font-mono text-[11px] text-text-3 max-sm:hidden" title={asset.key}>
          {asset.key}
        </span>
      </span>
    ),
  },
  {
    id: 'type',
    head: 'Type',
    width: 120,
    hideBelow: 'sm',
    cell: ({ typeId }) => <span className="truncate text-text-2">{types.get(typeId)?.name ?? '–'}</span>,
  },
  { id: 'state', head: 'State', width: 120, cell: ({ state }) => <StateMark state={state} /> },
  {
    id: 'criticality',
    head: 'Criticality',
    width: 104,
    hideBelow: 'sm',
    cell: ({ criticality }) => <CriticalityMark criticality={criticality} />,
  },
  {
    id: 'owner',
    head: 'Owner',
    width: 140,
    hideBelow: 'md',
    cell: ({ owner }) =>
      owner ? (
        <bdi className="truncate" title={owner.name}>
          {owner.name}
        </bdi>
      ) : (
        <span className="text-text-3">nobody</span>
      ),
  },
  {
    id: 'tags',
    head: 'Tags',
    width: 150,
    hideBelow: 'md',
    cell: ({ tags }) => <Tags tags={tags} />,
  },
  {
    id: 'changed',
    head: 'Changed',
    width: 96,
    align: 'right',
    serverSort: true,
    hideBelow: 'lg',
    cell: ({ updatedAt }) => <RelativeTime at={updatedAt} className="text-text-2" />,
  },
];
export const assetVersion = ({ version, owner, server }: Asset): string =>
  [version, owner?.name, server?.name].join('|');
