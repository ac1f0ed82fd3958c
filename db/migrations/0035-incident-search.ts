import { type Kysely, sql } from 'kysely';
import { currentTenant } from '../kit/tenant-table.ts';

/**
 * Incidents by a part of what they say. Under row-level security a pattern may not be asked of an index, for an operator
 * that PostgreSQL does not know to keep secrets might tell of other workspaces' rows; so, as with the history of queries
 * (0014), a function of the owner's asks it, and answers with ids of the transaction's workspace alone.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create function windlass_find_incidents(pattern text, before uuid) returns setof uuid
    language plpgsql stable security definer set search_path = public set row_security = off as $$
    begin
      return query execute 'select id from incidents where workspace_id = $1 and search_text like $2 and ($3 is null or id < $3)'
        using ${currentTenant}, pattern, before;
    end $$`.execute(db);
  await sql`revoke all on function windlass_find_incidents(text, uuid) from public`.execute(db);
  await sql`grant execute on function windlass_find_incidents(text, uuid) to windlass_app`.execute(db);
}
