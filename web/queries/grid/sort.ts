import { compareDecimals, readDecimal } from './exact-decimal.ts';
import type { NumberColumn } from './number-column.ts';
import { rowAt, type DataColumn, type ResultTable, type RowOrder } from './result-table.ts';
import { radixSort, rankTexts, type TextOrder } from './text-order.ts';

export interface SortKey {
  column: number;
  isDescending: boolean;
}
/** What a row sorts by: two 32-bit halves, the high one left out where the low one tells it all. Nulls are the greatest. */
interface Ranks {
  high: Uint32Array | null;
  low: Uint32Array;
}
const NULL = 0xff_ff_ff_ff;

/**
 * Rows in order of the keys, the first counts most; rows that are equal keep their order. Nulls come last in either
 * direction, what is no number after all numbers. A radix sort: time grows with the rows alone.
 */
export function sortRows(
  table: ResultTable,
  rows: RowOrder,
  keys: readonly SortKey[],
  { textOrder = 'language' as TextOrder, count = rows?.length ?? table.rowCount } = {},
): Uint32Array {
  let order: Uint32Array = new Uint32Array(count);
  for (let at = 0; at < count; at += 1) order[at] = rowAt(rows, at);
  // From the key that counts least: each pass keeps the order of the one before among equals.
  for (const { column, isDescending } of keys.toReversed()) {
    const { high, low } = ranksOf(table.column(column), order, isDescending, textOrder);
    ({ order } = radixSort(order, low, high));
  }
  return order;
}

function ranksOf(column: DataColumn, order: Uint32Array, isDescending: boolean, textOrder: TextOrder): Ranks {
  const low = new Uint32Array(order.length);
  if (column.kind === 'text') {
    const ranks = rankTexts(column.texts, textOrder);
    const top = column.texts.length;
    const { codes } = column;
    for (let at = 0; at < order.length; at += 1) {
      const code = codes[order[at] ?? 0] ?? 0;
      const rank = ranks[code] ?? 0;
      low[at] = code === 0 ? NULL : isDescending ? top - rank : rank;
    }
    return { high: null, low };
  }
  if (column.exact.size > 0) return { high: null, low: rankExact(column, order, isDescending) };
  return rankNumbers(column, order, isDescending, low);
}

const NOT_A_NUMBER = { high: NULL, low: NULL - 1 };

/** Float64 bits in an order that unsigned numbers have: negative ones turned over, positive ones above them. */
function rankNumbers(column: NumberColumn, order: Uint32Array, isDescending: boolean, low: Uint32Array): Ranks {
  const { values } = column;
  const flip = isDescending ? NULL : 0;
  if (!(values instanceof Float64Array)) {
    for (let at = 0; at < order.length; at += 1) {
      const value = column.number(order[at] ?? 0);
      low[at] = Number.isNaN(value) ? NULL : (value + 0x80_00_00_00) ^ flip;
    }
    return { high: null, low };
  }
  const high = new Uint32Array(order.length);
  // A view of the bits of each double; a little-endian machine has the high half second.
  const halves = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const highAt = isLittleEndian ? 1 : 0;
  for (let at = 0; at < order.length; at += 1) {
    const row = order[at] ?? 0;
    const value = values[row] ?? Number.NaN;
    if (Number.isNaN(value)) {
      const isNull = column.isNull(row);
      high[at] = isNull ? NULL : NOT_A_NUMBER.high ^ flip;
      low[at] = isNull ? NULL : NOT_A_NUMBER.low ^ flip;
      continue;
    }
    const top = value === 0 ? 0 : (halves[row * 2 + highAt] ?? 0);
    const bottom = value === 0 ? 0 : (halves[row * 2 + 1 - highAt] ?? 0);
    const isNegative = top >= 0x80_00_00_00;
    high[at] = (isNegative ? ~top : top ^ 0x80_00_00_00) ^ flip;
    low[at] = (isNegative ? ~bottom : bottom) ^ flip;
  }
  return { high, low };
}
const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Where digits beyond a double's count, rows are compared to the last of them. */
function rankExact(column: NumberColumn, order: Uint32Array, isDescending: boolean): Uint32Array {
  const decimals = new Map<number, ReturnType<typeof readDecimal>>();
  const exactly = (row: number) => {
    const known = decimals.get(row);
    if (known !== undefined) return known;
    const read = readDecimal(column.text(row) ?? '');
    decimals.set(row, read);
    return read;
  };
  const compare = (a: number, b: number): number => {
    const [first, second] = [column.number(a), column.number(b)];
    if (first !== second) {
      if (Number.isNaN(first)) return Number.isNaN(second) ? 0 : 1;
      return Number.isNaN(second) || first < second ? -1 : 1;
    }
    if (!column.exact.has(a) && !column.exact.has(b)) return 0;
    const [x, y] = [exactly(a), exactly(b)];
    return x && y ? compareDecimals(x, y) : 0;
  };
  const places = new Uint32Array(order.length);
  for (let at = 0; at < places.length; at += 1) places[at] = at;
  places.sort((a, b) => compare(order[a] ?? 0, order[b] ?? 0));
  const ranks = new Uint32Array(order.length);
  let rank = 1;
  for (const [at, place] of places.entries()) {
    const before = places[at - 1];
    if (before !== undefined && compare(order[before] ?? 0, order[place] ?? 0) !== 0) rank += 1;
    const row = order[place] ?? 0;
    ranks[place] = column.isNull(row) ? NULL : isDescending ? NULL - 1 - rank : rank;
  }
  return ranks;
}
