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

/** `vars` of playbooks: names and values, as they are now. */
export async function readVariables(tx: TenantTx): Promise<Record<string, Json>> {
  const rows = await tx.selectFrom('variables').select(['name', 'value']).orderBy('name').execute();
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
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
