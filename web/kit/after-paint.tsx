import { type ReactNode, startTransition, Suspense, useEffect, useState } from 'react';

/** Resolves once the browser has drawn what stands now and has nothing better to do; after a second in any case. */
export const afterPaint = (): Promise<void> =>
  new Promise((resolve) => {
    // A page that nobody looks at draws nothing, and would wait for ever.
    if (document.visibilityState === 'hidden') setTimeout(resolve);
    else requestAnimationFrame(() => whenIdle(resolve));
  });

/** Safari has no idle callbacks: there it is the next task. */
function whenIdle(then: () => void): void {
  if ('requestIdleCallback' in window) requestIdleCallback(then, { timeout: 1_000 });
  else setTimeout(then);
}

/**
 * Counts up to `most`, one for each time the browser has drawn and has nothing better to do: what is heavy as a whole is
 * drawn part by part, and a touch in between is not kept waiting for all of it.
 */
export function useParts(most: number): number {
  const [parts, setParts] = useState(0);
  useEffect(() => {
    if (parts >= most) return;
    let isGone = false;
    void afterPaint().then(() => {
      if (!isGone) startTransition(() => setParts(parts + 1));
    });
    return () => {
      isGone = true;
    };
  }, [parts, most]);
  return parts;
}

/** False while a page is drawn first, true after: for parts that are heavy and can come a moment later. */
export const useIsPainted = (): boolean => useParts(1) === 1;

/** Holds what is not read first: it and its code come once what is there has been drawn, and something stands in its place. */
export function AfterPaint({ instead, children }: { instead: ReactNode; children: ReactNode }) {
  return <Suspense fallback={instead}>{useIsPainted() ? children : instead}</Suspense>;
}
