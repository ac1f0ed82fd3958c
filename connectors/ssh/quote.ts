/** One word of a POSIX shell, whatever the text holds (but NUL, which no shell can). */
export const quoteWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Words for a command line: each element is one argument. */
export const quoteWords = (words: readonly string[]): string => words.map(quoteWord).join(' ');

/** Lines that set the environment before a command. Names must be checked first: see `isEnvName`. */
export const exportLines = (env: Readonly<Record<string, string>>): string =>
  Object.entries(env)
    .map(([name, value]) => `export ${name}=${quoteWord(value)}\n`)
    .join('');

export const isEnvName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);

/** Accounts as `useradd` makes them: nothing that a shell or sudo reads as anything else. */
export const isUserName = (name: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9._@-]{0,127}$/.test(name);
