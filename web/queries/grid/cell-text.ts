import type { Cell, ColumnType } from '#contracts/queries/engine.ts';

/** Digits in groups of three, none of them lost: no number is made of the text. */
export function groupDigits(text: string): string {
  const match = /^(-?)(\d{4,})(\.\d+)?$/.exec(text);
  if (!match) return text;
  const [, sign = '', whole = '', fraction = ''] = match;
  return `${sign}${whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',')}${fraction}`;
}

/** A cell as it is drawn: numbers in groups where wished, instants with a space, the breaks of a text as signs. */
export function drawnText(cell: Cell, type: ColumnType, isGrouped: boolean): string {
  if (cell === null) return 'null';
  if (type === 'integer' || type === 'decimal') return isGrouped ? groupDigits(cell) : cell;
  if (type === 'timestamp') return cell.replace('T', ' ');
  return /[\n\r\t]/.test(cell) ? cell.replaceAll(/\r\n|\n|\r/g, ' ↵ ').replaceAll('\t', ' ⇥ ') : cell;
}

export const countWords = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`;
