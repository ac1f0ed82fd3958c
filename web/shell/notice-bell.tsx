import { Bell } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { announce } from '../kit/announce.tsx';
import { cx } from '../kit/cx.ts';
import { useKeys } from '../kit/keys.ts';
import { useIsPhone } from '../kit/media.ts';
import { Drawer } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { Popover } from '../ui/menu.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { useUnseen } from './use-notices.ts';

const Panel = lazy(() => import('./notice-panel.tsx'));

/** The bell with the number of unseen notices; it opens a panel, on a phone a sheet. `G` `N` opens it as well. */
export default function NoticeBell() {
  const [isOpen, setOpen] = useState(false);
  const isPhone = useIsPhone();
  const unseen = useUnseen();
  useKeys([{ keys: 'g n', label: 'Open the notices', run: () => setOpen(true) }], 0);
  const before = useRef<number>(undefined);
  useEffect(() => {
    if (before.current !== undefined && unseen > before.current) announce(noticesWord(unseen));
    before.current = unseen;
  }, [unseen]);
  const figure = unseen > 99 ? '99+' : String(unseen);
  const bell = (
    <button
      type="button"
      aria-label={unseen > 0 ? `Notices, ${figure} new` : 'Notices'}
      aria-keyshortcuts="g n"
      aria-haspopup="dialog"
      aria-expanded={isOpen}
      title="Notices"
      data-testid="shell.bell"
      data-unseen={unseen}
      onClick={isPhone ? () => setOpen(true) : undefined}
      className={cx(
        'relative mr-1.5 grid size-[30px] flex-none place-items-center rounded-md text-text-2 hover:bg-text/5 hover:text-text max-sm:mr-0 max-sm:h-11 max-sm:w-10',
        isOpen && 'bg-text/8 text-text',
      )}
    >
      <Icon of={Bell} size={isPhone ? 18 : 16} />
      {unseen > 0 && (
        <b
          aria-hidden="true"
          className="num absolute top-[-3px] left-[15px] min-w-4 rounded-full bg-accent px-1 text-center text-[11px] leading-4 font-semibold text-surface shadow-[0_0_0_2px_var(--wl-bg)] max-sm:top-1 max-sm:left-5"
        >
          {figure}
        </b>
      )}
    </button>
  );
  const panel = (
    <Suspense fallback={<SkeletonRows />}>
      <Panel onGo={() => setOpen(false)} />
    </Suspense>
  );
  if (isPhone)
    return (
      <>
        {bell}
        <Drawer isOpen={isOpen} onClose={() => setOpen(false)} title="Notices">
          {isOpen && panel}
        </Drawer>
      </>
    );
  return (
    <Popover
      label="Notices"
      align="end"
      isOpen={isOpen}
      onOpen={setOpen}
      className="flex max-h-[min(560px,80vh)] w-[400px] flex-col p-0! outline-none"
      trigger={bell}
    >
      {panel}
    </Popover>
  );
}

const noticesWord = (count: number): string =>
  count === 1 ? '1 new notice' : `${count > 99 ? 'more than 99' : count} new notices`;
