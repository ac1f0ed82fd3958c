import { type Kysely, sql } from 'kysely';
import { currentTenant } from '../kit/tenant-table.ts';

/** So many of the newest runs are looked through before the index is asked: a word that many texts hold is among them. */
const newest = 3_000;

/**
 * The search of 0014, in two steps: an index finds rare words at once, and is slow with those that nearly every text holds;
 * of these a page is full after a look at the newest.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const found = (from: string): string => `select q.run_id from ${from} q
    join runs r on r.workspace_id = q.workspace_id and r.id = q.run_id
    where q.workspace_id = $1 and q.search_text like $2
      and (q.unit = '''' or $3 = ''*'' or q.unit = any(string_to_array($3, '','')))
      and ($4 is null or q.run_id < $4) and ($5 is null or q.connection_id = $5) and ($6 is null or q.unit = $6)
      and ($7 is null or q.query_id = $7) and ($8 is null or r.status = any($8)) and ($9 is null or r.actor_id = $9)
    order by q.run_id desc limit $10`;
  const head = `(select * from query_runs where workspace_id = $1 and ($4 is null or run_id < $4)
    order by run_id desc limit ${newest})`;
  const given = sql`${currentTenant}, pattern, coalesce(current_setting('app.mid', true), ''), before, of_connection, of_unit,
    of_query, statuses, person, most`;
  await sql`create or replace function windlass_find_query_runs(pattern text, before uuid, of_connection uuid, of_unit text,
      of_query uuid, statuses text[], person uuid, most integer) returns setof uuid
    language plpgsql stable security definer set search_path = public set row_security = off as $$
    declare ids uuid[];
    begin
      execute 'select array(${sql.raw(found(head))})' into ids using ${given};
      if cardinality(ids) = most then
        return query select unnest(ids);
      else
        return query execute '${sql.raw(found('query_runs'))}' using ${given};
      end if;
    end $$`.execute(db);
}
