import { useSyncExternalStore } from 'react';

const queries = new Map<string, MediaQueryList>();
const queryOf = (text: string): MediaQueryList | undefined => {
  if (typeof matchMedia !== 'function') return undefined;
  const known = queries.get(text);
  if (known) return known;
  const made = matchMedia(text);
  queries.set(text, made);
  return made;
};

/** Does the media query hold now? Where there is no screen (tests), it does not. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = queryOf(query);
      list?.addEventListener('change', listener);
      return () => list?.removeEventListener('change', listener);
    },
    () => queryOf(query)?.matches ?? false,
    () => false,
  );
}

export const useIsPhone = (): boolean => useMedia('(max-width: 639px)');
export const useIsNarrow = (): boolean => useMedia('(max-width: 1023px)');
/** Where third panes become drawers. */
export const useIsTight = (): boolean => useMedia('(max-width: 1359px)');
