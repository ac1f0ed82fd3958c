/** The states of a text, to go back and forth between. */
export interface History {
  readonly text: string;
  readonly past: readonly string[];
  readonly future: readonly string[];
  /** What the last change was about, and when: changes of one thing in quick succession are one. */
  readonly about: string;
  readonly at: number;
}

const MOST = 200;
const TOGETHER_MS = 1_200;

export const beginHistory = (text: string): History => ({ text, past: [], future: [], about: '', at: 0 });

/** A change. Those of the same thing that follow each other quickly are undone together. */
export function changeText(history: History, text: string, about: string, now: number): History {
  if (text === history.text) return history;
  const isOne = about !== '' && about === history.about && now - history.at < TOGETHER_MS;
  const past = isOne ? history.past : [...history.past, history.text].slice(-MOST);
  return { text, past, future: [], about, at: now };
}

export function undoText(history: History): History {
  const text = history.past.at(-1);
  if (text === undefined) return history;
  return { text, past: history.past.slice(0, -1), future: [history.text, ...history.future], about: '', at: 0 };
}

export function redoText(history: History): History {
  const [text, ...future] = history.future;
  if (text === undefined) return history;
  return { text, past: [...history.past, history.text], future, about: '', at: 0 };
}
