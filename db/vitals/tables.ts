import type { ColumnType, Generated } from 'kysely';
import type { ConsolePage } from '#contracts/vitals/console-pages.ts';
import type { VitalName } from '#contracts/vitals/spread.ts';

export interface VitalsTables {
  consoleVitals: ConsoleVitalsTable;
}

/** How many figures of a day (UTC) fell into a bucket of `contracts/vitals/spread.ts`. */
export interface ConsoleVitalsTable {
  workspaceId: Generated<string>;
  day: ColumnType<Date, string, never>;
  page: ConsolePage;
  name: VitalName;
  bucket: number;
  count: number;
}
