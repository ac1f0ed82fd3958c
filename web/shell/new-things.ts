import {
  BellRing,
  Boxes,
  Cable,
  CalendarClock,
  Flame,
  KeyRound,
  ListChecks,
  Link2,
  PhoneCall,
  Server,
  Terminal,
  User,
  Webhook,
  type LucideIcon,
} from 'lucide-react';
import type { Permission } from '#contracts/identity/permissions.ts';

/** Something that can be made, and where: by the bar's menu and by the palette. */
export interface NewThing {
  /** "New …", in the menu without the first word. */
  label: string;
  icon: LucideIcon;
  needs: Permission;
  to: string;
  search?: Record<string, string>;
  /** Not among what people make every day: in the palette alone. */
  isRare?: true;
}

export const newThings: readonly NewThing[] = [
  { label: 'Query', icon: Terminal, needs: 'queries:run', to: '/queries', search: { new: 'true' } },
  { label: 'Playbook', icon: ListChecks, needs: 'playbooks:edit', to: '/playbooks/new' },
  { label: 'Incident', icon: Flame, needs: 'incidents:act', to: '/incidents', search: { declare: 'new' } },
  { label: 'Server', icon: Server, needs: 'servers:manage', to: '/servers', search: { edit: 'new' } },
  { label: 'Asset', icon: Boxes, needs: 'assets:manage', to: '/assets', search: { edit: 'new' } },
  { label: 'Connection', icon: Cable, needs: 'connections:manage', to: '/connections/new' },
  { label: 'Credential', icon: KeyRound, needs: 'credentials:manage', to: '/credentials', search: { edit: 'new' } },
  { label: 'Schedule', icon: CalendarClock, needs: 'schedules:manage', to: '/schedules', search: { edit: 'new' } },
  { label: 'Webhook', icon: Webhook, needs: 'hooks:manage', to: '/webhooks', search: { edit: 'new' } },
  { label: 'Run trigger', icon: Link2, needs: 'hooks:manage', to: '/run-triggers', search: { edit: 'new' } },
  {
    label: 'Alert source',
    icon: BellRing,
    needs: 'alerts:manage',
    to: '/alerts',
    search: { show: 'sources', edit: 'new' },
    isRare: true,
  },
  {
    label: 'On-call schedule',
    icon: PhoneCall,
    needs: 'oncall:manage',
    to: '/oncall',
    search: { edit: 'new' },
    isRare: true,
  },
  { label: 'Invitation', icon: User, needs: 'members:manage', to: '/settings/members', search: { invite: 'true' } },
  {
    label: 'API key',
    icon: KeyRound,
    needs: 'keys:manage',
    to: '/settings/api-keys',
    search: { edit: 'new' },
    isRare: true,
  },
];

/** The command that makes it: "New run trigger". */
export const newWord = ({ label }: Pick<NewThing, 'label'>): string =>
  label === 'Invitation'
    ? 'Invite a member'
    : label === 'Incident'
      ? 'Declare an incident'
      : `New ${label.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())}`;
