import { ChevronsUpDown, Plus, Search } from 'lucide-react';
import { cx } from '../kit/cx.ts';
import { keyCaps } from '../kit/keys.ts';
import { useStreamState } from '../kit/live.tsx';
import { Go } from '../kit/navigation.tsx';
import { useMe, useMembership } from '../kit/session.ts';
import { clockTime } from '../kit/time.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { KeyCap } from '../ui/key-cap.tsx';
import { Mark } from '../ui/mark.tsx';
import { useZone } from '../ui/relative-time.tsx';
import { Avatar } from '../ui/person.tsx';
import { EarlyBell } from './bell-button.tsx';
import { LateMenu } from './late-menu.tsx';
import { WorkspaceBadge } from './workspace-badge.tsx';

/** The bar across: where one is, how to get anywhere, whether the page is live, what can be begun, who one is. */
export function TopBar({ onPalette, onKeys }: { onPalette: () => void; onKeys: () => void }) {
  const caps = keyCaps('mod+k');
  return (
    <header className="relative col-span-full flex items-center gap-1 pr-3 pl-3.5 max-sm:border-b max-sm:border-line max-sm:bg-surface">
      <Go
        to="/"
        aria-label="Windlass, overview"
        className="rounded-sm text-text max-sm:-ml-2.5 max-sm:grid max-sm:size-11 max-sm:place-items-center"
      >
        <Mark />
      </Go>
      <span aria-hidden="true" className="mr-2 ml-2.5 h-[18px] w-px rotate-[18deg] bg-line-strong" />
      <WorkspaceMenu />
      <button
        type="button"
        onClick={onPalette}
        aria-keyshortcuts="Meta+K"
        className="absolute left-1/2 flex h-[30px] w-[380px] -translate-x-1/2 items-center gap-2 rounded-md border border-line-strong bg-surface pr-1.5 pl-2.5 text-text-3 hover:border-line-input max-lg:w-72 max-md:hidden"
      >
        <Icon of={Search} size={14} />
        <span className="flex-1 text-left">Search or run a command</span>
        <span aria-hidden="true" className="flex gap-0.5">
          {caps.map((cap) => (
            <KeyCap key={cap}>{cap}</KeyCap>
          ))}
        </span>
      </button>
      <span className="ml-auto flex items-center gap-1">
        <LiveDot />
        <button
          type="button"
          onClick={onPalette}
          aria-label="Search or run a command"
          className="grid h-11 w-10 place-items-center text-text-2 md:hidden"
        >
          <Icon of={Search} size={18} />
        </button>
        <LateMenu
          trigger={<EarlyBell />}
          draw={(menus, { startsOpen }) => <menus.NoticeBell startsOpen={startsOpen} />}
        />
        <span className="max-sm:hidden">
          <NewMenu />
        </span>
        <PersonMenu onKeys={onKeys} />
      </span>
    </header>
  );
}

function WorkspaceMenu() {
  const name = useMembership()?.name ?? 'Workspace';
  const trigger = (
    <button
      type="button"
      aria-label={`Workspace: ${name}`}
      title={name}
      className="flex h-[30px] min-w-0 items-center gap-[7px] rounded-md px-1.5 font-medium whitespace-nowrap hover:bg-text/5 max-sm:h-11"
    >
      <WorkspaceBadge name={name} />
      <bdi className="max-w-44 truncate max-sm:max-w-28">{name}</bdi>
      <Icon of={ChevronsUpDown} size={14} className="flex-none text-text-3" />
    </button>
  );
  return <LateMenu trigger={trigger} draw={(menus, open) => <menus.WorkspaceMenu {...open} />} />;
}

const liveLooks = {
  live: { word: 'Live', dot: 'bg-ok-solid shadow-[0_0_0_3px_var(--wl-ok-soft)]' },
  connecting: { word: 'Connecting', dot: 'bg-idle-solid' },
  lost: { word: 'Not live', dot: 'bg-wait-solid shadow-[0_0_0_3px_var(--wl-wait-soft)]' },
} as const;

function LiveDot() {
  const { status, lostAt } = useStreamState();
  const zone = useZone();
  const { word, dot } = liveLooks[status];
  const since = status === 'lost' && lostAt !== null ? ` since ${clockTime(lostAt, { zone })}` : '';
  return (
    <span
      role="status"
      data-live={status}
      title={`${word}${since}`}
      className="flex items-center gap-1.5 px-2.5 text-meta text-text-2"
    >
      <i className={cx('size-[7px] flex-none rounded-full', dot)} />
      <span className={cx(status === 'live' && 'max-sm:sr-only')}>{word}</span>
    </span>
  );
}

function NewMenu() {
  const trigger = (
    <Button look="primary" icon={Plus}>
      New
    </Button>
  );
  return <LateMenu trigger={trigger} draw={(menus, open) => <menus.NewMenu {...open} />} />;
}

function PersonMenu({ onKeys }: { onKeys: () => void }) {
  const { user } = useMe();
  const trigger = (
    <button
      type="button"
      aria-label={`You: ${user.name}`}
      className="ml-2.5 grid place-items-center rounded-full max-sm:size-11"
    >
      <Avatar name={user.name} size={26} />
    </button>
  );
  return <LateMenu trigger={trigger} draw={(menus, open) => <menus.PersonMenu {...open} onKeys={onKeys} />} />;
}
