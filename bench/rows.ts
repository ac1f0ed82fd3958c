import type { Row } from './kit/row.ts';
import { alertToBoard } from './rows/alert-to-board.ts';
import { assetRows } from './rows/assets.ts';
import { commands } from './rows/commands.ts';
import { events } from './rows/events.ts';
import { exports } from './rows/exports.ts';
import { idle } from './rows/idle.ts';
import { incidentLists } from './rows/incident-lists.ts';
import { incidentTimers } from './rows/incident-timers.ts';
import { keptFresh } from './rows/kept-fresh.ts';
import { language } from './rows/language.ts';
import { lists } from './rows/lists.ts';
import { logIntake } from './rows/log-intake.ts';
import { mixedRuns } from './rows/mixed-runs.ts';
import { oneStep } from './rows/one-step.ts';
import { pacedRuns } from './rows/paced-runs.ts';
import { queryHistory } from './rows/query-history.ts';
import { queryLibrary } from './rows/query-library.ts';
import { queryResults } from './rows/query-results.ts';
import { sfmcOwnTime } from './rows/sfmc-own-time.ts';
import { stepsInARow } from './rows/steps-in-a-row.ts';

/** In the order of the table. */
export const rows: readonly Row[] = [
  oneStep,
  stepsInARow,
  commands,
  events,
  alertToBoard,
  lists,
  exports,
  logIntake,
  idle,
  keptFresh,
  language,
  queryHistory,
  mixedRuns,
  queryLibrary,
  queryResults,
  sfmcOwnTime,
  incidentLists,
  incidentTimers,
  pacedRuns,
  assetRows,
];
