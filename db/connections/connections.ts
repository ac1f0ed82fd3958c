import { sql, type Updateable } from 'kysely';
import type { Connection } from '#contracts/connections/connections.ts';
import type { PublicConfig } from '#contracts/connections/config.ts';
import { slotKey } from '#contracts/connections/lifecycle.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { EngineKind } from '#contracts/queries/engine.ts';
import { naturalKey } from '#contracts/servers/server-fields.ts';
import { contains } from '../kit/like.ts';
import { recordAudit } from '../audit/audit-entries.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import { afterName, nameCursor } from '../servers/name-page.ts';
import { keepSecrets, type SealedSecrets } from './connection-secrets.ts';
import { tellChange } from './connection-states.ts';
import type { ConnectionsTable } from './tables.ts';

/** Who does it, and from where; machinery has no address. */
export interface Doer {
  actor: ActorRef;
  address?: string | null;
  requestId?: string | null;
}

const rows = (tx: TenantTx) =>
  tx
    .selectFrom('connections as c')
    .leftJoin('connectionTokens as t', (join) =>
      join.onRef('t.connectionId', '=', 'c.id').on('t.unit', '=', '').on('t.generation', '>', 0),
    )
    .select([
      'c.id',
      'c.name',
      'c.nameKey',
      'c.kind',
      'c.description',
      'c.config',
      'c.slots',
      'c.callsPerSecond',
      'c.state',
      'c.stateSince',
      'c.failure',
      'c.account',
      'c.runId',
      'c.createdBy',
      'c.createdAt',
      'c.updatedAt',
      'c.version',
      't.expiresAt',
      't.refreshAt',
      't.refreshedAt',
      't.scopes',
      sql<
        string[]
      >`array(select s.name from connection_secrets s where s.workspace_id = c.workspace_id and s.connection_id = c.id order by s.name)`.as(
        'secretsHeld',
      ),
      openRuns(`('running')`).as('running'),
      openRuns(`('queued', 'waiting')`).as('waiting'),
      sql<{ calls: number; throttled: number; now: number }>`(
        select json_build_object(
          'calls', coalesce(sum(case when b.minute = this then b.last_calls when b.minute = this - interval '1 minute' then b.calls else 0 end), 0),
          'throttled', coalesce(sum(case when b.minute = this then b.last_throttled when b.minute = this - interval '1 minute' then b.throttled else 0 end), 0),
          'now', coalesce(sum(case when b.minute = this then b.calls else 0 end), 0))
        from connection_budgets b, date_trunc('minute', now()) as this
        where b.workspace_id = c.workspace_id and b.connection_id = c.id)`.as('budget'),
    ]);
/** Runs that take the connection's slots, of all its units. */
const openRuns = (statuses: string) =>
  sql<number>`(select count(*)::int from runs r where r.workspace_id = c.workspace_id and r.ended_at is null
    and r.subject_id = c.id::text and r.shape = 'job' and r.status in ${sql.raw(statuses)}
    and (r.concurrency_key = 'connection:' || c.id or r.concurrency_key like 'connection:' || c.id || '/%'))`;
type Row = Awaited<ReturnType<ReturnType<typeof rows>['executeTakeFirstOrThrow']>>;

const toConnection = ({ nameKey: _nameKey, budget, ...row }: Row): Omit<Connection, 'temporaryAssets'> => ({
  ...row,
  stateSince: row.stateSince.toISOString(),
  scopes: row.scopes ?? [],
  expiresAt: row.expiresAt?.toISOString() ?? null,
  refreshAt: row.refreshAt?.toISOString() ?? null,
  refreshedAt: row.refreshedAt?.toISOString() ?? null,
  budget: {
    callsLastMinute: budget.calls,
    throttledLastMinute: budget.throttled,
    callsThisMinute: budget.now,
  },
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

/** Objects of ours at the services, by connection: what runs made and have not removed yet. */
async function assetsOf(tx: TenantTx, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const { rows: counted } = await sql<{ id: string; count: number }>`
    select connection_id as id, count(*)::int as count from remote_assets
    where connection_id = any(${[...ids]}::uuid[]) group by connection_id`.execute(tx);
  return new Map(counted.map(({ id, count }) => [id, count]));
}

export async function listConnections(
  tx: TenantTx,
  filter: { limit: number; cursor?: string | undefined; kind?: EngineKind | undefined; q?: string | undefined },
) {
  let found = rows(tx);
  if (filter.q) {
    const like = contains(filter.q);
    found = found.where((eb) => eb.or([eb('c.name', 'ilike', like), eb('c.description', 'ilike', like)]));
  }
  if (filter.kind) found = found.where('c.kind', '=', filter.kind);
  if (filter.cursor) found = found.where(afterName('c', filter.cursor, false));
  const all = await found
    .orderBy('c.nameKey')
    .orderBy('c.id')
    .limit(filter.limit + 1)
    .execute();
  const page = all.slice(0, filter.limit);
  const assets = await assetsOf(
    tx,
    page.map(({ id }) => id),
  );
  return {
    data: page.map((row): Connection => ({ ...toConnection(row), temporaryAssets: assets.get(row.id) ?? 0 })),
    pagination: { limit: filter.limit, nextCursor: all.length > filter.limit ? nameCursor(page.at(-1)) : null },
  };
}

export async function findConnection(tx: TenantTx, id: string): Promise<Connection | undefined> {
  const row = await rows(tx).where('c.id', '=', id).executeTakeFirst();
  return row && { ...toConnection(row), temporaryAssets: (await assetsOf(tx, [id])).get(id) ?? 0 };
}

/** @throws Refusal `request.not_found` */
export async function mustConnection(tx: TenantTx, id: string): Promise<Connection> {
  const connection = await findConnection(tx, id);
  if (!connection) throw new Refusal('request.not_found');
  return connection;
}

const named = async <T>(name: string | undefined, work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (violates(error, 'connections_name')) throw new Refusal('connection.name_taken', { name });
    throw error;
  }
};

/** Fields that the audit log shows. */
const written = ({ name, description, config, slots, callsPerSecond }: Connection) => ({
  name,
  description,
  slots,
  callsPerSecond,
  ...config,
});

const note = (
  tx: TenantTx,
  { actor, address, requestId }: Doer,
  { id, name }: { id: string; name: string },
  act: string,
  facts: { before?: unknown; after?: unknown } = {},
): Promise<void> =>
  recordAudit(tx, {
    actor,
    action: `connection.${act}`,
    subject: `connection:${id}`,
    title: name,
    before: facts.before ?? null,
    after: facts.after ?? null,
    address: address ?? null,
    requestId: requestId ?? null,
  });
/** An act on a connection that changes nothing of it: a sign-in, a renewal on wish. */
export const noteAct = note;

export interface NewConnection {
  id: string;
  name: string;
  description: string;
  config: PublicConfig;
  slots: number;
  callsPerSecond: number | null;
  sealed: SealedSecrets;
  runId: string;
}

export async function insertConnection(tx: TenantTx, doer: Doer, made: NewConnection): Promise<Connection> {
  const { id, name, description, config, slots, callsPerSecond, sealed, runId } = made;
  await named(
    name,
    tx
      .insertInto('connections')
      .values({
        id,
        name,
        nameKey: naturalKey(name),
        kind: config.kind,
        description,
        config: JSON.stringify(config),
        slots,
        callsPerSecond,
        runId,
        createdBy: JSON.stringify(doer.actor),
      })
      .execute(),
  );
  await keepSecrets(tx, id, sealed);
  const connection = await mustConnection(tx, id);
  await note(tx, doer, connection, 'created', { after: written(connection) });
  await tellChange(tx, connection, 'created', doer.actor);
  return connection;
}

export interface ConnectionChange {
  name?: string | undefined;
  description?: string | undefined;
  config?: PublicConfig | undefined;
  slots?: number | undefined;
  callsPerSecond?: number | null | undefined;
  sealed: SealedSecrets;
}

/** Changes a connection; a new secret is written into the audit log as a fact, never as a value. */
export async function updateConnection(
  tx: TenantTx,
  doer: Doer,
  id: string,
  change: ConnectionChange,
  ifVersion?: number,
): Promise<Connection> {
  const locked = await tx
    .selectFrom('connections')
    .select(['version', 'state', 'name'])
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!locked) throw new Refusal('request.not_found');
  if (locked.state === 'disconnecting') throw new Refusal('connection.disconnecting', { name: locked.name });
  if (ifVersion !== undefined && ifVersion !== locked.version) throw new Refusal('request.stale');
  const before = await mustConnection(tx, id);
  const { name, description, config, slots, callsPerSecond, sealed } = change;
  const columns: Updateable<ConnectionsTable> = {
    ...(name !== undefined && { name, nameKey: naturalKey(name) }),
    ...(description !== undefined && { description }),
    ...(config !== undefined && { config: JSON.stringify(config) }),
    ...(slots !== undefined && { slots }),
    ...(callsPerSecond !== undefined && { callsPerSecond }),
  };
  const secrets = Object.entries(sealed).map(([part, value]) => `${part} ${value === null ? 'removed' : 'replaced'}`);
  if (Object.keys(columns).length === 0 && secrets.length === 0) return before;
  await keepSecrets(tx, id, sealed);
  await named(
    name,
    tx
      .updateTable('connections')
      .set({ ...columns, version: locked.version + 1, updatedAt: new Date() })
      .where('id', '=', id)
      .execute(),
  );
  const after = await mustConnection(tx, id);
  const [was, is] = [written(before), written(after)] as Record<string, unknown>[];
  const changed = Object.keys({ ...was, ...is }).filter(
    (field) => JSON.stringify(was?.[field]) !== JSON.stringify(is?.[field]),
  );
  await note(tx, doer, after, 'changed', {
    before: Object.fromEntries(changed.map((field) => [field, was?.[field]])),
    after: {
      ...Object.fromEntries(changed.map((field) => [field, is?.[field]])),
      ...(secrets.length > 0 && { changed: secrets }),
    },
  });
  await tellChange(tx, after, 'changed', doer.actor);
  return after;
}

/** Begins to take leave of a connection: nothing new starts on it. @returns its run; null where none tends it */
export async function beginDisconnect(tx: TenantTx, doer: Doer, id: string): Promise<{ runId: string | null }> {
  const connection = await mustConnection(tx, id);
  if (connection.state !== 'disconnecting') {
    await tx
      .updateTable('connections')
      .set({ state: 'disconnecting', failure: null, stateSince: sql<Date>`now()`, version: sql<number>`version + 1` })
      .where('id', '=', id)
      .execute();
    await note(tx, doer, connection, 'disconnected', { before: written(connection) });
    await tellChange(tx, { ...connection, state: 'disconnecting' }, 'disconnecting', doer.actor);
  }
  return { runId: connection.runId };
}

/** Erases a connection with its secrets, tokens, units and schema. Repeatable. */
export async function eraseConnection(tx: TenantTx, id: string): Promise<void> {
  const gone = await tx
    .deleteFrom('connections')
    .where('id', '=', id)
    .returning(['id', 'name', 'state'])
    .executeTakeFirst();
  if (gone) await tellChange(tx, gone, 'deleted');
}

/** Open runs that take a slot of the connection, whatever its unit; of one status where it is named. */
export async function openRunsOf(tx: TenantTx, id: string, status: 'waiting' | null = null): Promise<string[]> {
  const key = slotKey(id);
  const { rows: open } = await sql<{ id: string }>`
    select id from runs where ended_at is null and subject_id = ${id} and shape = 'job'
      and (concurrency_key = ${key} or concurrency_key like ${`${key}/%`})
      and (${status}::text is null or status = ${status})`.execute(tx);
  return open.map((run) => run.id);
}
