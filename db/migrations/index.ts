import type { Migration } from 'kysely/migration';
import * as core from './0001-core.ts';

/** Every migration, in the order of its name. Forward only; one that has landed is never edited. */
export const migrations: Record<string, Migration> = {
  '0001-core': core,
};
