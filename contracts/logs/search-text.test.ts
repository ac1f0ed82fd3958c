import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LogTerm, readLogSearch, writeLogTerm } from './search-text.ts';

const termsOf = (search: string): unknown => {
  const read = readLogSearch(search);
  return read.ok ? read.terms : read.why;
};

test('words, phrases, fields and what must not be there are told apart', () => {
  expect(termsOf('  timeout "connection reset" -debug service=checkout -host="web 1" http.status=500 ')).toEqual([
    { kind: 'text', text: 'timeout', isNot: false },
    { kind: 'text', text: 'connection reset', isNot: false },
    { kind: 'text', text: 'debug', isNot: true },
    { kind: 'field', name: 'service', value: 'checkout', isNot: false },
    { kind: 'field', name: 'host', value: 'web 1', isNot: true },
    { kind: 'field', name: 'http.status', value: '500', isNot: false },
  ]);
  expect(termsOf('')).toEqual([]);
});

test('a quote that is not closed is said, and so are too many terms', () => {
  expect(termsOf('a "b')).toMatch(/not closed: "b/);
  expect(termsOf('x '.repeat(21))).toMatch(/more than 20/);
});

test('whatever is written as a term is read as that term', () => {
  const text = fc.string({ minLength: 1, maxLength: 30 }).filter((value) => value.trim() !== '');
  const one: fc.Arbitrary<LogTerm> = fc.oneof(
    fc.record({ kind: fc.constant('text' as const), text, isNot: fc.boolean() }),
    fc.record({ kind: fc.constant('field' as const), name: fc.constantFrom('service', 'http.status', 'a-b'), value: text, isNot: fc.boolean() }),
  ); // prettier-ignore
  fc.assert(
    fc.property(fc.array(one, { maxLength: 5 }), (terms) => {
      expect(termsOf(terms.map(writeLogTerm).join(' '))).toEqual(terms);
    }),
  );
});
