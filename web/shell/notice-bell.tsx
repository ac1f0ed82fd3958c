import { lazy, Suspense, useState } from 'react';
import { useKeys } from '../kit/keys.ts';
import { useIsPhone } from '../kit/media.ts';
import { Drawer } from '../ui/dialog.tsx';
import { Popover } from '../ui/menu.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { BellButton } from './bell-button.tsx';

const Panel = lazy(() => import('./notice-panel.tsx'));

/** The bell; it opens a panel, on a phone a sheet. `G` `N` opens it as well. */
export function NoticeBell({ startsOpen }: { startsOpen: boolean }) {
  const [isOpen, setOpen] = useState(startsOpen);
  const isPhone = useIsPhone();
  useKeys([{ keys: 'g n', label: 'Open the notices', run: () => setOpen(true) }], 0);
  const bell = (
    <BellButton
      aria-expanded={isOpen}
      onClick={isPhone ? () => setOpen(true) : undefined}
      className={isOpen ? 'bg-text/8 text-text' : undefined}
    />
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
