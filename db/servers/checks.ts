import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { cpuPercentOf, type HealthState, type ServerCheck, type ServerFacts } from '#contracts/servers/servers.ts';
import { defaultSettings } from '#contracts/settings/settings.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { checker } from './acts.ts';
import { idCursor } from './name-page.ts';
import { inMaintenance } from './server-rows.ts';

/** Days that single checks are kept. */
export const checkDays = 14;

export interface CheckResult extends Omit<ServerCheck, 'id' | 'at'> {
  /** Null leaves the facts of the last good check. */
  facts: ServerFacts | null;
}

/** The first id that a moment could have: ids are UUIDv7, so a span of time is a span of ids. */
const firstIdAt = (ms: number): string => {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
};

const isBad = (health: HealthState): boolean => health === 'unhealthy' || health === 'no_answer';

/**
 * Keeps a check's result, sets the time of the next and tells open screens. Old checks of the server go in the same act.
 * @returns the check, or undefined where the server is gone
 */
export async function recordCheck(
  tx: TenantTx,
  serverId: string,
  { facts, ...result }: CheckResult,
  nextCheckAt: Date,
): Promise<ServerCheck | undefined> {
  const check: ServerCheck = { id: uuidv7(), at: new Date().toISOString(), ...result };
  const before = await tx
    .selectFrom('servers')
    .select(['health', inMaintenance.as('inMaintenance')])
    .where('id', '=', serverId)
    .forUpdate()
    .executeTakeFirst();
  const server = await tx
    .updateTable('servers')
    .set({
      health: check.health,
      lastCheck: JSON.stringify(check),
      checkedAt: new Date(check.at),
      ...(facts && {
        facts: JSON.stringify(facts),
        cpuPercent: cpuPercentOf(facts) ?? -1,
        memoryPercent: facts.memoryUsedPercent ?? -1,
      }),
      // Somebody asked, or changed the server, while the check was under way: it stays due.
      nextCheckAt: sql<Date>`case when next_check_at > now() then ${nextCheckAt}::timestamptz else next_check_at end`,
      checkAskedAt: sql<Date | null>`case when next_check_at > now() then null else check_asked_at end`,
    })
    .where('id', '=', serverId)
    .returning(['name', 'facts'])
    .executeTakeFirst();
  if (!server) return undefined;
  await tx
    .insertInto('serverChecks')
    .values({ serverId, ...result, id: check.id, at: new Date(check.at) })
    .execute();
  await tx
    .deleteFrom('serverChecks')
    .where('serverId', '=', serverId)
    .where('id', '<', firstIdAt(Date.now() - checkDays * 86_400_000))
    .execute();
  await appendEvent(tx, {
    type: 'server.checked',
    subject: `server:${serverId}`,
    actor: checker.actor,
    data: { ...check, id: serverId, checkId: check.id, name: server.name, facts: server.facts },
  });
  // Told once, when it begins, and not while people are at work on it.
  if (isBad(check.health) && before && !isBad(before.health) && !before.inMaintenance)
    await appendEvent(tx, {
      type: 'server.became_unhealthy',
      subject: `server:${serverId}`,
      actor: checker.actor,
      data: { name: server.name, health: check.health, code: check.code, message: check.message },
    });
  return check;
}

/** The history of a server's checks, newest first. */
export async function listChecks(
  tx: TenantTx,
  serverId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
) {
  let checks = tx
    .selectFrom('serverChecks')
    .select(['id', 'at', 'reachable', 'health', 'latencyMs', 'code', 'message'])
    .where('serverId', '=', serverId);
  if (cursor) checks = checks.where('id', '<', idCursor(cursor));
  const rows = await checks
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const data = rows.slice(0, limit).map((row): ServerCheck => ({ ...row, at: row.at.toISOString() }));
  return { data, pagination: { limit, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null } };
}

/** Asks for checks now, of these servers or of all. @returns how many were asked for */
export async function askChecks(tx: TenantTx, ids?: readonly string[]): Promise<number> {
  let asked = tx.updateTable('servers').set({ nextCheckAt: new Date(), checkAskedAt: new Date() });
  if (ids) asked = asked.where('id', '=', sql<string>`any(${[...ids]}::uuid[])`);
  const { numUpdatedRows } = await asked.executeTakeFirst();
  return Number(numUpdatedRows);
}

/** The newest check of a server, and whether one is still asked for. */
export const latestCheck = (tx: TenantTx, serverId: string) =>
  tx.selectFrom('servers').select(['lastCheck', 'checkAskedAt']).where('id', '=', serverId).executeTakeFirst();

/** What a check must know beforehand; undefined where the server is gone. */
export async function checkPlan(
  tx: TenantTx,
  serverId: string,
): Promise<{ isAsked: boolean; inMaintenance: boolean; sweptAt: Date | null; everyMinutes: number } | undefined> {
  const server = await tx
    .selectFrom('servers')
    .select(['checkAskedAt', 'sweptAt', inMaintenance.as('inMaintenance')])
    .where('id', '=', serverId)
    .executeTakeFirst();
  if (!server) return undefined;
  const settings = await tx.selectFrom('settings').select('serverCheckMinutes').executeTakeFirst();
  const everyMinutes = settings?.serverCheckMinutes ?? defaultSettings.serverCheckMinutes;
  return {
    isAsked: server.checkAskedAt !== null,
    inMaintenance: server.inMaintenance,
    sweptAt: server.sweptAt,
    everyMinutes,
  };
}

/** Looks at a server later, and not now. */
export const postponeCheck = (tx: TenantTx, serverId: string, nextCheckAt: Date): Promise<unknown> =>
  tx.updateTable('servers').set({ nextCheckAt }).where('id', '=', serverId).execute();

/** Notes that old durable commands were cleared away on a server. */
export const noteSwept = (tx: TenantTx, serverId: string): Promise<unknown> =>
  tx.updateTable('servers').set({ sweptAt: new Date() }).where('id', '=', serverId).execute();
