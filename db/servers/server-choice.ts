import { sql, type SqlBool } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { ServerChoice } from '#contracts/servers/servers.ts';
import { contains } from '../kit/like.ts';
import { inMaintenance } from './server-rows.ts';

const all = sql<SqlBool>`true`;
const every = (conditions: ReadonlyArray<RawBuilder<SqlBool>>): RawBuilder<SqlBool> =>
  conditions.length === 0 ? all : sql<SqlBool>`(${sql.join(conditions, sql` and `)})`;

/** Which rows of `servers` a choice takes, but for their health. */
export function chosenBut({ q, tag, credential, jump, hostKey, ids }: ServerChoice): RawBuilder<SqlBool> {
  const conditions: RawBuilder<SqlBool>[] = [];
  if (q) {
    const like = contains(q);
    conditions.push(
      sql`(servers.name ilike ${like} or servers.host ilike ${like} or servers.description ilike ${like}
        or array_to_string(servers.tags, ' ') ilike ${like})`,
    );
  }
  if (tag?.length) conditions.push(sql`servers.tags @> ${tag}::text[]`);
  if (credential) conditions.push(sql`servers.credential_id = ${credential}`);
  if (jump) conditions.push(sql`servers.jump_server_id = ${jump}`);
  if (hostKey === 'none') conditions.push(sql`servers.pinned_key is null`);
  if (hostKey === 'pinned') conditions.push(sql`servers.pinned_key is not null and servers.offered_key is null`);
  if (hostKey === 'mismatch') conditions.push(sql`servers.pinned_key is not null and servers.offered_key is not null`);
  if (ids) conditions.push(sql`servers.id = any(${ids}::uuid[])`);
  return every(conditions);
}

/** Which rows a choice takes by their health; those in maintenance have a state of their own. */
export function chosenByHealth({ health }: ServerChoice): RawBuilder<SqlBool> {
  if (!health?.length) return all;
  const states = health.filter((state) => state !== 'maintenance');
  const isJudged = sql<SqlBool>`(servers.health = any(${states}::text[]) and not ${inMaintenance})`;
  return health.includes('maintenance') ? sql<SqlBool>`(${isJudged} or ${inMaintenance})` : isJudged;
}

/** Which rows of `servers` a choice takes. */
export const chosen = (choice: ServerChoice): RawBuilder<SqlBool> => every([chosenBut(choice), chosenByHealth(choice)]);
