import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';

/** What a connection lets through, for all processes together. */
export interface CallLimits {
  /** Calls of one unit that may be open at once; null: no bound. */
  readonly parallel: number | null;
  /** Calls a second; null: no bound. */
  readonly perSecond: number | null;
}
/** What is asked of a budget by one process. */
export interface CallsWanted {
  /** Names the process: what it holds is given back when it does not come again. */
  readonly holder: string;
  /** Places for calls at once that it wants to hold from now on, those it holds included. */
  readonly places: number;
  /** Calls that wait to be made. */
  readonly calls: number;
  /** Calls made, and refused with 429, since the last time: for the figures. */
  readonly made: number;
  readonly throttled: number;
  /** The service wants no call for so long. */
  readonly pauseMs: number;
}
export interface CallsGranted {
  readonly places: number;
  readonly calls: number;
  /** When the first of the granted calls may be made, and the space between them, milliseconds from now. */
  readonly startInMs: number;
  readonly spaceMs: number;
}

/** How long a place is held without a word of its holder. */
export const holdMs = 15_000;
/**
 * A little less than the limit: the service measures with a clock and a network of its own. A process that is alone sees
 * which of its calls were late and keeps the others away from them; of another's it knows nothing.
 */
const [marginAlone, margin] = [0.99, 0.975];
/** What is laid out ahead for one process: whoever comes next is served after it. */
const mostAheadMs = 1_000;

interface BudgetRow {
  held: Record<string, { count: number; untilMs: number }>;
  nextInMs: number;
  nowMs: number;
}

/**
 * Takes places and calls of a budget. Calls are laid out in time, one behind the other across all processes, so that no
 * second holds more than the limit; places are counted per holder. The row is locked for this one transaction.
 */
export async function takeCalls(
  tx: TenantTx,
  { connectionId, unit }: { connectionId: string; unit: string },
  limits: CallLimits,
  wanted: CallsWanted,
): Promise<CallsGranted> {
  const lock = async () =>
    (
      await sql<BudgetRow>`
        select held, extract(epoch from next_at - clock_timestamp())::float8 * 1000 as "nextInMs",
          extract(epoch from clock_timestamp())::float8 * 1000 as "nowMs"
        from connection_budgets where connection_id = ${connectionId} and unit = ${unit} for update`.execute(tx)
    ).rows[0];
  let row = await lock();
  if (!row) {
    await sql`insert into connection_budgets (connection_id, unit) values (${connectionId}, ${unit}) on conflict do nothing`.execute(
      tx,
    );
    row = (await lock()) ?? { held: {}, nextInMs: 0, nowMs: Date.now() };
  }
  const others = Object.entries(row.held).filter(
    ([name, { untilMs }]) => name !== wanted.holder && untilMs > row.nowMs,
  );
  const taken = others.reduce((sum, [, { count }]) => sum + count, 0);
  const places =
    limits.parallel === null ? wanted.places : Math.max(0, Math.min(wanted.places, limits.parallel - taken));
  const isAlone = others.length === 0 && limits.parallel !== null;
  const spaceMs = limits.perSecond === null ? 0 : 1_000 / (limits.perSecond * (isAlone ? marginAlone : margin));
  const ahead = Math.max(0, mostAheadMs - Math.max(0, row.nextInMs)) / 1_000;
  const most = limits.perSecond === null ? wanted.calls : Math.max(1, Math.floor(limits.perSecond * ahead));
  const calls = Math.min(wanted.calls, most);
  const startInMs = Math.max(0, row.nextInMs, wanted.pauseMs);
  const held = Object.fromEntries([
    ...others,
    ...(places > 0 ? [[wanted.holder, { count: places, untilMs: row.nowMs + holdMs }] as const] : []),
  ]);
  await sql`
    update connection_budgets set held = ${JSON.stringify(held)}::jsonb,
      next_at = case when ${spaceMs === 0 && wanted.pauseMs === 0} then next_at
        else clock_timestamp() + ${startInMs + calls * spaceMs} * interval '1 millisecond' end,
      last_calls = case when minute = this then last_calls when minute = this - interval '1 minute' then calls else 0 end,
      last_throttled = case when minute = this then last_throttled when minute = this - interval '1 minute' then throttled else 0 end,
      calls = case when minute = this then calls else 0 end + ${wanted.made},
      throttled = case when minute = this then throttled else 0 end + ${wanted.throttled},
      minute = this
    from date_trunc('minute', clock_timestamp()) as this
    where connection_id = ${connectionId} and unit = ${unit}`.execute(tx);
  return { places, calls, startInMs, spaceMs };
}
