import type elkApi from 'elkjs/lib/elk-api.js';
import { useEffect, useRef, useState } from 'react';
import type { Reading } from '../document/read-playbook.ts';
import { layoutGraph, type Layouter, type Placed } from './layout.ts';

/** ELK in a worker, which is fetched and begun when something is to be laid out for the first time. */
function elkInWorker(): Layouter & { end: () => void } {
  let elk: Promise<InstanceType<typeof elkApi.default>> | undefined;
  let isOver = false;
  const begin = async () => {
    const [api, { default: Worker }] = await Promise.all([
      import('elkjs/lib/elk-api.js'),
      import('elkjs/lib/elk-worker.min.js?worker'),
    ]);
    // The package is CommonJS: its types put the class below `default`, its module is the class.
    const Elk = api.default as unknown as typeof elkApi.default;
    const made = new Elk({ workerFactory: () => new Worker() });
    if (isOver) made.terminateWorker();
    return made;
  };
  return {
    layout: async (graph) => {
      elk ??= begin();
      return (await elk).layout(graph);
    },
    end: () => {
      isOver = true;
      void elk?.then(
        (made) => made.terminateWorker(),
        () => undefined,
      );
    },
  };
}

/** One layout after the other; the newest wins, the last one stays until then. */
export function useLayout(reading: Reading, width: number): { placed: Placed | null; error: unknown } {
  const [placed, setPlaced] = useState<Placed | null>(null);
  const [error, setError] = useState<unknown>(null);
  const elk = useRef<ReturnType<typeof elkInWorker>>(undefined);
  useEffect(() => {
    elk.current = elkInWorker();
    return () => {
      elk.current?.end();
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
