import type { TenantTx } from './database.ts';

/** Rows of one kind that nobody reads in the transaction that writes them. */
export interface LastWrite<T> {
  readonly write: (tx: TenantTx, rows: readonly T[]) => Promise<void>;
}

const gathered = new WeakMap<object, Map<LastWrite<never>, unknown[]>>();

/** From now on such rows are kept until `writeGathered`. */
export const gatherWrites = (tx: TenantTx): void => void gathered.set(tx, new Map());

/** Keeps rows for the end of the transaction, where it gathers; else writes them at once. */
export async function writeLast<T>(tx: TenantTx, kind: LastWrite<T>, rows: readonly T[]): Promise<void> {
  if (rows.length === 0) return;
  const kinds = gathered.get(tx) as Map<LastWrite<T>, T[]> | undefined;
  if (!kinds) return kind.write(tx, rows);
  const kept = kinds.get(kind);
  if (kept) kept.push(...rows);
  else kinds.set(kind, [...rows]);
}

/** Writes what was gathered, one statement a kind, each in the order of the keeping; what comes later is written at once. */
export async function writeGathered(tx: TenantTx): Promise<void> {
  const kinds = gathered.get(tx) as Map<LastWrite<unknown>, unknown[]> | undefined;
  gathered.delete(tx);
  await Promise.all([...(kinds ?? [])].map(([kind, rows]) => kind.write(tx, rows)));
}
