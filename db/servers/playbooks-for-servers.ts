import { sql } from 'kysely';
import type { PlaybookForServers, ServerInput } from '#contracts/servers/bulk.ts';
import { contains } from '../kit/like.ts';
import type { TenantTx } from '../kit/database.ts';

/**
 * Playbooks with the input by which each can be told servers: the first of type `servers`, else the first of `server`.
 * Those that can be told some come first, each part by name.
 */
export async function listPlaybooksForServers(
  tx: TenantTx,
  q: string | undefined,
  most = 500,
): Promise<{ data: PlaybookForServers[]; isCapped: boolean }> {
  const like = q ? contains(q) : '%';
  const { rows } = await sql<{ id: string; name: string; version: number; input: Partial<ServerInput> | null }>`
    select p.id, p.name, p.version, given.input
    from playbooks p
    join playbook_versions v on v.workspace_id = p.workspace_id and v.playbook_id = p.id and v.version = p.version
    left join lateral (
      select input from jsonb_array_elements(
        case when jsonb_typeof(v.definition -> 'inputs') = 'array' then v.definition -> 'inputs' else '[]' end
      ) with ordinality as declared (input, place)
      where input ->> 'type' in ('servers', 'server')
      order by input ->> 'type' desc, place limit 1) given on true
    where p.deleted_at is null and p.name ilike ${like}
    order by given.input is null, lower(p.name), p.id
    limit ${most + 1}`.execute(tx);
  return { data: rows.slice(0, most).map((row) => ({ ...row, input: row.input && whole(row.input) })), isCapped: rows.length > most }; // prettier-ignore
}

/** As it was declared, with null for what was not. */
const whole = ({ name = '', type = 'servers', ...rest }: Partial<ServerInput>): ServerInput => ({
  name,
  type,
  label: rest.label ?? null,
  tags: rest.tags ?? null,
  anyTags: rest.anyTags ?? null,
  notTags: rest.notTags ?? null,
  minItems: rest.minItems ?? null,
  maxItems: rest.maxItems ?? null,
});
