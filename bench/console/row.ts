import type { Chrome } from '#tests/kit/chromium.ts';
import type { World } from './seed.ts';

/** One line of the table. */
export interface ConsoleResult {
  what: string;
  figure: string;
  target: string;
  isMet: boolean;
}

export interface ConsoleRow {
  name: string;
  /** What the figures mean; below the table. */
  notes: readonly string[];
  measure: (tools: ConsoleTools) => Promise<ConsoleResult[]>;
}

export interface ConsoleTools {
  world: World;
  say: (line: string) => void;
  isQuick: boolean;
  /** Minutes that the page of the soak stays open. */
  soakMinutes: number;
  /** Ends when the bench ends, however that is. */
  onEnd: (close: () => Promise<unknown>) => void;
  /** A browser of its own, signed in; closed at the end of the row. */
  browser: (options?: { args?: string[]; isSignedIn?: boolean }) => Promise<Chrome>;
}
