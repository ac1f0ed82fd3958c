import { sql } from 'kysely';
import { type ConsolePage, consolePageList } from '#contracts/vitals/console-pages.ts';
import { bucketOf, spreadOf, type VitalName, vitalNames } from '#contracts/vitals/spread.ts';
import { type ConsoleVitals, type VitalSample, type VitalSpreads, vitalsKeptDays } from '#contracts/vitals/vitals.ts';
import type { TenantTx } from '../kit/database.ts';

/** Counts figures into their day, and lets go what is older than the days they are kept: the table never grows on. */
export async function countVitals(tx: TenantTx, samples: readonly VitalSample[], now: Date): Promise<void> {
  const day = dayOf(now, 0);
  const rows = new Map<string, { day: string; page: ConsolePage; name: VitalName; bucket: number; count: number }>();
  for (const { page, name, value } of samples) {
    const bucket = bucketOf(name, value);
    const key = `${page} ${name} ${bucket}`;
    const row = rows.get(key);
    if (row) row.count += 1;
    else rows.set(key, { day, page, name, bucket, count: 1 });
  }
  // In one order for all: two reports at once would else each hold what the other waits for.
  const sorted = [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  await tx
    .insertInto('consoleVitals')
    .values(sorted)
    .onConflict((conflict) =>
      conflict
        .columns(['workspaceId', 'day', 'page', 'name', 'bucket'])
        .doUpdateSet({ count: sql`console_vitals.count + excluded.count` }),
    )
    .execute();
  await tx
    .deleteFrom('consoleVitals')
    .where('day', '<', sql<Date>`${dayOf(now, vitalsKeptDays - 1)}::date`)
    .execute();
}

/** The spread of each vital over the last days, today included: of all pages together and of each that was measured. */
export async function readVitals(tx: TenantTx, days: number, now: Date): Promise<ConsoleVitals> {
  const rows = await tx
    .selectFrom('consoleVitals')
    .select(['page', 'name', 'bucket', (eb) => eb.fn.sum<string>('count').as('count')])
    .where('day', '>=', sql<Date>`${dayOf(now, days - 1)}::date`)
    .groupBy(['page', 'name', 'bucket'])
    .execute();
  const all = new Counts();
  const byPage = new Map<string, Counts>();
  for (const { page, name, bucket, count } of rows) {
    all.add(name, bucket, Number(count));
    const counts = byPage.get(page) ?? new Counts();
    byPage.set(page, counts);
    counts.add(name, bucket, Number(count));
  }
  return {
    days,
    all: all.spreads(),
    // A page that the console no longer has is left out.
    pages: consolePageList.flatMap((page) => {
      const counts = byPage.get(page);
      return counts ? [{ page, vitals: counts.spreads() }] : [];
    }),
  };
}

/** The day so many days ago, in UTC. */
const dayOf = (now: Date, daysAgo: number): string =>
  new Date(now.getTime() - daysAgo * 86_400_000).toISOString().slice(0, 10);

class Counts {
  readonly #of = new Map<VitalName, Map<number, number>>();

  add(name: VitalName, bucket: number, count: number): void {
    const counts = this.#of.get(name) ?? new Map<number, number>();
    this.#of.set(name, counts);
    counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  }
  spreads(): VitalSpreads {
    const spreads: VitalSpreads = {};
    for (const name of vitalNames) {
      const spread = spreadOf(name, this.#of.get(name) ?? new Map());
      if (spread) spreads[name] = spread;
    }
    return spreads;
  }
}
