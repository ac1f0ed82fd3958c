import { useQueryClient } from '@tanstack/react-query';
import {
  CalendarClock,
  ChevronsUpDown,
  KeyRound,
  ListChecks,
  LogOut,
  Monitor,
  Moon,
  Plus,
  Search,
  Server,
  Sun,
  User,
  Webhook,
} from 'lucide-react';
import { api } from '../kit/api.ts';
import { cx } from '../kit/cx.ts';
import { keyCaps } from '../kit/keys.ts';
import { useStreamState } from '../kit/live.tsx';
import { Go, useGo } from '../kit/navigation.tsx';
import { useMe, useMembership, useRefusal } from '../kit/session.ts';
import { useTheme, type ThemeChoice } from '../kit/theme.ts';
import { clockTime } from '../kit/time.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { KeyCap } from '../ui/key-cap.tsx';
import { Mark } from '../ui/mark.tsx';
import { Menu, MenuItem, MenuLabel, MenuLine, MenuRadio } from '../ui/menu.tsx';
import { Avatar, initialsOf } from '../ui/person.tsx';
import { toast } from '../ui/toast.tsx';

/** The bar across: where one is, how to get anywhere, whether the page is live, what can be begun, who one is. */
export function TopBar({ onPalette }: { onPalette: () => void }) {
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
        <span className="max-sm:hidden">
          <NewMenu />
        </span>
        <PersonMenu />
      </span>
    </header>
  );
}

function WorkspaceMenu() {
  const { workspaces } = useMe();
  const membership = useMembership();
  const name = membership?.name ?? 'Workspace';
  return (
    <Menu
      align="start"
      label="Workspaces"
      trigger={
        <button
          type="button"
          className="flex h-[30px] min-w-0 items-center gap-[7px] rounded-md px-1.5 font-medium whitespace-nowrap hover:bg-text/5 max-sm:h-11"
        >
          <WorkspaceBadge name={name} />
          <span className="max-w-44 truncate">{name}</span>
          <Icon of={ChevronsUpDown} size={14} className="text-text-3" />
        </button>
      }
    >
      <MenuLabel>Workspaces</MenuLabel>
      {workspaces.map((workspace) => (
        <MenuItem key={workspace.id} onSelect={() => location.assign(`/w/${workspace.slug}`)} hint={workspace.role}>
          <span className={cx('flex items-center gap-2', workspace.id === membership?.id && 'font-medium')}>
            <WorkspaceBadge name={workspace.name} /> {workspace.name}
          </span>
        </MenuItem>
      ))}
    </Menu>
  );
}

const WorkspaceBadge = ({ name }: { name: string }) => (
  <span
    aria-hidden="true"
    className="grid size-5 flex-none place-items-center rounded-[5px] bg-ansi-cyan text-[10px] font-semibold tracking-tighter text-surface"
  >
    {initialsOf(name)}
  </span>
);

const liveLooks = {
  live: { word: 'Live', dot: 'bg-ok-solid shadow-[0_0_0_3px_var(--wl-ok-soft)]' },
  connecting: { word: 'Connecting', dot: 'bg-idle-solid' },
  lost: { word: 'Not live', dot: 'bg-wait-solid shadow-[0_0_0_3px_var(--wl-wait-soft)]' },
} as const;

function LiveDot() {
  const { status, lostAt } = useStreamState();
  const { word, dot } = liveLooks[status];
  const since = status === 'lost' && lostAt !== null ? ` since ${clockTime(lostAt)}` : '';
  return (
    <span
      role="status"
      data-live={status}
      title={`${word}${since}`}
      className="flex items-center gap-1.5 px-2.5 text-meta text-text-2"
    >
      <i className={cx('size-[7px] flex-none rounded-full', dot)} />
      {word}
    </span>
  );
}

function NewMenu() {
  const go = useGo();
  const refusal = useRefusal();
  return (
    <Menu
      label="New"
      trigger={
        <Button look="primary" icon={Plus}>
          New
        </Button>
      }
    >
      <MenuItem icon={ListChecks} refusal={refusal('playbooks:edit')} onSelect={() => go('/playbooks/new')}>
        Playbook
      </MenuItem>
      <MenuItem icon={Server} refusal={refusal('servers:manage')} onSelect={() => go('/servers', { edit: 'new' })}>
        Server
      </MenuItem>
      <MenuItem
        icon={KeyRound}
        refusal={refusal('credentials:manage')}
        onSelect={() => go('/credentials', { edit: 'new' })}
      >
        Credential
      </MenuItem>
      <MenuItem
        icon={CalendarClock}
        refusal={refusal('schedules:manage')}
        onSelect={() => go('/schedules', { edit: 'new' })}
      >
        Schedule
      </MenuItem>
      <MenuItem icon={Webhook} refusal={refusal('hooks:manage')} onSelect={() => go('/webhooks', { edit: 'new' })}>
        Webhook
      </MenuItem>
      <MenuLine />
      <MenuItem
        icon={User}
        refusal={refusal('members:manage')}
        onSelect={() => go('/settings/members', { invite: 'true' })}
      >
        Invitation
      </MenuItem>
    </Menu>
  );
}

const themeChoices: ReadonlyArray<{ value: ThemeChoice; label: React.ReactNode }> = [
  {
    value: 'system',
    label: (
      <>
        <Icon of={Monitor} size={15} className="text-text-2" /> As the system
      </>
    ),
  },
  {
    value: 'light',
    label: (
      <>
        <Icon of={Sun} size={15} className="text-text-2" /> Light
      </>
    ),
  },
  {
    value: 'dark',
    label: (
      <>
        <Icon of={Moon} size={15} className="text-text-2" /> Dark
      </>
    ),
  },
];

function PersonMenu() {
  const { user } = useMe();
  const { choice, setChoice } = useTheme();
  const client = useQueryClient();
  const go = useGo();
  const signOut = () =>
    api.signOut({ body: null }).then(
      async () => {
        client.clear();
        await import('../kit/drafts.ts').then(({ forgetDrafts }) => forgetDrafts());
        location.assign('/sign-in');
      },
      (error: unknown) => toast.failure(error),
    );
  return (
    <Menu
      label="You"
      trigger={
        <button
          type="button"
          aria-label={`You: ${user.name}`}
          className="ml-2.5 grid place-items-center rounded-full max-sm:size-11"
        >
          <Avatar name={user.name} size={26} />
        </button>
      }
    >
      <div className="px-2 pt-1 pb-1.5">
        <p className="font-medium">{user.name}</p>
        <p className="text-meta text-text-2">{user.email}</p>
      </div>
      <MenuLine />
      <MenuItem icon={User} onSelect={() => go('/account')}>
        Your account
      </MenuItem>
      <MenuLine />
      <MenuLabel>Theme</MenuLabel>
      <MenuRadio value={choice} onValue={setChoice} options={themeChoices} />
      <MenuLine />
      <MenuItem icon={LogOut} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
