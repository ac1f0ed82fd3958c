import { startTransition, useEffect, useState } from 'react';

/** Resolves once the browser has drawn what stands now and has nothing better to do; after a second in any case. */
export const afterPaint = (): Promise<void> =>
  new Promise((resolve) => {
    // A page that nobody looks at draws nothing, and would wait for ever.
    if (document.visibilityState === 'hidden') setTimeout(resolve);
    else requestAnimationFrame(() => requestIdleCallback(() => resolve(), { timeout: 1_000 }));
  });

/** False while a page is drawn first, true after: for parts that are heavy and can come a moment later. */
export function useIsPainted(): boolean {
  const [isPainted, setPainted] = useState(false);
  useEffect(() => {
    let isGone = false;
    void afterPaint().then(() => {
      if (!isGone) startTransition(() => setPainted(true));
    });
    return () => {
      isGone = true;
    };
  }, []);
  return isPainted;
}
