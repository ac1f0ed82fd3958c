import { useEffect, useRef, useState } from 'react';
import { plainText } from './ansi.ts';
import type { LogSource } from './log-source.ts';

/** What is searched in one go before the page is drawn again. */
const SLICE_MS = 5;

/** The lines that hold a text, found step by step: each line is looked at once, and again only when it has grown. */
export class LogSearch {
  readonly needle: string;
  /** Places of the lines that match, rising. */
  readonly matches: number[] = [];
  readonly #source: LogSource;
  #next: number;

  constructor(source: LogSource, needle: string) {
    this.#source = source;
    this.needle = needle.trim().toLowerCase();
    this.#next = source.dropped;
  }

  /** Searches on for a while. @returns whether all that is there has been looked at */
  search(untilMs = Number.POSITIVE_INFINITY, clock: () => number = () => performance.now()): boolean {
    if (!this.needle) return true;
    for (const index of this.#source.takeGrown()) if (index < this.#next && this.#holds(index)) this.#insert(index);
    while (this.#next < this.#source.count) {
      // The clock is asked now and then: asking costs as much as a short line.
      if (this.#next % 500 === 0 && clock() > untilMs) return false;
      if (this.#holds(this.#next)) this.matches.push(this.#next);
      this.#next += 1;
    }
    return true;
  }

  #holds(index: number): boolean {
    const text = this.#source.text(index);
    if (text === undefined) return false;
    return plainOf(text).toLowerCase().includes(this.needle);
  }
  #insert(index: number): void {
    let at = this.matches.length;
    while (at > 0 && (this.matches[at - 1] ?? 0) > index) at -= 1;
    if (this.matches[at - 1] !== index) this.matches.splice(at, 0, index);
  }
}

// eslint-disable-next-line no-control-regex -- escapes are what this is about
const colours = /\u001B\[[0-9;:?]*[@-~]/g;
/** Most lines hold no escapes or colours alone, and need not be taken apart. */
const plainOf = (text: string): string => {
  if (text.includes('\r')) return plainText(text);
  return text.includes('\u001B') ? text.replace(colours, '') : text;
};

/** The matches of a text in a log that may grow. `version` says that it has. */
export function useLogSearch(source: LogSource, version: number, needle: string): readonly number[] {
  const search = useRef<LogSearch | null>(null);
  const [, setFound] = useState(0);
  const wanted = needle.trim().toLowerCase();
  const owner = useRef(source);
  if (search.current?.needle !== wanted || owner.current !== source) {
    owner.current = source;
    search.current = new LogSearch(source, needle);
  }
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const go = () => {
      const now = search.current;
      if (!now) return;
      const before = now.matches.length;
      const isDone = now.search(performance.now() + SLICE_MS);
      if (now.matches.length !== before || !isDone) setFound((count) => count + 1);
      // What is typed and scrolled meanwhile comes first.
      timer = isDone ? undefined : setTimeout(go, 0);
    };
    go();
    return () => clearTimeout(timer);
  }, [source, version, wanted]);
  return search.current.matches;
}
