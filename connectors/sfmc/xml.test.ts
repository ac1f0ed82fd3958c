import { expect, test } from 'vitest';
import { elementAt, escapeXml, listOf, parseXml, textAt, xmlTag } from './xml.ts';

const read = (xml: string) => parseXml(xml, 200);
const failure = (xml: string) => {
  try {
    read(xml);
  } catch (error) {
    return error;
  }
  return null;
};

test('what is written is read back, whatever it holds', () => {
  for (const text of [
    `a & b < c > d " e ' f`,
    '&lt;',
    '&amp;#60;',
    '&#60;',
    ' spaces  ',
    'Größe 漢字 😀',
    'a\r\nb\tc',
    ']]>',
    '<!DOCTYP',
  ]) {
    expect(textAt(read(`<a>${xmlTag('b', text)}</a>`), 'a', 'b'), text).toBe(text);
  }
  expect(escapeXml('a\u0000b\u0008c')).toBe('abc');
});

test('references by number and by name are signs', () => {
  expect(textAt(read('<a>&#60;&#x3C;&lt;&quot;&apos;&amp;lt;</a>'), 'a')).toBe(`<<<"'&lt;`);
});

test('one and many are lists alike, nil is null, a missing one nothing', () => {
  const one = read('<r xmlns:xsi="x"><i><n>1</n></i><nil xsi:nil="true"/><e></e></r>');
  const many = read('<p:r xmlns:p="x"><p:i p:type="T"><p:n>1</p:n></p:i><i><n>2</n></i></p:r>');
  expect(listOf(elementAt(one, 'r')?.['i']).map((item) => textAt(item, 'n'))).toEqual(['1']);
  expect(listOf(elementAt(many, 'r')?.['i']).map((item) => textAt(item, 'n'))).toEqual(['1', '2']);
  expect(elementAt(one, 'r')?.['nil']).toBeNull();
  expect(textAt(one, 'r', 'e')).toBe('');
  expect(textAt(one, 'r', 'none', 'deeper')).toBeNull();
});

test('declarations of types and entities are refused before anything is read', () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">${Array.from({ length: 9 }, (_, at) => `<!ENTITY a${at} "${'&a;'.repeat(10)}">`).join('')}]><l>&a8;</l>`;
  const refused = {
    facts: {
      code: 'answer_unreadable',
      message: expect.stringContaining('declares types or entities'),
      retryable: false,
    },
  };
  expect(failure(bomb)).toMatchObject(refused);
  expect(failure('<!doctype a SYSTEM "http://169.254.169.254/latest"><a/>')).toMatchObject(refused);
  expect(failure('<a><!ENTITY x "y"></a>')).toMatchObject(refused);
  expect(failure('<? xml ?>  <!  DOCTYPE a [ ]><a/>')).toMatchObject(refused);
});

test('an unknown entity stays as it is written', () => {
  expect(textAt(read('<a>&nothing;</a>'), 'a')).toBe('&nothing;');
});

test('names of the language’s own machinery are refused, and do no harm', () => {
  expect(failure('<a><__proto__><polluted>1</polluted></__proto__></a>')).toMatchObject({
    facts: { code: 'answer_unreadable' },
  });
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test.each([
  '',
  'plain text',
  '<a><b>1</b>',
  '<a><b>1</a></b>',
  '<a',
  '{"a":1}',
  '<!doctype html><html></html>',
  '<html><body>busy</body></html>',
  `<a>${'<b>'.repeat(200)}x${'</b>'.repeat(200)}</a>`,
])('what is cut off, too deep, a page or no XML is unreadable: %.30s', (xml) => {
  expect(failure(xml)).toMatchObject({ facts: { kind: 'provider', code: 'answer_unreadable' } });
});

test('a failure says nothing of the content', () => {
  expect(String(failure('<a><secret>hunter2</secret>'))).not.toContain('hunter2');
});
