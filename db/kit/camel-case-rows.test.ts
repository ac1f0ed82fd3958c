import { createQueryId } from 'kysely';
import { expect, test } from 'vitest';
import { CamelCaseRows } from './camel-case-rows.ts';

const renamed = async (rows: Record<string, unknown>[]) =>
  (await new CamelCaseRows().transformResult({ queryId: createQueryId(), result: { rows } })).rows;

test('columns are named in camelCase, keys inside their values as they were', async () => {
  const at = new Date();
  expect(
    await renamed([
      { created_at: at, data: { run_id: 1 } },
      { created_at: null, data: [{ a_b: 2 }] },
    ]),
  ).toEqual([
    { createdAt: at, data: { run_id: 1 } },
    { createdAt: null, data: [{ a_b: 2 }] },
  ]);
});

test('no rows, and rows that need no change, are given on as they are', async () => {
  const rows = [{ id: 1, createdAt: null }];
  expect(await renamed(rows)).toBe(rows);
  expect(await renamed([])).toEqual([]);
});
