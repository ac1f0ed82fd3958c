import { Keyboard, LogOut, Monitor, Moon, Plus, Sun, User } from 'lucide-react';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useGo, usePagePath } from '../kit/navigation.tsx';
import { useMe, useMembership, useRefusal } from '../kit/session.ts';
import { useTheme, type ThemeChoice } from '../kit/theme.ts';
import { Icon } from '../ui/icon.tsx';
import { Menu, MenuItem, MenuLabel, MenuLine, MenuRadio } from '../ui/menu.tsx';
import { newThings } from './new-things.ts';
import { addressIn } from './switch-workspace.ts';
import { useSignOut } from './use-sign-out.ts';
import { WorkspaceBadge } from './workspace-badge.tsx';

export { NoticeBell } from './notice-bell.tsx';

const NewWorkspaceDialog = lazy(() => import('./new-workspace-dialog.tsx'));

/** The button of a menu of the bar, and whether it was pressed before the menu was there. */
export interface OpensMenu {
  trigger: ReactNode;
  startsOpen: boolean;
}

/** Chooses another workspace, or makes one. */
export function WorkspaceMenu(open: OpensMenu) {
  const { workspaces, user } = useMe();
  const membership = useMembership();
  const path = usePagePath();
  const [isMaking, setMaking] = useState(false);
  const switchTo = (id: string) => {
    const chosen = workspaces.find((workspace) => workspace.id === id);
    if (chosen && id !== membership?.id) location.assign(addressIn(chosen, path));
  };
  return (
    <>
      <Menu align="start" label="Workspaces" {...open}>
        <MenuLabel>Workspaces</MenuLabel>
        <div className="max-h-[60vh] overflow-auto">
          <MenuRadio
            value={membership?.id ?? ''}
            onValue={switchTo}
            options={workspaces.map((workspace) => ({
              value: workspace.id,
              label: (
                <>
                  <WorkspaceBadge name={workspace.name} />
                  <bdi className="min-w-0 max-w-60 flex-1 truncate">{workspace.name}</bdi>
                  <span className="text-meta text-text-3">{workspace.role}</span>
                </>
              ),
            }))}
          />
        </div>
        {user.isInstanceAdmin && (
          <>
            <MenuLine />
            <MenuItem icon={Plus} onSelect={() => setMaking(true)}>
              New workspace
            </MenuItem>
          </>
        )}
      </Menu>
      <Suspense fallback={null}>{isMaking && <NewWorkspaceDialog onClose={() => setMaking(false)} />}</Suspense>
    </>
  );
}

/** What people make every day. */
export function NewMenu(open: OpensMenu) {
  const go = useGo();
  const refusal = useRefusal();
  return (
    <Menu label="New" {...open}>
      {newThings
        .filter(({ isRare }) => !isRare)
        .map(({ label, icon, needs, to, search }) => (
          <MenuItem key={label} icon={icon} refusal={refusal(needs)} onSelect={() => go(to, search)}>
            {label}
          </MenuItem>
        ))}
    </Menu>
  );
}

const themeChoices: ReadonlyArray<{ value: ThemeChoice; label: ReactNode }> = [
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

/** Who one is: the account, the theme, and the way out. */
export function PersonMenu({ onKeys, ...open }: OpensMenu & { onKeys: () => void }) {
  const { user } = useMe();
  const { choice, setChoice } = useTheme();
  const go = useGo();
  const signOut = useSignOut();
  return (
    <Menu label="You" {...open}>
      <div className="px-2 pt-1 pb-1.5">
        <p className="font-medium">{user.name}</p>
        <p className="text-meta text-text-2">{user.email}</p>
      </div>
      <MenuLine />
      <MenuItem icon={User} onSelect={() => go('/account')}>
        Your account
      </MenuItem>
      <MenuItem icon={Keyboard} keys="?" onSelect={onKeys}>
        Keys of this page
      </MenuItem>
      <MenuLine />
      <MenuLabel>Theme</MenuLabel>
      <MenuRadio value={choice} onValue={setChoice} options={themeChoices} />
      <MenuLine />
      <MenuItem icon={LogOut} onSelect={signOut}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
