import type { KnownColumn, KnownObject } from '#contracts/connections/connections.ts';
import type { EngineKind } from '#contracts/queries/engine.ts';
import { quotedName } from '#contracts/queries/sql/names.ts';

const mostRows = 10;
const mostColumns = 50;

/**
 * A query that shows a few rows of an object.
 * @returns null where the service shows no row of single people (Amazon), or nothing is known of its columns
 */
export function sampleSql(
  engine: EngineKind,
  { sqlName }: Pick<KnownObject, 'sqlName'>,
  columns: readonly Pick<KnownColumn, 'name'>[],
): string | null {
  if (engine === 'amc' || sqlName === null) return null;
  if (engine === 'postgres') return `select * from ${sqlName} limit ${mostRows}`;
  if (columns.length === 0) return null;
  // The columns of the result are told beforehand, so each is named.
  const names = columns.slice(0, mostColumns).map(({ name }) => quotedName('sfmc', name));
  return `SELECT TOP ${mostRows} ${names.join(', ')}\nFROM ${sqlName}`;
}
