import { sql } from 'kysely';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';

export interface VariableRow {
  name: string;
  value: Json;
  description: string | null;
  updatedAt: Date;
  updatedBy: ActorRef;
}
const columns = ['name', 'value', 'description', 'updatedAt', 'updatedBy'] as const;

export const listVariables = (tx: TenantTx): Promise<VariableRow[]> =>
  tx.selectFrom('variables').select(columns).orderBy('name').execute();

/** What a run takes along of the workspace: variables as they are now, and the names of its secrets. One query. */
export async function readValues(tx: TenantTx): Promise<{ vars: Record<string, Json>; secrets: string[] }> {
  const { rows } = await sql<{ vars: Record<string, Json>; secrets: string[] }>`
    select coalesce((select jsonb_object_agg(name, value order by name) from variables), '{}') as vars,
      array(select name from workspace_secrets order by name) as secrets`.execute(tx);
  return rows[0] ?? { vars: {}, secrets: [] };
}

export const findVariable = (tx: TenantTx, name: string): Promise<VariableRow | undefined> =>
  tx.selectFrom('variables').select(columns).where('name', '=', name).executeTakeFirst();

/** Sets a variable; a description that is not given stays. */
export const putVariable = (
  tx: TenantTx,
  { name, value, description, actor }: { name: string; value: Json; description?: string | null; actor: ActorRef },
): Promise<VariableRow> => {
  const changed = { value: JSON.stringify(value), updatedBy: JSON.stringify(actor) };
  return tx
    .insertInto('variables')
    .values({ name, ...changed, description: description ?? null })
    .onConflict((conflict) =>
      conflict
        .columns(['workspaceId', 'name'])
        .doUpdateSet({ ...changed, ...(description !== undefined && { description }), updatedAt: sql`now()` }),
    )
    .returning(columns)
    .executeTakeFirstOrThrow();
};

export const deleteVariable = (tx: TenantTx, name: string): Promise<VariableRow | undefined> =>
  tx.deleteFrom('variables').where('name', '=', name).returning(columns).executeTakeFirst();
