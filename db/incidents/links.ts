import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { IncidentLink } from '#contracts/incidents/incidents.ts';
import type { TenantTx } from '../kit/database.ts';

/** Links an incident to other things; one that stands already is left as it is. @returns the ids of those that are new */
export async function insertLinks(tx: TenantTx, incidentId: string, links: readonly IncidentLink[]): Promise<string[]> {
  const rows = await tx
    .insertInto('incidentLinks')
    .values(links.map(({ kind, ref, label }) => ({ incidentId, id: uuidv7(), kind, ref, label })))
    .onConflict((conflict) => conflict.constraint('incident_links_once').doNothing())
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}

export const listLinks = async (
  tx: TenantTx,
  incidentId: string,
): Promise<(IncidentLink & { id: string; addedAt: string })[]> => {
  const rows = await tx
    .selectFrom('incidentLinks')
    .select(['id', 'kind', 'ref', 'label', 'addedAt'])
    .where('incidentId', '=', incidentId)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({ ...row, addedAt: row.addedAt.toISOString() }));
};

/** @returns the link that was taken away; undefined where there was none */
export const deleteLink = (tx: TenantTx, incidentId: string, id: string) =>
  tx
    .deleteFrom('incidentLinks')
    .where('incidentId', '=', incidentId)
    .where('id', '=', id)
    .returning(['id', 'kind', 'ref', 'label'])
    .executeTakeFirst();

/** What a thing of the workspace is called; undefined where it is not there. An address is called as it is. */
export async function labelOf(
  tx: TenantTx,
  { kind, ref }: Pick<IncidentLink, 'kind' | 'ref'>,
): Promise<string | undefined> {
  if (kind === 'url') return /^https?:\/\//.test(ref) && URL.canParse(ref) ? ref : undefined;
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(ref)) return undefined;
  const table = { asset: 'assets', server: 'servers', run: 'runs' }[kind];
  const column = kind === 'run' ? 'title' : 'name';
  const { rows } = await sql<{ label: string }>`
    select ${sql.ref(column)} as label from ${sql.table(table)} where id = ${ref}::uuid`.execute(tx);
  return rows[0]?.label;
}
