import { cloneElement, useEffect, useLayoutEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { fetchLater } from '../kit/fetch-later.ts';
import { whenPageStands } from '../kit/page-stands.ts';
import type { OpensMenu } from './top-menus.tsx';

type Menus = typeof import('./top-menus.tsx');
/** Once they were fetched, every bar begins with them. */
let fetched: Menus | undefined;
const fetchMenus = async (): Promise<Menus> => (fetched ??= await fetchLater(() => import('./top-menus.tsx')));

interface TriggerProps {
  onClick?: () => void;
  onPointerEnter?: () => void;
  'aria-haspopup'?: 'menu';
  'aria-expanded'?: boolean;
}

/**
 * A menu of the bar. Menus are no part of the first picture: the button stands there at once, the menu is fetched when the
 * page stands or a hand comes near, and opens as soon as it is there for whoever has pressed.
 */
export function LateMenu({
  trigger,
  draw,
}: {
  trigger: ReactElement<TriggerProps>;
  draw: (menus: Menus, open: OpensMenu) => ReactNode;
}) {
  const [menus, setMenus] = useState<Menus | undefined>(() => fetched);
  const [startsOpen, setStartsOpen] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  const hadFocus = useRef(false);
  useEffect(() => {
    if (menus) return undefined;
    let isGone = false;
    const take = (all: Menus): void => {
      if (isGone) return;
      hadFocus.current = place.current?.contains(document.activeElement) ?? false;
      setMenus(all);
    };
    void (startsOpen ? fetchMenus() : whenPageStands().then(fetchMenus)).then(take);
    return () => {
      isGone = true;
    };
  }, [menus, startsOpen]);
  // The menu's own button takes the place of the first one, and its focus.
  useLayoutEffect(() => {
    if (hadFocus.current) place.current?.querySelector('button')?.focus();
    hadFocus.current = false;
  }, [menus]);
  return (
    <span ref={place} className="contents">
      {menus
        ? draw(menus, { trigger, startsOpen })
        : cloneElement(trigger, {
            'aria-haspopup': 'menu',
            'aria-expanded': false,
            onClick: () => setStartsOpen(true),
            onPointerEnter: () => void fetchMenus(),
          })}
    </span>
  );
}
