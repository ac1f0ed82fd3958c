import { useEffect, useRef, useState } from 'react';
import { z } from 'zod';
import { dropDraft, keepDraft, readDraft } from '../kit/drafts.ts';

/** How long after the last change it is kept. */
const WAIT_MS = 2_000;

/** What is kept of a text: with what it was made from, so that saving it later still knows. */
export const KeptDraft = z.object({
  yaml: z.string(),
  base: z.object({ version: z.number().nullable(), yaml: z.string() }),
  at: z.number(),
});
export type KeptDraft = z.infer<typeof KeptDraft>;

interface KeptDraftOptions {
  key: string;
  yaml: string;
  base: KeptDraft['base'];
  isChanged: boolean;
  /** Called once, with what an earlier visit left. */
  onFound: (draft: KeptDraft) => void;
}

/** Keeps unsaved text in this browser and gives it back on the next visit. `isKept`: nothing would be lost now. */
export function useKeptDraft({ key, yaml, base, isChanged, onFound }: KeptDraftOptions): { isKept: boolean } {
  const [isReady, setReady] = useState(false);
  const [kept, setKept] = useState<string | null>(null);
  const latest = useRef({ yaml, base, isChanged, kept, isReady });
  latest.current = { yaml, base, isChanged, kept, isReady };
  const found = useRef(onFound);
  found.current = onFound;

  useEffect(() => {
    let isGone = false;
    void readDraft(key).then((value) => {
      if (isGone) return;
      const draft = KeptDraft.safeParse(value);
      if (draft.success && !latest.current.isChanged) {
        setKept(draft.data.yaml);
        found.current(draft.data);
      }
      setReady(true);
    });
    return () => {
      isGone = true;
    };
  }, [key]);

  useEffect(() => {
    if (!isReady) return undefined;
    if (!isChanged) {
      setKept(null);
      void dropDraft(key);
      return undefined;
    }
    if (kept === yaml) return undefined;
    const timer = setTimeout(() => {
      void keepDraft(key, { yaml, base, at: Date.now() } satisfies KeptDraft).then((isGood) => isGood && setKept(yaml));
    }, WAIT_MS);
    return () => clearTimeout(timer);
  }, [key, yaml, base, isChanged, isReady, kept]);

  // The tab goes before the two seconds are over: what is there is kept at once.
  useEffect(() => {
    const keepNow = () => {
      const now = latest.current;
      if (now.isReady && now.isChanged && now.kept !== now.yaml)
        void keepDraft(key, { yaml: now.yaml, base: now.base, at: Date.now() } satisfies KeptDraft);
    };
    const onHide = () => document.visibilityState === 'hidden' && keepNow();
    document.addEventListener('visibilitychange', onHide);
    addEventListener('pagehide', keepNow);
    return () => {
      document.removeEventListener('visibilitychange', onHide);
      removeEventListener('pagehide', keepNow);
      keepNow();
    };
  }, [key]);

  return { isKept: isChanged && kept === yaml };
}
