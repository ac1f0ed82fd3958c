import { type Kysely, sql } from 'kysely';

/** The business units that whoever accepts an invitation may see: a comma list, or `*`, as members have it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table invitations add column mids text not null default '*'`.execute(db);
}
