import { parseDuration } from '#contracts/kit/duration.ts';
import type { QueryText } from '#contracts/queries/engine.ts';
import type { PostgresAccess } from '../postgres/access.ts';
import { postgresEngine } from '../postgres/engine.ts';
import type { LiveRows } from '../postgres/live-rows.ts';
import type { PostgresOpener } from './material.ts';

/** How the database of a connection is reached. */
export function postgresAccessOf({
  config,
  password,
  guard,
}: Pick<Parameters<PostgresOpener>[0], 'config' | 'password' | 'guard'>): PostgresAccess {
  const { host, port, database, user, tls, ca, statementTimeout } = config;
  return {
    target: { host, port, database, user, password, tls: tls === 'verify' ? 'verify-full' : tls, ca: ca ?? undefined },
    guard,
    statementTimeoutMs: parseDuration(statementTimeout) ?? 600_000,
  };
}

/** Opens engines whose open results are this process's, and whose texts `textOf` reads. */
export const postgresOpener =
  (live: LiveRows, textOf: (of: { workspaceId: string; runId: string }) => Promise<QueryText>): PostgresOpener =>
  ({ workspaceId, connectionId, ...of }) =>
    postgresEngine({
      access: postgresAccessOf(of),
      connectionId,
      live,
      textOf: (runId) => textOf({ workspaceId, runId }),
    });
