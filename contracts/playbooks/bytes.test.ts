import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64, fromUtf8, toBase64, toUtf8, urlEncode, utf8Length } from './bytes.ts';
import { canonicalJson, hashOf, sha256 } from './canonical.ts';

const wellFormed = fc.string({ unit: 'binary' });

test('UTF-8, base64 and their lengths agree with the platform, for any text', () => {
  fc.assert(
    fc.property(wellFormed, (text) => {
      const bytes = toUtf8(text);
      expect(Buffer.from(bytes)).toEqual(Buffer.from(text));
      expect(utf8Length(text)).toBe(bytes.length);
      expect(fromUtf8(bytes)).toBe(text);
      expect(toBase64(bytes)).toBe(Buffer.from(text).toString('base64'));
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    }),
  );
});

test('bytes that are no UTF-8 give no text', () => {
  for (const bytes of [[0xc0, 0x80], [0xff], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) {
    expect(fromUtf8(Uint8Array.from(bytes))).toBeUndefined();
  }
});

test('sha256 agrees with the platform, whatever the length of the last block', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
    }),
  );
  expect(sha256('ä'.repeat(5_000))).toBe(createHash('sha256').update('ä'.repeat(5_000)).digest('hex'));
});

test('percent-encoding leaves only the unreserved characters of RFC 3986', () => {
  expect(urlEncode("a/b ä+!'()*~-._")).toBe('a%2Fb%20%C3%A4%2B%21%27%28%29%2A~-._');
});

test('equal values have one canonical text and one hash, whatever the order of their keys', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: 1.5 })).toBe('{"a":1.5,"b":[1,{"c":"x","d":null}]}');
  expect(hashOf({ a: 1, b: 2 })).toBe(hashOf({ b: 2, a: 1 }));
  expect(hashOf({ a: 1, b: 2 })).not.toBe(hashOf({ a: 2, b: 1 }));
});
