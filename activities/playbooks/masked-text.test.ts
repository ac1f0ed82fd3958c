import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMasker } from '#contracts/playbooks/masking.ts';
import { MaskedText } from './masked-text.ts';

const plain = createMasker([]);

/** Feeds bytes in pieces and gives the parts. */
function feed(bytes: Buffer, cuts: readonly number[], masker = plain, from = 0) {
  const text = new MaskedText(masker, from);
  const edges = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  const parts = [...edges, bytes.length].map((edge, index) =>
    text.push(bytes.subarray(index === 0 ? 0 : edges[index - 1], edge)),
  );
  return [...parts, text.end()];
}

test('whatever the chunk borders, the text is the same and the offsets follow on each other', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.array(fc.nat(300), { maxLength: 8 }),
      (value, cuts) => {
        fc.pre(!value.includes('\0') && Buffer.from(value).toString() === value);
        const bytes = Buffer.from(value);
        const parts = feed(bytes, cuts);
        expect(parts.map(({ text }) => text).join('')).toBe(value);
        let at = 0;
        for (const { fromByte, toByte, text } of parts) {
          expect(fromByte).toBe(at);
          expect(toByte - fromByte).toBe(Buffer.byteLength(text));
          at = toByte;
        }
        expect(at).toBe(bytes.length);
      },
    ),
  );
});

test('a secret cut by a border is masked, and what is held back is not counted yet', () => {
  const text = new MaskedText(createMasker(['hunter2hunter2']), 100);
  const first = text.push(Buffer.from('pw=hunter2'));
  expect(first).toEqual({ text: 'pw=', fromByte: 100, toByte: 103 });
  const second = text.push(Buffer.from('hunter2 ok'));
  expect(first.text + second.text + text.end().text).toBe('pw=[secret] ok');
  expect(second.fromByte).toBe(103);
});

test('a gap is said in the text and counted in the offset', () => {
  const text = new MaskedText(plain, 0);
  text.push(Buffer.from('begin'));
  const gap = text.skip(1_000);
  expect(gap).toMatchObject({ fromByte: 5, toByte: 1_000 });
  expect(gap.text).toContain('995 bytes are not kept');
  expect(text.push(Buffer.from('end'))).toEqual({ text: 'end', fromByte: 1_000, toByte: 1_003 });
});

test('NUL, which PostgreSQL refuses, is shown as its picture; bytes that are no text do not stop the stream', () => {
  const text = new MaskedText(plain, 0);
  const part = text.push(Buffer.from([0x61, 0x00, 0xff, 0x62]));
  expect(part.text).toBe('a\u2400\uFFFDb');
  expect(part.toByte).toBe(4);
});
