import { type Kysely, sql } from 'kysely';
import { protectTenantTable } from '../kit/tenant-table.ts';

/** What the organisation runs on: assets of types, how they stand to each other, what has changed of them, and imports. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // As exact as a cursor can say.
  const made = sql`version int not null default 1,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz(3) not null default now()`;
  await sql`create table asset_types (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    key text not null,
    name text not null,
    description text not null default '',
    icon text not null default 'box',
    attributes jsonb not null default '[]',
    ${made},
    primary key (workspace_id, id),
    constraint asset_types_key unique (workspace_id, key))`.execute(db);
  await protectTenantTable(db, 'asset_types');

  await sql`create table assets (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    type_id uuid not null,
    key text not null,
    name text not null,
    name_key text not null,
    search text not null generated always as (lower(name || ' ' || key)) stored,
    description text not null default '',
    attributes jsonb not null default '{}',
    attribute_sources jsonb not null default '{}',
    tags text[] not null default '{}',
    owner_id uuid,
    owner_team text,
    criticality text not null default 'medium' check (criticality in ('critical', 'high', 'medium', 'low')),
    state text not null default 'active' check (state in ('planned', 'active', 'maintenance', 'retired')),
    server_id uuid,
    discovered_at timestamptz,
    ${made},
    primary key (workspace_id, id),
    check (owner_id is null or owner_team is null),
    constraint assets_key unique (workspace_id, key),
    constraint assets_type foreign key (workspace_id, type_id) references asset_types,
    constraint assets_server foreign key (workspace_id, server_id) references servers on delete set null (server_id))`.execute(
    db,
  );
  await protectTenantTable(db, 'assets');
  await sql`create unique index assets_server_once on assets (workspace_id, server_id) where server_id is not null`.execute(
    db,
  );
  // Searching reads this index alone, in the order of the list.
  await sql`create index assets_sorted on assets (workspace_id, name_key, id) include (search)`.execute(db);
  for (const column of ['type_id', 'state', 'owner_id', 'owner_team', 'criticality'])
    await sql`create index ${sql.ref(`assets_by_${column}`)} on assets (workspace_id, ${sql.ref(column)}, name_key, id)`.execute(
      db,
    );
  await sql`create index assets_changed on assets (workspace_id, updated_at, id)`.execute(db);

  // One row for each tag and each value of an attribute. Row-level security keeps indexes on arrays and documents from being
  // used by others' operators than plain comparison, so what is looked for is plain text here.
  await sql`create table asset_terms (
    workspace_id uuid not null,
    term text not null,
    name_key text not null,
    asset_id uuid not null,
    primary key (workspace_id, term, name_key, asset_id),
    foreign key (workspace_id, asset_id) references assets on delete cascade)`.execute(db);
  await sql`create index asset_terms_of on asset_terms (workspace_id, asset_id)`.execute(db);
  await protectTenantTable(db, 'asset_terms');
  await sql`create function windlass_write_asset_terms() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' then
        if new.tags = old.tags and new.attributes = old.attributes and new.name_key = old.name_key then return null; end if;
        delete from asset_terms where workspace_id = new.workspace_id and asset_id = new.id;
      end if;
      insert into asset_terms (workspace_id, term, name_key, asset_id)
      select new.workspace_id, terms.term, new.name_key, new.id from (
        select 't:' || tag as term from unnest(new.tags) as tag
        union select 'a:' || lower(a.name) || '=' || lower(left(a.value #>> '{}', 400)) from jsonb_each(new.attributes) as a (name, value)
          where jsonb_typeof(a.value) in ('string', 'number', 'boolean')
        union select 'a:' || lower(a.name) || '=' || lower(left(item.word, 400)) from jsonb_each(new.attributes) as a (name, value),
          jsonb_array_elements_text(case jsonb_typeof(a.value) when 'array' then a.value else '[]' end) as item (word)
      ) as terms;
      return null;
    end $$`.execute(db);
  await sql`create trigger assets_terms after insert or update of tags, attributes, name_key on assets
    for each row execute function windlass_write_asset_terms()`.execute(db);

  // Which way a failure goes along each kind, as contracts/assets/relations.ts says: from cause to what is hit.
  await sql`create table asset_relations (
    workspace_id uuid not null,
    id uuid not null,
    kind text not null check (kind in ('depends_on', 'runs_on', 'part_of', 'connects_to', 'owns')),
    from_id uuid not null,
    to_id uuid not null check (to_id <> from_id),
    note text not null default '',
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    cause_id uuid generated always as (case kind when 'part_of' then from_id when 'owns' then null else to_id end) stored,
    hit_id uuid generated always as (case kind when 'part_of' then to_id when 'owns' then null else from_id end) stored,
    primary key (workspace_id, id),
    constraint asset_relations_once unique (workspace_id, from_id, to_id, kind),
    constraint asset_relations_from foreign key (workspace_id, from_id) references assets on delete cascade,
    constraint asset_relations_to foreign key (workspace_id, to_id) references assets on delete cascade)`.execute(db);
  await sql`create index asset_relations_to_end on asset_relations (workspace_id, to_id)`.execute(db);
  await sql`create index asset_relations_causes on asset_relations (workspace_id, cause_id, hit_id) where cause_id is not null`.execute(
    db,
  );
  await sql`create index asset_relations_hits on asset_relations (workspace_id, hit_id, cause_id) where hit_id is not null`.execute(
    db,
  );
  await protectTenantTable(db, 'asset_relations');

  // The history of each asset, and what takes changes of many back.
  await sql`create table asset_changes (
    workspace_id uuid not null,
    asset_id uuid not null,
    id uuid not null,
    at timestamptz not null default now(),
    actor jsonb not null,
    act text not null,
    source text not null check (source in ('person', 'import', 'discovery')),
    run_id uuid,
    batch_id uuid,
    undone_at timestamptz,
    version int not null,
    changes jsonb not null,
    primary key (workspace_id, asset_id, id),
    foreign key (workspace_id, asset_id) references assets on delete cascade)`.execute(db);
  await sql`create index asset_changes_batch on asset_changes (workspace_id, batch_id, id) where batch_id is not null and undone_at is null`.execute(
    db,
  );
  await protectTenantTable(db, 'asset_changes');

  await sql`create table asset_imports (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    artifact_id uuid,
    file_name text not null,
    format text not null check (format in ('csv', 'json')),
    match_by text not null check (match_by in ('key', 'name')),
    all_or_nothing boolean not null,
    status text not null,
    counts jsonb not null default '{}',
    failure jsonb,
    plan_run_id uuid,
    apply_run_id uuid,
    undo_run_id uuid,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    primary key (workspace_id, id))`.execute(db);
  await protectTenantTable(db, 'asset_imports');
  await sql`create table asset_import_rows (
    workspace_id uuid not null,
    import_id uuid not null,
    line int not null,
    key text not null,
    name text not null,
    act text not null check (act in ('create', 'update', 'unchanged', 'refuse')),
    asset_id uuid,
    asset_version int,
    wanted jsonb not null,
    changes jsonb not null default '[]',
    errors jsonb not null default '[]',
    state text not null default 'planned' check (state in ('planned', 'applied', 'refused', 'undone', 'kept')),
    primary key (workspace_id, import_id, line),
    foreign key (workspace_id, import_id) references asset_imports on delete cascade)`.execute(db);
  await sql`create index asset_import_rows_act on asset_import_rows (workspace_id, import_id, act, line)`.execute(db);
  await sql`create index asset_import_rows_key on asset_import_rows (workspace_id, import_id, key)`.execute(db);
  await protectTenantTable(db, 'asset_import_rows');
}
