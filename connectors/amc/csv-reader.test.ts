import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CsvError, type CsvFormat, CsvReader, type CsvRecord } from './csv-reader.ts';

/** What was read when the bytes came in pieces of these lengths. */
function readIn(bytes: Buffer, lengths: readonly number[], format?: CsvFormat, from = 0): CsvRecord[] {
  const reader = new CsvReader(from, format);
  const records: CsvRecord[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const next = at + Math.max(1, lengths[turn % Math.max(1, lengths.length)] ?? bytes.length);
    records.push(...reader.push(bytes.subarray(at, next)));
    at = next;
  }
  return [...records, ...reader.end()];
}
const cells = (records: readonly CsvRecord[]) => records.map((record) => record.cells);
const cell = fc.option(
  fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '\\', 'ä', '😀', 'x', ' ') })),
);
const table = fc
  .integer({ min: 2, max: 4 })
  .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }));
const written = (
  rows: readonly (readonly (string | null)[])[],
  quote = (text: string) => `"${text.replaceAll('"', '""')}"`,
  separator = ',',
  end = '\n',
) => rows.map((row) => row.map((value) => (value === null ? '' : quote(value))).join(separator)).join(end);

test('what was written is read, wherever the bytes were cut, with nulls and empty texts kept apart', () => {
  fc.assert(
    fc.property(
      table,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      (rows, lengths, end, isEnded) => {
        const bytes = Buffer.from(written(rows, undefined, undefined, end) + (isEnded ? end : ''));
        expect(cells(readIn(bytes, lengths))).toEqual(
          rows.map((row) => row.map((value) => (value === null ? null : Buffer.from(value).toString()))),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('another parser reads the same', () => {
  fc.assert(
    fc.property(table, (rows) => {
      const text = `${written(rows)}\n`;
      const theirs = parse(text, {
        cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
        relax_column_count: true,
        record_delimiter: '\n',
      }) as unknown as (string | null)[][];
      expect(cells(readIn(Buffer.from(text), [7]))).toEqual(theirs);
    }),
    { numRuns: 200 },
  );
});

test('with another separator and an escape of its own too', () => {
  const format = { separator: ';', quote: "'", escape: '\\' };
  fc.assert(
    fc.property(table, fc.integer({ min: 1, max: 5 }), (rows, length) => {
      const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
      expect(cells(readIn(Buffer.from(written(rows, quote, ';')), [length], format))).toEqual(
        rows.map((row) => row.map((value) => (value === null ? null : Buffer.from(value).toString()))),
      );
    }),
    { numRuns: 200 },
  );
});

test('from the byte after any record the rest is read as it was', () => {
  fc.assert(
    fc.property(table, (rows) => {
      const bytes = Buffer.from(`${written(rows)}\n`);
      const records = readIn(bytes, [bytes.length]);
      for (const [index, { endByte }] of records.entries())
        expect(readIn(bytes.subarray(endByte), [3], undefined, endByte)).toEqual(records.slice(index + 1));
      expect(records.at(-1)?.endByte).toBe(bytes.length);
    }),
    { numRuns: 100 },
  );
});

test('a value that never ends, or has something behind its quotes, is no record', () => {
  expect(() => readIn(Buffer.from('a,"b\n'), [3])).toThrow(CsvError);
  expect(() => readIn(Buffer.from('a,"b"c\n'), [3])).toThrow(CsvError);
});
