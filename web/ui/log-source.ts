/** One line of output. */
export interface LogLine {
  /** The line's number in the whole log, from 1: what `#L12` points at. */
  number: number;
  at: string;
  host: string;
  stream: 'stdout' | 'stderr' | 'system';
  text: string;
}

/** Where a log pane takes its lines from. It may hold any number; the pane asks only for those that it shows. */
export interface LogSource {
  readonly count: number;
  /** How many of the first lines are kept no longer. */
  readonly dropped: number;
  line(index: number): LogLine | undefined;
  text(index: number): string | undefined;
  /** The lines that have grown since the last call. */
  takeGrown(): number[];
}

/** A log that is all there. */
export const fixedLog = (lines: readonly LogLine[]): LogSource => ({
  count: lines.length,
  dropped: 0,
  line: (index) => lines[index],
  text: (index) => lines[index]?.text,
  takeGrown: () => [],
});
