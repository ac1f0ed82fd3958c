import { useSyncExternalStore } from 'react';

let polite = '';
let assertive = '';
let lastPoliteAt = 0;
let pending: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** Says something to screen readers. Polite messages come at most one in 2 s (the last one wins); urgent ones at once. */
export function announce(message: string, how: 'polite' | 'urgent' = 'polite'): void {
  if (how === 'urgent') {
    assertive = message;
    tell();
    return;
  }
  clearTimeout(pending);
  const wait = Math.max(0, lastPoliteAt + 2_000 - Date.now());
  pending = setTimeout(() => {
    lastPoliteAt = Date.now();
    polite = message;
    tell();
  }, wait);
}

/** The page's two live regions; once, in the shell. */
export function LiveRegions() {
  const politeNow = useSyncExternalStore(
    subscribe,
    () => polite,
    () => '',
  );
  const assertiveNow = useSyncExternalStore(
    subscribe,
    () => assertive,
    () => '',
  );
  return (
    <>
      <div className="sr-only" role="status" aria-live="polite">
        {politeNow}
      </div>
      <div className="sr-only" role="alert" aria-live="assertive">
        {assertiveNow}
      </div>
    </>
  );
}
