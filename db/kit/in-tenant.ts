import { sql } from 'kysely';
import { gatherEvents, writeGathered } from '../events/append-event.ts';
import type { Db, SystemTx, TenantTx } from './database.ts';

/** Whose rows a transaction may see: a workspace, and of its connections the business units listed (`*` for all). */
export interface TenantScope {
  workspaceId: string;
  mids?: string;
}

/**
 * The one door to tenant tables: row-level security shows this workspace's rows until the transaction ends. Events that
 * were appended on the way are written in one statement just before the commit.
 */
export const inTenant = <T>(db: Db, scope: TenantScope | string, work: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.transaction().execute(async (tx) => {
    const { workspaceId, mids = '*' } = typeof scope === 'string' ? { workspaceId: scope } : scope;
    // `true` binds the settings to this transaction, so a pooled connection cannot carry a workspace to the next one.
    await sql`select set_config('app.tenant_id', ${workspaceId}, true), set_config('app.mid', ${mids}, true)`.execute(
      tx,
    );
    gatherEvents(tx as TenantTx);
    const result = await work(tx as TenantTx);
    await writeGathered(tx as TenantTx);
    return result;
  });

/** A transaction of the system role's small pool: sign-in, tokens by hash, event tail, sweeps, retention. */
export const inSystem = <T>(db: Db, work: (tx: SystemTx) => Promise<T>): Promise<T> =>
  db.transaction().execute((tx) => work(tx as SystemTx));
