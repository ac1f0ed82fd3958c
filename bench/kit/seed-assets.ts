import type pg from 'pg';

/** Puts assets and relations of one workspace into the database at once: what is measured is reading them. */
export async function insertAssets(
  client: pg.Client,
  workspaceId: string,
  { assets, relations }: { assets: number; relations: number },
): Promise<void> {
  const actor = `'{"kind":"system","id":null,"name":"Bench"}'::jsonb`;
  await client.query(
    `insert into asset_types (workspace_id, id, key, name, icon, attributes, created_by)
     select $1::uuid, uuidv7(), 'bench-' || n, (array['Service', 'Database', 'Host', 'Network', 'Disk'])[n], 'box', '[]', ${actor}
     from generate_series(1, 5) n on conflict do nothing`,
    [workspaceId],
  );
  await client.query(
    `insert into assets (workspace_id, id, type_id, key, name, name_key, attributes, tags, owner_team, criticality, state, created_by)
     select $1::uuid, uuidv7(), (select id from asset_types where workspace_id = $1 and key = 'bench-' || (1 + n % 5)),
       'asset-' || n, 'Asset ' || n, 'asset ' || lpad(n::text, 12, '0'),
       jsonb_build_object('os.name', (array['Debian', 'Ubuntu', 'Alma'])[1 + n % 3], 'rack', 'R' || n % 200, 'serial', 'S' || n),
       array['eu', 'tag-' || n % 50], 'Team ' || n % 20,
       (array['critical', 'high', 'medium', 'medium', 'low', 'low'])[1 + n % 6], (array['active', 'active', 'active', 'planned', 'retired'])[1 + n % 5], ${actor}
     from generate_series(1, $2::int) n`,
    [workspaceId, assets],
  );
  await client.query(
    `with numbered as (select id, row_number() over (order by name_key) as n from assets where workspace_id = $1),
     picked as (select n, 1 + (n::bigint * 7919 + (n / $2::int) * 104729) % $2::int as a, 1 + (n::bigint * 15485863 + (n / $2::int) * 31) % $2::int as b from generate_series(1, $3::int) n)
     insert into asset_relations (workspace_id, id, kind, from_id, to_id, created_by)
     select $1::uuid, uuidv7(), (array['depends_on', 'runs_on', 'connects_to', 'part_of'])[1 + p.n % 4], one.id, other.id, ${actor}
     from picked p join numbered one on one.n = p.a join numbered other on other.n = p.b where p.a <> p.b on conflict do nothing`,
    [workspaceId, assets, relations],
  );
  for (const table of ['assets', 'asset_terms', 'asset_relations']) await client.query(`vacuum analyze ${table}`);
}
