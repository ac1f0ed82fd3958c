import { useQuery } from '@tanstack/react-query';
import { Outlet, useLocation, useNavigate, useRouterState } from '@tanstack/react-router';
import { Menu as MenuIcon } from 'lucide-react';
import { Suspense, lazy, useDeferredValue, useEffect, useRef, useState, type RefObject } from 'react';
import { announce, LiveRegions } from '../kit/announce.tsx';
import { sessionEnded } from '../kit/api.ts';
import { cx } from '../kit/cx.ts';
import { asFailure } from '../kit/failure.ts';
import { useKept } from '../kit/kept.ts';
import { useKeys } from '../kit/keys.ts';
import { LiveProvider } from '../kit/live.tsx';
import { useIsPhone, useMedia } from '../kit/media.ts';
import { Go, useGo, usePagePath } from '../kit/navigation.tsx';
import { queryClient } from '../kit/query-client.ts';
import { sessionQuery, useMembership } from '../kit/session.ts';
import { useTheme } from '../kit/theme.ts';
import { currentWorkspace } from '../kit/workspace.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import '../ui/focus-return.ts'; // it must have seen where the focus was before the first layer is fetched
import { Icon } from '../ui/icon.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { canUndo, undoLast } from '../ui/toast.tsx';
import { useBadges } from './badges.ts';
import { isInRoom, Rail } from './rail.tsx';
import { ReconnectBar } from './reconnect-bar.tsx';
import { allRooms, rooms, settingsRoom } from './rooms.ts';
import { TopBar } from './top-bar.tsx';
import { LockKeyhole } from 'lucide-react';

const Palette = lazy(() => import('./palette.tsx'));
const KeysDialog = lazy(() => import('./keys-dialog.tsx'));
const MoreDrawer = lazy(() => import('./more-drawer.tsx'));

const pageSearch = (): HTMLElement | null => document.querySelector<HTMLElement>('main [data-page-search]');

/** Who is signed in is asked for as soon as there is somebody to ask. */
export const askFirst = (): void => void queryClient.prefetchQuery(sessionQuery);

/** What every page of a workspace stands in: it waits for the session, opens the event stream, and holds bar, rail and sheet. */
export function Shell() {
  const session = useQuery(sessionQuery);
  const membership = useMembership();
  const navigate = useNavigate();
  const { pathname, searchStr } = useLocation();
  // Bar and rail are drawn in slices: the first touch of the page does not wait for the whole of them.
  const mayDraw = useDeferredValue(session.data !== undefined, false);
  const status = session.error ? asFailure(session.error).status : 0;
  const here = useRef('');
  here.current = pathname + searchStr;
  useEffect(() => {
    const leave = () => {
      // Every question that is under way is refused: the first one leaves, and remembers from where.
      if (here.current.startsWith('/w/'))
        void navigate({ to: '/sign-in', search: { next: here.current } as never, replace: true });
    };
    if (status === 401) leave();
    sessionEnded.listener = leave;
    return () => {
      sessionEnded.listener = undefined;
    };
  }, [status, navigate]);
  if (session.error && status !== 401)
    return (
      <main className="h-full bg-surface p-10">
        <ErrorState error={session.error} what="The console" retry={() => void session.refetch()} />
      </main>
    );
  if (!session.data || !mayDraw) return null;
  if (!membership) {
    return (
      <main className="grid h-full place-items-center bg-surface">
        <EmptyState
          icon={LockKeyhole}
          title="You do not belong to this workspace"
          action={<Button onClick={() => location.assign('/')}>Go to your workspace</Button>}
        >
          Ask an owner or an admin of it for an invitation.
        </EmptyState>
      </main>
    );
  }
  return (
    <LiveProvider workspace={currentWorkspace() ?? membership.slug}>
      <Frame />
      <LiveRegions />
    </LiveProvider>
  );
}

function Frame() {
  const isPhone = useIsPhone();
  const isMiddle = useMedia('(max-width: 1359px)');
  const path = usePagePath();
  const [kept, setKept] = useKept('rail', 'open');
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const [isKeysOpen, setKeysOpen] = useState(false);
  // Of the page on which it was folded alone: a panel that opens elsewhere is seen.
  const [sideFolded, setSideFolded] = useState<string | null>(null);
  const main = useRef<HTMLElement>(null);
  const { toggle } = useTheme();
  const go = useGo();
  const isSideFolded = sideFolded === path;
  const isEditor = /^\/(playbooks\/[^/]+|queries$)/.test(path);
  const isFolded = isMiddle || isEditor ? kept !== 'pinned' : kept === 'folded';
  const fold = () => setKept(isMiddle || isEditor ? (isFolded ? 'pinned' : 'open') : isFolded ? 'open' : 'folded');

  useKeys(
    [
      { keys: 'mod+k', label: 'Search or run a command', inFields: true, run: () => setPaletteOpen(true) },
      {
        keys: '/',
        label: 'Search in this page',
        run: () => pageSearch()?.focus(),
        when: () => pageSearch() !== null,
      },
      { keys: '?', label: 'Keys of this page', run: () => setKeysOpen(true) },
      { keys: '[', label: 'Fold the rail', run: fold },
      {
        keys: ']',
        label: 'Fold the side panel',
        run: () => setSideFolded(isSideFolded ? null : path),
        when: () => main.current?.querySelector('aside') !== null,
      },
      { keys: 'mod+shift+l', label: 'Light or dark', inFields: true, run: toggle },
      { keys: 'z', label: 'Undo', run: undoLast, when: canUndo },
      ...allRooms.map((room) => ({
        keys: `g ${room.key ?? ''}`,
        label: `Go to ${room.label}`,
        run: () => go(room.to),
      })),
    ],
    0,
  );

  useLanding(main);
  // Bar and rail are on the screen first; the page is drawn in slices after them, and no key waits for the whole.
  const mayDrawPage = useDeferredValue(true, false);

  return (
    <div
      className={cx(
        'grid h-full overflow-hidden',
        isPhone
          ? 'grid-cols-1 grid-rows-[52px_minmax(0,1fr)_62px]'
          : cx(
              'grid-rows-[var(--wl-bar)_minmax(0,1fr)]',
              isFolded ? 'grid-cols-[var(--wl-rail-min)_minmax(0,1fr)]' : 'grid-cols-[var(--wl-rail)_minmax(0,1fr)]',
            ),
      )}
    >
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-(--wl-z-toast) focus:rounded-md focus:bg-raised focus:px-3 focus:py-2 focus:shadow-2"
      >
        Skip to the content
      </a>
      <TopBar onPalette={() => setPaletteOpen(true)} onKeys={() => setKeysOpen(true)} />
      {!isPhone && (
        <div className="flex min-h-0">
          <Rail isFolded={isFolded} />
        </div>
      )}
      <main
        id="main"
        ref={main}
        tabIndex={-1}
        className={cx(
          'flex min-h-0 min-w-0 flex-col overflow-hidden bg-surface',
          !isPhone && 'mr-2 mb-2 rounded-xl border border-line shadow-1',
          isSideFolded && '[&_aside]:hidden',
        )}
      >
        <ReconnectBar />
        <Suspense fallback={<SkeletonRows />}>{mayDrawPage && <Outlet />}</Suspense>
      </main>
      {isPhone && <BottomTabs />}
      <Suspense fallback={null}>{isPaletteOpen && <Palette isOpen onClose={() => setPaletteOpen(false)} />}</Suspense>
      <Suspense fallback={null}>{isKeysOpen && <KeysDialog onClose={() => setKeysOpen(false)} />}</Suspense>
    </div>
  );
}

/**
 * After a way to another page the focus is on its title, and a reader says it. A page whose title comes with its data is
 * waited for; what has opened by itself meanwhile (a drawer of the address) keeps the focus.
 */
function useLanding(main: RefObject<HTMLElement | null>): void {
  // Where one has arrived: while a page is still being fetched, the one before it is on screen.
  const path = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname });
  const arrived = useRef<string>(undefined);
  useEffect(() => {
    const isFirst = arrived.current === undefined || arrived.current === path;
    arrived.current = path;
    const box = main.current;
    if (isFirst || !box) return undefined;
    const land = (): boolean => {
      const heading = box.querySelector<HTMLElement>('h1');
      if (!heading) return false;
      watch.disconnect();
      if (!document.activeElement?.closest('[role=dialog], [role=alertdialog]')) heading.focus({ preventScroll: true });
      announce(heading.textContent ?? '');
      return true;
    };
    const watch = new MutationObserver(land);
    const timer = setTimeout(() => {
      if (land()) return;
      box.focus({ preventScroll: true });
      watch.observe(box, { childList: true, subtree: true });
    }, 60);
    return () => {
      clearTimeout(timer);
      watch.disconnect();
    };
  }, [path, main]);
}

const tabRooms = ['/', '/runs', '/approvals', '/incidents'];

function BottomTabs() {
  const path = usePagePath();
  const badges = useBadges();
  const [isOpen, setOpen] = useState(false);
  const tabs = rooms.flatMap((group) => group.rooms).filter(({ to }) => tabRooms.includes(to));
  const isMore = !tabs.some((room) => isInRoom(path, room)) || isInRoom(path, settingsRoom);
  const tab = 'flex flex-col items-center justify-center gap-[3px] text-[11px] leading-[14px]';
  return (
    <nav aria-label="Main" className="grid grid-cols-5 border-t border-line bg-surface pb-1">
      {tabs.map((room) => {
        const isOn = isInRoom(path, room);
        const badge = room.badge === 'approvals' || room.badge === 'incidents' ? badges[room.badge] : 0;
        return (
          <Go
            key={room.to}
            to={room.to}
            aria-current={isOn ? 'page' : undefined}
            className={cx(tab, isOn ? 'font-semibold text-text' : 'text-text-2')}
          >
            <span className="relative">
              <Icon of={room.icon} size={20} />
              {badge > 0 && (
                <b className="absolute -top-[5px] left-[13px] min-w-4 rounded-full bg-fail-fg px-1 text-center text-[11px] leading-4 text-surface shadow-[0_0_0_2px_var(--wl-surface)]">
                  {badge}
                </b>
              )}
            </span>
            {room.label}
          </Go>
        );
      })}
      <button
        type="button"
        onClick={() => setOpen(true)}
        className={cx(tab, isMore ? 'font-semibold text-text' : 'text-text-2')}
      >
        <Icon of={MenuIcon} size={20} />
        More
      </button>
      <Suspense fallback={null}>{isOpen && <MoreDrawer onClose={() => setOpen(false)} />}</Suspense>
    </nav>
  );
}
