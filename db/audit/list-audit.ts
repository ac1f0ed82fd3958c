import type { AuditEntry, AuditFilter } from '#contracts/audit/audit.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { defaultSettings } from '#contracts/settings/settings.ts';
import { type ExpressionBuilder, sql } from 'kysely';
import { contains, literally } from '../kit/like.ts';
import type { Database, TenantTx } from '../kit/database.ts';

type Filter = Omit<AuditFilter, 'limit' | 'cursor'>;

const columns = ['id', 'at', 'actor', 'action', 'subject', 'title', 'before', 'after', 'address', 'requestId'] as const;

/** `server.created`, or `server.*` for all of a noun. */
const isAction = (eb: ExpressionBuilder<Database, 'auditEntries'>, name: string) =>
  name.endsWith('*') ? eb('action', 'like', `${literally(name.slice(0, -1))}%`) : eb('action', '=', name);

function filtered(tx: TenantTx, { actor, action, subject, from, to, q }: Filter) {
  let entries = tx.selectFrom('auditEntries').select(columns);
  if (actor?.length) {
    const ids = actor.filter((who) => who !== 'system');
    entries = entries.where((eb) =>
      eb.or([
        ...(ids.length > 0 ? [eb('actorId', 'in', ids)] : []),
        ...(actor.includes('system') ? [eb('actorId', 'is', null)] : []),
      ]),
    );
  }
  const unwanted = action?.filter((name) => name.startsWith('!')).map((name) => name.slice(1)) ?? [];
  const wanted = action?.filter((name) => !name.startsWith('!')) ?? [];
  if (wanted.length > 0) entries = entries.where((eb) => eb.or(wanted.map((name) => isAction(eb, name))));
  for (const name of unwanted) entries = entries.where((eb) => eb.not(isAction(eb, name)));
  if (subject) entries = entries.where('subject', '=', subject);
  if (from) entries = entries.where('at', '>=', new Date(from));
  if (to) entries = entries.where('at', '<', new Date(to));
  if (q) {
    const like = contains(q);
    entries = entries.where((eb) =>
      eb.or([
        eb('action', 'ilike', like),
        eb('subject', 'ilike', like),
        eb('title', 'ilike', like),
        eb('address', 'ilike', like),
        eb('requestId', 'ilike', like),
        eb(eb.ref('actor', '->>').key('name'), 'ilike', like),
      ]),
    );
  }
  return entries;
}

/** A page of the audit log, newest first. Ids are UUIDv7, so an id is a cursor. */
export async function listAudit(
  tx: TenantTx,
  { limit, cursor, ...filter }: AuditFilter,
): Promise<{ data: AuditEntry[]; pagination: { limit: number; nextCursor: string | null } }> {
  let entries = filtered(tx, filter);
  if (cursor) entries = entries.where('id', '<', cursor);
  const rows = await entries
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute(); // one more tells if more follow
  const data = rows.slice(0, limit).map((row) => ({ ...row, at: row.at.toISOString() }));
  return { data, pagination: { limit, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null } };
}

/** One entry, or undefined. */
export async function findAuditEntry(tx: TenantTx, id: string): Promise<AuditEntry | undefined> {
  const row = await tx.selectFrom('auditEntries').select(columns).where('id', '=', id).executeTakeFirst();
  return row && { ...row, at: row.at.toISOString() };
}

/** Entries that are counted: beyond that "more" is answer enough. */
const mostCounted = 10_000;

/** How many entries a filter shows, and for how long the workspace keeps them. */
export async function countAudit(tx: TenantTx, filter: Filter) {
  const { total } = await tx
    .selectFrom(
      filtered(tx, filter)
        .limit(mostCounted + 1)
        .as('found'),
    )
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  const settings = await tx.selectFrom('settings').select('auditRetentionDays').executeTakeFirst();
  return {
    total: Math.min(Number(total), mostCounted),
    isCapped: Number(total) > mostCounted,
    keptDays: settings?.auditRetentionDays ?? defaultSettings.auditRetentionDays,
  };
}

const mostNames = 500;

/**
 * Who and which actions stand in the log. Each is looked for behind the one before it in its index, so that a log of
 * millions is not read to name a hundred.
 */
export async function listAuditNames(tx: TenantTx): Promise<{ actors: ActorRef[]; actions: string[] }> {
  const actors = await sql<{ actor: ActorRef }>`
    with recursive who as (
      (select actor_id from audit_entries where actor_id is not null order by actor_id limit 1)
      union all
      select (select actor_id from audit_entries where actor_id > who.actor_id order by actor_id limit 1)
      from who where who.actor_id is not null)
    select newest.actor from who
    cross join lateral (
      select actor from audit_entries where actor_id = who.actor_id order by id desc limit 1) newest
    limit ${mostNames}`.execute(tx);
  const actions = await sql<{ action: string }>`
    with recursive what as (
      (select action from audit_entries order by action using ~<~ limit 1)
      union all
      select (select action from audit_entries where action ~>~ what.action order by action using ~<~ limit 1)
      from what where what.action is not null)
    select action from what where action is not null limit ${mostNames}`.execute(tx);
  return {
    actors: actors.rows.map(({ actor }) => actor).sort((a, b) => a.name.localeCompare(b.name, 'en')),
    actions: actions.rows.map(({ action }) => action).sort(),
  };
}
