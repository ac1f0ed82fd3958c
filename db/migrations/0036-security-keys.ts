import { type Kysely, sql } from 'kysely';

/**
 * Security keys of people, and what they have been asked and not yet answered. They belong to sign-in, as the tables of
 * 0002 do: only the system role comes here.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table security_keys (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    name text not null,
    credential_id text not null,
    public_key text not null,
    sign_count bigint not null check (sign_count >= 0),
    transports text[] not null default '{}',
    site text not null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    constraint security_keys_credential unique (credential_id))`.execute(db);
  await sql`create index security_keys_of_user on security_keys (user_id)`.execute(db);
  await sql`create table key_challenges (
    ticket_hash text primary key,
    user_id uuid not null references users on delete cascade,
    session_id uuid references sessions on delete cascade,
    purpose text not null check (purpose in ('add', 'prove')),
    challenge text not null,
    expires_at timestamptz not null)`.execute(db);
  await sql`create index key_challenges_of_user on key_challenges (user_id)`.execute(db);
  for (const table of ['security_keys', 'key_challenges'])
    await sql`grant select, insert, update, delete on ${sql.table(table)} to windlass_system`.execute(db);
}
