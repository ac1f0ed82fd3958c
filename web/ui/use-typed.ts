import { useEffect, useRef, useState } from 'react';

/** So long after the last key what was typed is told. */
const PAUSE_MS = 250;

interface Typed {
  /** What the field shows. */
  text: string;
  setText: (text: string) => void;
  /** Does not wait for the pause. */
  tellNow: () => void;
}

/**
 * The text of a field whose value lives further away, as in the address: it is in the field with the key itself, and told
 * when the hand pauses, so that no key waits for a whole page. What changes the value elsewhere changes the field.
 */
export function useTyped(value: string, onValue: (text: string) => void): Typed {
  const [typed, setTyped] = useState<string | null>(null);
  const waiting = useRef<{ text: string; timer: ReturnType<typeof setTimeout> }>(undefined);
  const tell = useRef(onValue);
  tell.current = onValue;
  const tellNow = () => {
    const now = waiting.current;
    if (!now) return;
    clearTimeout(now.timer);
    waiting.current = undefined;
    tell.current(now.text);
  };
  useEffect(() => {
    if (!waiting.current) setTyped(null);
  }, [value]);
  useEffect(() => () => clearTimeout(waiting.current?.timer), []);
  return {
    text: typed ?? value,
    setText: (text) => {
      setTyped(text);
      clearTimeout(waiting.current?.timer);
      waiting.current = { text, timer: setTimeout(tellNow, PAUSE_MS) };
    },
    tellNow,
  };
}
