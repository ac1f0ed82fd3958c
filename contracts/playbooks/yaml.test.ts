import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from './document.ts';
import { parseDuration, parsePercent, formatDuration } from './duration.ts';
import { isLanguageFailure } from './expressions/failure.ts';
import { yamlText } from './expressions/yaml-text.ts';
import { celOf, scanTemplates, wholeTemplate } from './templates.ts';
import { readYaml, updateYaml, writeYaml } from './yaml.ts';

const first = (text: string): string => {
  const read = readYaml(text);
  return read.ok ? 'fine' : `${read.errors[0]?.code} ${read.errors[0]?.line}:${read.errors[0]?.column}`;
};

test('what the language does not take is refused with its place', () => {
  expect(first('a: &x 1\nb: *x\n')).toBe('yaml.not_supported 1:7');
  expect(first('a: 1\nb: *x\n')).toMatch(/^yaml\.(not_supported|not_parsed) 2:/);
  expect(first('a: !!str 1\n')).toMatch(/^yaml.not_supported 1:/);
  expect(first('a: !custom x\n')).toMatch(/^yaml.not_supported 1:/);
  expect(first('a: {}\nb:\n  <<: {x: 1}\n')).toBe('yaml.not_supported 3:3');
  expect(first('a: 1\n---\nb: 2\n')).toMatch(/^yaml.not_supported/);
  expect(first('a: 1\nb:\n  c: 1\n  c: 2\n')).toBe('yaml.duplicate_key 4:3');
  expect(first('? [a]\n: 1\n')).toMatch(/^yaml.not_supported/);
  expect(first('a: .inf\n')).toMatch(/^yaml.not_supported/);
  expect(first('a: [1, 2\nb: 3\n')).toMatch(/^yaml.not_parsed/);
  expect(first('a: "x\n')).toMatch(/^yaml.not_parsed/);
});

test('values are those of the core schema: no yes, no dates, no octal of old', () => {
  const read = readYaml('a: yes\nb: 2026-01-01\nc: 010\nd: 0o10\ne: ~\nf: 1e3\ng: "0644"\n');
  expect(read.ok && read.value).toEqual({ a: 'yes', b: '2026-01-01', c: 10, d: 8, e: null, f: 1000, g: '0644' });
  expect(readYaml('')).toMatchObject({ ok: true, value: null });
});

test('a pointer leads to its line, a missing one to its parent’s', () => {
  const read = readYaml('name: X\nsteps:\n  - id: a\n    kind: set\n    values: {x: 1, "a/b": 2}\n  - id: b\n');
  if (!read.ok) throw new Error('not read');
  expect(read.positionOf('/steps/0/values/x')).toMatchObject({ line: 5, column: 17 });
  expect(read.positionOf('/steps/0/values/a~1b')).toMatchObject({ line: 5, column: 27 });
  expect(read.positionOf('/steps/1/kind')).toMatchObject({ line: 6 });
  expect(read.positionOf('')).toMatchObject({ line: 1, column: 1 });
});

const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.constantFrom('yes', 'null', '1', '- a', 'a: b', '# c', '${{ x }}', 'a\nb\n', ' a', '', '~', '0x1', '2026-01-01', '<<', '&a', '*a', '!a', '|', '>', '"', "'"),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('yes', '1', 'a b')).filter((key) => key !== '<<' && key !== '__proto__'), tie('value'), { maxKeys: 3 }),
  ),
})).value; // prettier-ignore

test('what is written is read again as the same, by our writer and by toYaml', () => {
  fc.assert(
    fc.property(json, (value) => {
      const written = readYaml(writeYaml(value));
      expect(written.ok && written.value).toEqual(value);
      const small = readYaml(yamlText(value));
      expect(small.ok && small.value).toEqual(value);
    }),
  );
});

test('an edit changes what was edited and keeps comments, also of steps that moved', () => {
  const text =
    '# head\nname: X # title\nsteps:\n  # first\n  - {id: a, kind: set, values: {x: 1}}\n  # second\n  - id: b\n    kind: wait # waits\n    for: 5s\n';
  const changed = updateYaml(text, {
    name: 'Y',
    steps: [
      { id: 'b', kind: 'wait', for: '6s' },
      { id: 'a', kind: 'set', values: { x: 1, y: [2] } },
      { id: 'c', kind: 'fail', message: 'm' },
    ],
    timeout: '1h',
  });
  const read = readYaml(changed);
  expect(read.ok && read.value).toEqual({
    name: 'Y',
    steps: [
      { id: 'b', kind: 'wait', for: '6s' },
      { id: 'a', kind: 'set', values: { x: 1, y: [2] } },
      { id: 'c', kind: 'fail', message: 'm' },
    ],
    timeout: '1h',
  });
  expect(changed).toMatch(
    /# head[\s\S]*# title[\s\S]*# second\s+- id: b\s+kind: wait # waits[\s\S]*# first\s+- \{\s*id: a/,
  );
  fc.assert(
    fc.property(json, json, (before, after) => {
      const merged = readYaml(updateYaml(writeYaml(before), after));
      expect(merged.ok && merged.value).toEqual(after);
    }),
  );
});

test('durations and percentages are of their one form', () => {
  expect(['90s', '1h30m', '2d', '500ms', '0s'].map(parseDuration)).toEqual([90_000, 5_400_000, 172_800_000, 500, 0]);
  expect(['', '5 minutes', '1.5h', '30m1h', '-5s', '5'].map(parseDuration)).toEqual(
    Array.from({ length: 6 }, () => undefined),
  );
  expect([90_000, 0, 93_784_005].map(formatDuration)).toEqual(['1m30s', '0s', '1d2h3m4s5ms']);
  expect(['25%', '0%', '12.5%', '101%', '25', '-1%'].map(parsePercent)).toEqual([
    25,
    0,
    12.5,
    undefined,
    undefined,
    undefined,
  ]);
});

test('a template ends at the first }} outside strings with all braces closed', () => {
  const sources = (text: string) =>
    scanTemplates(text).map((part) => (part.kind === 'template' ? `<${part.source}>` : part.text));
  expect(sources('${{ {"a": {"b": 1}} }} x')).toEqual(['<{"a": {"b": 1}}>', ' x']);
  expect(sources(`\${{ '}}' + "}\\"}" + """a"}}" """ }}`)).toEqual([`<'}}' + "}\\"}" + """a"}}" """>`]);
  expect(sources('a$${{ b }} ${{ c }}')).toEqual(['a${{ b }} ', '<c>']);
  expect(wholeTemplate('${{ a }}${{ b }}')).toBeUndefined();
  expect(celOf('  ${{ a }} ')).toEqual({ source: 'a', from: 6 });
  const codeOf = (text: string): string => {
    try {
      scanTemplates(text);
    } catch (error) {
      return isLanguageFailure(error) ? error.code : 'other';
    }
    return 'none';
  };
  expect(['${{ a', '${{ "a }}', '${{ {a }}', '${{ }}', '${{}}', 'x $${{', '}}'].map(codeOf)).toEqual([
    'template.not_closed',
    'template.not_closed',
    'template.not_closed',
    'template.empty',
    'template.empty',
    'none',
    'none',
  ]);
});
