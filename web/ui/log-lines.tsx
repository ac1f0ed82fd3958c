import { memo, useEffect, useRef, type RefObject } from 'react';
import { Line, logRow } from './log-line.tsx';
import type { LogSource } from './log-source.ts';
import { useRowWindow } from './row-window.ts';

interface LogLinesProps {
  scroller: RefObject<HTMLDivElement | null>;
  source: LogSource;
  /** Changes when the source does. */
  version: number;
  count: number;
  zone: string;
  needle: string;
  /** The place of the match that is looked at. */
  current: number | undefined;
  /** The number of the line that the address names. */
  linked: number | undefined;
  onLine: ((line: number) => void) | undefined;
  onHost: ((host: string | undefined) => void) | undefined;
  /** Where there are more lines than are loaded: told when the last that is loaded comes near. */
  onMore: ((how: 'some' | 'all') => void) | undefined;
}

/** The lines of a log that are in view. Scrolling draws these anew and nothing around them. */
export const LogLines = memo(function LogLines(props: LogLinesProps) {
  const { scroller, source, count, current, linked, onMore } = props;
  const { from, to, onScroll } = useRowWindow(scroller, count, logRow, 24, 8);
  useEffect(() => {
    const box = scroller.current;
    box?.addEventListener('scroll', onScroll, { passive: true });
    return () => box?.removeEventListener('scroll', onScroll);
  }, [scroller, onScroll]);
  useEffect(() => {
    if (to >= count) onMore?.('some');
  }, [to, count, onMore]);
  const hostWidth = useHostWidth(source, from, to);
  return (
    <div className="relative min-w-full" style={{ height: count * logRow }}>
      {Array.from({ length: to - from }, (_, offset) => {
        const index = from + offset;
        const entry = source.line(index);
        return (
          entry && (
            <Line
              key={index}
              {...entry}
              zone={props.zone}
              needle={props.needle}
              hostWidth={hostWidth}
              isCurrent={index === current}
              isLinked={entry.number === linked}
              onLine={props.onLine}
              onHost={props.onHost}
            />
          )
        );
      })}
    </div>
  );
});

/** The widest host name that has been in view, up to a limit: columns grow, and never jump back. */
function useHostWidth(source: LogSource, from: number, to: number): number {
  const widest = useRef({ source, width: 0 });
  if (widest.current.source !== source) widest.current = { source, width: 0 };
  for (let index = from; index < to; index += 1)
    widest.current.width = Math.min(22, Math.max(widest.current.width, source.line(index)?.host.length ?? 0));
  return widest.current.width;
}
