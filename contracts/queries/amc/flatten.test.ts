import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FlatSql, flattenSql, mapErrorPlaces, userOffset } from './flatten.ts';
import { offsetAt, positionAt, tokenize } from './sql/tokens.ts';

const flat = (sql: string): FlatSql => {
  const result = flattenSql(sql);
  if (!result.ok) throw new Error(result.problem.code);
  return result.flat;
};

/** Parts of a query of which it is known what they must become: independent of how anything here reads them. */
const plainWord = fc.constantFrom(
  'SELECT',
  'a',
  'b.c',
  ',',
  '(',
  ')',
  'x1',
  '1.5',
  '=',
  'dsp_impressions',
  'naïve',
  '😀word',
);
const literal = fc.oneof(
  fc
    .string({ unit: fc.constantFrom("''", 'a', '--', '/*', '*/', '"', ';', '{{', '}}', ' ', '😀') })
    .map((text) => `'${text}'`),
  fc.string({ unit: fc.constantFrom('""', 'a', '--', '/*', "'", ';', ' ') }).map((text) => `"${text}"`),
);
const kept = fc
  .oneof({ arbitrary: plainWord, weight: 3 }, { arbitrary: literal, weight: 2 })
  .map((text) => ({ user: text, flat: text }));
const parameter = fc
  .constantFrom('p', 'from_date')
  .chain((name) =>
    fc
      .constantFrom('', ' ', '\t')
      .map((space) => ({ user: `{{${space}${name}${space}}}`, flat: `CUSTOM_PARAMETER('${name}')` })),
  );
const gap = fc.oneof(
  fc.constantFrom(' ', '\n', '\r\n', '\t', '  \n\t ', '\u2028'),
  fc.string({ unit: fc.constantFrom("'", '"', ';', '*', 'x', ' ', '{{', '😀') }).map((text) => `--${text}\n`),
  fc.string({ unit: fc.constantFrom("'", '"', ';', 'x', '\n', '--', '{{') }).map((text) => `/*${text}*/`),
);
const pieces = fc.array(
  fc.tuple(
    fc.array(gap, { minLength: 1, maxLength: 3 }),
    fc.oneof({ arbitrary: kept, weight: 5 }, { arbitrary: parameter, weight: 1 }),
  ),
  { minLength: 1, maxLength: 12 },
);

test('strings and names stay to the letter, comments and white space become one space, semicolons at the end go', () => {
  fc.assert(
    fc.property(pieces, fc.array(gap, { maxLength: 2 }), fc.constantFrom('', ';', ' ; ;\n'), (parts, tail, end) => {
      const user = parts.map(([gaps, { user }]) => gaps.join('') + user).join('') + tail.join('') + end;
      expect(flat(user).text).toBe(parts.map(([, part]) => part.flat).join(' '));
    }),
    { numRuns: 500 },
  );
});

test('each part of the flat text leads back to where the user wrote it, to the line and column', () => {
  fc.assert(
    fc.property(pieces, (parts) => {
      const result = flat(parts.map(([gaps, { user }]) => gaps.join('') + user).join(''));
      let userAt = 0;
      let flatAt = 0;
      for (const [gaps, part] of parts) {
        userAt += gaps.join('').length;
        expect(userOffset(result, flatAt)).toBe(userAt);
        const kept = part.user === part.flat ? part.user.length : 1;
        const offsets = Array.from({ length: kept }, (_, at) => at);
        expect(offsets.map((at) => userOffset(result, flatAt + at))).toEqual(offsets.map((at) => userAt + at));
        const { start } = mapErrorPlaces(`At line 1, column ${flatAt + 1}: no`, result);
        expect(start).toEqual(positionAt(result.userText, userAt));
        userAt += part.user.length;
        flatAt += part.flat.length + 1;
      }
    }),
    { numRuns: 300 },
  );
});

test('what is flat already stays as it is', () => {
  fc.assert(
    fc.property(pieces, (parts) => {
      const once = flat(parts.map(([gaps, { user }]) => gaps.join('') + user).join('')).text;
      expect(flat(once).text).toBe(once);
    }),
  );
});

test('no text whatever makes it throw, and what comes out has no line break, tab or comment', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.oneof(
          fc.constantFrom("'", '"', '-', '/', '*', ';', '\n', '\t', '{{', '}}', 'a'),
          fc.string({ minLength: 1, maxLength: 1 }),
        ),
      }),
      (sql) => {
        const result = flattenSql(sql);
        const [text, from] = result.ok ? [result.flat.text, 0] : ['', result.problem.from];
        expect(from).toBeLessThanOrEqual(sql.length);
        expect(text).not.toMatch(/[\n\r\t]/);
        expect(tokenize(text).filter(({ kind }) => kind === 'comment' || kind === 'broken')).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ["SELECT 'a\nb'", 'sql.break_in_literal', 9],
  ['SELECT "a\tb"', 'sql.break_in_literal', 9],
  ['SELECT 1; SELECT 2', 'sql.several_statements', 10],
  ["SELECT 'oh", 'sql.unterminated', 7],
  ['SELECT 1 /* oh', 'sql.unterminated', 9],
  ['SELECT {{ 1x }}', 'sql.bad_parameter', 7],
  [' -- nothing\n', 'sql.empty', 0],
])('%j is refused with its place', (sql, code, from) => {
  expect(flattenSql(sql)).toMatchObject({ ok: false, problem: { code, from } });
});

test('a range of the service becomes the user’s range in its words too; a place on another line is its own affair', () => {
  const result = flat('SELECT a,\n  bad_one\nFROM t');
  expect(
    mapErrorPlaces("From line 1, column 11 to line 1, column 17: Column 'bad_one' not found in any table", result),
  ).toEqual({
    message: "From line 2, column 3 to line 2, column 9: Column 'bad_one' not found in any table",
    start: { line: 2, column: 3 },
    end: { line: 2, column: 10 },
  });
  expect(mapErrorPlaces('Encountered "FROM" at line 1, column 19.', result)).toMatchObject({
    message: 'Encountered "FROM" at line 3, column 1.',
    start: { line: 3, column: 1 },
  });
  expect(mapErrorPlaces('at line 7, column 2', result)).toEqual({
    message: 'at line 7, column 2',
    start: null,
    end: null,
  });
  expect(mapErrorPlaces('From line 1, column 999999999 to line 1, column 999999999: x', result).start).toEqual({
    line: 3,
    column: 7,
  });
});

test('lines and columns lead to offsets and back, whatever ends the lines', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '\n', '\r\n', '\r', '😀') }), fc.nat(), (text, seed) => {
      const offset = seed % (text.length + 1);
      // Between the two halves of a line end there is no place.
      fc.pre(!(text[offset - 1] === '\r' && text[offset] === '\n'));
      expect(offsetAt(text, positionAt(text, offset))).toBe(offset);
    }),
  );
});

test('tokens join to the very text', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.oneof(fc.constantFrom("'", '"', '--', '/*', '*/', '{{ p }}', '\n', '<>', '1e', '.5'), fc.string()),
      }),
      (text) => {
        expect(
          tokenize(text)
            .map((token) => token.text)
            .join(''),
        ).toBe(text);
      },
    ),
  );
});
