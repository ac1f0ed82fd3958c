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
