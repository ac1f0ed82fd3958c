import { useQueryClient } from '@tanstack/react-query';
import { Network, Pencil, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import type { AssetType, AttributeValue } from '#contracts/assets/asset-types.ts';
import type { Asset } from '#contracts/assets/assets.ts';
import { nextStates } from '#contracts/assets/lifecycle.ts';
import { api } from '../kit/api.ts';
import { cx } from '../kit/cx.ts';
import { useOffline } from '../kit/live.tsx';
import { Go } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Tag } from '../ui/card.tsx';
import { Copy } from '../ui/copy.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { toast } from '../ui/toast.tsx';
import { Runs } from '../servers/server-runs.tsx';
import { AssetIncidents, useOpenIncidentsOf } from './asset-incidents.tsx';
import { AssetHistory } from './asset-history.tsx';
import { CriticalityMark, StateMark, TypeIcon } from './asset-looks.tsx';
import { AssetRelations } from './asset-relations.tsx';
import { type AssetsView, stateLooks } from './assets.ts';
import { ImpactList } from './impact-list.tsx';

interface AssetPanelProps {
  asset: Asset;
  type: AssetType | undefined;
  view: AssetsView;
  onView: (changes: Partial<AssetsView>) => void;
  onClose: () => void;
  /** The drawer around it already says the name and has the button that closes. */
  isInDrawer: boolean;
}

/** One asset: what it is, how it stands to others, what it takes along, what was changed, and the runs of its server. */
export function AssetPanel({ asset, type, view, onView, onClose, isInDrawer }: AssetPanelProps) {
  const client = useQueryClient();
  const refusal = useRefusal();
  const offline = useOffline();
  const [isDeleting, setDeleting] = useState(false);
  const [busy, setBusy] = useState(false);
  const manage = offline ?? refusal('assets:manage');
  const mayIncidents = refusal('incidents:read') === null;
  const openIncidents = useOpenIncidentsOf(asset.id).data?.data.length ?? 0;
  const reload = async () => {
    await client.invalidateQueries({ queryKey: ['assets'] });
    await client.invalidateQueries({ queryKey: ['asset', asset.id] });
  };
  const move = async (state: Asset['state']) => {
    const before = asset.state;
    try {
      const { batchId } = await api.changeAssets({ body: { ids: [asset.id], state } });
      await reload();
      toast.done(`${asset.name}: ${stateLooks[state].word.toLowerCase()}`, {
        ...(batchId && {
          undo: () =>
            void api
              .undoAssetBatch({ params: { id: batchId } })
              .then(reload)
              .then(() => toast.note(`${asset.name} is ${stateLooks[before].word.toLowerCase()} again`))
              .catch(toast.failure),
        }),
      });
    } catch (error) {
      toast.failure(error);
    }
  };
  const remove = async () => {
    setBusy(true);
    try {
      await api.deleteAsset({ params: { id: asset.id } });
      toast.done(`${asset.name} is deleted`);
      onClose();
      await client.invalidateQueries({ queryKey: ['assets'] });
    } catch (error) {
      toast.failure(error);
      setBusy(false);
    }
  };
  const tabs = [
    { value: 'facts' as const, label: 'Facts' },
    { value: 'relations' as const, label: 'Relations' },
    { value: 'impact' as const, label: 'Impact' },
    ...(mayIncidents
      ? [{ value: 'incidents' as const, label: 'Incidents', ...(openIncidents > 0 && { count: openIncidents }) }]
      : []),
    { value: 'history' as const, label: 'History' },
    ...(asset.server ? [{ value: 'runs' as const, label: 'Runs' }] : []),
  ];
  const tab = tabs.some(({ value }) => value === view.tab) ? view.tab : 'facts';
  return (
    <section
      aria-label={asset.name}
      className={cx('flex flex-col', isInDrawer ? 'min-h-full' : 'min-h-0 flex-1')}
      data-testid="assets.panel"
    >
      <header className="flex items-start gap-3 px-4 pt-3.5 pb-3">
        <span aria-hidden="true" className="grid size-8 flex-none place-items-center rounded-md bg-fill text-text-2">
          <TypeIcon icon={type?.icon} />
        </span>
        <div className="min-w-0 flex-1">
          {!isInDrawer && (
            <h2 className="truncate font-semibold" title={asset.name}>
              <bdi>{asset.name}</bdi>
            </h2>
          )}
          <p className="font-mono text-[11px] leading-4 text-text-2">
            <Copy text={asset.key} what="key" className="max-w-full break-all">
              {asset.key}
            </Copy>
          </p>
        </div>
        <Menu
          label="Next states"
          trigger={
            <Button size="sm" refusal={manage}>
              Set state
            </Button>
          }
        >
          {nextStates(asset.state).map((state) => (
            <MenuItem key={state} onSelect={() => void move(state)}>
              {stateLooks[state].word}
            </MenuItem>
          ))}
        </Menu>
        <IconButton
          size="sm"
          icon={Pencil}
          label="Edit asset"
          refusal={manage}
          onClick={() => onView({ edit: asset.id })}
        />
        {!isInDrawer && <IconButton size="sm" icon={X} label="Close" onClick={onClose} />}
      </header>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 pb-3">
        <StateMark state={asset.state} />
        <CriticalityMark criticality={asset.criticality} />
        {asset.tags.map((tag) => (
          <Tag key={tag}>
            <bdi className="max-w-64 truncate" title={tag}>
              {tag}
            </bdi>
          </Tag>
        ))}
      </div>
      <Tabs
        label="About the asset"
        panelId="asset-panel"
        className="px-4"
        value={tab}
        onValue={(next) => onView({ tab: next })}
        tabs={tabs}
      />
      <div id="asset-panel" role="tabpanel" tabIndex={0} className="min-h-0 flex-1 overflow-auto p-4">
        {tab === 'facts' && <Facts asset={asset} type={type} />}
        {tab === 'relations' && (
          <AssetRelations
            asset={asset}
            isAdding={view.relate !== ''}
            refusal={manage}
            onAdd={(isOpen) => onView({ relate: isOpen ? 'new' : '' })}
            onOpen={(sel) => onView({ sel })}
          />
        )}
        {tab === 'impact' && <ImpactList asset={asset} onOpen={(sel) => onView({ sel })} />}
        {tab === 'incidents' && <AssetIncidents id={asset.id} />}
        {tab === 'history' && <AssetHistory id={asset.id} />}
        {tab === 'runs' && asset.server && <Runs id={asset.server.id} />}
      </div>
      <footer className="flex flex-wrap gap-2 border-t border-line px-4 py-3">
        <Button
          size="sm"
          icon={Network}
          onClick={() => onView({ view: 'graph', impact: view.impact === 'downstream' ? '' : 'downstream' })}
        >
          Show what it takes along
        </Button>
        <Button size="sm" look="danger" icon={Trash2} refusal={manage} onClick={() => setDeleting(true)}>
          Delete asset
        </Button>
      </footer>
      <AlertDialog
        isOpen={isDeleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${asset.name}?`}
        act="Delete asset"
        typeName={asset.name}
        busy={busy}
        onAct={() => void remove()}
      >
        Its relations and its history go. Incidents that name it keep its name.
      </AlertDialog>
    </section>
  );
}

/** A value as people read it. */
export const valueText = (value: AttributeValue, unit = ''): string =>
  `${Array.isArray(value) ? value.join(', ') : value === true ? 'yes' : value === false ? 'no' : String(value)}${unit && ` ${unit}`}`;

const sourceWords = { person: '', import: 'by import', discovery: 'discovered' } as const;

function Facts({ asset, type }: { asset: Asset; type: AssetType | undefined }) {
  const defs = new Map((type?.attributes ?? []).map((def) => [def.name, def]));
  const names = [
    ...(type?.attributes ?? []).map(({ name }) => name).filter((name) => name in asset.attributes),
    ...Object.keys(asset.attributes)
      .filter((name) => !defs.has(name))
      .sort(),
  ];
  return (
    <>
      {asset.description && (
        <p dir="auto" className="mb-4 whitespace-pre-wrap">
          {asset.description}
        </p>
      )}
      <KeyValue
        pairs={[
          ['Type', type?.name ?? '–'],
          ['Owner', asset.owner ? <bdi key="o">{asset.owner.name}</bdi> : 'nobody'],
          [
            'Server',
            asset.server ? (
              <Go key="s" to="/servers" search={{ sel: asset.server.id }} className="text-accent hover:underline">
                <bdi>{asset.server.name}</bdi>
              </Go>
            ) : (
              'none'
            ),
          ],
          ...(asset.discoveredAt ? [['Discovered', <RelativeTime key="d" at={asset.discoveredAt} />] as const] : []),
          ['Changed', <RelativeTime key="c" at={asset.updatedAt} />],
        ]}
      />
      <h3 className="mt-5 mb-2 font-semibold">Attributes</h3>
      {names.length === 0 ? (
        <p className="text-meta text-text-3">None yet.</p>
      ) : (
        <KeyValue
          pairs={names.flatMap((name) => {
            const value = asset.attributes[name];
            if (value === undefined) return [];
            const source = sourceWords[asset.attributeSources[name] ?? 'person'];
            return [
              [
                defs.get(name)?.label || name,
                <span key={name} className="flex flex-wrap items-baseline gap-x-2">
                  <bdi className="break-words">{valueText(value, defs.get(name)?.unit)}</bdi>
                  {source && <span className="text-[11px] text-text-3">{source}</span>}
                </span>,
              ] as const,
            ];
          })}
        />
      )}
    </>
  );
}
