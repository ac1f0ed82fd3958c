import { vi } from 'vitest';

/** jsdom lays nothing out and has no observer of sizes: what asks for one is told nothing. */
export function stubResizeObserver(): void {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
}
