import { type Kysely, sql } from 'kysely';
import { openToSystem, protectTenantTable } from '../kit/tenant-table.ts';

/** Telling people: their contacts and wishes, pages with deliveries that are due, breakers, links that act. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table channels drop constraint channels_kind_check,
    add constraint channels_kind_check check (kind in ('email', 'webhook', 'slack', 'teams', 'sms')),
    add column account text, add column sender text`.execute(db);

  await sql`create table pages (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    dedup_key text not null,
    recipient text not null,
    person_id uuid,
    channel_id uuid,
    incident_id uuid,
    severity text,
    subject text not null,
    text text not null,
    path text not null,
    acts text[] not null,
    is_urgent boolean not null,
    created_at timestamptz not null,
    primary key (workspace_id, id),
    constraint pages_once unique (workspace_id, dedup_key, recipient))`.execute(db);
  await protectTenantTable(db, 'pages');
  await sql`create index pages_by_age on pages (workspace_id, created_at)`.execute(db);

  await sql`alter table deliveries drop constraint deliveries_status_check,
    add constraint deliveries_status_check check (status in ('waiting', 'sending', 'delivered', 'failed', 'canceled')),
    add column page_id uuid, add column person_id uuid, add column contact_id uuid, add column incident_id uuid,
    add column due_at timestamptz, add column begun_at timestamptz,
    add column ordinal int not null default 0,
    add column is_held boolean not null default false,
    add column is_only_if_open boolean not null default false,
    add column contact_key text,
    add column bundled_into uuid,
    add column provider_ref text,
    add column tries jsonb not null default '[]'`.execute(db);
  await sql`create index deliveries_due on deliveries (due_at) where status = 'waiting'`.execute(db);
  await sql`create index deliveries_of_contact on deliveries (workspace_id, contact_key, begun_at desc) where contact_key is not null`.execute(
    db,
  );
  await sql`create index deliveries_of_page on deliveries (workspace_id, page_id, ordinal) where page_id is not null`.execute(
    db,
  );
  await sql`create index deliveries_of_incident on deliveries (workspace_id, incident_id, id desc) where incident_id is not null`.execute(
    db,
  );
  await sql`create index deliveries_bundled on deliveries (workspace_id, bundled_into) where bundled_into is not null`.execute(
    db,
  );
  await sql`create index deliveries_provider_ref on deliveries (workspace_id, provider_ref) where provider_ref is not null`.execute(
    db,
  );
  await openToSystem(db, 'deliveries', 'select (workspace_id, status, due_at)');

  await sql`create table contacts (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    person_id uuid not null references users on delete cascade,
    kind text not null check (kind in ('email', 'slack', 'sms')),
    label text not null,
    shown text not null,
    sealed_address text not null,
    address_hash text not null,
    verified_at timestamptz,
    code_hash text,
    code_expires_at timestamptz,
    code_tries int not null default 0,
    codes_sent int not null default 0,
    code_sent_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (workspace_id, id),
    constraint contacts_once unique (workspace_id, person_id, kind, address_hash))`.execute(db);
  await protectTenantTable(db, 'contacts');
  await sql`create index contacts_by_address on contacts (workspace_id, kind, address_hash) where verified_at is not null`.execute(
    db,
  );

  await sql`create table notification_preferences (
    workspace_id uuid not null references workspaces on delete cascade,
    person_id uuid not null references users on delete cascade,
    preferences jsonb not null,
    updated_at timestamptz not null default now(),
    primary key (workspace_id, person_id))`.execute(db);
  await protectTenantTable(db, 'notification_preferences');

  await sql`create table delivery_breakers (
    workspace_id uuid not null references workspaces on delete cascade,
    key text not null,
    failures int not null default 0,
    times_opened int not null default 0,
    opened_at timestamptz,
    retry_at timestamptz,
    probing_until timestamptz,
    last_error text,
    updated_at timestamptz not null default now(),
    primary key (workspace_id, key))`.execute(db);
  await protectTenantTable(db, 'delivery_breakers');

  // One row for each act that was done from a message: a link, a button or a reply works once.
  await sql`create table message_acts (
    workspace_id uuid not null references workspaces on delete cascade,
    key text not null,
    incident_id uuid not null,
    act text not null,
    actor jsonb not null,
    via text not null check (via in ('mail', 'slack', 'sms', 'teams', 'webhook')),
    used_at timestamptz not null default now(),
    done_at timestamptz,
    primary key (workspace_id, key))`.execute(db);
  await protectTenantTable(db, 'message_acts');
}
