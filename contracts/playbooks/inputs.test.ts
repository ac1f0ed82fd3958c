import { expect, test } from 'vitest';
import type { Input, Json } from './document.ts';
import { checkInputs } from './inputs.ts';
import { isCidr, isEmail, isHostname, isIp, isUrl } from './input-formats.ts';

const errorsOf = (
  inputs: readonly Input[],
  given: Json,
  servers?: readonly { name: string; tags: string[] }[],
): string[] => checkInputs(inputs, given, servers ? { servers } : {}).errors.map(({ code, path }) => `${path} ${code}`);
const one = (input: Omit<Input, 'name'>, value: Json): string =>
  errorsOf([{ name: 'x', ...input }], { x: value })[0]?.replace('/inputs/', '') ?? 'fine';

test('JSON types are checked, never coerced', () => {
  expect(one({ type: 'integer' }, '5')).toBe('x input.wrong_type');
  expect(one({ type: 'integer' }, 5.5)).toBe('x input.wrong_type');
  expect(one({ type: 'integer' }, 5.0)).toBe('fine');
  expect(one({ type: 'integer' }, 2 ** 53)).toBe('x input.out_of_range');
  expect(one({ type: 'number' }, true)).toBe('x input.wrong_type');
  expect(one({ type: 'boolean' }, 0)).toBe('x input.wrong_type');
  expect(one({ type: 'string' }, 5)).toBe('x input.wrong_type');
  expect(one({ type: 'object' }, [])).toBe('x input.wrong_type');
  expect(one({ type: 'list', items: { type: 'string' } }, { a: 1 })).toBe('x input.wrong_type');
});

test('texts: one line, lengths in characters, a pattern that takes the whole value, formats', () => {
  expect(one({ type: 'string' }, 'a\nb')).toBe('x input.bad_format');
  expect(one({ type: 'text' }, 'a\nb')).toBe('fine');
  expect(one({ type: 'string', maxLength: 2 }, '😀😀')).toBe('fine');
  expect(one({ type: 'string', maxLength: 1 }, '😀😀')).toBe('x input.out_of_range');
  expect(one({ type: 'string' }, 'x'.repeat(1_001))).toBe('x input.out_of_range');
  expect(one({ type: 'text' }, 'ä'.repeat(40_000))).toBe('x input.out_of_range');
  expect(one({ type: 'string', pattern: 'b+' }, 'abb')).toBe('x input.pattern_mismatched');
  expect(one({ type: 'string', pattern: 'a|ab' }, 'ab')).toBe('fine');
  expect(one({ type: 'string', format: 'email' }, 'nobody')).toBe('x input.bad_format');
});

test('dates exist, instants have an offset, durations are of the document’s form, and all have bounds', () => {
  expect(one({ type: 'date' }, '2026-02-29')).toBe('x input.bad_format');
  expect(one({ type: 'date' }, '2028-02-29')).toBe('fine');
  expect(one({ type: 'date', min: '2026-01-02' }, '2026-01-01')).toBe('x input.out_of_range');
  expect(one({ type: 'datetime' }, '2026-01-01T10:00:00')).toBe('x input.bad_format');
  expect(one({ type: 'datetime', max: '2026-01-01T10:00:00Z' }, '2026-01-01T10:30:00+01:00')).toBe('fine');
  expect(one({ type: 'datetime', max: '2026-01-01T10:00:00Z' }, '2026-01-01T10:30:00Z')).toBe('x input.out_of_range');
  expect(one({ type: 'duration' }, '5 minutes')).toBe('x input.bad_format');
  expect(one({ type: 'duration', min: '1m' }, '59s')).toBe('x input.out_of_range');
});

test('choices, and lists of them with the index in the path', () => {
  const input: Omit<Input, 'name'> = { type: 'multi_choice', options: ['a', { value: 'b' }], maxItems: 2 };
  expect(one(input, ['b', 'a'])).toBe('fine');
  expect(one(input, ['a', 'c'])).toBe('x/1 input.not_an_option');
  expect(one(input, ['a', 'b', 'a'])).toBe('x input.out_of_range');
  expect(one(input, 'a')).toBe('x input.wrong_type');
});

test('servers are known by name and chosen by tag', () => {
  const inputs: readonly Input[] = [
    { name: 's', type: 'servers', tags: ['web'], notTags: ['old'] },
    { name: 'o', type: 'server', anyTags: ['db', 'web'] },
  ];
  const servers = [{ name: 'w1', tags: ['web'] }, { name: 'w2', tags: ['web', 'old'] }, { name: 'd1', tags: ['db'] }, { name: 'x', tags: [] }]; // prettier-ignore
  expect(errorsOf(inputs, { s: ['w1', 'w2', 'gone', 'd1'], o: 'd1' }, servers)).toEqual([
    '/inputs/s/1 input.not_an_option',
    '/inputs/s/2 input.server_unknown',
    '/inputs/s/3 input.not_an_option',
  ]);
  expect(errorsOf(inputs, { s: ['anything'], o: 'x' })).toEqual([]);
  expect(errorsOf(inputs, { o: 'x' }, servers)).toEqual(['/inputs/o input.not_an_option']);
});

test('secrets are texts or references', () => {
  expect(one({ type: 'secret' }, 'x')).toBe('fine');
  expect(one({ type: 'secret' }, { ref: 'db' })).toBe('fine');
  expect(one({ type: 'secret' }, { ref: 5 })).toBe('x input.wrong_type');
  expect(one({ type: 'string', secret: true, minLength: 8 }, 'short')).toBe('x input.out_of_range');
});

test('objects and lists are checked within, their defaults filled in', () => {
  const inputs: readonly Input[] = [
    { name: 'o', type: 'object', fields: [{ name: 'a', type: 'integer', required: true }, { name: 'b', type: 'string', default: 'x' }] },
    { name: 'l', type: 'list', items: { type: 'object', fields: [{ name: 'n', type: 'integer', max: 5 }] }, minItems: 1 },
  ]; // prettier-ignore
  expect(errorsOf(inputs, { o: { c: 1 }, l: [{ n: 6 }, {}, null] })).toEqual([
    '/inputs/o/a input.required',
    '/inputs/o/c input.unknown',
    '/inputs/l/0/n input.out_of_range',
    '/inputs/l/2 input.wrong_type',
  ]);
  expect(checkInputs(inputs, { o: { a: 1 }, l: [{}] }).values).toEqual({ o: { a: 1, b: 'x' }, l: [{ n: null }] });
});

test('what is not given is its default or null; empty counts as given unless required; hidden is null and unchecked', () => {
  const inputs: readonly Input[] = [
    { name: 'a', type: 'string', default: 'd' },
    { name: 'b', type: 'string', required: true },
    { name: 'c', type: 'integer', required: true, visible: "inputs.a == 'show'" },
    { name: 'd', type: 'integer', visible: 'inputs.c != null' },
  ];
  expect(checkInputs(inputs, { a: '', b: 'x', c: 'nonsense', d: 1 })).toEqual({
    values: { a: '', b: 'x', c: null, d: null },
    errors: [],
  });
  expect(errorsOf(inputs, { a: 'show', b: '', d: 1 })).toEqual([
    '/inputs/b input.required',
    '/inputs/c input.required',
  ]);
  expect(checkInputs(inputs, { a: null, b: 'x' }).values).toEqual({ a: 'd', b: 'x', c: null, d: null });
  expect(checkInputs(inputs, 'x').errors).toMatchObject([{ code: 'input.wrong_type', path: '/inputs' }]);
});

test('formats take what is meant and nothing else', () => {
  expect(['a@b.example', 'root@localhost', 'j.doe+x@example.com'].every(isEmail)).toBe(true);
  expect(['a@', '@b', 'a b@c.d', 'a@b_c', 'a@-b.c', 'a@b..c'].some(isEmail)).toBe(false);
  expect(
    ['https://x.example.com', 'http://127.0.0.1/healthz', 'http://[::1]:3000/a?b#c', 'https://u:p@h/'].every(isUrl),
  ).toBe(true);
  expect(['ftp://x', 'https://', 'https://a b', '//x', 'http://h:99999/', 'javascript:alert(1)'].some(isUrl)).toBe(
    false,
  );
  expect(['a', 'a-b.c1', '1.example'].every(isHostname)).toBe(true);
  expect(['', '-a', 'a-', 'a..b', 'a_b', 'x'.repeat(64)].some(isHostname)).toBe(false);
  expect(
    ['1.2.3.4', '::', '::1', 'fe80::1:2', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4', '64:ff9b::1.2.3.4'].every(isIp),
  ).toBe(true);
  expect(
    [
      '1.2.3',
      '1.2.3.256',
      '01.2.3.4',
      ':::',
      '1::2::3',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      'g::',
      '1:2:3:4:5:6:7::8:9',
    ].some(isIp),
  ).toBe(false);
  expect(['10.0.0.0/8', '::/0', 'fe80::/64'].every(isCidr)).toBe(true);
  expect(['10.0.0.0', '10.0.0.0/33', '::/129', '10.0.0.0/8/8', '10.0.0.0/-1'].some(isCidr)).toBe(false);
});
