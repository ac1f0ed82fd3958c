import type { AuditEntry } from '#contracts/audit/audit.ts';

/** Ids of tests, in order. */
export const entryId = (place: number): string => `01900000-0000-7000-8000-${String(place).padStart(12, '0')}`;

/** An entry as tests show it. */
export const anEntry = (parts: Partial<AuditEntry> = {}): AuditEntry => ({
  id: entryId(1),
  at: '2026-11-20T10:00:00.000Z',
  actor: { kind: 'user', id: entryId(800), name: 'Mara Lindqvist' },
  action: 'server.changed',
  subject: `server:${entryId(700)}`,
  title: 'web-1',
  before: { port: 22, tags: ['web'] },
  after: { port: 2222, tags: ['web'] },
  address: '10.8.0.19',
  requestId: 'req-42',
  ...parts,
});
