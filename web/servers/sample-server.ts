import type { Server } from '#contracts/servers/servers.ts';

/** Ids of tests and stories, in order. */
export const serverId = (place: number): string => `01900000-0000-7000-8000-${String(place).padStart(12, '0')}`;

/** A server as tests and stories show it. */
export const aServer = (parts: Partial<Server> = {}): Server => ({
  id: serverId(1),
  name: 'web-1',
  host: '10.20.1.11',
  port: 22,
  description: '',
  tags: ['eu', 'web'],
  credentialId: null,
  credential: null,
  jumpServerId: null,
  jumpServer: null,
  hostKeyState: 'pinned',
  hostKey: null,
  offeredHostKey: null,
  maintenance: null,
  health: 'healthy',
  lastCheck: null,
  facts: {},
  createdAt: '2026-11-01T08:00:00.000Z',
  updatedAt: '2026-11-01T08:00:00.000Z',
  version: 1,
  ...parts,
});
