import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { TenantTx } from './database.ts';

/** A table of tokens of sources: columns `id source_id token_hash hint created_at`. */
export type TokenTable = 'log_source_tokens' | 'alert_source_tokens';
export interface LiveToken {
  id: string;
  sourceId: string;
  /** The last characters, so that people can tell two apart. */
  hint: string;
  createdAt: Date;
}

/** Adds a token to a source. Two live at once, so that senders can change over: a third ends the oldest. */
export async function addLiveToken(
  tx: TenantTx,
  table: TokenTable,
  sourceId: string,
  { tokenHash, hint }: { tokenHash: string; hint: string },
): Promise<string> {
  const id = uuidv7();
  const name = sql.table(table);
  await sql`insert into ${name} (id, source_id, token_hash, hint) values (${id}, ${sourceId}, ${tokenHash}, ${hint})`.execute(
    tx,
  );
  await sql`delete from ${name} where source_id = ${sourceId}
    and id not in (select id from ${name} where source_id = ${sourceId} order by id desc limit 2)`.execute(tx);
  return id;
}

/** @returns whether there was one */
export async function removeLiveToken(tx: TenantTx, table: TokenTable, sourceId: string, id: string): Promise<boolean> {
  const { rows } =
    await sql`delete from ${sql.table(table)} where source_id = ${sourceId} and id = ${id} returning id`.execute(tx);
  return rows.length > 0;
}

/** The tokens of a workspace's sources, the older first. */
export async function listLiveTokens(tx: TenantTx, table: TokenTable): Promise<LiveToken[]> {
  const { rows } =
    await sql<LiveToken>`select id, source_id as "sourceId", hint, created_at as "createdAt" from ${sql.table(table)} order by id`.execute(
      tx,
    );
  return rows;
}
