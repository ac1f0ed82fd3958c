import { useState } from 'react';
import { type ApiFailure, asFailure } from './failure.ts';

interface Sending {
  busy: boolean;
  /** What was wrong the last time; null while it is sent again. */
  failure: ApiFailure | null;
  setFailure: (failure: ApiFailure | null) => void;
  /** Does what a form is for. It stays busy where that succeeds, as the form goes then. */
  send: (work: () => Promise<void>) => Promise<void>;
}

/** A form that is sent: busy meanwhile, and where it is refused it stays, with what was wrong, to be sent again. */
export function useSending(): Sending {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const send = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      await work();
    } catch (error) {
      setFailure(asFailure(error));
      setBusy(false);
    }
  };
  return { busy, failure, setFailure, send };
}
