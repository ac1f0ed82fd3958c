import { useState } from 'react';
import { asFailure, type ApiFailure } from '../kit/failure.ts';

/** One call at a time: whether it is under way, and why the last one failed. */
export function useAsk(onFailure?: () => void) {
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState(false);
  const ask = async <T>(work: () => Promise<T>, then: (answer: T) => void): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      then(await work());
    } catch (error) {
      setFailure(asFailure(error));
      onFailure?.();
    } finally {
      setBusy(false);
    }
  };
  return { ask, busy, failure };
}
