import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMasker, isMaskable, maskJson } from './masking.ts';

const secret = "s3cret val'1";

test('a secret is masked as it is, escaped, encoded and quoted', () => {
  const { mask } = createMasker([secret]);
  const forms = [
    secret,
    JSON.stringify(secret),
    encodeURIComponent(secret),
    's3cret%20val%271',
    's3cret+val%271',
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
    `'s3cret val'\\''1'`,
    `user ${Buffer.from(`user:${secret}`).toString('base64')}`,
  ];
  for (const form of forms) {
    const masked = mask(`before ${form} after`);
    expect(masked, form).toContain('[secret]');
    expect(masked, form).toMatch(/^before .*after$/);
    expect(masked, form).not.toContain('s3cret');
    expect(masked, form).not.toContain(Buffer.from(secret).toString('base64').slice(0, 8));
  }
});

test('each line of a multi-line secret is masked, lines of less than 6 characters are not', () => {
  const { mask } = createMasker(['first-line\nab\r\nthird-line\n']);
  expect(mask('x first-line y\nab\nz third-line')).toBe('x [secret] y\nab\nz [secret]');
});

test('short values are left alone, and no values mask nothing', () => {
  expect(isMaskable('12345')).toBe(false);
  expect(createMasker(['12345', '']).mask('12345')).toBe('12345');
  const stream = createMasker([]).stream();
  expect(stream.push('abc') + stream.flush()).toBe('abc');
});

test('non-ASCII secrets are masked in the escapes of JSON too', () => {
  const { mask } = createMasker(['pässwörd']);
  expect(mask('{"p":"p\\u00e4ssw\\u00f6rd"}')).toBe('{"p":"[secret]"}');
});

test('values within a result are masked, its keys too', () => {
  expect(maskJson(createMasker(['hunter2hunter2']), { a: ['x hunter2hunter2'], hunter2hunter2: 1, n: null })).toEqual({
    a: ['x [secret]'],
    '[secret]': 1,
    n: null,
  });
});

/** Few letters, so that secrets overlap, repeat and lie within each other. */
const word = (least: number, most: number) =>
  fc.string({ unit: fc.constantFrom('a', 'b', "'", '/', '\n'), minLength: least, maxLength: most });

test('a stream gives the same as the whole text, wherever its chunks are cut', () => {
  fc.assert(
    fc.property(
      fc.array(word(6, 9), { minLength: 1, maxLength: 3 }),
      fc.array(word(0, 12), { maxLength: 12 }),
      (secrets, chunks) => {
        const masker = createMasker(secrets);
        const stream = masker.stream();
        const streamed = chunks.map((chunk) => stream.push(chunk)).join('') + stream.flush();
        expect(streamed).toBe(masker.mask(chunks.join('')));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('no secret is ever left in masked text, whatever stands around it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 6, maxLength: 30 }), fc.string(), fc.string(), (value, before, after) => {
      fc.pre(!'[secret]'.includes(value) && !value.includes('[secret]'));
      const masker = createMasker([value]);
      for (const form of [value, JSON.stringify(value).slice(1, -1), Buffer.from(value).toString('base64')]) {
        expect(masker.mask(`${before}${form}${after}`)).not.toContain(form);
      }
    }),
  );
});

test('what is surely no secret is let out at once', () => {
  const stream = createMasker(['hunter2hunter2']).stream();
  expect(stream.push('plain text hun')).toBe('plain text ');
  expect(stream.push('gry')).toBe('hungry');
  expect(stream.push(' hunter2hun')).toBe(' ');
  expect(stream.push('ter2!')).toBe('[secret]!');
});
