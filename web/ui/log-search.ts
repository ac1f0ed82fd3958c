import { useEffect, useMemo, useRef, useState } from 'react';
import { plainText } from './ansi.ts';
import type { LogSource } from './log-source.ts';

/** What is searched in one go before the page is drawn again. */
const SLICE_MS = 5;
/** How often the count on the screen is renewed while the search goes on. */
const TELL_EVERY_MS = 100;

/**
 * The lines that hold a text, found step by step: each line is looked at once, and again only when it has grown. Where the
 * text goes on from one that has been searched for, only what that one found is looked at.
 */
export class LogSearch {
  readonly needle: string;
  /** Places of the lines that match, rising. */
  readonly matches: number[] = [];
  readonly #source: LogSource;
  /** Lines before `#next` that are still to be looked at, falling. */
  readonly #among: number[] = [];
  #next: number;

  constructor(source: LogSource, needle: string, before?: LogSearch) {
    this.#source = source;
    this.needle = needle.trim().toLowerCase();
    this.#next = source.dropped;
    if (before && before.needle !== '' && before.#source === source && this.needle.includes(before.needle)) {
      const found = before.matches.toReversed();
      this.#among = before.#among.length > 0 ? [...found, ...before.#among].toSorted((a, b) => b - a) : found;
      this.#next = before.#next;
    }
  }

  /** Searches on for a while. @returns whether all that is there has been looked at */
  search(untilMs = Number.POSITIVE_INFINITY, clock: () => number = () => performance.now()): boolean {
    if (!this.needle) return true;
    for (const index of this.#source.takeGrown()) if (index < this.#next && this.#holds(index)) this.#insert(index);
    for (let index = this.#among.pop(); index !== undefined; index = this.#among.pop()) {
      if (this.#holds(index)) this.#insert(index);
      if (this.#among.length % 500 === 0 && clock() > untilMs) return false;
    }
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
  const wanted = needle.trim().toLowerCase();
  // What is typed on narrows what was found.
  const last = useRef<LogSearch>(undefined);
  const search = useMemo(() => new LogSearch(source, wanted, last.current), [source, wanted]);
  const [, setTold] = useState(0);
  useEffect(() => {
    last.current = search;
    let told = { matches: search.matches.length, at: performance.now() };
    // Never in the event that asked for it: the key is drawn first, and what is typed and scrolled meanwhile comes first.
    const go = () => {
      const isDone = search.search(performance.now() + SLICE_MS);
      const now = performance.now();
      if (search.matches.length !== told.matches && (isDone || now - told.at > TELL_EVERY_MS)) {
        told = { matches: search.matches.length, at: now };
        setTold((count) => count + 1);
      }
      timer = isDone ? undefined : setTimeout(go, 0);
    };
    let timer: ReturnType<typeof setTimeout> | undefined = setTimeout(go, 0);
    return () => clearTimeout(timer);
  }, [search, version]);
  return search.matches;
}
