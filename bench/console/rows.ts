import type { ConsoleRow } from './row.ts';
import { assetGraph } from './rows/asset-graph.ts';
import { axe } from './rows/axe.ts';
import { firstLoad } from './rows/first-load.ts';
import { firstRows } from './rows/first-rows.ts';
import { grid } from './rows/grid.ts';
import { interactions } from './rows/interactions.ts';
import { lighthouse } from './rows/lighthouse.ts';
import { live } from './rows/live.ts';
import { scrolling } from './rows/scrolling.ts';
import { soak } from './rows/soak.ts';

/** In the order of the table. */
export const rows: readonly ConsoleRow[] = [
  firstLoad,
  lighthouse,
  axe,
  interactions,
  scrolling,
  grid,
  firstRows,
  live,
  soak,
  assetGraph,
];
