import { type Kysely, sql } from 'kysely';

/**
 * A query that a unit or a rule hides from somebody is hidden as a run too: its row, and with it all that is counted over
 * runs. 0019 hid the runs of whole connections; units and folders are known to the query alone, so that is asked.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // By the caller's rights: the policies of `query_runs` decide. Cheap for the planner, who would else plan every reading of
  // runs around it; it is called for queries alone, and only for those who do not see all.
  await sql`create function windlass_sees_query_run(of_workspace uuid, of_run uuid) returns boolean
    language plpgsql stable parallel safe cost 1 as $$
    begin
      return exists (select from query_runs where workspace_id = of_workspace and run_id = of_run);
    end $$`.execute(db);
  await sql`drop policy hidden on runs`.execute(db);
  const seen = sql`case when kind <> 'query' then true
    when coalesce(current_setting('app.hidden', true), '') = '' and coalesce(current_setting('app.mid', true), '') = '*' then true
    else windlass_sees_query_run(workspace_id, id) end`;
  await sql`create policy hidden on runs as restrictive to windlass_app using (${seen}) with check (${seen})`.execute(
    db,
  );
}
