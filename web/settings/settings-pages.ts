import type { Permission } from '#contracts/identity/permissions.ts';
import {
  Bell,
  Boxes,
  Braces,
  Flame,
  CalendarClock,
  Gauge,
  Globe,
  History,
  KeyRound,
  Layers,
  Link2,
  ShieldCheck,
  Users,
  type LucideIcon,
} from 'lucide-react';

export interface SettingsPage {
  to: string;
  label: string;
  icon: LucideIcon;
  /** Hidden where the person may read nothing of it. */
  reads: Permission;
}

/** The pages of the settings, as their own list and the palette show them. */
export const settingsGroups: ReadonlyArray<{ group: string; pages: readonly SettingsPage[] }> = [
  {
    group: 'Workspace',
    pages: [
      { to: '/settings', label: 'General', icon: Boxes, reads: 'settings:read' },
      { to: '/settings/members', label: 'Members and roles', icon: Users, reads: 'members:read' },
      { to: '/settings/values', label: 'Secrets and variables', icon: Braces, reads: 'settings:read' },
      { to: '/settings/channels', label: 'Notifications', icon: Bell, reads: 'notifications:read' },
      { to: '/settings/incidents', label: 'Incidents', icon: Flame, reads: 'incidents:read' },
      { to: '/settings/sla', label: 'SLA', icon: CalendarClock, reads: 'incidents:read' },
      { to: '/settings/incident-rules', label: 'Incident rules', icon: Link2, reads: 'incidents:read' },
      { to: '/settings/status-page', label: 'Status page', icon: Globe, reads: 'incidents:read' },
      { to: '/settings/queues', label: 'Queues', icon: Layers, reads: 'runs:read' },
      { to: '/settings/speed', label: 'Console speed', icon: Gauge, reads: 'settings:manage' },
    ],
  },
  {
    group: 'Security',
    pages: [
      { to: '/settings/sign-in', label: 'Sign-in and MFA', icon: ShieldCheck, reads: 'settings:read' },
      { to: '/settings/api-keys', label: 'API keys', icon: KeyRound, reads: 'keys:manage' },
      { to: '/settings/audit', label: 'Audit log', icon: History, reads: 'audit:read' },
    ],
  },
];
