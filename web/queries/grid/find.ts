import { rowAt, type ResultTable, type RowOrder } from './result-table.ts';

/** So many places are kept; beyond, the count says "at least". */
export const FIND_LIMIT = 10_000;
/** Cells that are looked at before other work gets its turn. */
const SLICE = 400_000;

export interface Found {
  /** `row place × columns + column place`, rising: the order in which one reads. */
  matches: number[];
  isComplete: boolean;
}

/** Looks for a text in the cells shown, step by step. Case does not count; numbers are found with or without commas. */
export class Find {
  readonly #table: ResultTable;
  readonly #order: RowOrder;
  readonly #columns: readonly number[];
  readonly #holds: ((row: number) => boolean)[];
  readonly matches: number[] = [];
  #next = 0;

  constructor(table: ResultTable, order: RowOrder, columns: readonly number[], needle: string) {
    this.#table = table;
    this.#order = order;
    this.#columns = columns;
    const wanted = needle.toLowerCase();
    const plain = /^-?[\d,.]+$/.test(wanted) ? wanted.replaceAll(',', '') : wanted;
    this.#holds = columns.map((at) => {
      const column = table.column(at);
      if (column.kind === 'number') {
        // Letters are in no number, unless it is kept as text.
        const isHopeless = column.exact.size === 0 && /[^\d.,\-+:tz truefals]/.test(wanted);
        return isHopeless ? () => false : (row) => (column.text(row) ?? '').toLowerCase().includes(plain);
      }
      const verdicts = new Uint8Array(column.texts.length); // 0: not looked at, 1: no, 2: yes
      return (row) => {
        const code = column.codes[row] ?? 0;
        if (code === 0) return false;
        if (verdicts[code] === 0) verdicts[code] = (column.texts[code] ?? '').toLowerCase().includes(wanted) ? 2 : 1;
        return verdicts[code] === 2;
      };
    });
  }

  /** Looks a little further. @returns whether all has been looked at, or enough found */
  step(): boolean {
    const count = this.#order?.length ?? this.#table.rowCount;
    const width = this.#columns.length;
    const end = Math.min(count, this.#next + Math.max(1, Math.floor(SLICE / Math.max(1, width))));
    for (; this.#next < end; this.#next += 1) {
      const row = rowAt(this.#order, this.#next);
      for (const [at, holds] of this.#holds.entries()) if (holds(row)) this.matches.push(this.#next * width + at);
      if (this.matches.length >= FIND_LIMIT) return true;
    }
    return this.#next >= count;
  }
  /** Rows looked at so far. */
  get looked(): number {
    return this.#next;
  }
}
