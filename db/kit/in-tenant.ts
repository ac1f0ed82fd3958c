import { gatherEvents, writeGathered } from '../events/append-event.ts';
import type { Db, SystemTx, TenantTx } from './database.ts';
import { beginFor, begun } from './tenant-begin.ts';

/** Whose rows a transaction may see: a workspace, and of its connections the business units listed (`*` for all). */
export interface TenantScope {
  workspaceId: string;
  mids?: string;
}

/**
 * The one door to tenant tables: row-level security shows this workspace's rows until the transaction ends. Events that
 * were appended on the way are written in one statement just before the commit.
 */
export const inTenant = <T>(db: Db, scope: TenantScope | string, work: (tx: TenantTx) => Promise<T>): Promise<T> => {
  const { workspaceId, mids = '*' } = typeof scope === 'string' ? { workspaceId: scope } : scope;
  return beginFor({ workspaceId, mids }, () =>
    db.transaction().execute((open) =>
      begun(async () => {
        const tx = open as TenantTx;
        gatherEvents(tx);
        const result = await work(tx);
        await writeGathered(tx);
        return result;
      }),
    ),
  );
};

/** A transaction of the system role's small pool: sign-in, tokens by hash, event tail, sweeps, retention. */
export const inSystem = <T>(db: Db, work: (tx: SystemTx) => Promise<T>): Promise<T> =>
  db.transaction().execute((tx) => work(tx as SystemTx));
