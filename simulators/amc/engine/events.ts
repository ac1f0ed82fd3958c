import type { DatabaseSync } from 'node:sqlite';
import { offsetExpression } from '../catalog/expressions.ts';
import { valueOf } from '../catalog/expressions.ts';
import { type Base, type SimTable, simTables } from '../catalog/tables.ts';

/** How many synthetic events there are, and over which time. */
export interface WorldSize {
  readonly impressions: number;
  readonly sponsored: number;
  readonly conversions: number;
  readonly users: number;
  /** Milliseconds; the last moment at which something happened. The first is 13 months before. */
  readonly untilMs: number;
  /** The advertisers' zone, which columns without `_utc` are in. */
  readonly zone: string;
}
export const historyDays = 396;

const spread = (n: string): string => `((${n}) * 2654435761 % 4294967291)`;
// Squared in between: numbers that only follow from each other by factors would fall into step.
const hash = (n: string): string => {
  const half = `(${spread(`(${n}) + 12345`)} % 2147483647)`;
  return `(${half} * ${half} % 4294967291)`;
};

/**
 * Makes the events of a base when a query first needs them. Everything follows from the number of the row, so all
 * simulators of one size hold the same world; a few places and people have much of it, most have little, as outside.
 */
export class Events {
  readonly #db: DatabaseSync;
  readonly #size: WorldSize;
  readonly #made = new Set<string>();
  readonly #offsets = new Map<string, string>();
  constructor(db: DatabaseSync, size: WorldSize) {
    this.#db = db;
    this.#size = size;
  }

  /** Makes sure that these tables can be read, under their names with `v_` before. */
  ensure(names: readonly string[]): void {
    for (const name of names) {
      const source = simTables.find((table) => table.name === name);
      if (!source || this.#made.has(name)) continue;
      this.#made.add(name);
      this.#base(source.base);
      this.#view(source);
    }
  }

  #base(base: Base): void {
    if (this.#made.has(`base ${base}`)) return;
    this.#made.add(`base ${base}`);
    const { untilMs, users } = this.#size;
    const until = Math.floor(untilMs / 1_000);
    const from = until - historyDays * 86_400;
    const count = {
      impressions: this.#size.impressions,
      sponsored: this.#size.sponsored,
      conversions: this.#size.conversions,
      segments: Math.ceil(users / 3),
      customers: Math.ceil(users / 6),
      none: 96,
    }[base];
    const span = historyDays * 86_400;
    const person = (n: string) =>
      `(case when ${hash(`${n} * 3`)} % 10 < 5 then ${hash(`${n} * 5`)} % ${Math.ceil(users / 10)} else ${hash(`${n} * 5`)} % ${users} end)`;
    const moment = (n: string, of: number) =>
      `${from} + (${n}) * ${span} / ${Math.max(1, of)} + ${hash(`${n} * 11`)} % ${Math.max(1, Math.floor(span / Math.max(1, of)))}`;
    const place = (n: string) =>
      `(${hash(`${n} * 13`)} % 1000) * (${hash(`${n} * 13`)} % 1000) * (${hash(`${n} * 13`)} % 1000) / 1000000`;
    const line = (n: string) => `${hash(`${n} * 17`)} % 96`;
    // A conversion belongs to an impression: the same person and line item, up to two weeks later.
    const seen = `(n * ${Math.max(1, Math.floor(this.#size.impressions / Math.max(1, count)))})`;
    const selected: Record<Base, string> = {
      impressions: `select n, ${moment('n', count)}, ${person('n')}, ${hash('n')}, ${line('n')}, ${place('n')}, null from n`,
      sponsored: `select n, ${moment('n', count)}, ${person('n + 7')}, ${hash('n + 900001')}, ${line('n + 7')}, ${place('n + 7')}, null from n`,
      conversions: `select n, min(its + ${hash('n + 31')} % 1209600, ${until - 1}), u, ${hash('n + 500009')}, li, pl, its from
        (select n, ${moment(seen, this.#size.impressions)} its, ${person(seen)} u, ${line(seen)} li, ${place(seen)} pl from n)`,
      segments: `select n, null, n * 3 % ${users}, ${hash('n')}, ${line('n')}, 0, null from n`,
      customers: `select n, ${moment('n', count)}, n * 6 % ${users}, ${hash('n')}, ${line('n')}, ${place('n')}, null from n`,
      none: `select n, null, null, ${hash('n')}, n, 0, null from n`,
    };
    this.#db.exec(
      `create table b_${base} (id integer primary key, ts integer, u integer, h integer, li integer, pl integer, its integer);
       insert into b_${base} with recursive n(n) as (select 0 where ${count} > 0 union all select n + 1 from n where n + 1 < ${count}) ${selected[base]};`,
    );
  }

  /** Hundreds of columns ask for the same. */
  #offset(seconds: string): string {
    const { untilMs, zone } = this.#size;
    const known = this.#offsets.get(seconds);
    const found = known ?? offsetExpression(zone, seconds, untilMs - (historyDays + 1) * 86_400_000, untilMs);
    this.#offsets.set(seconds, found);
    return found;
  }

  #view(source: SimTable): void {
    const offset = (seconds: string): string => this.#offset(seconds);
    const list = source.columns.map((column) => `${valueOf(column, source, offset)} as "${column.name}"`);
    // The traffic table is cut by when the traffic was, all others by when the event was.
    const moment = source.name.startsWith('amazon_attributed_events_by_traffic_time') ? 'its' : 'ts';
    this.#db.exec(
      `create view "v_${source.name}" as select ${list.join(', ')}, u as "__users", ${moment} as "__ts", li / 32 as "__advertiser"
       from b_${source.base} ${source.where ? `where ${source.where}` : ''}`,
    );
  }
}
