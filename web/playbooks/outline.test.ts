import { expect, test } from 'vitest';
import { outlineOf } from './outline.ts';
import { mergeTexts } from './use-draft.ts';

test('the outline finds steps where they stand, nested ones below', () => {
  const { name, steps, inputs } = outlineOf(
    'name: Roll\ninputs:\n  - { name: release, type: string }\nsteps:\n  - id: check\n    kind: ssh\n  - id: each\n    kind: each\n    steps:\n      - id: install\n        name: Install\n        kind: ssh\n        undo:\n          - id: back\n            kind: ssh\n',
  );
  expect(name).toBe('Roll');
  expect(inputs).toEqual([{ name: 'release', type: 'string' }]);
  expect(steps.map(({ id, depth, line, section }) => [id, depth, line, section])).toEqual([
    ['check', 0, 5, 'steps'],
    ['each', 0, 7, 'steps'],
    ['install', 1, 10, 'steps'],
    ['back', 2, 14, 'undo'],
  ]);
});

test('YAML that is half written still has an outline, and says what is wrong', () => {
  const { steps, problem } = outlineOf('steps:\n  - id: a\n    kind: ssh\n  - id: b\n    command: "open');
  expect(steps.map(({ id }) => id)).toContain('a');
  expect(problem).not.toBeNull();
});

test('two changes of different lines merge, two of the same line do not', () => {
  const base = 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n';
  expect(mergeTexts(base, base.replace('a\n', 'A\n'), base.replace('j\n', 'J\n'))).toBe(
    base.replace('a\n', 'A\n').replace('j\n', 'J\n'),
  );
  expect(mergeTexts(base, base.replace('e\n', 'E\n'), base.replace('e\n', 'X\n'))).toBeUndefined();
});
