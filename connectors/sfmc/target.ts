import type { TargetTable } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import type { SfmcCalls } from './calls.ts';
import { describe } from './describe.ts';
import { isOwnKey } from './run-state.ts';
import { countRows } from './rest.ts';
import { equals, retrieveAll } from './soap.ts';
import { textAt } from './xml.ts';

/** A data extension by its external key, as something to write into. @throws QueryFailure `target_unknown` */
export async function readTarget(calls: SfmcCalls, key: string, signal?: AbortSignal): Promise<TargetTable> {
  const { results } = await retrieveAll(
    calls,
    { type: 'DataExtension', properties: ['ObjectID', 'CustomerKey', 'Name'], filter: equals('CustomerKey', key) },
    { most: 2, signal },
  );
  const [found] = results;
  if (!found || isOwnKey(key))
    throw new QueryFailure({
      kind: 'provider',
      code: 'target_unknown',
      message: `There is no data extension with the key ${key} in this business unit.`,
      hint: 'Choose the data extension again, or let somebody make it.',
    });
  const [{ objects }, rowCount] = await Promise.all([
    describe(calls, { what: 'columns', of: `de:${key}`, cursor: null }, 0, signal),
    countRows(calls, key, { signal }),
  ]);
  return { key, name: textAt(found, 'Name') ?? key, fields: objects[0]?.columns ?? [], rowCount };
}
