import type { AmcCatalog } from './catalog.ts';
import { mostSensitive, type Sensitivity, sensitivityRules, usersNeeded } from './sensitivity.ts';
import { analyseQuery, type Analysis } from './sql/analyse.ts';
import { parseQuery } from './sql/parse.ts';
import { SqlSyntaxError } from './sql/syntax.ts';

export interface OutputPrivacy {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly sensitivity: Sensitivity;
  /** Users a row needs on account of this column; null: it may never be output. */
  readonly usersNeeded: number | null;
  readonly isMetric: boolean;
  /** Columns of tables it comes from, as `table.column`. */
  readonly origins: readonly string[];
}
export interface PrivacyForecast {
  readonly outputs: readonly OutputPrivacy[];
  /** Users a row of the result needs; null: the service refuses the query. */
  readonly usersNeeded: number | null;
  /**
   * `refused`: a column of it may not be output or filtered · `thin`: rows of fewer than 100 users will be hidden ·
   * `light`: only rows of a single user will be · `none`: nothing is hidden.
   */
  readonly outlook: 'refused' | 'thin' | 'light' | 'none';
  /** Output columns to leave out so that fewer rows are hidden, most sensitive first. */
  readonly coarserWithout: readonly string[];
  /** Finer than it need be: a grain in time that could be coarser, as `column → coarser column`. */
  readonly coarserGrain: readonly { readonly column: string; readonly instead: string }[];
}

/** What the service will hide of a query's result, by its text and the instance's tables. Null where it cannot be read. */
export function forecastPrivacy(sql: string, catalog: AmcCatalog): PrivacyForecast | null {
  let analysis: Analysis;
  try {
    analysis = analyseQuery(parseQuery(sql), catalog);
  } catch (error) {
    if (error instanceof SqlSyntaxError) return null;
    throw error;
  }
  const outputs = analysis.outputs.map(({ name, from, to, sensitivity, isMetric, origins }): OutputPrivacy => ({
    name,
    from,
    to,
    sensitivity,
    usersNeeded: sensitivityRules[sensitivity].usersNeeded,
    isMetric,
    origins,
  }));
  const levels = outputs.map(({ sensitivity }) => sensitivity);
  const needed = usersNeeded(levels);
  const isRefused =
    needed === null ||
    analysis.problems.some(({ code }) => code === 'sql.literal_filter' || code === 'sql.sensitive_output');
  const thin = outputs.filter((output) => (output.usersNeeded ?? 0) >= 100);
  return {
    outputs,
    usersNeeded: needed,
    outlook: isRefused ? 'refused' : thin.length > 0 ? 'thin' : mostSensitive(levels) === 'LOW' ? 'light' : 'none',
    coarserWithout: thin
      .toSorted((a, b) => (a.sensitivity === b.sensitivity ? 0 : a.sensitivity === 'HIGH' ? -1 : 1))
      .map(({ name }) => name),
    coarserGrain: outputs.flatMap(({ name, origins }) => {
      const column = origins[0]?.split('.')[1] ?? '';
      const instead = coarser(column);
      return instead ? [{ column: name, instead }] : [];
    }),
  };
}

/** Of a family of time columns (AMC §7) the next coarser one; lines of a campaign give way to the campaign. */
function coarser(column: string): string | undefined {
  const time = /^(.+?)_(dt_hour|dt|hour)(_utc)?$/.exec(column);
  if (time) return `${time[1]}_${time[2] === 'dt' ? 'dt_hour' : 'date'}${time[3] ?? ''}`;
  if (/^line_item(_id)?$/.test(column)) return column.replace('line_item', 'campaign');
  return column === 'city_name' || column === 'postal_code' ? 'iso_state_province_code' : undefined;
}

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
