import { type Kysely, sql } from 'kysely';

/** What a run does once its rows are there, and how each delivery went: counts alone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table query_runs add column after jsonb, add column deliveries jsonb not null default '[]'`.execute(
    db,
  );
}
