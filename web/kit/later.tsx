import { Suspense, useEffect, useState, type ReactNode } from 'react';
import { whenPageStands } from './page-stands.ts';

/**
 * Holds what is not seen with the page, as a dialog that is closed: it and its code come when it is wanted for the first
 * time, or once the page stands.
 */
export function Later({ isWanted, children }: { isWanted: boolean; children: ReactNode }) {
  const [isHere, setHere] = useState(isWanted);
  if (isWanted && !isHere) setHere(true);
  useEffect(() => {
    let isGone = false;
    void whenPageStands().then(() => {
      if (!isGone) setHere(true);
    });
    return () => {
      isGone = true;
    };
  }, []);
  return isHere && <Suspense fallback={null}>{children}</Suspense>;
}
