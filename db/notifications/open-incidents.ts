import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';

/** Which of these incidents nobody has answered yet. */
export async function openIncidents(tx: TenantTx, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    select id from incidents where id = any (${[...ids]}::uuid[]) and state = 'open'`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

/** The numbers of incidents, as people write them in a reply. */
export async function incidentNumbers(tx: TenantTx, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; number: number }>`
    select id, number from incidents where id = any (${[...new Set(ids)]}::uuid[])`.execute(tx);
  return new Map(rows.map(({ id, number }) => [id, number]));
}
