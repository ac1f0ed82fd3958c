import {
  ReactFlow,
  ReactFlowProvider,
  MiniMap,
  Background,
  useReactFlow,
  useViewport,
  ViewportPortal,
  type Node,
  type NodeProps,
} from '@xyflow/react';
import elkApi from 'elkjs/lib/elk-api.js';
// eslint-disable-next-line import/default -- the build makes the worker's class of it
import ElkWorker from 'elkjs/lib/elk-worker.min.js?worker';
import { Flag, Maximize, Minus, Plus, Zap } from 'lucide-react';
import { createContext, memo, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { cx } from '../../kit/cx.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Icon } from '../../ui/icon.tsx';
import { SkeletonLines } from '../../ui/skeleton.tsx';
import { THE_PLAYBOOK } from '../editor-view.ts';
import type { Reading } from '../document/read-playbook.ts';
import { lookOf } from '../forms/kind-looks.ts';
import { layoutGraph, roundedPath, type Layouter, type Placed, type PlacedEdge, type PlacedNode } from './layout.ts';
import { hintOf } from './node-hint.ts';
import './graph.css';

interface StepGraphProps {
  reading: Reading;
  selected: string;
  faulty: ReadonlySet<string>;
  onSelect: (key: string) => void;
}

type GraphNode = Node<{ placed: PlacedNode }, PlacedNode['is']>;
interface Choice {
  selected: string;
  faulty: ReadonlySet<string>;
  onSelect: (key: string) => void;
}
const ChoiceContext = createContext<Choice>({ selected: '', faulty: new Set(), onSelect: () => undefined });

/** The same steps, drawn: what follows what, what holds what, what takes it back. Each node is a button. */
export default function StepGraph(props: StepGraphProps) {
  return (
    <ReactFlowProvider>
      <Graph {...props} />
    </ReactFlowProvider>
  );
}

/** The package is CommonJS: its types put the class below `default`, its module is the class. */
const Elk = elkApi as unknown as typeof elkApi.default;

/** One layout after the other, in a worker; the newest wins, the last one stays until then. */
function useLayout(reading: Reading, width: number): { placed: Placed | null; error: unknown } {
  const [placed, setPlaced] = useState<Placed | null>(null);
  const [error, setError] = useState<unknown>(null);
  const elk = useRef<Layouter & { terminateWorker: () => void }>(undefined);
  useEffect(() => {
    elk.current = new Elk({ workerFactory: () => new ElkWorker() });
    return () => {
      elk.current?.terminateWorker();
      elk.current = undefined;
    };
  }, []);
  useEffect(() => {
    let isOld = false;
    if (elk.current && width > 0)
      layoutGraph(reading, elk.current, width).then(
        (done) => !isOld && setPlaced(done),
        (reason: unknown) => !isOld && setError(reason),
      );
    return () => {
      isOld = true;
    };
  }, [reading, width]);
  return { placed, error };
}

/** The width of the pane, in steps: each pixel of a resize would lay everything out anew. */
function usePaneWidth(): [React.RefObject<HTMLDivElement | null>, number] {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!box.current) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      const now = entry?.contentRect.width ?? 0;
      setWidth(Math.max(420, Math.floor((now - 40) / 40) * 40));
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return [box, width];
}

function Graph({ reading, selected, faulty, onSelect }: StepGraphProps) {
  const [box, width] = usePaneWidth();
  const { placed, error } = useLayout(reading, width);
  const { setViewport, setCenter, getViewport } = useReactFlow();
  const isSet = useRef(false);
  const nodes = useMemo<GraphNode[]>(
    () =>
      (placed?.nodes ?? []).map((node, index) => ({
        id: node.key,
        type: node.is,
        position: { x: node.x, y: node.y },
        width: node.width,
        height: node.height,
        data: { placed: node },
        zIndex: index,
        draggable: false,
        selectable: false,
        focusable: false,
      })),
    [placed],
  );
  const choice = useMemo(() => ({ selected, faulty, onSelect }), [selected, faulty, onSelect]);

  const fit = () => {
    if (!placed || !box.current) return;
    const zoom = Math.min(1, Math.max(0.4, (box.current.clientWidth - 40) / Math.max(1, placed.width)));
    const x = Math.max(20, (box.current.clientWidth - placed.width * zoom) / 2);
    void setViewport({ x, y: 24, zoom });
  };
  const first = useRef(fit);
  first.current = fit;
  useEffect(() => {
    if (placed && !isSet.current) {
      isSet.current = true;
      first.current();
    }
  }, [placed]);

  // What is selected elsewhere comes into view.
  useEffect(() => {
    const node = placed?.nodes.find(({ key }) => key === selected);
    if (!node || !box.current || !isSet.current) return;
    const { x, y, zoom } = getViewport();
    const [left, top] = [node.x * zoom + x, node.y * zoom + y];
    const { clientWidth, clientHeight } = box.current;
    if (left < 0 || top < 0 || left + 100 > clientWidth || top + 40 > clientHeight)
      void setCenter(node.x + Math.min(node.width, 400) / 2, node.y + Math.min(node.height, 200) / 2, { zoom });
  }, [selected, placed, getViewport, setCenter, box]);

  if (error) return <ErrorState error={error} what="The graph" />;
  return (
    <div ref={box} className="absolute inset-0" data-testid="playbook.graph">
      {placed === null ? (
        <SkeletonLines lines={6} />
      ) : (
        <ChoiceContext value={choice}>
          <ReactFlow
            nodes={nodes}
            edges={[]}
            nodeTypes={nodeTypes}
            nodesDraggable={false}
            nodesConnectable={false}
            nodesFocusable={false}
            elementsSelectable={false}
            disableKeyboardA11y
            minZoom={0.2}
            maxZoom={1.5}
            panOnScroll
            zoomOnDoubleClick={false}
            proOptions={{ hideAttribution: true }}
          >
            <Background gap={16} size={1} />
            <ViewportPortal>
              <Edges edges={placed.edges} />
            </ViewportPortal>
            {placed.height > 400 && (
              <MiniMap
                pannable
                ariaLabel="The whole graph"
                position="bottom-right"
                style={{ width: 112, height: 78 }}
                nodeClassName={({ id }) => (id === selected ? 'is-on' : '')}
              />
            )}
          </ReactFlow>
          <Zoom onFit={fit} />
        </ChoiceContext>
      )}
    </div>
  );
}

const Edges = memo(({ edges }: { edges: readonly PlacedEdge[] }) => (
  <svg className="graph-edges" aria-hidden="true">
    <defs>
      {['next', 'onFailure', 'undo'].map((look) => (
        <marker
          key={look}
          id={`arrow-${look}`}
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          orient="auto"
        >
          <path d="M1 1l6 3-6 3" className={`edge-${look}`} />
        </marker>
      ))}
    </defs>
    {edges.map(({ key, points, look }) => {
      const label = points[1];
      return (
        <g key={key}>
          <path d={roundedPath(points)} className={`edge-${look}`} markerEnd={`url(#arrow-${look})`} />
          {look !== 'next' && label && (
            <text x={(points[2]?.x ?? label.x) + 8} y={label.y + 12} className="edge-label">
              {look === 'undo' ? 'undo' : 'on failure'}
            </text>
          )}
        </g>
      );
    })}
  </svg>
));
Edges.displayName = 'Edges';

function StepNode({ data: { placed } }: NodeProps<GraphNode>) {
  const { selected, faulty, onSelect } = useContext(ChoiceContext);
  const { step } = placed;
  if (!step) return null;
  const isOn = selected === placed.key;
  return (
    <button
      type="button"
      data-graph-key={placed.key}
      aria-pressed={isOn}
      onClick={() => onSelect(placed.key)}
      title={`${step.name}\n${hintOf(step)}`}
      className={cx(
        'nopan flex size-full items-center gap-2.5 rounded-lg border bg-surface px-2.5 text-left shadow-1 hover:bg-sunken',
        isOn
          ? 'border-accent ring-3 ring-accent-soft'
          : faulty.has(placed.key)
            ? 'border-fail-solid'
            : 'border-line-strong',
      )}
    >
      <span
        className={cx(
          'grid size-[26px] flex-none place-items-center rounded-md',
          step.kind === 'approve'
            ? 'bg-wait-soft text-wait-fg'
            : isOn
              ? 'bg-run-soft text-run-fg'
              : 'bg-fill text-text-2',
        )}
      >
        <Icon of={lookOf(step.kind).icon} size={14} />
      </span>
      <span className="min-w-0 leading-[16px]">
        <span className="block truncate font-medium">{step.name}</span>
        <span className="block truncate text-micro text-text-3">{hintOf(step)}</span>
      </span>
    </button>
  );
}

function GroupNode({ data: { placed } }: NodeProps<GraphNode>) {
  const { selected, faulty, onSelect } = useContext(ChoiceContext);
  const { step, label } = placed;
  const isOn = selected === placed.key;
  const head = (
    <>
      {step && <Icon of={lookOf(step.kind).icon} size={14} className="flex-none" />}
      <span className={cx('truncate font-semibold', step && 'max-w-[65%] flex-none')}>{label}</span>
      {step && <span className="min-w-0 truncate text-meta font-normal text-text-3">{hintOf(step)}</span>}
    </>
  );
  return (
    <div
      className={cx(
        'size-full rounded-xl border bg-fill/40',
        isOn
          ? 'border-accent ring-3 ring-accent-soft'
          : step && faulty.has(placed.key)
            ? 'border-fail-solid'
            : 'border-line-strong',
      )}
    >
      {step ? (
        <button
          type="button"
          data-graph-key={placed.key}
          aria-pressed={isOn}
          onClick={() => onSelect(placed.key)}
          className="nopan flex h-10 w-full items-center gap-2 rounded-t-xl px-[18px] text-left"
        >
          {head}
        </button>
      ) : (
        <p className="flex h-10 items-center gap-2 px-[18px]">{head}</p>
      )}
    </div>
  );
}

const LaneNode = ({ data: { placed } }: NodeProps<GraphNode>) => (
  <p className="truncate text-meta text-text-3" title={placed.label}>
    {placed.label}
  </p>
);

function PinNode({ data: { placed } }: NodeProps<GraphNode>) {
  const { onSelect } = useContext(ChoiceContext);
  const classes =
    'nopan flex size-full items-center justify-center gap-1.5 rounded-full border border-line-strong bg-fill font-medium';
  return placed.key === 'inputs' ? (
    <button type="button" className={classes} onClick={() => onSelect(THE_PLAYBOOK)}>
      <Icon of={Zap} size={14} />
      {placed.label}
    </button>
  ) : (
    <p className={classes}>
      <Icon of={Flag} size={14} />
      {placed.label}
    </p>
  );
}

const nodeTypes = { step: memo(StepNode), group: memo(GroupNode), lane: memo(LaneNode), pin: memo(PinNode) };

function Zoom({ onFit }: { onFit: () => void }) {
  const { zoomIn, zoomOut } = useReactFlow();
  const { zoom } = useViewport();
  const button = 'grid size-7 place-items-center text-text-2 hover:bg-fill hover:text-text';
  return (
    <div className="absolute bottom-3 left-3 z-5 flex items-center rounded-md border border-line-strong bg-surface text-meta shadow-1">
      <button type="button" aria-label="Zoom out" className={button} onClick={() => void zoomOut()}>
        <Icon of={Minus} size={14} />
      </button>
      <span className="num w-10 text-center">{`${Math.round(zoom * 100)}%`}</span>
      <button type="button" aria-label="Zoom in" className={button} onClick={() => void zoomIn()}>
        <Icon of={Plus} size={14} />
      </button>
      <button type="button" aria-label="Fit to the pane" className={button} onClick={onFit}>
        <Icon of={Maximize} size={14} />
      </button>
    </div>
  );
}
