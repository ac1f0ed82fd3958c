import type { NumberColumn } from './number-column.ts';
import { rowAt, type ResultTable, type RowOrder } from './result-table.ts';
import type { TextColumn } from './text-column.ts';

const TOP = 10;
const BINS = 24;

export interface ColumnProfile {
  column: number;
  /** Rows that were looked at: those shown. */
  rows: number;
  nulls: number;
  /** Cells that hold the empty text. */
  empty: number;
  /** Different values, null not among them. */
  distinct: number;
  /** There are at least so many; not all were told apart. */
  isDistinctCapped: boolean;
  top: { value: string; count: number }[];
  /** For numbers, days and instants. */
  numbers: NumberProfile | null;
  /** Characters of the shortest and longest text. */
  lengths: { least: number; most: number } | null;
}
export interface NumberProfile {
  /** Cells with a number; others ("NaN", "infinity"…) stand apart. */
  count: number;
  min: string;
  max: string;
  /** Null where a mean says nothing (days, instants). */
  mean: number | null;
  /** The values below which 5, 25, 50, 75 and 95 of 100 lie. */
  quantiles: { share: number; value: string }[];
  histogram: { from: string; to: string; count: number }[];
}

/** What a column holds, over the rows that are shown. */
export function profileColumn(table: ResultTable, order: RowOrder, at: number): ColumnProfile {
  const column = table.column(at);
  const rows = order?.length ?? table.rowCount;
  const profile =
    column.kind === 'text'
      ? profileText(column, order, rows)
      : profileNumbers(column, order, rows, table.columns[at]?.type ?? 'other');
  return { column: at, rows, ...profile };
}
type Found = Omit<ColumnProfile, 'column' | 'rows'>;

function profileText(column: TextColumn, order: RowOrder, rows: number): Found {
  const counts = new Uint32Array(column.texts.length);
  const { codes, texts } = column;
  for (let at = 0; at < rows; at += 1) {
    const code = codes[rowAt(order, at)] ?? 0;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  let [distinct, empty] = [0, 0];
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  const top = new Top();
  for (let code = 1; code < counts.length; code += 1) {
    const count = counts[code] ?? 0;
    if (count === 0) continue;
    const text = texts[code] ?? '';
    if (text === '') empty = count;
    if (text.length < least) least = text.length;
    if (text.length > most) most = text.length;
    distinct += 1;
    top.add(count, code);
  }
  return {
    nulls: counts[0] ?? 0,
    empty,
    distinct,
    isDistinctCapped: false,
    top: top.list.map(({ count, of }) => ({ value: texts[of] ?? '', count })),
    numbers: null,
    lengths: distinct > 0 ? { least, most } : null,
  };
}

function profileNumbers(column: NumberColumn, order: RowOrder, rows: number, type: string): Found {
  const sorted = new Float64Array(rows);
  let [count, nulls, sum] = [0, 0, 0];
  const odd = new Map<string, number>();
  let formats = 0;
  for (let at = 0; at < rows; at += 1) {
    const row = rowAt(order, at);
    const value = column.number(row);
    if (Number.isFinite(value)) {
      sorted[count] = value;
      count += 1;
      sum += value;
      const format = column.format(row);
      if (format > formats) formats = format;
    } else {
      const text = column.text(row);
      if (text === null) nulls += 1;
      else odd.set(text, (odd.get(text) ?? 0) + 1);
    }
  }
  const values = sorted.subarray(0, count).sort();
  const isBoolean = type === 'boolean';
  // Instants have many ways to be written; the first column's way is as good as another.
  const format = type === 'timestamp' ? 0 : formats;
  const say = (value: number): string =>
    type === 'decimal' || type === 'integer'
      ? trim(column.codec.print(value, format))
      : column.codec.print(value, format);
  const top = new Top();
  let distinct = odd.size;
  for (let at = 0; at < count;) {
    const value = values[at] ?? 0;
    let next = at + 1;
    while (next < count && values[next] === value) next += 1;
    distinct += 1;
    top.add(next - at, value);
    at = next;
  }
  const ranked = [
    ...top.list.map(({ count, of }) => ({ value: say(of), count })),
    ...[...odd].map(([value, count]) => ({ value, count })),
  ].sort((a, b) => b.count - a.count);
  // Numbers longer than a double holds may be one here and two in truth.
  const isDistinctCapped = [...column.exact.keys()].some((row) => Number.isFinite(column.number(row)));
  const isMeant = type === 'integer' || type === 'decimal';
  const numbers: NumberProfile | null =
    count === 0 || isBoolean
      ? null
      : {
          count,
          min: say(values[0] ?? 0),
          max: say(values[count - 1] ?? 0),
          mean: isMeant ? sum / count : null,
          quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map((share) => ({
            share,
            value: say(values[Math.min(count - 1, Math.floor(share * count))] ?? 0),
          })),
          histogram: histogramOf(
            values,
            isMeant ? (value) => String(Number(value.toPrecision(6))) : (value) => say(Math.round(value)),
          ),
        };
  return {
    nulls,
    empty: odd.get('') ?? 0,
    distinct,
    isDistinctCapped,
    top: ranked.slice(0, TOP),
    numbers,
    lengths: null,
  };
}
const trim = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

/** Bins of one width over what is sorted already. */
function histogramOf(values: Float64Array, say: (value: number) => string): NumberProfile['histogram'] {
  const [min, max] = [values[0] ?? 0, values.at(-1) ?? 0];
  if (min === max) return [{ from: say(min), to: say(max), count: values.length }];
  // Whole numbers that are few get a bin each.
  const isWhole = Number.isInteger(min) && Number.isInteger(max) && max - min < BINS && values.every(Number.isInteger);
  const bins = isWhole ? max - min + 1 : BINS;
  const width = isWhole ? 1 : (max - min) / bins;
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.floor((value - min) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count, bin) => ({
    from: say(min + bin * width),
    to: say(isWhole ? min + bin : min + (bin + 1) * width),
    count,
  }));
}

/** The most frequent of what is added, without keeping the rest. */
class Top {
  list: { count: number; of: number }[] = [];
  add(count: number, of: number): void {
    const { list } = this;
    const last = list.at(-1);
    if (list.length >= TOP && last && count <= last.count) return;
    let at = list.length;
    while (at > 0 && (list[at - 1]?.count ?? 0) < count) at -= 1;
    list.splice(at, 0, { count, of });
    if (list.length > TOP) list.pop();
  }
}
