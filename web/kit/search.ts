/** The query of an address: plain words by name. */
export type Raw = Record<string, string | undefined>;

/** The router's own reading of `?a=b`: plain words, never JSON. */
export const parseSearch = (search: string): Raw => Object.fromEntries(new URLSearchParams(search));

/** The router's own writing; commas stay readable. */
export function stringifySearch(search: Raw): string {
  const entries = Object.entries(search).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  if (entries.length === 0) return '';
  return `?${new URLSearchParams(entries).toString().replaceAll('%2C', ',').replaceAll('%3A', ':')}`;
}

/** A query of these names but some, in one order, so that the same is written the same. */
export function queryOf(raw: Raw, names: readonly string[], but: readonly string[]): string {
  const kept = names.filter((name) => raw[name] && !but.includes(name)).toSorted();
  return new URLSearchParams(kept.map((name) => [name, raw[name] ?? ''])).toString();
}
