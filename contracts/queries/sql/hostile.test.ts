import fc from 'fast-check';
import { expect, test } from 'vitest';
import { engineKinds } from '../engine.ts';
import { analyse } from './analyse.ts';
import { complete } from './complete.ts';
import { hover } from './hover.ts';
import { SchemaIndex } from './schema-index.ts';
import { tokenize } from './tokens.ts';

const n = 10_000;
const hostile: Record<string, string> = {
  'brackets in brackets': `SELECT ${'('.repeat(n)}1${')'.repeat(n)}`,
  'brackets without an end': '('.repeat(n),
  'subqueries in subqueries': `SELECT * FROM ${'(SELECT * FROM '.repeat(n)}`,
  'calls in calls': `SELECT ${'f('.repeat(n)}`,
  'CASE in CASE': `SELECT ${'CASE WHEN '.repeat(n)}`,
  'comparisons in a row': `SELECT 1 ${'IS NULL '.repeat(n)}`,
  'casts in a row': `SELECT x${'::int'.repeat(n)}`,
  'BETWEEN in BETWEEN': `SELECT 1 WHERE ${'a BETWEEN '.repeat(n)}`,
};
for (const dialect of engineKinds)
  test.each(Object.entries(hostile))(`${dialect}: %s are an error and no crash`, (_, sql) => {
    expect(analyse(dialect, sql, []).diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
  });

test.each(['SELECT 1 AS a' + ' + 1'.repeat(n), `SELECT ${'NOT '.repeat(n)}1`, '[['.repeat(n), '{{'.repeat(n), "'".repeat(n), '/*'.repeat(n), ';'.repeat(n)])(
  'a long text is read in one pass: %.20s…',
  (sql) => {
    for (const dialect of ['sfmc', 'postgres'] as const) expect(analyse(dialect, sql, [])).toBeDefined();
  },
); // prettier-ignore

const words = fc.constantFrom(
  ...'SELECT FROM WHERE GROUP BY ORDER HAVING UNION ALL WITH AS x y ( ) , . * JOIN LEFT ON CASE WHEN THEN END AND OR NOT IN EXISTS LIKE BETWEEN IS NULL TOP 5 LIMIT OFFSET CAST OVER PARTITION :: [ ] [[ ]] {{ a }} { } \' " -- /* */ ; + - = <> 1.5 COUNT VALUES LATERAL ARRAY FOR XML INTERVAL'.split(' '), // prettier-ignore
  '\n',
);
const halfWritten = fc.array(words, { maxLength: 30 }).map((list) => list.join(' '));
const index = Object.fromEntries(engineKinds.map((dialect) => [dialect, new SchemaIndex(dialect, [
  { id: 'x', kind: 'table', name: 'x', sqlName: 'x', parentId: null, description: null, details: {}, columns: [{ name: 'y', type: 'text' }] },
])])); // prettier-ignore

test('whatever is written, it is answered, the same each time, with places inside of the text', () => {
  fc.assert(
    fc.property(fc.constantFrom(...engineKinds), fc.oneof(halfWritten, fc.string({ unit: 'binary', maxLength: 60 })), fc.nat(), (dialect, sql, at) => {
      const schema = index[dialect];
      if (!schema) return;
      const made = analyse(dialect, sql, schema);
      expect(analyse(dialect, sql, schema)).toEqual(made);
      for (const { from, to, fixes } of made.diagnostics)
        for (const span of [{ from, to }, ...fixes.flatMap(({ edits }) => edits)]) {
          expect(span.from).toBeGreaterThanOrEqual(0);
          expect(span.to).toBeGreaterThanOrEqual(span.from);
          expect(span.to).toBeLessThanOrEqual(sql.length);
        }
      const offset = at % (sql.length + 1);
      const found = complete(sql, offset, schema);
      expect(found.from).toBeLessThanOrEqual(offset);
      hover(sql, offset, schema);
    }),
    { numRuns: 1_500 },
  ); // prettier-ignore
});

test('tokens join to the very text again', () => {
  fc.assert(
    fc.property(fc.constantFrom(...engineKinds), fc.oneof(halfWritten, fc.string({ unit: 'binary' })), (dialect, sql) => {
      const tokens = tokenize(dialect, sql);
      expect(tokens.map(({ text }) => text).join('')).toBe(sql);
      for (const { from, to, text } of tokens) expect(sql.slice(from, to)).toBe(text);
    }),
    { numRuns: 1_000 },
  ); // prettier-ignore
});
