/** Joins class names; what is falsy is left out. */
export const cx = (...names: Array<string | false | null | undefined>): string => names.filter(Boolean).join(' ');
