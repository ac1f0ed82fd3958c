import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';

export interface LockOf {
  name: string;
  runId: string;
  address: string;
}

/**
 * Asks for a workspace-wide slot, first come, first served. Asking again finds the same place in line.
 * @returns whether the slot is held now
 */
export async function acquireLock(
  tx: TenantTx,
  { name, runId, address, slots }: LockOf & { slots: number },
): Promise<boolean> {
  await lockName(tx, name);
  await tx
    .insertInto('runLocks')
    .values({ name, runId, address, slots, heldAt: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await grant(tx, name);
  const own = await tx
    .selectFrom('runLocks')
    .select('heldAt')
    .where('name', '=', name)
    .where('runId', '=', runId)
    .where('address', '=', address)
    .executeTakeFirst();
  return own?.heldAt != null;
}

/** Gives a slot back, or leaves the line. @returns who holds one now through it */
export async function releaseLock(tx: TenantTx, { name, runId, address }: LockOf): Promise<LockOf[]> {
  await lockName(tx, name);
  await tx
    .deleteFrom('runLocks')
    .where('name', '=', name)
    .where('runId', '=', runId)
    .where('address', '=', address)
    .execute();
  return grant(tx, name);
}

const lockName = (tx: TenantTx, name: string) =>
  sql`select pg_advisory_xact_lock(hashtextextended('lock:' || current_setting('app.tenant_id') || ':' || ${name}, 0))`.execute(
    tx,
  );

/** A slot is a row with `held_at`; the number of slots is what the one who asks says. */
async function grant(tx: TenantTx, name: string): Promise<LockOf[]> {
  const { rows } = await sql<LockOf>`
    with line as (
      select l.run_id, l.address, l.slots, row_number() over (order by l.asked_at, l.run_id, l.address) as place,
        (select count(*) from run_locks h where h.name = ${name} and h.held_at is not null) as held
      from run_locks l where l.name = ${name} and l.held_at is null
    )
    update run_locks l set held_at = clock_timestamp()
    from line where l.name = ${name} and l.run_id = line.run_id and l.address = line.address and line.place + line.held <= line.slots
    returning l.name, l.run_id as "runId", l.address`.execute(tx);
  return rows;
}

/** The slots of a workspace and who holds or waits for them: for the queue page. */
export async function listLocks(tx: TenantTx) {
  const rows = await tx.selectFrom('runLocks').selectAll().orderBy('name').orderBy('askedAt').execute();
  return rows.map(({ name, runId, address, slots, askedAt, heldAt }) => ({
    name,
    runId,
    address,
    slots,
    askedAt: askedAt.toISOString(),
    heldAt: heldAt?.toISOString() ?? null,
  }));
}
