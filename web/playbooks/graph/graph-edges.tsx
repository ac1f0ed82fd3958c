import { memo } from 'react';
import { type PlacedEdge, roundedPath } from './layout.ts';

/** What follows what; one drawing for all, below the nodes. */
export const Edges = memo(({ edges }: { edges: readonly PlacedEdge[] }) => (
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
