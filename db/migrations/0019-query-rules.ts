import { type Kysely, sql } from 'kysely';
import { currentTenant, openToSystem, protectTenantTable, protectUnitTable } from '../kit/tenant-table.ts';

/**
 * Who may do what with queries, beyond their role: rules take acts away at a connection, a unit or a folder. What somebody may
 * not even view is named to the database by `app.hidden`, so that no statement of theirs sees it. And what readings of a
 * schema found changed, with the reading that each run went by.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await rules(db);
  await hiding(db);
  await schemaChanges(db);
  await historySearch(db);
}

async function rules(db: Kysely<unknown>): Promise<void> {
  await sql`create table query_rules (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    person_id uuid references users on delete cascade,
    role text,
    connection_id uuid,
    unit text,
    folder text,
    denied text[] not null,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    primary key (workspace_id, id),
    foreign key (workspace_id, connection_id) references connections on delete cascade,
    check ((person_id is null) <> (role is null)),
    check ((connection_id is null) <> (folder is null)))`.execute(db);
  await protectTenantTable(db, 'query_rules');
  // Sign-in reads what is hidden from whom.
  await openToSystem(db, 'query_rules', 'select (workspace_id, person_id, role, connection_id, unit, folder, denied)');
}

/** `{"places": ["<connection>", "<connection>/<unit>"], "folders": ["…"]}`, or nothing where nothing is hidden. */
const hidden = sql`coalesce(current_setting('app.hidden', true), '')`;
const isHiddenPlace = (connection: string, unit: string | null) =>
  unit === null
    ? sql`(${hidden}::jsonb -> 'places') ? ${sql.ref(connection)}::text`
    : sql`((${hidden}::jsonb -> 'places') ? ${sql.ref(connection)}::text
        or (${hidden}::jsonb -> 'places') ? (${sql.ref(connection)}::text || '/' || coalesce(${sql.ref(unit)}, '')))`;

async function hiding(db: Kysely<unknown>): Promise<void> {
  const hide = async (table: string, isHidden: ReturnType<typeof isHiddenPlace>): Promise<void> => {
    // `case`, so that nothing is read as JSON where nothing is hidden.
    const seen = sql`case when ${hidden} = '' then true else not (${isHidden}) end`;
    await sql`create policy hidden on ${sql.table(table)} as restrictive to windlass_app using (${seen}) with check (${seen})`.execute(
      db,
    );
  };
  await hide('connections', isHiddenPlace('id', null));
  for (const table of ['connection_units', 'schema_objects', 'schema_reads', 'remote_assets'])
    await hide(table, isHiddenPlace('connection_id', 'unit'));
  // Runs of a saved query in a hidden folder go with it: that query cannot be seen by this very statement.
  await hide(
    'query_runs',
    sql`${isHiddenPlace('connection_id', 'unit')} or (query_id is not null
      and jsonb_array_length(${hidden}::jsonb -> 'folders') > 0
      and not exists (select from queries q where q.workspace_id = query_runs.workspace_id and q.id = query_runs.query_id))`,
  );
  await hide(
    'queries',
    sql`(connection_id is not null and ${isHiddenPlace('connection_id', 'unit')})
      or exists (select from jsonb_array_elements_text(${hidden}::jsonb -> 'folders') as f (name)
        where queries.folder = f.name or starts_with(queries.folder, f.name || '/'))`,
  );
  await hide('runs', sql`kind = 'query' and (${hidden}::jsonb -> 'places') ? coalesce(subject_id, '')`);
}

async function schemaChanges(db: Kysely<unknown>): Promise<void> {
  await sql`create table schema_changes (
    workspace_id uuid not null,
    connection_id uuid not null,
    unit text not null,
    id uuid not null,
    read_no int not null,
    at timestamptz not null default now(),
    object_id text not null,
    name text not null,
    what text not null check (what in ('added', 'removed', 'changed')),
    columns jsonb,
    primary key (workspace_id, connection_id, unit, id),
    foreign key (workspace_id, connection_id) references connections on delete cascade)`.execute(db);
  await sql`create index schema_changes_of_object on schema_changes (workspace_id, connection_id, unit, object_id, id)`.execute(
    db,
  );
  await protectUnitTable(db, 'schema_changes');
  await sql`alter table query_runs add column schema_read_no int, add column schema_read_at timestamptz`.execute(db);
}

/** The search of 0016, which goes by the owner's rights: what is hidden stays out of it. */
async function historySearch(db: Kysely<unknown>): Promise<void> {
  const newest = 3_000;
  const found = (from: string): string => `select q.run_id from ${from} q
    join runs r on r.workspace_id = q.workspace_id and r.id = q.run_id
    where q.workspace_id = $1 and q.search_text like $2
      and (q.unit = '''' or $3 = ''*'' or q.unit = any(string_to_array($3, '','')))
      and ($4 is null or q.run_id < $4) and ($5 is null or q.connection_id = $5) and ($6 is null or q.unit = $6)
      and ($7 is null or q.query_id = $7) and ($8 is null or r.status = any($8)) and ($9 is null or r.actor_id = $9)
      and ($11 = '''' or not (($11::jsonb -> ''places'') ? q.connection_id::text
        or ($11::jsonb -> ''places'') ? (q.connection_id::text || ''/'' || q.unit)))
    order by q.run_id desc limit $10`;
  const head = `(select * from query_runs where workspace_id = $1 and ($4 is null or run_id < $4)
    order by run_id desc limit ${newest})`;
  const given = sql`${currentTenant}, pattern, coalesce(current_setting('app.mid', true), ''), before, of_connection, of_unit,
    of_query, statuses, person, most, ${hidden}`;
  await sql`create or replace function windlass_find_query_runs(pattern text, before uuid, of_connection uuid, of_unit text,
      of_query uuid, statuses text[], person uuid, most integer) returns setof uuid
    language plpgsql stable security definer set search_path = public set row_security = off as $$
    declare ids uuid[];
    begin
      execute 'select array(${sql.raw(found(head))})' into ids using ${given};
      if cardinality(ids) = most then
        return query select unnest(ids);
      else
        return query execute '${sql.raw(found('query_runs'))}' using ${given};
      end if;
    end $$`.execute(db);
}
