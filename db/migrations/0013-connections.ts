import { type Kysely, sql } from 'kysely';
import { openToSystem, protectTenantTable, protectUnitTable } from '../kit/tenant-table.ts';

/**
 * Connections to services that queries run on: what they are, their sealed secrets and tokens, their business units, what
 * can be queried there, sign-ins under way, and the budget of calls that all processes share.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table connections (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    name text not null,
    name_key text not null,
    kind text not null check (kind in ('sfmc', 'amc', 'postgres')),
    description text not null default '',
    config jsonb not null,
    slots int not null check (slots between 1 and 100),
    calls_per_second int check (calls_per_second between 1 and 1000),
    state text not null default 'new' check (state in ('new', 'connected', 'needs_reauth', 'unavailable', 'disconnecting')),
    state_since timestamptz not null default now(),
    failure jsonb,
    account jsonb,
    run_id uuid,
    units_read_at timestamptz,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version int not null default 1,
    primary key (workspace_id, id),
    constraint connections_name unique (workspace_id, name))`.execute(db);
  await sql`create index connections_by_name on connections (workspace_id, name_key, id)`.execute(db);
  // The few that are on their way out or stand still: sweeps look at these alone.
  await sql`create index connections_moving on connections (state) where state in ('disconnecting', 'unavailable')`.execute(
    db,
  );
  await protectTenantTable(db, 'connections');
  await openToSystem(db, 'connections', 'select (workspace_id, id, state, state_since, run_id)');

  const ofConnection = sql`workspace_id uuid not null,
    connection_id uuid not null,
    foreign key (workspace_id, connection_id) references connections on delete cascade`;
  await sql`create table connection_secrets (${ofConnection},
    name text not null,
    sealed text not null,
    set_at timestamptz not null default now(),
    primary key (workspace_id, connection_id, name))`.execute(db);
  await protectTenantTable(db, 'connection_secrets');

  // One set of tokens for each business unit that a token must be of; '' where the connection has one set for all.
  await sql`create table connection_tokens (${ofConnection},
    unit text not null,
    generation int not null,
    sealed text not null,
    scopes text[] not null default '{}',
    expires_at timestamptz not null,
    refresh_at timestamptz,
    refreshed_at timestamptz not null default now(),
    -- "About to use generation n", until when nobody else does; n stays where the answer was lost.
    renewing_generation int,
    renewing_until timestamptz,
    attempts int not null default 0,
    primary key (workspace_id, connection_id, unit)) with (fillfactor = 70)`.execute(db);
  await sql`create index connection_tokens_due on connection_tokens (refresh_at) where refresh_at is not null`.execute(
    db,
  );
  await protectTenantTable(db, 'connection_tokens');
  await openToSystem(
    db,
    'connection_tokens',
    'select (workspace_id, connection_id, unit, generation, refresh_at, expires_at, renewing_until), update (refresh_at)',
  );

  await sql`create table connection_refreshes (${ofConnection},
    unit text not null,
    place smallint not null,
    id uuid not null,
    at timestamptz not null,
    outcome text not null,
    cause text not null,
    took_ms int not null,
    failure jsonb,
    primary key (workspace_id, connection_id, unit, place)) with (fillfactor = 70)`.execute(db);
  await protectTenantTable(db, 'connection_refreshes');

  await sql`create table connection_units (${ofConnection},
    unit text not null,
    name text not null,
    name_key text not null,
    parent_id text,
    is_usable boolean not null,
    is_default boolean not null default false,
    details jsonb not null default '{}',
    seen_at timestamptz not null default now(),
    primary key (workspace_id, connection_id, unit))`.execute(db);
  await protectUnitTable(db, 'connection_units');

  await sql`create table connection_sign_ins (${ofConnection},
    state_hash text not null,
    unit text not null,
    person_id uuid not null references users on delete cascade,
    session_id text not null,
    sealed_verifier text not null,
    redirect_uri text not null,
    return_to text,
    expires_at timestamptz not null,
    primary key (workspace_id, state_hash))`.execute(db);
  await protectTenantTable(db, 'connection_sign_ins');

  // Tokens of App Switcher that were seen: each works once, and leads to one landing.
  await sql`create table connection_launches (${ofConnection},
    jti_hash text not null,
    ticket_hash text not null,
    unit text not null,
    sealed text not null,
    landed_at timestamptz,
    land_until timestamptz not null,
    keep_until timestamptz not null,
    primary key (workspace_id, connection_id, jti_hash))`.execute(db);
  await protectTenantTable(db, 'connection_launches');

  await sql`create table schema_objects (${ofConnection},
    unit text not null,
    object_id text not null,
    kind text not null,
    name text not null,
    name_key text not null,
    sql_name text,
    parent_id text,
    description text,
    row_count bigint,
    details jsonb not null default '{}',
    columns jsonb,
    columns_read_at timestamptz,
    read_no int not null,
    search text not null,
    primary key (workspace_id, connection_id, unit, object_id))`.execute(db);
  await sql`create index schema_objects_by_name on schema_objects (workspace_id, connection_id, unit, name_key, object_id)`.execute(
    db,
  );
  await protectUnitTable(db, 'schema_objects');
  await sql`create table schema_reads (${ofConnection},
    unit text not null,
    read_no int not null default 0,
    read_at timestamptz,
    reading_since timestamptz,
    objects int not null default 0,
    cut text,
    failure jsonb,
    changes jsonb,
    primary key (workspace_id, connection_id, unit))`.execute(db);
  await protectUnitTable(db, 'schema_reads');

  await sql`create index events_noticed_connections on events (workspace_id, at desc, seq desc)
    where type = 'connection.signed_out'`.execute(db);

  // Written for each handful of calls: never durable enough to be worth a wait, and gone when the connection is.
  await sql`create table connection_budgets (${ofConnection},
    unit text not null,
    next_at timestamptz not null default now(),
    held jsonb not null default '{}',
    minute timestamptz not null default date_trunc('minute', now()),
    calls int not null default 0,
    throttled int not null default 0,
    last_calls int not null default 0,
    last_throttled int not null default 0,
    primary key (workspace_id, connection_id, unit)) with (fillfactor = 50)`.execute(db);
  await protectTenantTable(db, 'connection_budgets');
}
