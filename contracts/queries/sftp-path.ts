/** What a path may hold in braces. */
const placeholders = ['date', 'time', 'run'] as const;

/** Why a path may not be written to, as a sentence; null where it may. Of the path as it is set, or as it was filled in. */
export function sftpPathFault(path: string): string | null {
  if (/[\p{Cc}\\]/u.test(path)) return 'A path without backslashes and control characters.';
  if (path.startsWith('~')) return 'A path without “~”: it begins where the account does.';
  const parts = path.split('/');
  if (parts.includes('..') || parts.includes('.')) return 'A path without “.” and “..”.';
  if (parts.at(-1) === '') return 'A path that ends in a file’s name.';
  if (parts.slice(1).includes('')) return 'A path without empty parts.';
  const unknown = [...path.matchAll(/\{([^{}]*)\}/g)].find(([, name]) => !placeholders.some((known) => known === name));
  if (unknown) return `There is no placeholder ${unknown[0]}: {date}, {time} and {run} are.`;
  return /[{}]/.test(path.replaceAll(/\{[^{}]*\}/g, '')) ? 'A brace that is open or alone.' : null;
}

/**
 * The path of one run: the same however often it is asked.
 * @param at the time of the schedule, or when the run began
 */
export function filledPath(
  path: string,
  { at, timeZone, runId }: { at: Date; timeZone: string; runId: string },
): string {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return path
    .replaceAll('{date}', `${parts['year']}-${parts['month']}-${parts['day']}`)
    .replaceAll('{time}', `${parts['hour']}${parts['minute']}${parts['second']}`)
    .replaceAll('{run}', runId);
}
