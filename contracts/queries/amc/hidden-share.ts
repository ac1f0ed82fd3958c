/** The names we give the extra output columns (AMC §4.2), unlikely to be a user's. */
export const extraColumns = {
  discriminator: 'windlass_filtered',
  distinctUsers: 'windlass_users',
  reason: 'windlass_filter_reason',
} as const;

export interface HiddenShare {
  readonly column: string;
  readonly total: number;
  readonly hidden: number;
  /** 0 to 1; null where the column sums to nothing. */
  readonly share: number | null;
}

/** Adds up, row by row and without keeping any, how much of each metric the service summed into rows flagged as filtered. */
export class HiddenShareMeter {
  readonly #sums: { name: string; index: number; total: number; hidden: number }[];
  readonly #flagAt: number;
  #rows = 0;
  #filteredRows = 0;
  /**
   * @param header names of the result's columns
   * @param metrics names of those that are sums or counts
   * @param discriminator name of the column that flags filtered rows
   */
  constructor(
    header: readonly string[],
    metrics: readonly string[],
    discriminator: string = extraColumns.discriminator,
  ) {
    this.#flagAt = header.indexOf(discriminator);
    this.#sums = metrics.flatMap((name) => {
      const index = header.indexOf(name);
      return index < 0 ? [] : [{ name, index, total: 0, hidden: 0 }];
    });
  }
  add(row: readonly (string | null)[]): void {
    const isFiltered = this.#flagAt >= 0 && /^(true|1)$/i.test(row[this.#flagAt] ?? '');
    this.#rows++;
    if (isFiltered) this.#filteredRows++;
    for (const sum of this.#sums) {
      const value = Number(row[sum.index] ?? Number.NaN);
      if (!Number.isFinite(value)) continue;
      sum.total += value;
      if (isFiltered) sum.hidden += value;
    }
  }
  /** Counts, and of each metric the share that stands in filtered rows. */
  result(): { rows: number; filteredRows: number; isMeasured: boolean; shares: HiddenShare[] } {
    return {
      rows: this.#rows,
      filteredRows: this.#filteredRows,
      isMeasured: this.#flagAt >= 0,
      shares: this.#sums.map(({ name, total, hidden }) => ({
        column: name,
        total,
        hidden,
        share: total === 0 ? null : hidden / total,
      })),
    };
  }
}
