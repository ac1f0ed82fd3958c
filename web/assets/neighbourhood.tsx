import { Background, Handle, type Node, type NodeProps, Position, ReactFlow, ReactFlowProvider } from '@xyflow/react';
import { createContext, useContext, useMemo } from 'react';
import type { Asset } from '#contracts/assets/assets.ts';
import { type AssetRef, type AssetRelation, failureGoes, relationWords } from '#contracts/assets/relations.ts';
import { cx } from '../kit/cx.ts';
import { StateMark } from './asset-looks.tsx';
import '../playbooks/graph/graph.css';
import './neighbourhood.css';

interface NeighbourhoodProps {
  asset: Asset;
  relations: readonly AssetRelation[];
  onOpen: (id: string) => void;
}
type AssetNode = Node<{ asset: AssetRef; isThis: boolean }, 'asset'>;

const [wide, high, across, down] = [124, 46, 134, 92];
const inRow = 3;
const Open = createContext<(id: string) => void>(() => undefined);

function AssetBox({ data: { asset, isThis } }: NodeProps<AssetNode>) {
  const open = useContext(Open);
  return (
    <>
      <Handle type="target" position={Position.Top} className="invisible" isConnectable={false} />
      <button
        type="button"
        // The list below is the keyboard's way to the same.
        tabIndex={-1}
        disabled={isThis}
        title={asset.name}
        onClick={() => open(asset.id)}
        className={cx(
          'nopan flex size-full flex-col justify-center rounded-lg border bg-surface px-2.5 text-left',
          isThis ? 'border-accent ring-3 ring-accent-soft' : 'border-line-strong shadow-1 hover:bg-sunken',
        )}
      >
        <span className="block w-full truncate text-meta font-medium">{asset.name}</span>
        <span className="text-[11px] leading-4 text-text-2">
          <StateMark state={asset.state} />
        </span>
      </button>
      <Handle type="source" position={Position.Bottom} className="invisible" isConnectable={false} />
    </>
  );
}
const nodeTypes = { asset: AssetBox };

/** An asset between those that are hit with it, above, and those it needs, below. */
export function Neighbourhood({ asset, relations, onOpen }: NeighbourhoodProps) {
  const { nodes, edges, height } = useMemo(() => drawn(asset, relations), [asset, relations]);
  return (
    <div className="mb-3 overflow-hidden rounded-lg border border-line" style={{ height }} aria-hidden="true">
      <ReactFlowProvider>
        <Open value={onOpen}>
          <ReactFlow
            nodes={nodes}
            edges={edges}
            nodeTypes={nodeTypes}
            fitView
            fitViewOptions={{ padding: 0.08, maxZoom: 1 }}
            nodesDraggable={false}
            nodesConnectable={false}
            nodesFocusable={false}
            edgesFocusable={false}
            elementsSelectable={false}
            disableKeyboardA11y
            zoomOnScroll={false}
            preventScrolling={false}
            minZoom={0.3}
            maxZoom={1.5}
            proOptions={{ hideAttribution: true }}
          >
            <Background gap={16} size={1} />
          </ReactFlow>
        </Open>
      </ReactFlowProvider>
    </div>
  );
}

/** Rows above for what is hit, rows below for what is needed; what merely belongs stands below too. */
function drawn(asset: Asset, relations: readonly AssetRelation[]) {
  const above = new Map<string, AssetRef>();
  const below = new Map<string, AssetRef>();
  for (const { kind, from, to } of relations.slice(0, 24)) {
    const isFrom = from.id === asset.id;
    const other = isFrom ? to : from;
    const isHit = failureGoes[kind] === 'along' ? isFrom : !isFrom;
    if (isHit && !below.has(other.id)) above.set(other.id, other);
    else if (!above.has(other.id)) below.set(other.id, other);
  }
  const rowsAbove = Math.ceil(above.size / inRow);
  const place = (refs: readonly AssetRef[], top: number): AssetNode[] =>
    refs.map((ref, index) => {
      const row = Math.floor(index / inRow);
      const many = Math.min(inRow, refs.length - row * inRow);
      return box(ref, ((index % inRow) - (many - 1) / 2) * across, top + row * down, false);
    });
  const nodes = [
    ...place([...above.values()], 0),
    box(asset, 0, rowsAbove * down, true),
    ...place([...below.values()], (rowsAbove + 1) * down),
  ];
  const edges = relations.slice(0, 24).map(({ id, kind, from, to }) => {
    const other = from.id === asset.id ? to.id : from.id;
    const isAbove = above.has(other);
    return {
      id,
      source: isAbove ? other : asset.id,
      target: isAbove ? asset.id : other,
      label: relationWords[kind].from,
      style: { stroke: 'var(--wl-line-input)', ...(kind === 'owns' && { strokeDasharray: '4 3' }) },
      labelStyle: { fontSize: 10, fill: 'var(--wl-text-2)' },
      labelBgStyle: { fill: 'var(--wl-surface)' },
    };
  });
  const rows = rowsAbove + 1 + Math.ceil(below.size / inRow);
  return { nodes, edges, height: Math.min(420, Math.max(150, rows * down + 10)) };
}

const box = (asset: AssetRef, x: number, y: number, isThis: boolean): AssetNode => ({
  id: asset.id,
  type: 'asset',
  position: { x: x - wide / 2, y },
  width: wide,
  height: high,
  data: { asset, isThis },
});
