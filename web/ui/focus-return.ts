import { useMemo, useRef } from 'react';

/** What had the focus last and is no part of a menu: a menu is gone by the time that what it opened is closed again. */
let lastStop: HTMLElement | null = null;
globalThis.document?.addEventListener(
  'focusin',
  ({ target }) => {
    if (target instanceof HTMLElement && !target.closest('[role=menu], [role=listbox]')) lastStop = target;
  },
  true,
);

/**
 * For a layer that no trigger of its own opens: the focus goes back to what had it when the layer came, or, where that is
 * gone (its row was deleted), to the title of the page. What has taken the focus meanwhile keeps it: the layer led on to
 * there, and one writes there already. Spread over the layer's content.
 */
export function useFocusReturn(begin?: (event: Event) => void) {
  const opener = useRef<HTMLElement | null>(null);
  return useMemo(
    () => ({
      onOpenAutoFocus: (event: Event) => {
        opener.current = lastStop;
        begin?.(event);
      },
      onCloseAutoFocus: (event: Event) => {
        event.preventDefault();
        if (document.activeElement !== null && document.activeElement !== document.body) return;
        const back = opener.current?.isConnected ? opener.current : document.querySelector<HTMLElement>('main h1');
        back?.focus({ preventScroll: true });
      },
    }),
    [begin],
  );
}
