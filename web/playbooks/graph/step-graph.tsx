import { ReactFlow, ReactFlowProvider, MiniMap, Background, useReactFlow, ViewportPortal } from '@xyflow/react';
import { useEffect, useMemo, useRef } from 'react';
import { ErrorState } from '../../ui/error-state.tsx';
import { SkeletonLines } from '../../ui/skeleton.tsx';
import type { Reading } from '../document/read-playbook.ts';
import { Edges } from './graph-edges.tsx';
import { ChoiceContext, type GraphNode, nodeTypes } from './graph-nodes.tsx';
import { useLayout, usePaneWidth } from './use-layout.ts';
import { Zoom } from './zoom.tsx';
import './graph.css';

interface StepGraphProps {
  reading: Reading;
  selected: string;
  faulty: ReadonlySet<string>;
  onSelect: (key: string) => void;
}

/** The same steps, drawn: what follows what, what holds what, what takes it back. Each node is a button. */
export default function StepGraph(props: StepGraphProps) {
  return (
    <ReactFlowProvider>
      <Graph {...props} />
    </ReactFlowProvider>
  );
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
