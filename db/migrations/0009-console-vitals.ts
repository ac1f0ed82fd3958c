import { type Kysely, sql } from 'kysely';
import { protectTenantTable } from '../kit/tenant-table.ts';

/**
 * How fast the console is in people's browsers: how many figures of a day fell into which bucket. It grows by pages and
 * buckets and not by visits, and holds neither who nor what was looked at.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table console_vitals (
    workspace_id uuid not null references workspaces on delete cascade,
    day date not null,
    page text not null,
    name text not null,
    bucket smallint not null,
    count integer not null,
    primary key (workspace_id, day, page, name, bucket))`.execute(db);
  await protectTenantTable(db, 'console_vitals');
}
