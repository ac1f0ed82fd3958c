import { kebab } from './scan-arguments.ts';

type Row = Readonly<Record<string, unknown>>;
const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a cell shows; undefined for what no cell can. */
function cellOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.every((each) => typeof each === 'string') ? value.join(', ') : undefined;
  const { name } = value as Row;
  return typeof name === 'string' ? cellOf(name) : undefined; // somebody, or a thing by its name
}

/** Texts take a quarter of the terminal at most, so that several fields stand beside each other. */
const mostOf = (name: string, width: number): number =>
  /^id$|Id$/.test(name) ? Infinity : Math.min(60, Math.max(16, Math.floor(width / 4)));
const first = ['id', 'run-id', 'name', 'title', 'status', 'state', 'kind'];
const rank = (name: string): number => (first.includes(name) ? first.indexOf(name) : first.length);
const fit = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);

/** Things as a table: their plain fields, as many columns as the terminal is wide. Ids are never shortened. */
export function tableOf(things: readonly unknown[], width: number): string {
  const rows = things.map((thing) => (isRow(thing) ? thing : { value: thing }));
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
    .filter(
      (name) => rows.every((row) => cellOf(row[name]) !== undefined) && rows.some((row) => cellOf(row[name]) !== ''),
    )
    .toSorted((one, other) => rank(kebab(one)) - rank(kebab(other)));
  const shown: { name: string; width: number }[] = [];
  let left = width;
  for (const name of names) {
    const longest = Math.max(name.length, ...rows.map((row) => cellOf(row[name])?.length ?? 0));
    const wide = Math.min(longest, mostOf(name, width));
    if (shown.length > 0 && wide + 2 > left) continue;
    shown.push({ name, width: wide });
    left -= wide + 2;
  }
  const line = (cells: (column: { name: string; width: number }) => string): string =>
    shown
      .map((column) => fit(cells(column), column.width))
      .join('  ')
      .trimEnd();
  return [
    line(({ name }) => kebab(name).toUpperCase()),
    ...rows.map((row) => line(({ name }) => cellOf(row[name]) ?? '')),
  ].join('\n');
}
