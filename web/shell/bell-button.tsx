import { Bell } from 'lucide-react';
import { type ComponentProps, useEffect, useRef } from 'react';
import { announce } from '../kit/announce.tsx';
import { cx } from '../kit/cx.ts';
import { useKeys } from '../kit/keys.ts';
import { useIsPhone } from '../kit/media.ts';
import { Icon } from '../ui/icon.tsx';
import { useUnseen } from './use-notices.ts';

/** The bell with the number of unseen notices. What it opens is not its own. */
export function BellButton({ className, ...given }: ComponentProps<'button'>) {
  const isPhone = useIsPhone();
  const unseen = useUnseen();
  const before = useRef<number>(undefined);
  useEffect(() => {
    if (before.current !== undefined && unseen > before.current) announce(noticesWord(unseen));
    before.current = unseen;
  }, [unseen]);
  const figure = unseen > 99 ? '99+' : String(unseen);
  return (
    <button
      type="button"
      aria-label={unseen > 0 ? `Notices, ${figure} new` : 'Notices'}
      aria-keyshortcuts="g n"
      title="Notices"
      data-testid="shell.bell"
      data-unseen={unseen}
      {...given}
      aria-haspopup="dialog"
      className={cx(
        'relative mr-1.5 grid size-[30px] flex-none place-items-center rounded-md text-text-2 hover:bg-text/5 hover:text-text max-sm:mr-0 max-sm:h-11 max-sm:w-10',
        className,
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
}

/** The bell before its panel's code has come: it knows its key already. */
export function EarlyBell({ onClick, ...given }: Omit<ComponentProps<'button'>, 'onClick'> & { onClick?: () => void }) {
  useKeys([{ keys: 'g n', label: 'Open the notices', run: () => onClick?.() }], 0);
  return <BellButton {...given} onClick={onClick} />;
}

const noticesWord = (count: number): string =>
  count === 1 ? '1 new notice' : `${count > 99 ? 'more than 99' : count} new notices`;
