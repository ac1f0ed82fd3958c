import { sql } from 'kysely';
import pg from 'pg';
import type { Db, SystemTx, TenantTx } from './database.ts';
import { gatherWrites, writeGathered } from './last-writes.ts';
import { transact } from './transact.ts';

/** Whose rows a transaction may see: a workspace, and of its connections the business units listed (`*` for all). */
export interface TenantScope {
  workspaceId: string;
  mids?: string;
  /** What rules hide from the caller, as migration 0019 reads it; absent or empty: nothing. */
  hidden?: string | undefined;
}

/** Names the workspace to the database; `true` binds it to this transaction, so a connection cannot carry it on. */
const named = (scope: TenantScope | string): string => {
  const { workspaceId, mids = '*', hidden = '' } = typeof scope === 'string' ? { workspaceId: scope } : scope;
  const [tenant, units] = [pg.escapeLiteral(workspaceId), pg.escapeLiteral(mids)];
  const rest = hidden === '' ? '' : `, set_config('app.hidden', ${pg.escapeLiteral(hidden)}, true)`;
  return `select set_config('app.tenant_id', ${tenant}, true), set_config('app.mid', ${units}, true)${rest}`;
};

/**
 * The one door to tenant tables: row-level security shows this workspace's rows until the transaction ends. Events
 * and audit entries of the work are written together with the commit.
 */
export const inTenant = <T>(db: Db, scope: TenantScope | string, work: (tx: TenantTx) => Promise<T>): Promise<T> =>
  transact(db, { beginning: `begin; ${named(scope)}`, last: (open) => writeGathered(open as TenantTx) }, (open) => {
    gatherWrites(open as TenantTx);
    return work(bound(open as TenantTx, scope));
  });

/** The same for what only reads: the database refuses to write, and the answer does not wait for the commit. */
export const readTenant = <T>(db: Db, scope: TenantScope | string, work: (tx: TenantTx) => Promise<T>): Promise<T> =>
  transact(db, { beginning: `begin read only; ${named(scope)}`, isReading: true }, (open) =>
    work(bound(open as TenantTx, scope)),
  );

interface Bounds {
  mids: string;
  hidden: string;
  lifted: number;
}

/** Of transactions that see less than all of their workspace: what they are bound to. */
const narrowed = new WeakMap<TenantTx, Bounds>();

function narrow(tx: TenantTx, mids: string, hidden: string): void {
  if (mids === '*' && hidden === '') narrowed.delete(tx);
  else narrowed.set(tx, { mids, hidden, lifted: 0 });
}

function bound(tx: TenantTx, scope: TenantScope | string): TenantTx {
  const { mids = '*', hidden = '' } = typeof scope === 'string' ? {} : scope;
  narrow(tx, mids, hidden);
  return tx;
}

const name = (tx: TenantTx, mids: string, hidden: string) =>
  sql`select set_config('app.mid', ${mids}, true), set_config('app.hidden', ${hidden}, true)`.execute(tx);

/** From here on the transaction sees of business units only these. */
export async function bindToUnits(tx: TenantTx, mids: string): Promise<void> {
  const hidden = narrowed.get(tx)?.hidden ?? '';
  narrow(tx, mids, hidden);
  await name(tx, mids, hidden);
}

/**
 * Work that must count all runs of the workspace whoever asks: slots and their order are everybody's. What it answers must
 * tell the caller nothing of what is hidden from them. Costs nothing where nothing is.
 */
export async function seeingAll<T>(tx: TenantTx, work: () => Promise<T>): Promise<T> {
  const bounds = narrowed.get(tx);
  if (!bounds) return work();
  bounds.lifted += 1;
  if (bounds.lifted === 1) await name(tx, '*', '');
  // Where the work fails the transaction is aborted, and its settings end with it.
  const result = await work();
  bounds.lifted -= 1;
  if (bounds.lifted === 0) await name(tx, bounds.mids, bounds.hidden);
  return result;
}

/** A transaction of the system role's small pool: sign-in, tokens by hash, event tail, sweeps, retention. */
export const inSystem = <T>(db: Db, work: (tx: SystemTx) => Promise<T>): Promise<T> =>
  transact(db, { beginning: 'begin' }, (tx) => work(tx as SystemTx));
