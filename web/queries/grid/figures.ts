import { addDecimals, decimalText, divideDecimal, readDecimal, type ExactDecimal } from './exact-decimal.ts';
import type { NumberColumn } from './number-column.ts';
import { rowAt, type ResultTable, type RowOrder } from './result-table.ts';

export interface SelectionFigures {
  cells: number;
  nulls: number;
  /** Cells of number columns that hold a number: of these are sum and average. */
  numbers: number;
  /** To the last digit, also beyond what a double holds. Null without numbers. */
  sum: string | null;
  /** Rounded to six digits after the point. */
  average: string | null;
}

/** What the status line says of the selected cells: rows by place in the order, end not included. */
export function selectionFigures(
  table: ResultTable,
  order: RowOrder,
  { fromRow, toRow, columns }: { fromRow: number; toRow: number; columns: readonly number[] },
): SelectionFigures {
  let sum: ExactDecimal = { digits: 0n, scale: 0 };
  let [nulls, numbers] = [0, 0];
  const end = Math.min(toRow, order?.length ?? table.rowCount);
  for (const at of columns) {
    const column = table.column(at);
    const type = table.columns[at]?.type;
    const isNumeric = column.kind === 'number' && (type === 'integer' || type === 'decimal');
    if (isNumeric) {
      const found = sumColumn(column, order, fromRow, end);
      sum = addDecimals(sum, found.sum);
      numbers += found.numbers;
      nulls += found.nulls;
    } else for (let row = fromRow; row < end; row += 1) if (column.isNull(rowAt(order, row))) nulls += 1;
  }
  return {
    cells: Math.max(0, end - fromRow) * columns.length,
    nulls,
    numbers,
    sum: numbers > 0 ? decimalText(sum, { trim: true }) : null,
    average: numbers > 0 ? decimalText(divideDecimal(sum, numbers, Math.max(6, sum.scale)), { trim: true }) : null,
  };
}

/** Adds in whole steps of the last digit, so that no double rounds: 0.1 + 0.2 is 0.3. */
function sumColumn(column: NumberColumn, order: RowOrder, from: number, to: number) {
  // By digits of the fraction; what is added stays a safe integer, and is carried over before it could not be.
  const steps: number[] = [];
  let sum: ExactDecimal = { digits: 0n, scale: 0 };
  let [numbers, nulls] = [0, 0];
  const carry = (scale: number): void => {
    sum = addDecimals(sum, { digits: BigInt(steps[scale] ?? 0), scale });
    steps[scale] = 0;
  };
  for (let at = from; at < to; at += 1) {
    const row = rowAt(order, at);
    const exact = column.exact.size > 0 ? column.exact.get(row) : undefined;
    if (exact !== undefined) {
      const read = readDecimal(exact);
      if (!read) continue;
      sum = addDecimals(sum, read);
      numbers += 1;
      continue;
    }
    const value = column.number(row);
    if (Number.isNaN(value)) {
      nulls += 1;
      continue;
    }
    const scale = column.format(row);
    // At most 15 digits (`decimalCodec`), so the product lies within half a step of the whole number it stands for.
    const next = (steps[scale] ?? 0) + Math.round(value * 10 ** scale);
    steps[scale] = next;
    if (next > 2 ** 52 || next < -(2 ** 52)) carry(scale);
    numbers += 1;
  }
  for (const scale of steps.keys()) carry(scale);
  return { sum, numbers, nulls };
}
