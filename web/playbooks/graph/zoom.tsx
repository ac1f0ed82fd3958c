import { useReactFlow, useViewport } from '@xyflow/react';
import { Maximize, Minus, Plus } from 'lucide-react';
import { Icon } from '../../ui/icon.tsx';

/** How large the graph is drawn. */
export function Zoom({ onFit }: { onFit: () => void }) {
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
