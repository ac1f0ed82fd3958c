import { useQueryClient } from '@tanstack/react-query';
import { Boxes, Download, Plus, Radar, SearchX, Shapes, Upload } from 'lucide-react';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { type Asset, assetSorts } from '#contracts/assets/assets.ts';
import { addressOf, api } from '../kit/api.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { queryClient } from '../kit/query-client.ts';
import { parseSearch } from '../kit/search.ts';
import { useMedia } from '../kit/media.ts';
import { Go } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { readUrlState, useUrlState } from '../kit/url-state.ts';
import { currentWorkspace } from '../kit/workspace.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Segmented } from '../ui/choice.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { AssetBulkBar } from './asset-bulk-bar.tsx';
import { assetColumns, assetVersion } from './asset-columns.tsx';
import { AssetFilters } from './asset-filters.tsx';
import { AssetForm } from './asset-form.tsx';
import { AssetSide } from './asset-side.tsx';
import {
  assetsQuery,
  AssetsView,
  graphQuery,
  isFiltered,
  noFilters,
  queryOf,
  useAsset,
  useAssetCounts,
  useAssets,
  useAssetTypes,
} from './assets.ts';
import { DiscoverDialog } from './discover-dialog.tsx';
import { TypesDrawer } from './types-drawer.tsx';

const drawing = () => import('./graph-pane.tsx');
const GraphPane = lazy(() => drawing().then((module) => ({ default: module.GraphPane })));

/** What the address shows is asked for while the page's frame still waits for the session. */
export const askFirst = (): void => {
  const view = readUrlState(AssetsView, parseSearch(location.search));
  if (view.view === 'table') void queryClient.prefetchInfiniteQuery(assetsQuery(queryOf(view), view.sort));
  else {
    void queryClient.prefetchQuery(graphQuery(queryOf(view)));
    void drawing().catch(() => undefined); // the page itself tells what does not come
  }
};

/** All that the organisation runs on: a table and a graph of it, and one asset beside them. */
export function AssetsPage() {
  const [view, setView] = useUrlState(AssetsView);
  const client = useQueryClient();
  const manage = useRefusal()('assets:manage');
  const offline = useOffline();
  const hasRoom = useMedia('(min-width: 1280px)');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const name = JSON.stringify(queryOf(view));
  const filter = useMemo(() => JSON.parse(name) as ReturnType<typeof queryOf>, [name]);
  const assets = useAssets(filter, view.sort, { enabled: view.view === 'table' });
  const counts = useAssetCounts(filter);
  const types = useAssetTypes();
  const edited = useAsset(view.edit);
  const rows = useMemo(() => assets.data?.pages.flatMap(({ data }) => data) ?? [], [assets.data]);
  const typeById = useMemo(() => new Map((types.data?.data ?? []).map((type) => [type.id, type])), [types.data]);
  const columns = useMemo(() => assetColumns(typeById), [typeById]);

  /** Names of what was ever seen here: a selection may reach beyond what is loaded. */
  const names = useRef(new Map<string, string>());
  useEffect(() => {
    for (const asset of rows) names.current.set(asset.id, asset.name);
  }, [rows]);
  const selectAll = async () => {
    const { data } = await api.findAssetIds({ query: filter });
    for (const { id, name: called } of data) names.current.set(id, called);
    setSelected(new Set(data.map(({ id }) => id)));
  };
  const add = () => setView({ edit: 'new' });
  useKeys([
    { keys: 'c', label: 'Add asset', run: () => manage === null && add() },
    { keys: 'v', label: 'Table or graph', run: () => setView({ view: view.view === 'table' ? 'graph' : 'table' }) },
    {
      keys: 'escape',
      label: 'Close the panel',
      run: () => (selected.size > 0 ? setSelected(new Set()) : setView({ sel: '' })),
    },
  ]);
  const figures = counts.data;
  const select = (sel: string) => setView({ sel: sel === view.sel ? '' : sel });
  return (
    <Page
      title="Assets"
      testId="assets.page"
      panes
      hint={
        figures && (
          <span className="num">
            {figures.matching.toLocaleString('en-GB')}
            {figures.byCriticality.critical > 0 && ` · ${figures.byCriticality.critical} critical`}
          </span>
        )
      }
      action={
        <>
          <Button icon={Shapes} className="max-sm:hidden" onClick={() => setView({ types: 'all' })}>
            Types
          </Button>
          <Button asChild className="max-sm:hidden">
            <a href={addressOf('exportAssets', { query: { ...filter, workspace: currentWorkspace() } })} download>
              <Icon of={Download} size={14} /> Export
            </a>
          </Button>
          <Button icon={Radar} className="max-sm:hidden" onClick={() => setView({ discover: 'true' })}>
            Discover
          </Button>
          <Button asChild className="max-sm:hidden">
            <Go to="/assets/imports">
              <Icon of={Upload} size={14} /> Import
            </Go>
          </Button>
          <Button look="primary" icon={Plus} refusal={offline ?? manage} onClick={add}>
            Add asset
          </Button>
        </>
      }
      head={
        <FilterBar>
          <Segmented
            label="How the assets are shown"
            value={view.view}
            onValue={(shown) => setView({ view: shown })}
            options={[
              { value: 'table', label: 'Table' },
              { value: 'graph', label: 'Graph' },
            ]}
          />
          <AssetFilters view={view} onView={setView} types={types.data?.data ?? []} />
        </FilterBar>
      }
    >
      <div className="flex min-h-0 flex-1">
        <div className="relative flex min-h-0 min-w-0 flex-1 flex-col">
          {view.view === 'graph' ? (
            <Suspense fallback={<SkeletonRows rows={14} height={37} />}>
              <GraphPane filter={filter} view={view} onView={setView} types={typeById} />
            </Suspense>
          ) : (
            <Answer
              of={assets}
              what="The assets"
              waiting={<SkeletonRows rows={14} height={37} />}
              isEmpty={() => rows.length === 0}
              empty={
                isFiltered(view) ? (
                  <EmptyState
                    icon={SearchX}
                    title="No asset matches"
                    action={<Button onClick={() => setView(noFilters)}>Clear filters</Button>}
                  />
                ) : (
                  <EmptyState
                    icon={Boxes}
                    title="Add your first asset"
                    action={
                      <Button look="primary" icon={Plus} refusal={offline ?? manage} onClick={add}>
                        Add asset
                      </Button>
                    }
                  >
                    Services, hosts, databases, contracts: whatever others depend on. Relations tell what is hit when
                    one fails.
                  </EmptyState>
                )
              }
            >
              {() => (
                <DataTable<Asset>
                  label="Assets"
                  rows={rows}
                  columns={columns}
                  rowId={idOf}
                  versionOf={assetVersion}
                  nameOf={nameOf}
                  rowHeight={37}
                  hidden={view.sel && hasRoom ? ['changed', 'tags', 'owner'] : []}
                  active={view.sel}
                  selected={selected}
                  onSelected={setSelected}
                  sort={view.sort}
                  onSort={(sort) => setView({ sort: assetSorts.find((known) => known === sort) ?? 'name' })}
                  onOpen={({ id }) => select(id)}
                  onMore={() => void (assets.hasNextPage && !assets.isFetching && assets.fetchNextPage())}
                  total={(figures?.matching ?? rows.length) + 1}
                  rowAttributes={attributesOf}
                />
              )}
            </Answer>
          )}
          {selected.size > 0 && view.view === 'table' && (
            <AssetBulkBar
              ids={[...selected]}
              nameOf={(id) => names.current.get(id)}
              matching={figures?.matching}
              onSelectAll={selectAll}
              onClear={() => setSelected(new Set())}
            />
          )}
        </div>
        <AssetSide view={view} onView={setView} hasRoom={hasRoom} types={typeById} />
      </div>
      {(view.edit === 'new' || edited.data) && view.edit !== '' && types.data && (
        <AssetForm
          key={view.edit}
          asset={view.edit === 'new' ? null : (edited.data ?? null)}
          types={types.data.data}
          onClose={() => setView({ edit: '' }, 'replace')}
          onTypes={() => setView({ edit: '', types: 'new' }, 'replace')}
          onSaved={(asset) => {
            void client.invalidateQueries({ queryKey: ['assets'] });
            void client.invalidateQueries({ queryKey: ['asset', asset.id] });
            setView({ edit: '', sel: asset.id }, 'replace');
          }}
        />
      )}
      {view.discover !== '' && (
        <DiscoverDialog refusal={offline ?? manage} onClose={() => setView({ discover: '' }, 'replace')} />
      )}
      {view.types !== '' && types.data && (
        <TypesDrawer
          types={types.data.data}
          shown={view.types}
          refusal={offline ?? manage}
          onShow={(shown) => setView({ types: shown }, 'replace')}
          onClose={() => setView({ types: '' }, 'replace')}
        />
      )}
    </Page>
  );
}

const idOf = ({ id }: Asset): string => id;
const nameOf = ({ name }: Asset): string => name;
const attributesOf = ({ id, state }: Asset) => ({ 'data-asset': id, 'data-state': state });
