import type { LogChunk } from '#contracts/runs/runs.ts';
import type { LogLine, LogSource } from '../ui/log-source.ts';

const BLOCK = 2_000;
/** Lines kept in the browser; of a longer log the first ones go, and are in the download. */
const MOST = 400_000;

/** One line as it is kept: with what lines of one source share. */
interface Kept {
  at: string;
  host: string;
  stream: LogLine['stream'];
  text: string;
}

/**
 * The lines of a log as they grow out of chunks. A chunk may end in the middle of a line; the next of the same source goes
 * on with it. Lines are kept in blocks, so that a new line costs the same whatever stands before it, and their numbers hold
 * for good, so that links to them do.
 */
export class LogStore implements LogSource {
  readonly #blocks: Kept[][] = [];
  /** Number of the line that is still open, by source. */
  readonly #open = new Map<string, number>();
  readonly #most: number;
  #dropped = 0;
  #count = 0;
  #cursor: string | undefined;
  /** Lines that have grown since somebody looked last. */
  #grown = new Set<number>();

  constructor(most = MOST) {
    this.#most = most;
  }

  /** All lines there have been, those that went included. */
  get count(): number {
    return this.#count;
  }
  /** How many of the first lines are kept no longer. */
  get dropped(): number {
    return this.#dropped;
  }
  /** Where the next chunk begins. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** A line by its place from 0; undefined where it is not there, or no longer. */
  line(index: number): LogLine | undefined {
    const kept = this.#at(index);
    return kept && { ...kept, number: index + 1 };
  }
  /** The text alone, for searching. */
  text(index: number): string | undefined {
    return this.#at(index)?.text;
  }
  #at(index: number): Kept | undefined {
    return index < this.#dropped ? undefined : this.#blocks[Math.floor(index / BLOCK)]?.[index % BLOCK];
  }

  /** Adds chunks in the order in which they came. */
  append(chunks: readonly LogChunk[]): void {
    for (const chunk of chunks) {
      const source = `${chunk.address}\n${chunk.host}\n${chunk.stream}\n${chunk.attempt}`;
      const pieces = chunk.text.split('\n');
      for (const [index, piece] of pieces.entries()) {
        const isLast = index === pieces.length - 1;
        const at = this.#open.get(source);
        const before = at === undefined ? undefined : this.#at(at);
        if (at !== undefined && before) {
          if (piece) {
            before.text += piece;
            this.#grown.add(at);
          }
          if (!isLast) this.#open.delete(source);
        } else if (!(isLast && piece === '')) {
          this.#push({ at: chunk.at, host: chunk.host, stream: chunk.stream, text: piece });
          if (isLast) this.#open.set(source, this.#count - 1);
        }
      }
      this.#cursor = chunk.cursor;
    }
  }

  #push(line: Kept): void {
    const block = Math.floor(this.#count / BLOCK);
    (this.#blocks[block] ??= []).push(line);
    this.#count += 1;
    if (this.#count - this.#dropped > this.#most + BLOCK) {
      this.#blocks[Math.floor(this.#dropped / BLOCK)] = [];
      this.#dropped += BLOCK;
    }
  }

  /** The lines that have grown since the last call: what a search has to look at again. */
  takeGrown(): number[] {
    const grown = [...this.#grown];
    this.#grown = new Set();
    return grown;
  }
}
