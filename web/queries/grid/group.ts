import { rowAt, type DataColumn, type ResultTable, type RowOrder } from './result-table.ts';

export type Measure = 'count' | 'sum' | 'average' | 'least' | 'most';
/** How instants and days are put together. */
export type Grain = 'each' | 'hour' | 'day' | 'week' | 'month' | 'year';

export interface Grouping {
  /** What the groups are made by. */
  dimension: number;
  grain: Grain;
  measure: Measure;
  /** The numbers that are measured; null for `count`. */
  of: number | null;
  limit: number;
}
export interface Grouped {
  groups: { label: string | null; value: number; rows: number }[];
  /** Groups that there are; more than are given where the limit cut. */
  total: number;
  /** Rows of the groups that were cut. */
  restRows: number;
  /** Along an axis (numbers, days, instants) or, with names, the greatest first. */
  isOrdered: boolean;
}

const dayUs = 86_400e6;

/** Puts rows with one value together and measures them. Null is a group of its own. */
export function groupRows(
  table: ResultTable,
  order: RowOrder,
  { dimension, grain, measure, of, limit }: Grouping,
): Grouped {
  const by = table.column(dimension);
  const type = table.columns[dimension]?.type;
  const measured = of === null ? null : table.column(of);
  const keyOf = keysOf(by, type, grain);
  const groups = new Map<number | string, { at: number; rows: number; count: number; value: number }>();
  const count = order?.length ?? table.rowCount;
  for (let at = 0; at < count; at += 1) {
    const row = rowAt(order, at);
    const key = keyOf(row);
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { at: row, rows: 0, count: 0, value: Number.NaN }));
    group.rows += 1;
    if (measure === 'count' || measured?.kind !== 'number') continue;
    const value = measured.number(row);
    if (Number.isNaN(value)) continue;
    group.count += 1;
    if (group.count === 1) group.value = value;
    else if (measure === 'least') group.value = Math.min(group.value, value);
    else if (measure === 'most') group.value = Math.max(group.value, value);
    else group.value += value;
  }
  const isOrdered = by.kind === 'number' && type !== 'boolean';
  const all = [...groups].map(([key, group]) => ({
    key,
    rows: group.rows,
    label: labelOf(by, key, group.at, type, grain),
    value: measure === 'count' ? group.rows : measure === 'average' ? group.value / group.count : group.value,
  }));
  if (isOrdered) all.sort((a, b) => (typeof a.key === 'number' && typeof b.key === 'number' ? a.key - b.key : 0));
  else all.sort((a, b) => (Number.isNaN(a.value) ? 1 : Number.isNaN(b.value) ? -1 : b.value - a.value));
  // Along an axis the last are the newest; of names the first are the greatest.
  const shown = isOrdered ? all.slice(-limit) : all.slice(0, limit);
  return {
    groups: shown.map(({ label, value, rows }) => ({ label, value, rows })),
    total: all.length,
    restRows: count - shown.reduce((sum, { rows }) => sum + rows, 0),
    isOrdered,
  };
}

const NULL_KEY = Number.NEGATIVE_INFINITY;

/** What rows of one group have in common. */
function keysOf(by: DataColumn, type: string | undefined, grain: Grain): (row: number) => number | string {
  if (by.kind === 'text') return (row) => by.codes[row] ?? 0;
  const floor = type === 'timestamp' ? floorUs(grain) : type === 'date' ? floorDay(grain) : (value: number) => value;
  return (row) => {
    const value = by.number(row);
    if (Number.isNaN(value)) return by.isNull(row) ? NULL_KEY : (by.text(row) ?? '');
    return floor(value);
  };
}

const floorUs = (grain: Grain): ((value: number) => number) => {
  if (grain === 'each') return (value) => value;
  if (grain === 'hour') return (value) => Math.floor(value / 3_600e6) * 3_600e6;
  const floor = floorDay(grain);
  return (value) => floor(Math.floor(value / dayUs)) * dayUs;
};
const floorDay = (grain: Grain): ((day: number) => number) => {
  // Weeks begin on Monday; the first day of 1970 was a Thursday.
  if (grain === 'week') return (day) => Math.floor((day + 3) / 7) * 7 - 3;
  if (grain !== 'month' && grain !== 'year') return (day) => day;
  const known = new Map<number, number>();
  return (day) => {
    const found = known.get(day);
    if (found !== undefined) return found;
    const date = new Date(day * 86_400_000);
    const floor = Date.UTC(date.getUTCFullYear(), grain === 'month' ? date.getUTCMonth() : 0, 1) / 86_400_000;
    known.set(day, floor);
    return floor;
  };
};

function labelOf(
  by: DataColumn,
  key: number | string,
  row: number,
  type: string | undefined,
  grain: Grain,
): string | null {
  if (by.isNull(row)) return null;
  if (typeof key === 'string' || by.kind === 'text' || grain === 'each') return by.text(row);
  if (type !== 'timestamp' && type !== 'date') return by.text(row);
  const iso = new Date(type === 'date' ? key * 86_400_000 : key / 1e3).toISOString();
  const length = { hour: 13, day: 10, week: 10, month: 7, year: 4 }[grain];
  return grain === 'hour' ? `${iso.slice(0, length).replace('T', ' ')}:00` : iso.slice(0, length);
}
