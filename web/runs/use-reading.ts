import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type FocusEvent,
  type PointerEvent,
  type RefObject,
  type UIEvent,
} from 'react';

/** How long the list still holds after the pointer left it, so that "3 new runs" can be reached before it lets go. */
const graceMs = 800;
const gridOf = (list: RefObject<HTMLElement | null>) => list.current?.querySelector<HTMLElement>('[role=grid]');

/** Is somebody reading the list: is it scrolled, under the pointer, or does one of its rows have focus? Then it holds still. */
export function useReading(list: RefObject<HTMLElement | null>, rowAttribute = 'data-run') {
  const [isReading, setReading] = useState(false);
  /** Of these, any is enough: what changes among them draws nothing anew, least of all at the first turn of the wheel. */
  const signs = useRef({ isHovered: false, isScrolled: false, isFocused: false });
  const note = useCallback((seen: Partial<typeof signs.current>) => {
    Object.assign(signs.current, seen);
    setReading(Object.values(signs.current).some(Boolean));
  }, []);
  const focused = useRef('');
  const leaving = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(leaving.current), []);
  const handlers = useMemo(
    () => ({
      onPointerEnter: (event: PointerEvent) => {
        if (event.pointerType !== 'mouse') return;
        clearTimeout(leaving.current);
        note({ isHovered: true });
      },
      onPointerLeave: (event: PointerEvent) => {
        if (event.pointerType !== 'mouse') return;
        clearTimeout(leaving.current);
        leaving.current = setTimeout(() => note({ isHovered: false }), graceMs);
      },
      onScrollCapture: (event: UIEvent) => note({ isScrolled: (event.target as HTMLElement).scrollTop > 0 }),
      onFocus: (event: FocusEvent) => {
        focused.current = (event.target as HTMLElement).closest(`[${rowAttribute}]`)?.getAttribute(rowAttribute) ?? '';
        note({ isFocused: focused.current !== '' });
      },
      onBlur: (event: FocusEvent) => {
        if (event.currentTarget.contains(event.relatedTarget as Node | null)) return;
        focused.current = '';
        note({ isFocused: false });
      },
    }),
    [rowAttribute, note],
  );
  /** Lets the list go on and shows its head. */
  const release = useCallback(() => {
    note({ isHovered: false, isScrolled: false });
    gridOf(list)?.scrollTo({ top: 0 });
  }, [list, note]);
  const focusFirst = useCallback(() => {
    gridOf(list)?.querySelector<HTMLElement>('[role=row][data-index]')?.focus();
  }, [list]);
  return {
    isReading,
    handlers,
    release,
    focusFirst,
    /** The run whose row has focus. */
    focusedId: () => focused.current,
  };
}
