import { expect, test } from 'vitest';
import { withoutValues } from './without-values.ts';

const sql = `SELECT CAST(City AS INT) AS Town FROM Members WHERE Name = 'Ada'`;
const told = (message: string, engine: 'sfmc' | 'amc' | 'postgres' = 'sfmc', code = 'query_failed'): string =>
  withoutValues({ code, message, hint: '' }, { engine, sql, columns: [{ name: 'Grand Total' }] }).message;

test.each([
  [
    `Conversion failed when converting the nvarchar value 'Mara Alder' to data type int.`,
    `Conversion failed when converting the nvarchar value '…' to data type int.`,
  ],
  [`Conversion failed for 'O'Hara' in column 'City'.`, `Conversion failed for '…'.`],
  [
    `Cannot insert duplicate key. The duplicate key value is (mara, 7).`,
    `Cannot insert duplicate key. The duplicate key value is (…).`,
  ],
  [
    `Arithmetic overflow error for data type tinyint, value = 4711.`,
    `Arithmetic overflow error for data type tinyint, value = …`,
  ],
  [`Value "4711 never closed`, `Value "…"`],
  [`Cannot cast “Mara” to number`, `Cannot cast “…” to number`],
])('a value that a service quotes is not kept: %s', (message, kept) => {
  expect(told(message)).toBe(kept);
});

test('what stands in the text, a name of a column, and an apostrophe stay', () => {
  for (const message of [
    `Invalid column name 'City'.`,
    `Column "grand total" cannot be summed.`,
    `The service can't convert it, and won't say more.`,
    `'Ada' is not a number.`,
  ])
    expect(told(message)).toBe(message);
});

test('a database names what it looked for before any row was read, and its functions’ own words are left out', () => {
  const hinted = 'column "citty" does not exist — Perhaps you meant the column "members.city".';
  expect(told(hinted, 'postgres', '42703')).toBe(hinted);
  expect(told('invalid input syntax for type integer: "Mara"', 'postgres', '22P02')).toBe('invalid input syntax for type integer: "…"'); // prettier-ignore
  expect(told('Failing row contains (1, Mara).', 'postgres', '23514')).toBe('Failing row contains (…).');
  expect(told('Mara has no account', 'postgres', 'P0001')).not.toContain('Mara');
});
