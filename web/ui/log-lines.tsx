import { memo, useEffect, useLayoutEffect, useRef, useState, type MouseEvent, type RefObject } from 'react';
import { drawLine, logRow, type LineLook } from './draw-line.ts';
import type { LogSource } from './log-source.ts';
import { watchRows } from './row-window.ts';

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
type Scene = Pick<LogLinesProps, 'source' | 'count' | 'zone' | 'needle' | 'current' | 'linked' | 'onMore'>;

/** The lines of a log that are in view. A scroll makes those that come and takes away those that go, and React hears nothing of it. */
export const LogLines = memo(function LogLines(props: LogLinesProps) {
  const { scroller, source, count, zone, needle, current, linked, version, onLine, onHost, onMore } = props;
  const box = useRef<HTMLDivElement>(null);
  const [painter] = useState(() => new LinePainter());
  useEffect(() => watchRows(scroller, logRow, 4, (first, rows) => painter.look(first, rows)), [scroller, painter]);
  useLayoutEffect(() => {
    if (box.current) painter.show(box.current, { source, count, zone, needle, current, linked, onMore });
  }, [painter, source, count, zone, needle, current, linked, version, onMore]);
  const press = ({ target }: MouseEvent) => {
    const act = target instanceof Element ? target.closest<HTMLElement>('[data-act]') : null;
    const number = Number(act?.closest<HTMLElement>('[data-line]')?.dataset['line']);
    if (act?.dataset['act'] === 'link') onLine?.(number);
    else if (act) onHost?.(source.line(number - 1)?.host);
  };
  // The buttons are in the lines; each has a name of its own.
  return <div ref={box} className="relative min-w-full" style={{ height: count * logRow }} onClick={press} />;
});

const overscan = 24;

/** Keeps the elements of the lines in view, in the order of the log. */
class LinePainter {
  #box: HTMLElement | undefined;
  #scene: Scene | undefined;
  /** A few at first; how many there is room for is known once the list is laid out, and the rest comes then. */
  #first = 0;
  #rows = 4;
  readonly #drawn = new Map<number, { node: HTMLElement; of: string }>();
  /** The widest host name that has been in view, up to a limit: columns grow, and never jump back. */
  #host = { source: undefined as LogSource | undefined, width: 0 };

  /** Another part of the log is in view. */
  look(first: number, rows: number): void {
    this.#first = first;
    this.#rows = rows;
    this.#paint();
  }
  /** The log, or what is marked in it, is another. */
  show(box: HTMLElement, scene: Scene): void {
    this.#box = box;
    this.#scene = scene;
    this.#paint();
  }

  #paint(): void {
    const [box, scene] = [this.#box, this.#scene];
    if (!box || !scene) return;
    const { source, count, zone, needle, current, linked, onMore } = scene;
    const from = Math.max(0, Math.min(this.#first, count) - overscan);
    const to = Math.min(count, this.#first + this.#rows + overscan);
    const hostWidth = this.#hostWidth(source, from, to);
    box.style.setProperty('--host-width', `${hostWidth}ch`);
    const look: LineLook = { zone, needle, hasHosts: hostWidth > 0 };
    const all = `${zone}\n${needle}\n${look.hasHosts}`;
    for (const [index, { node }] of this.#drawn)
      if (index < from || index >= to) {
        node.remove();
        this.#drawn.delete(index);
      }
    let before: Node | null = null;
    // From the last to the first: what is new stands before what was put or found last.
    for (let index = to - 1; index >= from; index -= 1) {
      const line = source.line(index);
      const known = this.#drawn.get(index);
      if (!line) {
        known?.node.remove();
        this.#drawn.delete(index);
        continue;
      }
      const state = { isCurrent: index === current, isLinked: line.number === linked };
      const of = `${all}\n${state.isCurrent}${state.isLinked}${line.stream}${line.at}${line.host}\n${line.text}`;
      if (known?.of !== of) {
        const node = drawLine(line, look, state);
        if (known) known.node.replaceWith(node);
        else box.insertBefore(node, before);
        this.#drawn.set(index, { node, of });
      }
      before = this.#drawn.get(index)?.node ?? before;
    }
    if (to >= count) onMore?.('some');
  }

  #hostWidth(source: LogSource, from: number, to: number): number {
    if (this.#host.source !== source) this.#host = { source, width: 0 };
    for (let index = from; index < to; index += 1)
      this.#host.width = Math.min(22, Math.max(this.#host.width, source.line(index)?.host.length ?? 0));
    return this.#host.width;
  }
}
