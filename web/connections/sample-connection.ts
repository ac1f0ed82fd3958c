import type { Connection, ConnectionUnit, TokenRefresh } from '#contracts/connections/connections.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';

export const connectionId = (place: number): string => `019a0000-0000-7000-8000-${String(place).padStart(12, '0')}`;

/** A connection of Marketing Cloud that works. Stories and tests of the page alone use it. */
export const aConnection = (more: Partial<Connection> = {}): Connection => ({
  id: connectionId(1),
  kind: 'sfmc',
  name: 'Marketing Cloud · Retail',
  description: '',
  config: {
    kind: 'sfmc',
    clientId: 'client-1',
    authUrl: 'https://mc00000000000000000000000000.auth.marketingcloudapis.com/',
    grant: 'user',
    folder: 'Windlass',
  },
  secretsHeld: ['clientSecret'],
  state: 'connected',
  stateSince: '2026-11-18T09:12:00.000Z',
  failure: null,
  account: { id: '501', name: 'Ada Admin' },
  scopes: ['data_extensions_read', 'automations_execute', 'offline'],
  expiresAt: '2026-11-21T14:20:00.000Z',
  refreshAt: '2026-11-21T14:16:00.000Z',
  refreshedAt: '2026-11-21T14:02:00.000Z',
  runId: connectionId(71),
  running: 2,
  waiting: 0,
  slots: 5,
  callsPerSecond: null,
  budget: { callsLastMinute: 38, throttledLastMinute: 0, callsThisMinute: 4 },
  temporaryAssets: 4,
  createdBy: { kind: 'user', id: connectionId(990), name: 'Mara Lindqvist' },
  createdAt: '2026-10-02T08:00:00.000Z',
  updatedAt: '2026-11-18T09:12:00.000Z',
  version: 3,
  ...more,
});

/** One of PostgreSQL. */
export const aDatabase = (more: Partial<Connection> = {}): Connection =>
  aConnection({
    id: connectionId(3),
    kind: 'postgres',
    name: 'Shop, read replica',
    config: {
      kind: 'postgres',
      host: 'replica.db.example.org',
      port: 5_432,
      database: 'shop',
      user: 'reader',
      tls: 'verify',
      statementTimeout: '10m',
    },
    secretsHeld: ['password'],
    account: { id: 'reader', name: 'reader' },
    scopes: [],
    expiresAt: null,
    refreshAt: null,
    refreshedAt: null,
    running: 0,
    temporaryAssets: 0,
    ...more,
  });

export const aUnit = (id: string, name: string, more: Partial<ConnectionUnit> = {}): ConnectionUnit => ({
  id,
  name,
  parentId: null,
  isUsable: true,
  isDefault: false,
  details: {},
  ...more,
});

export const aRefusal = (more: Partial<QueryFailureFacts> = {}): QueryFailureFacts => ({
  kind: 'auth',
  code: 'invalid_grant',
  message: 'The refresh token is not valid any more.',
  hint: 'Sign in again: somebody took the access back, or it was not used for too long.',
  retryable: false,
  retryAfterMs: null,
  mayHaveActed: false,
  status: 400,
  position: null,
  ...more,
});

/** Renewals, newest first, a quarter of an hour apart. */
export const someRefreshes = (outcomes: readonly TokenRefresh['outcome'][]): TokenRefresh[] =>
  outcomes.map((outcome, place) => ({
    id: connectionId(100 + place),
    at: new Date(Date.parse('2026-11-21T14:02:00.000Z') - place * 15 * 60_000).toISOString(),
    outcome,
    cause: 'ahead',
    tookMs: 240,
    failure: outcome === 'renewed' ? null : aRefusal(),
  }));
