import { type Kysely, sql } from 'kysely';

/** A schedule starts a saved query as well as a playbook; what it gives to it stands in `inputs`, as before. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table schedules drop constraint schedules_target_kind_check,
    add constraint schedules_target_kind_check check (target_kind in ('playbook', 'query'))`.execute(db);
}
