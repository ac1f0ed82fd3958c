/**
 * One field of a CSV that we read back ourselves: quoted where needed, and with an apostrophe before what a spreadsheet would
 * run as a formula. `unguarded` takes that away again.
 */
export const guardedField = (text: string): string => {
  const guarded = /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n;\t]|^\s|\s$/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
};
export const unguarded = (text: string): string => (/^'+[=+\-@\t\r]/.test(text) ? text.slice(1) : text);

/** What stands between the fields of a CSV, by its first line: comma, semicolon or tab. */
export function delimiterOf(text: string): string {
  const header = text.slice(0, 20_000).split('\n', 1)[0] ?? '';
  return [',', ';', '\t'].find((mark) => header.includes(mark)) ?? ',';
}
