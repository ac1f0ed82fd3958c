import { useEffect, useState, type RefObject } from 'react';

/**
 * One part of the page over all of it, and back. What lies behind answers to no key and no screen reader meanwhile; what
 * tells of changes (live regions) goes on, and what opens over it (menus, dialogs) does too.
 */
export function useFullWindow(part: RefObject<HTMLElement | null>): { isFull: boolean; toggle: () => void } {
  const [isFull, setFull] = useState(false);
  useEffect(() => {
    if (!isFull) return undefined;
    const behind: HTMLElement[] = [];
    for (let node = part.current; node && node !== document.body; node = node.parentElement)
      for (const other of node.parentElement?.children ?? [])
        if (other !== node && other instanceof HTMLElement && !other.inert && !tells(other)) behind.push(other);
    for (const node of behind) node.inert = true;
    return () => {
      for (const node of behind) node.inert = false;
    };
  }, [isFull, part]);
  return { isFull, toggle: () => setFull((was) => !was) };
}

const tells = (node: HTMLElement): boolean => node.matches('[aria-live], script, style');
