import { keepPreviousData, useQuery } from '@tanstack/react-query';
import {
  Bell,
  Cable,
  CalendarClock,
  KeyRound,
  Link2,
  ListChecks,
  Server,
  Terminal,
  User,
  Webhook,
  type LucideIcon,
} from 'lucide-react';
import type { RunSummary } from '#contracts/runs/runs.ts';
import { api } from '../kit/api.ts';
import { useMay } from '../kit/session.ts';

/** Something that was found, and its page. */
export interface FoundItem {
  id: string;
  label: string;
  icon: LucideIcon | RunSummary['status'];
  to: string;
  search?: Record<string, string>;
  /** At the right: an address, a role. */
  hint?: string;
  /** At the right: when. */
  at?: string;
  keywords?: string[];
}
export interface FoundGroup {
  heading: string;
  items: FoundItem[];
}

const MOST = 6;
const keep = { placeholderData: keepPreviousData } as const;

/**
 * Finds things by words: long lists are searched by the server, the short ones (people, schedules, hooks, channels) are
 * read whole and searched here.
 * @param q empty while there is nothing to search for
 */
export function usePaletteSearch(q: string): { groups: FoundGroup[]; isSearching: boolean } {
  const isOn = q.length > 1;
  const may = {
    runs: useMay('runs:read') && isOn,
    playbooks: useMay('playbooks:read') && isOn,
    servers: useMay('servers:read') && isOn,
    connections: useMay('connections:read') && isOn,
    queries: useMay('queries:read') && isOn,
    credentials: useMay('credentials:read') && isOn,
    schedules: useMay('schedules:read') && isOn,
    hooks: useMay('hooks:read') && isOn,
    members: useMay('members:read') && isOn,
    channels: useMay('notifications:read') && isOn,
  };
  const runs = useQuery({
    ...keep,
    queryKey: ['runs', 'palette', q],
    queryFn: ({ signal }) => api.listRuns({ query: { q, limit: MOST, children: 'true' }, signal }),
    enabled: may.runs,
    select: ({ data }) =>
      data.map(({ id, title, status, createdAt }): FoundItem => ({
        id,
        label: title,
        icon: status,
        to: `/runs/${id}`,
        at: createdAt,
        keywords: [id],
      })),
  });
  const playbooks = useQuery({
    ...keep,
    queryKey: ['playbooks', 'palette', q],
    queryFn: ({ signal }) => api.listPlaybooks({ query: { q, limit: MOST }, signal }),
    enabled: may.playbooks,
    select: ({ data }) =>
      data.map(({ id, name }): FoundItem => ({ id, label: name, icon: ListChecks, to: `/playbooks/${id}` })),
  });
  const servers = useQuery({
    ...keep,
    queryKey: ['servers', 'palette', q],
    queryFn: ({ signal }) => api.listServers({ query: { q, limit: MOST }, signal }),
    enabled: may.servers,
    select: ({ data }) =>
      data.map(({ id, name, host }): FoundItem => ({
        id,
        label: name,
        icon: Server,
        to: '/servers',
        search: { sel: id },
        hint: host,
      })),
  });
  const queries = useQuery({
    ...keep,
    queryKey: ['queries', 'palette', q],
    queryFn: ({ signal }) => api.listQueries({ query: { q, limit: MOST }, signal }),
    enabled: may.queries,
    select: ({ data }) =>
      data.map(({ id, name, folder }): FoundItem => ({
        id,
        label: name,
        icon: Terminal,
        to: '/queries',
        search: { open: id },
        ...(folder && { hint: folder }),
      })),
  });
  const connections = useQuery({
    queryKey: ['connections', 'list'],
    queryFn: ({ signal }) => api.listConnections({ query: { limit: 200 }, signal }),
    enabled: may.connections,
    select: ({ data }) =>
      data.map(({ id, name, account }): FoundItem => ({
        id,
        label: name,
        icon: Cable,
        to: '/connections',
        search: { sel: id },
        ...(account && { hint: account.name }),
      })),
  });
  const credentials = useQuery({
    ...keep,
    queryKey: ['credentials', 'palette', q],
    queryFn: ({ signal }) => api.listCredentials({ query: { q, limit: MOST }, signal }),
    enabled: may.credentials,
    select: ({ data }) =>
      data.map(({ id, name, username }): FoundItem => ({
        id,
        label: name,
        icon: KeyRound,
        to: '/credentials',
        search: { sel: id },
        hint: username,
      })),
  });
  const schedules = useQuery({
    queryKey: ['schedules', 'palette'],
    queryFn: ({ signal }) => api.listSchedules({ query: { limit: 200 }, signal }),
    enabled: may.schedules,
    select: ({ data }) =>
      data.map(({ id, name }): FoundItem => ({
        id,
        label: name,
        icon: CalendarClock,
        to: '/schedules',
        search: { sel: id },
      })),
  });
  const webhooks = useQuery({
    queryKey: ['hooks', 'palette'],
    queryFn: ({ signal }) => api.listWebhooks({ query: { limit: 200 }, signal }),
    enabled: may.hooks,
    select: ({ data }) =>
      data.map(({ id, name }): FoundItem => ({ id, label: name, icon: Webhook, to: '/webhooks', search: { sel: id } })),
  });
  const triggers = useQuery({
    queryKey: ['run-triggers', 'palette'],
    queryFn: ({ signal }) => api.listRunTriggers({ signal }),
    enabled: may.hooks,
    select: ({ data }) =>
      data.map(({ id, name }): FoundItem => ({
        id,
        label: name,
        icon: Link2,
        to: '/run-triggers',
        search: { sel: id },
      })),
  });
  const members = useQuery({
    queryKey: ['members', 'palette'],
    queryFn: ({ signal }) => api.listMembers({ signal }),
    enabled: may.members,
    select: ({ data }) =>
      data.map(({ id, name, email, role }): FoundItem => ({
        id,
        label: name,
        icon: User,
        to: '/settings/members',
        search: { q: email },
        hint: role,
        keywords: [email],
      })),
  });
  const channels = useQuery({
    queryKey: ['channels', 'palette'],
    queryFn: ({ signal }) => api.listChannels({ signal }),
    enabled: may.channels,
    select: ({ data }) =>
      data.map(({ id, name }): FoundItem => ({ id, label: name, icon: Bell, to: '/settings/channels' })),
  });
  if (!isOn) return { groups: [], isSearching: false };
  const here = (items: FoundItem[] | undefined) => items?.filter((item) => fits(item, q)).slice(0, MOST);
  const groups: Array<[heading: string, items: FoundItem[] | undefined]> = [
    ['Runs', runs.data],
    ['Queries', queries.data],
    ['Playbooks', playbooks.data],
    ['Servers', servers.data],
    ['Connections', here(connections.data)],
    ['Credentials', credentials.data],
    ['Schedules', here(schedules.data)],
    ['Webhooks', here(webhooks.data)],
    ['Run triggers', here(triggers.data)],
    ['Members', here(members.data)],
    ['Channels', here(channels.data)],
  ];
  return {
    groups: groups.flatMap(([heading, items]) => (items && items.length > 0 ? [{ heading, items }] : [])),
    isSearching: [
      runs,
      queries,
      playbooks,
      servers,
      connections,
      credentials,
      schedules,
      webhooks,
      triggers,
      members,
      channels,
    ].some(({ isFetching }) => isFetching),
  };
}

/** Every word is somewhere in what is known of it. */
export function fits({ label, hint = '', keywords = [] }: Pick<FoundItem, 'label' | 'hint' | 'keywords'>, q: string) {
  const text = [label, hint, ...keywords].join(' ').toLowerCase();
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
