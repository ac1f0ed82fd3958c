import { useEffect, useRef } from 'react';
import { kept } from './kept.ts';

/** A key act: `mod+k`, `shift+r`, `g r` (one after the other), `[`. */
export interface KeyAct {
  /** Empty: an act of what is selected, say, that has no key and stands in the palette alone. */
  keys: string;
  label: string;
  run: () => void;
  /** Acts that also work while a field has focus (those with a modifier). */
  inFields?: boolean;
  /** Is there anything to act on now? Where not, the key does nothing, and neither sheet nor palette names it. */
  when?: () => boolean;
  /** A row of a list that has the focus does it, and nothing else: the sheet names it, the palette cannot run it. */
  inList?: boolean;
}

/** The acts of everything on screen; those of the shell (level 0) come after those of the page and its panels (1). */
const stack: Array<{ level: number; acts: KeyAct[] }> = [];
const isThere = ({ when }: KeyAct): boolean => when?.() ?? true;
const inOrder = (levels: readonly number[] = [1, 0]): KeyAct[][] =>
  stack
    .filter(({ level }) => levels.includes(level))
    .toReversed()
    .sort((a, b) => b.level - a.level)
    .map(({ acts }) => acts.filter(isThere));
let firstKey: { key: string; at: number } | undefined;

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) ||
    target.closest('.monaco-editor') !== null);
const isLayerOpen = (): boolean =>
  document.querySelector(
    '[role="dialog"][data-state="open"], [role="alertdialog"][data-state="open"], [role="menu"][data-state="open"], [role="listbox"][data-state="open"]',
  ) !== null;

/** How an event is written in the key map. */
export function keyName(event: Pick<KeyboardEvent, 'key' | 'metaKey' | 'ctrlKey' | 'shiftKey' | 'altKey'>): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key.toLowerCase().replace('arrow', '');
  const isSign = event.key.length === 1 && event.key.toLowerCase() === event.key.toUpperCase();
  return [
    event.metaKey || event.ctrlKey ? 'mod' : '',
    event.altKey ? 'alt' : '',
    event.shiftKey && !isSign ? 'shift' : '',
    key,
  ]
    .filter(Boolean)
    .join('+');
}

/**
 * Finds the act of a key. Two keys one after the other are one act, whatever the second does alone; the page's own acts
 * come before the shell's.
 */
function actOf(name: string, at: number): KeyAct | undefined {
  const acts = inOrder()
    .flat()
    .filter(({ inList }) => !inList);
  const sequence = firstKey && at - firstKey.at < 1_200 ? `${firstKey.key} ${name}` : undefined;
  return (sequence && acts.find(({ keys }) => keys === sequence)) || acts.find(({ keys }) => keys === name);
}

/** Is it one sign alone? Somebody who speaks to their machine, or whose hand slips, may switch those off. */
const isOneSign = (name: string): boolean => !/mod|alt/.test(name) && /^(shift\+)?\S$/.test(name);

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const name = keyName(event);
  if (isOneSign(name) && kept('letters') === 'off') return;
  const inField = isField(event.target);
  if (!name.includes('mod') && (inField || isLayerOpen())) return;
  // When it was pressed, not when a busy page came to look at it.
  const at = event.timeStamp;
  const act = actOf(name, at);
  if (!act) {
    const opens = stack.some(({ acts }) => acts.some(({ keys }) => keys.startsWith(`${name} `)));
    firstKey = opens ? { key: name, at } : undefined;
    return;
  }
  firstKey = undefined;
  if (inField && !act.inFields) return;
  event.preventDefault();
  act.run();
}

/** Adds key acts while the caller is on screen. Single letters never act in fields nor under an open layer. */
export function useKeys(acts: KeyAct[], level: 0 | 1 = 1): void {
  const latest = useRef(acts);
  latest.current = acts;
  const signature = acts.map(({ keys }) => keys).join('\n');
  useEffect(() => {
    if (stack.length === 0) addEventListener('keydown', onKeyDown);
    const own = latest.current.map((act, index): KeyAct => ({
      ...act,
      run: () => latest.current[index]?.run(),
      ...(act.when && { when: () => latest.current[index]?.when?.() ?? true }),
    }));
    const entry = { level, acts: own };
    stack.push(entry);
    return () => {
      stack.splice(stack.indexOf(entry), 1);
      if (stack.length === 0) removeEventListener('keydown', onKeyDown);
    };
  }, [signature, level]);
}

const once = (acts: KeyAct[]): KeyAct[] =>
  acts.filter((act, index, all) => act.keys === '' || all.findIndex(({ keys }) => keys === act.keys) === index);

/** Every act that works now, each key once, the page's first: what the palette offers. */
export const keyActs = (): KeyAct[] => once(inOrder().flat()).filter(({ inList }) => !inList);

/** The same as the sheet lists it: what the page does, what its rows do, and what works everywhere. */
export function keySheet(): { page: KeyAct[]; list: KeyAct[]; everywhere: KeyAct[] } {
  const withKey = ({ keys }: KeyAct) => keys !== '';
  const page = once(inOrder([1]).flat()).filter(withKey);
  return {
    page: page.filter(({ inList }) => !inList),
    list: page.filter(({ inList }) => inList),
    everywhere: once(inOrder([0]).flat().filter(withKey)).filter(({ keys }) => !page.some((act) => act.keys === keys)),
  };
}

/** Is this an Apple keyboard? Elsewhere `Ctrl` stands for `⌘`. */
export const isApple = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '');
const signs: Record<string, string> = {
  mod: isApple ? '⌘' : 'Ctrl',
  shift: '⇧',
  alt: isApple ? '⌥' : 'Alt',
  enter: '↵',
  escape: 'Esc',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  ' ': 'Space',
  home: 'Home',
  end: 'End',
};
/** The caps of a key act: `mod+k` is `['⌘', 'K']`, `g r` is `['G', 'R']`. */
export const keyCaps = (keys: string): string[] =>
  keys
    .split(keys.includes(' ') && keys !== ' ' ? ' ' : '+')
    .map((key) => signs[key] ?? (key.length === 1 ? key.toUpperCase() : key));
