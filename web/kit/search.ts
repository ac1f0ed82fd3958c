/** The query of an address: plain words by name. */
export type Raw = Record<string, string | undefined>;

/** The router's own reading of `?a=b`: plain words, never JSON. */
export const parseSearch = (search: string): Raw => Object.fromEntries(new URLSearchParams(search));
/** A query of these names alone, in one order, so that the same is written the same. */
export function queryOf(raw: Raw, names: readonly string[]): string {
  const kept = new URLSearchParams();
  for (const name of names.toSorted()) {
    const value = raw[name];
    if (value) kept.set(name, value);
  }
  return kept.toString();
}

/** The router's own writing; commas stay readable. */
export function stringifySearch(search: Raw): string {
  const entries = Object.entries(search).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  if (entries.length === 0) return '';
  return `?${new URLSearchParams(entries).toString().replaceAll('%2C', ',').replaceAll('%3A', ':')}`;
}
