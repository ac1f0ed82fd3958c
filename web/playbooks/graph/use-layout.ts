import elkApi from 'elkjs/lib/elk-api.js';
// eslint-disable-next-line import/default -- the build makes the worker's class of it
import ElkWorker from 'elkjs/lib/elk-worker.min.js?worker';
import { useEffect, useRef, useState } from 'react';
import type { Reading } from '../document/read-playbook.ts';
import { layoutGraph, type Layouter, type Placed } from './layout.ts';

/** The package is CommonJS: its types put the class below `default`, its module is the class. */
const Elk = elkApi as unknown as typeof elkApi.default;

/** One layout after the other, in a worker; the newest wins, the last one stays until then. */
export function useLayout(reading: Reading, width: number): { placed: Placed | null; error: unknown } {
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
export function usePaneWidth(): [React.RefObject<HTMLDivElement | null>, number] {
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
