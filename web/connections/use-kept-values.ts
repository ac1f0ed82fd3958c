import { useEffect, useState } from 'react';
import { isRecord } from '../kit/shape.ts';
import { dropDraft, keepDraft, readDraft } from '../kit/drafts.ts';
import { withoutSecrets, type ConnectionValues } from './connection-values.ts';

const WAIT_MS = 400;

/** What was typed before a reload, without the secrets; undefined while this browser is asked. */
export function useKeptValues(key: string): Partial<ConnectionValues> | undefined {
  const [found, setFound] = useState<Partial<ConnectionValues>>();
  useEffect(() => {
    let isGone = false;
    void readDraft(key).then((kept) => {
      // What another version of the form kept is judged by the form's own schema when it is sent.
      if (!isGone) setFound(isRecord(kept) ? (kept as Partial<ConnectionValues>) : {});
    });
    return () => {
      isGone = true;
    };
  }, [key]);
  return found;
}

/** Keeps what is typed, but never a secret. */
export function keepValues(key: string): { changed: (values: ConnectionValues) => void; drop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    changed: (values) => {
      clearTimeout(timer);
      timer = setTimeout(() => void keepDraft(key, withoutSecrets(values)), WAIT_MS);
    },
    drop: () => {
      clearTimeout(timer);
      void dropDraft(key);
    },
  };
}
