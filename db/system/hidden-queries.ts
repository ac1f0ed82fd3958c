import { type RawBuilder, sql } from 'kysely';

/**
 * What the rules on queries hide from a member, as `inTenant` takes it: connections, units and folders they may not view.
 * Empty where nothing is hidden, and always of owners and administrators.
 * @param member the alias of `members` in the statement
 */
export const hiddenFrom = (member: string): RawBuilder<string> => {
  const [workspace, person, role] = ['workspace_id', 'user_id', 'role'].map((name) => sql.ref(`${member}.${name}`));
  return sql<string>`coalesce((select json_build_object(
      'places', coalesce(json_agg(r.connection_id::text || coalesce('/' || r.unit, '')) filter (where r.connection_id is not null), '[]'),
      'folders', coalesce(json_agg(r.folder) filter (where r.folder is not null), '[]'))::text
    from query_rules r where r.workspace_id = ${workspace} and 'view' = any(r.denied)
      and (r.person_id = ${person} or r.role = ${role}) and ${role} not in ('owner', 'admin')
    having count(*) > 0), '')`;
};
