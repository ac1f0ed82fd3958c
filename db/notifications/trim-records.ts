import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';

/** One chunk is a short transaction: an open one holds back every reader of the event stream. */
const chunk = 1_000;

/** Deletes a chunk of each record older than so many days. @returns how many rows went; 0: nothing is left to go */
export async function trimRecords(tx: TenantTx, days: number): Promise<number> {
  const before = sql`now() - make_interval(days => ${days})`;
  const gone = [
    await sql`delete from deliveries where (workspace_id, id) in (select workspace_id, id from deliveries where created_at < ${before} limit ${chunk})`.execute(
      tx,
    ),
    await sql`delete from pages where (workspace_id, id) in (select workspace_id, id from pages where created_at < ${before} limit ${chunk})`.execute(
      tx,
    ),
    await sql`delete from message_acts where (workspace_id, key) in (select workspace_id, key from message_acts where used_at < ${before} limit ${chunk})`.execute(
      tx,
    ),
    await sql`delete from webhook_calls where (workspace_id, id) in (select workspace_id, id from webhook_calls where at < ${before} limit ${chunk})`.execute(
      tx,
    ),
    await sql`delete from schedule_firings where (workspace_id, schedule_id, nominal_at) in (
      select workspace_id, schedule_id, nominal_at from schedule_firings where nominal_at < ${before} and ended_at is not null limit ${chunk})`.execute(
      tx,
    ),
    await sql`delete from run_trigger_firings where (workspace_id, trigger_id, ended_run_id) in (
      select workspace_id, trigger_id, ended_run_id from run_trigger_firings where at < ${before} and status <> 'pending' limit ${chunk})`.execute(
      tx,
    ),
  ];
  return gone.reduce((sum, { numAffectedRows }) => sum + Number(numAffectedRows ?? 0), 0);
}
