import { Outlet } from '@tanstack/react-router';
import { Suspense, useEffect, useRef } from 'react';
import { cx } from '../kit/cx.ts';
import { useKeys } from '../kit/keys.ts';
import { useIsNarrow } from '../kit/media.ts';
import { Go, useGo, usePagePath } from '../kit/navigation.tsx';
import { useMembership } from '../kit/session.ts';
import { Icon } from '../ui/icon.tsx';
import { newThings, newWord } from '../shell/new-things.ts';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { settingsGroups } from './settings-pages.ts';

/** The settings: their own list beside the page. */
export function SettingsFrame() {
  const path = usePagePath();
  const membership = useMembership();
  const isNarrow = useIsNarrow();
  const list = useRef<HTMLElement>(null);
  // Where the list is one line that scrolls, the page one is on must be seen in it.
  useEffect(() => {
    const here = list.current?.querySelector<HTMLElement>('[aria-current=page]');
    if (isNarrow && here) list.current?.scrollTo({ left: here.offsetLeft - 48 });
  }, [path, isNarrow]);
  return (
    <div className={cx('flex min-h-0 flex-1', isNarrow && 'flex-col')}>
      <NewKey key={path} path={path} />
      <nav
        ref={list}
        aria-label="Settings"
        className={cx(
          'flex-none',
          isNarrow
            ? 'relative flex gap-1 overflow-x-auto border-b border-line px-3 py-2'
            : 'w-[204px] overflow-auto border-r border-line px-2.5 py-4',
        )}
      >
        {!isNarrow && <p className="px-2 pb-1 text-lead font-semibold">Settings</p>}
        {settingsGroups.map(({ group, pages }) => (
          <div key={group} className={isNarrow ? 'contents' : undefined}>
            {!isNarrow && <p className="px-2 pt-3.5 pb-1 text-meta font-medium text-text-3">{group}</p>}
            {pages
              .filter(({ reads }) => membership?.permissions.includes(reads))
              .map(({ to, label, icon }) => {
                const isOn = path.replace(/\/$/, '') === to;
                return (
                  <Go
                    key={to}
                    to={to}
                    aria-current={isOn ? 'page' : undefined}
                    className={cx(
                      'flex h-[30px] flex-none items-center gap-[9px] rounded-md px-2 whitespace-nowrap max-sm:h-11',
                      isOn ? 'bg-fill font-medium text-text' : 'text-text-2 hover:bg-sunken',
                    )}
                  >
                    <Icon of={icon} size={15} className={isOn ? undefined : 'text-text-3'} />
                    {label}
                  </Go>
                );
              })}
          </div>
        ))}
      </nav>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <Suspense fallback={<SkeletonLines />}>
          <Outlet />
        </Suspense>
      </div>
    </div>
  );
}

/** `C` makes what the page is a list of, where the page has no key of its own for it. */
function NewKey({ path }: { path: string }) {
  const go = useGo();
  const membership = useMembership();
  const thing = newThings.find(({ to }) => to === path);
  useKeys(
    thing && membership?.permissions.includes(thing.needs)
      ? [{ keys: 'c', label: newWord(thing), run: () => go(thing.to, thing.search) }]
      : [],
  );
  return null;
}
