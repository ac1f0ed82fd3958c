// @ts-expect-error -- the editor's own reader of snippets, which it gives no types for
import { SnippetParser } from 'monaco-editor/editor/contrib/snippet/browser/snippetParser.js';
import { expect, test } from 'vitest';
import { asSnippet, editorTextOf, faultOfSnippet, plainOf, readSnippet } from './snippet-text.ts';

const partsOf = (text: string) => {
  const read = readSnippet(text);
  if (!read.ok) throw new Error(read.fault);
  return read.parts;
};
const plain = (text: string) => plainOf(partsOf(text));
/** What the editor's own reader makes of what it is given: the text, and its stops. */
function inEditor(text: string) {
  const made: { placeholders: { index: number }[] } = new SnippetParser().parse(editorTextOf(partsOf(text)));
  return { text: String(made), stops: made.placeholders.map((stop) => [stop.index, String(stop)]) };
}

test('stops are numbers with what stands there; those of one number have the same text, wherever it was given', () => {
  const text = 'select ${2:total}, $1 from ${1:orders} where $2 > ${3|1,10|}$0';
  expect(plain(text)).toBe('select total, orders from orders where total > 1');
  expect(inEditor(text)).toEqual({
    text: 'select total, orders from orders where total > 1',
    stops: [
      [2, 'total'],
      [1, 'orders'],
      [1, 'orders'],
      [2, 'total'],
      [3, '1'],
      [0, ''],
    ],
  });
});

test.each([
  ['a parameter', 'x >= {{ since: date = today - 7d }} and y', 'x >= {{ since: date = today - 7d }} and y'],
  ['a parameter as what a stop holds', 'x = ${1:{{ since }}} and y', 'x = {{ since }} and y'],
  ['a stop within a parameter', 'x >= {{ ${1:since}: date = today - ${2:30}d }}', 'x >= {{ since: date = today - 30d }}'], // prettier-ignore
  ['an optional clause', 'where a [[ and b = {{ b }} ]]', 'where a [[ and b = {{ b }} ]]'],
  ['dollar quotes', 'select $$a}b$$, $body$ {x} $body$', 'select $$a}b$$, $body$ {x} $body$'],
  ['a number of PostgreSQL, escaped', 'where id = \\$1', 'where id = $1'],
  ['signs of its own, escaped', '\\${1} \\\\ \\} ${1:a\\}b}', '${1} \\ } a}b'],
  ['other backslashes', "where a ~ '\\d+' and b = E'\\n'", "where a ~ '\\d+' and b = E'\\n'"],
  ['a name after a dollar', 'costs $total', 'costs $total'],
])('%s comes into the editor as it is meant', (_what, text, wanted) => {
  expect(plain(text)).toBe(wanted);
  expect(inEditor(text).text).toBe(wanted);
});

test.each([
  ['select ${name}', 'Line 1: A stop has a number: ${1}, ${1:text} or ${1|one,other|}. For the signs themselves write \\${.'], // prettier-ignore
  ['select 1\nfrom ${1:orders', 'Line 2: The stop ${1:… has no }.'],
  ['select ${1:a ${2:b}}', 'Line 1: A stop cannot stand within a stop.'],
  ['select ${1:{{ ${2:b} }}}', 'Line 1: A stop cannot stand within a stop.'],
  ['order by a ${1|ASC|}', 'Line 1: A choice names two or more, apart by commas: ${1|ASC,DESC|}.'],
  ['order by a ${1|ASC,DESC', 'Line 1: The choice ${1|… has no |}.'],
  ['select $100', 'Line 1: Stops are numbered from 1 to 99.'],
  ['select ${1:a}, ${1:b}', 'Stop 1 is “a” first and “b” later: stops of one number are written together.'],
  ['${1}', 'The snippet has no text.'],
])('%s is no snippet, and why is said', (text, why) => {
  expect(faultOfSnippet(null, text)).toBe(why);
});

test('parameters are checked as they stand once it is put in, in the engine’s own words', () => {
  expect(faultOfSnippet('sfmc', 'WHERE a = {{ ${1:b}: data }}')).toContain('“{{ b: data }}”: A parameter is written');
  expect(faultOfSnippet('amc', 'WHERE a = {{ b')).toContain('has no }}');
  expect(faultOfSnippet(null, "WHERE a = '{{ b }}'")).toContain('In quotes');
  expect(faultOfSnippet('postgres', 'where a = {{ ${1:b}: date }} [[ and c = {{ d }} ]]')).toBeNull();
});

test('any text becomes a snippet that brings this very text again, without a stop', () => {
  const signs = ['$', '1', '{', '}', '\\', ':', '|', ',', 'a', ' ', '\n', '{{ b }}', '${2:c}'];
  // The same each time: a small generator of its own.
  let seed = 7;
  const next = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < 3_000; round++) {
    const text = Array.from({ length: 1 + next(12) }, () => signs[next(signs.length)]).join('');
    const read = readSnippet(asSnippet(text));
    expect(read, text).toMatchObject({ ok: true });
    if (!read.ok) continue;
    expect(plainOf(read.parts)).toBe(text);
    expect(read.parts.filter(({ kind }) => kind === 'stop')).toEqual([]);
    const made = new SnippetParser().parse(editorTextOf(read.parts));
    expect([made.toString(), made.placeholders.length]).toEqual([text, 0]);
  }
});
