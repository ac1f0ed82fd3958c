import { isHidden, type Sensitivity, sensitivityRules } from '#contracts/queries/amc/sensitivity.ts';

export type Cell = string | number | bigint | null;
export interface PrivacyPlan {
  /** Of the result's columns. */
  readonly columns: readonly { readonly name: string; readonly sensitivity: Sensitivity; readonly isMetric: boolean }[];
  /** Names of extra columns; empty: none. */
  readonly discriminator: string;
  readonly distinctUsers: string;
  readonly reason: string;
  /** Blank what is too thin and sum the rest, instead of leaving rows out. */
  readonly isKeepingTotals: boolean;
  /** False where the sandbox may show everything, and where no person's events are read. */
  readonly isOn: boolean;
  /** Told in reasons. */
  readonly table: string;
}

/** Applies AMC §5 to rows with the number of users behind each (100 stands for 100 and more). */
export class PrivacyFilter {
  readonly #plan: PrivacyPlan;
  readonly #needed: number;
  readonly #merged = new Map<string, { cells: Cell[]; users: number; reason: string }>();
  removedRows = 0;

  constructor(plan: PrivacyPlan) {
    this.#plan = plan;
    this.#needed = Math.max(
      1,
      ...plan.columns.map(({ sensitivity }) => sensitivityRules[sensitivity].usersNeeded ?? 100),
    );
  }

  get header(): string[] {
    const { columns, discriminator, distinctUsers, reason } = this.#plan;
    return [...columns.map(({ name }) => name), ...[discriminator, distinctUsers, reason].filter(Boolean)];
  }

  /** The row as it is shown, or null where it is left out or kept to be summed. */
  take(cells: readonly Cell[], users: number): Cell[] | null {
    if (!this.#plan.isOn || users >= this.#needed) return this.#withExtras(cells, users, false, '');
    this.removedRows++;
    if (!this.#plan.isKeepingTotals) return null;
    const { columns } = this.#plan;
    const blanked = cells.map((cell, at) => (isHidden(columns[at]?.sensitivity ?? 'NONE', users) ? null : cell));
    const key = JSON.stringify(blanked.map((cell, at) => (columns[at]?.isMetric ? null : String(cell))));
    const before = this.#merged.get(key);
    const reason = `${users} '${this.#plan.table}' users < ${this.#needed} required`;
    if (!before) {
      this.#merged.set(key, { cells: blanked, users, reason });
      return null;
    }
    before.cells = before.cells.map((cell, at) => (columns[at]?.isMetric ? sum(cell, blanked[at] ?? null) : cell));
    before.users = Math.min(100, before.users + users);
    return null;
  }

  /** What was summed, flagged, after all rows were taken. */
  *rest(): Generator<Cell[]> {
    for (const { cells, users, reason } of this.#merged.values()) yield this.#withExtras(cells, users, true, reason);
  }

  #withExtras(cells: readonly Cell[], users: number, isFiltered: boolean, reason: string): Cell[] {
    const { discriminator, distinctUsers, reason: reasonColumn } = this.#plan;
    return [
      ...cells,
      ...(discriminator ? [isFiltered ? 'true' : 'false'] : []),
      ...(distinctUsers ? [Math.min(users, Math.max(2, this.#needed))] : []),
      ...(reasonColumn ? [reason === '' ? null : reason] : []),
    ];
  }
}

const sum = (a: Cell, b: Cell): Cell => {
  if (a === null) return b;
  if (b === null) return a;
  return Number(a) + Number(b);
};
