/** A text as a part of a pattern of LIKE: `%`, `_` and `\` in it stand for themselves. */
export const literally = (text: string): string => text.replaceAll(/[\\%_]/g, String.raw`\$&`);

/** A text anywhere in a column, whatever it holds of `%` and `_`. */
export const contains = (text: string): string => `%${literally(text)}%`;
