import { useQuery } from '@tanstack/react-query';
import { Maximize, Minus, Plus, SearchX } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { AssetType } from '#contracts/assets/asset-types.ts';
import type { AssetGraph } from '#contracts/assets/asset-graph.ts';
import { assetStates, criticalities } from '#contracts/assets/lifecycle.ts';
import { useIsPhone } from '../kit/media.ts';
import { Answer } from '../ui/answer.tsx';
import { DataTable, type DataColumn } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { Select } from '../ui/select.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { CriticalityMark } from './asset-looks.tsx';
import { type AssetQuery, type AssetsView, graphQuery, groupings, stateLooks, useImpact } from './assets.ts';
import { GraphStage } from './graph/graph-stage.ts';
import type { GraphColors } from './graph/messages.ts';

interface GraphPaneProps {
  filter: AssetQuery;
  view: AssetsView;
  onView: (changes: Partial<AssetsView>, how?: 'push' | 'replace') => void;
  types: ReadonlyMap<string, AssetType>;
}

const startWorker = () => new Worker(new URL('./graph/graph.worker.ts', import.meta.url), { type: 'module' });
/** The first one starts with this module, while the graph is still on its way. */
let started: Worker | undefined = startWorker();
function takeWorker(): Worker {
  const worker = started ?? startWorker();
  started = undefined;
  return worker;
}

const groupWords = { type: 'Type', owner: 'Owner', state: 'State', none: 'Not at all' } as const;

/** All assets that a filter shows, drawn with their relations, and a list of them beside for the keyboard. */
export function GraphPane({ filter, view, onView, types }: GraphPaneProps) {
  const graph = useQuery({ ...graphQuery(filter), placeholderData: (before) => before });
  const isPhone = useIsPhone();
  return (
    <Answer
      of={graph}
      what="The graph"
      waiting={<SkeletonRows rows={14} height={37} />}
      isEmpty={({ ids }) => ids.length === 0}
      empty={<EmptyState icon={SearchX} title="No asset to draw" />}
    >
      {(data) => (
        <div className="flex min-h-0 flex-1 max-sm:flex-col-reverse" data-testid="assets.graph">
          <NodeList graph={data} view={view} onView={onView} isPhone={isPhone} />
          <Stage graph={data} view={view} onView={onView} types={types} />
        </div>
      )}
    </Answer>
  );
}

interface ListedNode {
  id: string;
  name: string;
  index: number;
  relations: number;
  criticality: number;
}
const listColumns: ReadonlyArray<DataColumn<ListedNode>> = [
  {
    id: 'name',
    head: 'Asset',
    width: 130,
    grow: true,
    cell: ({ name }) => (
      <bdi className="truncate" title={name}>
        {name}
      </bdi>
    ),
  },
  {
    id: 'relations',
    head: 'Relations',
    width: 84,
    align: 'right',
    sortValue: ({ relations }) => relations,
    cell: ({ relations }) => relations,
  },
];

/** The way through the graph by the keyboard: every node is a row, Enter opens it and brings it into view. */
function NodeList({
  graph,
  view,
  onView,
  isPhone,
}: Pick<GraphPaneProps, 'view' | 'onView'> & { graph: AssetGraph; isPhone: boolean }) {
  const [sort, setSort] = useState('');
  const rows = useMemo(() => {
    const relations = new Int32Array(graph.ids.length);
    for (const ends of [graph.from, graph.to]) for (const node of ends) relations[node] = (relations[node] ?? 0) + 1;
    return graph.ids.map((id, index): ListedNode => ({
      id,
      name: graph.names[index] ?? '',
      index,
      relations: relations[index] ?? 0,
      criticality: graph.criticality[index] ?? 0,
    }));
  }, [graph]);
  return (
    <div
      className={
        isPhone
          ? 'flex h-2/5 min-h-0 flex-none flex-col border-t border-line'
          : 'flex w-[264px] min-w-0 flex-none flex-col border-r border-line'
      }
    >
      <DataTable<ListedNode>
        label="Assets in the graph"
        rows={rows}
        columns={listColumns}
        rowId={({ id }) => id}
        nameOf={({ name }) => name}
        rowHeight={32}
        active={view.sel}
        sort={sort}
        onSort={setSort}
        onOpen={({ id }) => onView({ sel: id === view.sel ? '' : id })}
      />
    </div>
  );
}

const colorsNow = (): GraphColors => {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(`--wl-${name}`).trim();
  return {
    types: ['c2', 'c3', 'c4', 'c5', 'c6', 'c1'].map(token),
    ground: token('surface'),
    line: token('line-strong'),
    text: token('text'),
    dim: token('line-strong'),
    accent: token('accent'),
    hit: token('fail-solid'),
    font: token('sans') || 'sans-serif',
  };
};

/** Which group each node is in, and what the groups are called. */
function groupsOf(graph: AssetGraph, by: AssetsView['group']): { group: Int16Array; groupNames: string[] } {
  if (by === 'none') return { group: new Int16Array(graph.ids.length), groupNames: [''] };
  const [of, names] =
    by === 'type'
      ? [graph.type, graph.types.map(({ name }) => name)]
      : by === 'state'
        ? [graph.state, assetStates.map((state) => stateLooks[state].word)]
        : [graph.owner.map((owner) => (owner < 0 ? graph.owners.length : owner)), [...graph.owners, 'Nobody']];
  // Groups without a node would take room.
  const used = [...new Set(of)].sort((a, b) => a - b);
  const place = new Map(used.map((value, index) => [value, index]));
  return {
    group: Int16Array.from(of, (value) => place.get(value) ?? 0),
    groupNames: used.map((value) => names[value] ?? ''),
  };
}

function Stage({ graph, view, onView, types }: Omit<GraphPaneProps, 'filter'> & { graph: AssetGraph }) {
  const pane = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const stage = useRef<GraphStage>(undefined);
  const [hover, setHover] = useState<{ node: number; x: number; y: number } | null>(null);
  const [isPainted, setPainted] = useState(false);
  const place = useMemo(() => new Map(graph.ids.map((id, index) => [id, index])), [graph]);
  const selected = place.get(view.sel) ?? -1;
  const direction = view.impact || 'downstream';
  const impact = useImpact(view.impact && view.sel ? view.sel : '', direction, 50);

  useEffect(() => {
    if (!pane.current || !canvas.current) return undefined;
    const made = new GraphStage(pane.current, canvas.current, takeWorker(), () => setPainted(true));
    stage.current = made;
    made.setColors(colorsNow());
    const themes = new MutationObserver(() => made.setColors(colorsNow()));
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      themes.disconnect();
      made.close();
      stage.current = undefined;
    };
  }, []);
  useEffect(() => {
    const { group, groupNames } = groupsOf(graph, view.group);
    stage.current?.tell({
      kind: 'graph',
      names: graph.names,
      color: Int16Array.from(graph.type),
      hollow: Uint8Array.from(graph.state, (state) => (assetStates[state] === 'active' ? 0 : 1)),
      weight: Uint8Array.from(graph.criticality, (criticality) => 3 - criticality),
      group,
      groupNames,
      from: Int32Array.from(graph.from),
      to: Int32Array.from(graph.to),
    });
  }, [graph, view.group]);
  const hits = useMemo(() => {
    if (!view.impact || !impact.data) return null;
    return Int32Array.from(impact.data.data.flatMap(({ id }) => place.get(id) ?? []));
  }, [view.impact, impact.data, place]);
  useEffect(() => stage.current?.tell({ kind: 'mark', selected, hits }), [selected, hits]);
  useEffect(() => {
    if (selected >= 0) void stage.current?.show(selected);
  }, [selected]);

  const start = useRef({ x: 0, y: 0 });
  const at = (event: { clientX: number; clientY: number }) => {
    const box = pane.current?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  };
  const pick = async (event: { clientX: number; clientY: number }) => {
    const { x, y } = at(event);
    return { node: (await stage.current?.nodeAt(x, y)) ?? -1, x, y };
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const far = 60;
    if (event.key === '+' || event.key === '=') stage.current?.zoomBy(1.3);
    else if (event.key === '-') stage.current?.zoomBy(1 / 1.3);
    else if (event.key === '0') stage.current?.fit();
    else if (event.key === 'ArrowLeft') stage.current?.panBy(-far, 0);
    else if (event.key === 'ArrowRight') stage.current?.panBy(far, 0);
    else if (event.key === 'ArrowUp') stage.current?.panBy(0, -far);
    else if (event.key === 'ArrowDown') stage.current?.panBy(0, far);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const button = 'grid size-7 place-items-center text-text-2 hover:bg-fill hover:text-text max-sm:size-11';
  const hovered = hover && hover.node >= 0 ? hover : null;
  const isPhone = useIsPhone();
  return (
    <div className="relative min-h-0 min-w-0 flex-1">
      <div
        ref={pane}
        // What it shows is in the list beside it; arrows move it, + and - zoom.
        role="application"
        aria-label={`Graph of ${graph.ids.length.toLocaleString('en-GB')} assets. Arrows move it, plus and minus zoom, 0 fits. Each asset is a row of the list beside it.`}
        tabIndex={0}
        data-painted={isPainted || undefined}
        className="absolute inset-0 cursor-grab touch-none overflow-hidden bg-surface focus-visible:outline-offset-[-2px] active:cursor-grabbing"
        onKeyDown={onKeyDown}
        onPointerDown={(event) => (start.current = { x: event.clientX, y: event.clientY })}
        onPointerMove={(event) => {
          if (event.pointerType !== 'mouse') return;
          if (event.buttons > 0) setHover(null);
          else void pick(event).then(setHover);
        }}
        onPointerLeave={() => setHover(null)}
        onClick={(event) => {
          if (Math.hypot(event.clientX - start.current.x, event.clientY - start.current.y) > 4) return;
          void pick(event).then(({ node }) => {
            const id = graph.ids[node];
            if (id !== undefined) onView({ sel: id === view.sel ? '' : id });
          });
        }}
      >
        <canvas ref={canvas} aria-hidden="true" className="pointer-events-none absolute top-0 left-0 origin-top-left" />
      </div>
      {hovered && (
        <div
          className="pointer-events-none absolute z-5 max-w-64 rounded-md border border-line-strong bg-raised px-2.5 py-1.5 text-meta shadow-2"
          style={{ left: Math.max(8, hovered.x + 14), top: hovered.y + 14 }}
        >
          <span className="block truncate font-medium">{graph.names[hovered.node]}</span>
          <span className="flex items-center gap-3 text-text-2">
            {graph.types[graph.type[hovered.node] ?? 0]?.name}
            <CriticalityMark criticality={criticalities[graph.criticality[hovered.node] ?? 0] ?? 'medium'} />
          </span>
        </div>
      )}
      <div className="absolute top-3 left-3 z-5 flex flex-wrap items-center gap-x-3 gap-y-1.5 text-meta whitespace-nowrap">
        <span className="flex items-center gap-2">
          <span className="text-text-2">Group by</span>
          <Select
            label="Group by"
            size={isPhone ? 'md' : 'sm'}
            value={view.group}
            onValue={(group) => onView({ group: groupings.find((known) => known === group) ?? 'type' })}
            options={groupings.map((value) => ({ value, label: groupWords[value] }))}
          />
        </span>
        {view.sel !== '' && (
          <span className="flex items-center gap-2">
            <span className="text-text-2">Show</span>
            <Select
              label="Show of the chosen asset"
              size={isPhone ? 'md' : 'sm'}
              value={view.impact}
              onValue={(shown) => onView({ impact: shown as AssetsView['impact'] })}
              options={[
                { value: '', label: 'its relations' },
                { value: 'downstream', label: 'what fails with it' },
                { value: 'upstream', label: 'what it needs' },
              ]}
            />
            {view.impact && impact.data && (
              <span role="status" className="num rounded-sm bg-surface px-1 text-text-2">
                {`${impact.data.total} ${impact.data.total === 1 ? 'asset' : 'assets'}`}
                {impact.data.total > impact.data.data.length && ', the nearest 500 drawn'}
              </span>
            )}
          </span>
        )}
      </div>
      <Legend graph={graph} types={types} />
      <div className="absolute bottom-3 left-3 z-5 flex items-center rounded-md border border-line-strong bg-surface shadow-1">
        <button type="button" aria-label="Zoom out" className={button} onClick={() => stage.current?.zoomBy(1 / 1.4)}>
          <Icon of={Minus} size={14} />
        </button>
        <button type="button" aria-label="Zoom in" className={button} onClick={() => stage.current?.zoomBy(1.4)}>
          <Icon of={Plus} size={14} />
        </button>
        <button type="button" aria-label="Fit to the pane" className={button} onClick={() => stage.current?.fit()}>
          <Icon of={Maximize} size={14} />
        </button>
      </div>
    </div>
  );
}

const dots = ['bg-c2', 'bg-c3', 'bg-c4', 'bg-c5', 'bg-c6', 'bg-c1'];

/** What the colours stand for, and how many relations are drawn. */
function Legend({ graph, types }: { graph: AssetGraph; types: ReadonlyMap<string, AssetType> }) {
  const drawn = new Set(graph.type);
  return (
    <div className="pointer-events-none absolute right-3 bottom-3 z-5 flex max-w-[70%] flex-wrap justify-end gap-x-3 gap-y-1 rounded-sm bg-surface px-1.5 text-[11px] leading-4 text-text-2 max-sm:hidden">
      {graph.types.map(({ id, name }, index) =>
        drawn.has(index) ? (
          <span key={id} className="inline-flex items-center gap-1">
            <span aria-hidden="true" className={`size-2 rounded-full ${dots[index % dots.length]}`} />
            {types.get(id)?.name ?? name}
          </span>
        ) : null,
      )}
      <span className="num">
        {`${graph.ids.length.toLocaleString('en-GB')} assets, ${graph.from.length.toLocaleString('en-GB')} relations`}
        {graph.isCapped && ' (there are more: narrow the filter)'}
      </span>
    </div>
  );
}
