import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
/** A kept preference as it is now; null where nothing was kept. */
export const kept = (key: string): string | null => {
  try {
    return localStorage.getItem(`wl.${key}`);
  } catch {
    return null; // storage may be forbidden; then nothing is kept
  }
};

/** Keeps a small preference of this browser's user (theme, folded rail, widths). Never anything secret. */
export function keep(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`wl.${key}`);
    else localStorage.setItem(`wl.${key}`, value);
  } catch {
    // Not kept; the page works all the same.
  }
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    removeEventListener('storage', listener);
  };
};

/** A kept preference and its setter; other tabs follow. */
export function useKept(key: string, fallback: string): [string, (value: string) => void] {
  const value = useSyncExternalStore(
    subscribe,
    () => kept(key) ?? fallback,
    () => fallback,
  );
  return [value, (next) => keep(key, next === fallback ? null : next)];
}
