import type { Permission } from '#contracts/identity/permissions.ts';
import {
  BellRing,
  Boxes,
  Cable,
  CalendarClock,
  File,
  Flame,
  Hand,
  KeyRound,
  LayoutDashboard,
  ListChecks,
  PhoneCall,
  ScrollText,
  Server,
  SlidersHorizontal,
  Terminal,
  ChartNoAxesGantt,
  Link2,
  Webhook,
  type LucideIcon,
} from 'lucide-react';

export interface Room {
  to: string;
  label: string;
  icon: LucideIcon;
  /** Hidden from the rail where the person may read nothing in it. */
  reads: Permission;
  /** After `g`. */
  key?: string;
  /** Where the badge's figure comes from. */
  badge?: 'runs' | 'approvals' | 'connections' | 'incidents';
}

/** The rail: groups in a fixed order; only rooms that exist. */
export const rooms: ReadonlyArray<{ group: string | null; rooms: readonly Room[] }> = [
  {
    group: null,
    rooms: [
      { to: '/', label: 'Overview', icon: LayoutDashboard, reads: 'runs:read', key: 'o' },
      { to: '/runs', label: 'Runs', icon: ChartNoAxesGantt, reads: 'runs:read', key: 'r', badge: 'runs' },
    ],
  },
  {
    group: 'Work',
    rooms: [
      { to: '/queries', label: 'Queries', icon: Terminal, reads: 'queries:read', key: 'q' },
      { to: '/playbooks', label: 'Playbooks', icon: ListChecks, reads: 'playbooks:read', key: 'p' },
      { to: '/files', label: 'Files', icon: File, reads: 'playbooks:read', key: 'f' },
      { to: '/approvals', label: 'Approvals', icon: Hand, reads: 'approvals:read', key: 'a', badge: 'approvals' },
    ],
  },
  {
    group: 'Operate',
    rooms: [
      { to: '/incidents', label: 'Incidents', icon: Flame, reads: 'incidents:read', key: 'i', badge: 'incidents' },
      { to: '/servers', label: 'Servers', icon: Server, reads: 'servers:read', key: 's' },
      { to: '/logs', label: 'Logs', icon: ScrollText, reads: 'logs:read', key: 'e' },
      { to: '/alerts', label: 'Alerts', icon: BellRing, reads: 'alerts:read', key: 'l' },
      { to: '/assets', label: 'Assets', icon: Boxes, reads: 'assets:read', key: 'b' },
      { to: '/oncall', label: 'On-call', icon: PhoneCall, reads: 'oncall:read', key: 'd' },
    ],
  },
  {
    group: 'Connect',
    rooms: [
      {
        to: '/connections',
        label: 'Connections',
        icon: Cable,
        reads: 'connections:read',
        key: 'c',
        badge: 'connections',
      },
      { to: '/credentials', label: 'Credentials', icon: KeyRound, reads: 'credentials:read', key: 'k' },
      { to: '/schedules', label: 'Schedules', icon: CalendarClock, reads: 'schedules:read', key: 'h' },
      { to: '/webhooks', label: 'Webhooks', icon: Webhook, reads: 'hooks:read', key: 'w' },
      { to: '/run-triggers', label: 'Run triggers', icon: Link2, reads: 'hooks:read', key: 't' },
    ],
  },
];
export const settingsRoom: Room = {
  to: '/settings',
  label: 'Settings',
  icon: SlidersHorizontal,
  reads: 'settings:read',
  key: ',',
};
export const allRooms: readonly Room[] = [...rooms.flatMap((group) => group.rooms), settingsRoom];
