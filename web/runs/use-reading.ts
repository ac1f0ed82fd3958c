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
  const [isHovered, setHovered] = useState(false);
  const [isScrolled, setScrolled] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const focused = useRef('');
  const leaving = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(leaving.current), []);
  const handlers = useMemo(
    () => ({
      onPointerEnter: (event: PointerEvent) => {
        if (event.pointerType !== 'mouse') return;
        clearTimeout(leaving.current);
        setHovered(true);
      },
      onPointerLeave: (event: PointerEvent) => {
        if (event.pointerType !== 'mouse') return;
        clearTimeout(leaving.current);
        leaving.current = setTimeout(() => setHovered(false), graceMs);
      },
      onScrollCapture: (event: UIEvent) => setScrolled((event.target as HTMLElement).scrollTop > 0),
      onFocus: (event: FocusEvent) => {
        focused.current = (event.target as HTMLElement).closest(`[${rowAttribute}]`)?.getAttribute(rowAttribute) ?? '';
        setFocused(focused.current !== '');
      },
      onBlur: (event: FocusEvent) => {
        if (event.currentTarget.contains(event.relatedTarget as Node | null)) return;
        focused.current = '';
        setFocused(false);
      },
    }),
    [rowAttribute],
  );
  /** Lets the list go on and shows its head. */
  const release = useCallback(() => {
    setHovered(false);
    setScrolled(false);
    gridOf(list)?.scrollTo({ top: 0 });
  }, [list]);
  const focusFirst = useCallback(() => {
    gridOf(list)?.querySelector<HTMLElement>('[role=row][data-index]')?.focus();
  }, [list]);
  return {
    isReading: isHovered || isScrolled || isFocused,
    handlers,
    release,
    focusFirst,
    /** The run whose row has focus. */
    focusedId: () => focused.current,
  };
}
