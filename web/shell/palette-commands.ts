import { ArrowRight, Building2, LogOut, Plus, User, type LucideIcon } from 'lucide-react';
import { keyActs } from '../kit/keys.ts';
import { useGo, usePagePath } from '../kit/navigation.tsx';
import { useMe, useMembership } from '../kit/session.ts';
import { settingsGroups } from '../settings/settings-pages.ts';
import { newThings, newWord } from './new-things.ts';
import { allRooms } from './rooms.ts';
import { addressIn } from './switch-workspace.ts';
import { useSignOut } from './use-sign-out.ts';

/** Something that the palette does. */
export interface PaletteCommand {
  id: string;
  label: string;
  icon: LucideIcon;
  run: () => void;
  /** The key that does the same. */
  keys?: string;
  /** Other words by which it is found. */
  keywords?: string[];
}
export interface CommandGroup {
  heading: string;
  /** Ways to go somewhere; they are left out where only commands are wanted. */
  isPlaces?: boolean;
  commands: PaletteCommand[];
}

/** All that can be done from here: what the page registers, every page that the person may read, what they may make. */
export function usePaletteCommands(): CommandGroup[] {
  const go = useGo();
  const path = usePagePath();
  const { workspaces } = useMe();
  const membership = useMembership();
  const signOut = useSignOut();
  const may = (permission: (typeof newThings)[number]['needs']) =>
    membership?.permissions.includes(permission) ?? false;
  const groups: CommandGroup[] = [
    {
      heading: 'On this page',
      commands: keyActs()
        // Pages stand below by their own names; the palette is open already.
        .filter(({ keys, label }) => keys !== 'mod+k' && !(keys.startsWith('g ') && label.startsWith('Go to')))
        .filter(({ label }, index, all) => all.findIndex((other) => other.label === label) === index)
        .map(({ keys, label, run }) => ({ id: `act ${label}`, label, icon: ArrowRight, run, keys: keys || undefined })),
    },
    {
      heading: 'Go to',
      isPlaces: true,
      commands: allRooms
        .filter(({ reads }) => may(reads))
        .map(({ to, label, icon, key }) => ({
          id: `go ${label}`,
          label,
          icon,
          run: () => go(to),
          keys: key && `g ${key}`,
        })),
    },
    {
      heading: 'New',
      commands: newThings
        .filter(({ needs }) => may(needs))
        .map(({ label, to, search }) => ({
          id: `new ${label}`,
          label: newWord({ label }),
          icon: Plus,
          run: () => go(to, search),
          keywords: ['create', 'add', 'make'],
        })),
    },
    {
      heading: 'Settings',
      isPlaces: true,
      commands: settingsGroups
        .flatMap(({ pages }) => pages)
        .filter(({ reads }) => may(reads))
        .map(({ to, label, icon }) => ({
          id: `settings ${label}`,
          label: `Settings: ${label}`,
          icon,
          run: () => go(to),
        })),
    },
    {
      heading: 'You',
      commands: [
        ...workspaces
          .filter(({ id }) => id !== membership?.id)
          .map((workspace) => ({
            id: `workspace ${workspace.id}`,
            label: `Switch to ${workspace.name}`,
            icon: Building2,
            run: () => location.assign(addressIn(workspace, path)),
            keywords: ['workspace', workspace.slug],
          })),
        {
          id: 'account',
          label: 'Your account',
          icon: User,
          run: () => go('/account'),
          keywords: ['password', 'factor'],
        },
        { id: 'sign out', label: 'Sign out', icon: LogOut, run: signOut, keywords: ['log out', 'leave'] },
      ],
    },
  ];
  return groups.map((group) => ({
    ...group,
    commands: group.commands.map(({ keys, ...command }) => ({ ...command, ...(keys && { keys }) })),
  }));
}
