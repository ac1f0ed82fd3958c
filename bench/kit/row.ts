import type { Product } from './product.ts';

/** One line of the table. */
export interface Result {
  /** What was measured, of which bench. */
  what: string;
  ours: string;
  peer: string;
  /** Absent where the target is a plain figure. */
  ratio?: string;
  target: string;
  isMet: boolean | null;
}

export interface Row {
  name: string;
  /** What the figures mean; below the table. */
  notes: readonly string[];
  /** Starts what it needs and ends it again. A row without `product` starts its own. */
  measure: (tools: RowTools) => Promise<Result[]>;
}

export interface RowTools {
  /** The installation all rows share, started at the first call. */
  product: () => Promise<Product>;
  say: (line: string) => void;
  /** Ends when the bench ends, however that is. */
  onEnd: (close: () => Promise<unknown>) => void;
  /** 1 for the whole measurement; below, fewer rounds, for trying the bench itself. */
  scale: number;
}

export const rounds = ({ scale }: RowTools, full: number, least = 3): number =>
  Math.max(least, Math.round(full * scale));
