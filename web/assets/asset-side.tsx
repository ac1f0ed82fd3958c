import type { AssetType } from '#contracts/assets/asset-types.ts';
import { Drawer } from '../ui/dialog.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { AssetPanel } from './asset-panel.tsx';
import { type AssetsView, useAsset } from './assets.ts';

interface AssetSideProps {
  view: AssetsView;
  onView: (changes: Partial<AssetsView>) => void;
  /** Beside the list; else the panel is a drawer over it. */
  hasRoom: boolean;
  types: ReadonlyMap<string, AssetType>;
}

/** The open asset: beside the list where there is room, else over it. */
export function AssetSide({ view, onView, hasRoom, types }: AssetSideProps) {
  const asset = useAsset(view.sel);
  const isOpen = view.sel !== '';
  const close = () => onView({ sel: '', relate: '' });
  const content = asset.data ? (
    <AssetPanel
      key={asset.data.id}
      asset={asset.data}
      type={types.get(asset.data.typeId)}
      view={view}
      onView={onView}
      isInDrawer={!hasRoom}
      onClose={close}
    />
  ) : asset.error ? (
    <ErrorState error={asset.error} what="The asset" retry={() => void asset.refetch()} />
  ) : (
    <div className="p-4">
      <SkeletonLines />
    </div>
  );
  if (!hasRoom)
    return (
      <Drawer isOpen={isOpen} onClose={close} title={asset.data?.name ?? 'Asset'}>
        {isOpen && content}
      </Drawer>
    );
  if (!isOpen) return null;
  return <aside className="relative flex w-[440px] flex-none flex-col border-l border-line">{content}</aside>;
}
