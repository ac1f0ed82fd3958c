import type { EventsTables } from '../events/tables.ts';
import type { RunsTables } from '../runs/tables.ts';
import type { SystemTables } from '../system/tables.ts';

/** Every table, typed. A room adds its own interface here. */
export interface Database extends EventsTables, RunsTables, SystemTables {}
