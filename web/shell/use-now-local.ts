import { useEffect, useState } from 'react';

/** The machine's own time, each second: for what the machine itself waits for (the server's clock stands while it is gone). */
export function useNowLocal(isMoving: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isMoving) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [isMoving]);
  return now;
}
