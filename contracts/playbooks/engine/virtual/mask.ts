/** Temporary. */
export const makeMask = (secrets: readonly string[]) => (text: string): string => secrets.reduce((t, s) => t.replaceAll(s, '[secret]'), text);
