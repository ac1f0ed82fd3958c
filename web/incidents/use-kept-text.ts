import { useEffect, useRef, useState } from 'react';
import { dropDraft, keepDraft, readDraft } from '../kit/drafts.ts';
import { useMe } from '../kit/session.ts';
import { currentWorkspace } from '../kit/workspace.ts';

const PAUSE_MS = 400;

/**
 * A text that is not sent yet: this browser keeps it over a reload, until it is sent or thrown away.
 * @returns `text` undefined while the browser is still asked and nobody has typed
 */
export function useKeptText(name: string): {
  text: string | undefined;
  setText: (text: string) => void;
  drop: () => void;
} {
  const { user } = useMe();
  const key = `${user.id} ${currentWorkspace() ?? ''} ${name}`;
  const [text, setShown] = useState<string>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const waiting = useRef<string>(undefined);
  useEffect(() => {
    let isGone = false;
    setShown(undefined);
    void readDraft(key).then((kept) => {
      // What was typed while the browser was asked is newer.
      if (!isGone) setShown((typed) => typed ?? (typeof kept === 'string' ? kept : ''));
    });
    return () => {
      isGone = true;
      clearTimeout(timer.current);
      if (waiting.current !== undefined) void keepDraft(key, waiting.current);
      waiting.current = undefined;
    };
  }, [key]);
  return {
    text,
    setText: (next) => {
      setShown(next);
      waiting.current = next;
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        waiting.current = undefined;
        void (next === '' ? dropDraft(key) : keepDraft(key, next));
      }, PAUSE_MS);
    },
    drop: () => {
      clearTimeout(timer.current);
      waiting.current = undefined;
      setShown('');
      void dropDraft(key);
    },
  };
}
