/** The parts of a JSON pointer. */
export const partsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/** A pointer one level deeper. */
export const below = (pointer: string, ...parts: readonly (string | number)[]): string =>
  `${pointer}${parts.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`;

/** The pointer of what holds this one, and its own last part. */
export function parentOf(pointer: string): { parent: string; key: string } {
  const parts = partsOf(pointer);
  const key = parts.pop() ?? '';
  return { parent: below('', ...parts), key };
}

/** What stands at a pointer; undefined where there is nothing. */
export function valueAt(value: unknown, pointer: string): unknown {
  let found: unknown = value;
  for (const part of partsOf(pointer)) {
    if (found === null || typeof found !== 'object') return undefined;
    found = (found as Record<string, unknown>)[part];
  }
  return found;
}
