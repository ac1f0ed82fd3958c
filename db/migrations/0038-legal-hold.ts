import { type Kysely, sql } from 'kysely';

/** While a workspace is held nothing of it is let go of, however old it is. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table settings add column legal_hold boolean not null default false`.execute(db);
}
