import { expect, test } from 'vitest';
import { freeId, readPlaybook, slotOf, slotsFor } from './read-playbook.ts';

const text = `name: Roll
inputs:
  - { name: release, type: string }
steps:
  - id: check
    kind: ssh
  - id: all
    kind: each
    steps:
      - id: install
        name: Install
        kind: ssh
        undo:
          - id: back
            kind: ssh
  - id: which
    kind: if
    then:
      - id: yes_way
        kind: fail
    else:
      - id: no_way
        kind: fail
finally:
  - id: tell
    kind: notify
`;

test('steps are found where they stand, numbered as they run, those aside without a number', () => {
  const { name, steps, inputs } = readPlaybook(text);
  expect(name).toBe('Roll');
  expect(inputs).toEqual([{ name: 'release', type: 'string' }]);
  expect(steps.map(({ id, depth, line, section, number }) => [id, depth, line, section, number])).toEqual([
    ['check', 0, 5, 'steps', '1'],
    ['all', 0, 7, 'steps', '2'],
    ['install', 1, 10, 'steps', '2.1'],
    ['back', 2, 14, 'undo', ''],
    ['which', 0, 16, 'steps', '3'],
    ['yes_way', 1, 19, 'steps', '3.1'],
    ['no_way', 1, 22, 'steps', '3.2'],
    ['tell', 0, 25, 'finally', ''],
  ]);
});

test('YAML that is half written still has its steps, and says what is wrong', () => {
  const { byKey, problem } = readPlaybook('steps:\n  - id: a\n    kind: ssh\n  - id: b\n    command: "open');
  expect(byKey.get('a')?.kind).toBe('ssh');
  expect(problem?.line).toBeGreaterThan(3);
  expect(readPlaybook('steps: *nothing').steps).toEqual([]);
  expect(readPlaybook('').roots[0]?.steps).toEqual([]);
});

test('a step without an id, or with one that is taken, is known by its place', () => {
  const { steps } = readPlaybook('steps:\n  - kind: set\n  - id: a\n    kind: set\n  - id: a\n    kind: set\n');
  expect(steps.map(({ key }) => key)).toEqual(['/steps/0', 'a', '/steps/2']);
});

test('the places for a step are those around and inside the others, in the order in which they are seen', () => {
  const reading = readPlaybook(text);
  const check = reading.byKey.get('check');
  if (!check) throw new Error('no step');
  const slots = slotsFor(reading, check).map(({ list, index }) => `${list}:${index}`);
  expect(slots).toContain(`${slotOf(check).list}:${slotOf(check).index}`);
  expect(slots.slice(0, 5)).toEqual([
    '/steps:0',
    '/steps/1/steps:0',
    '/steps/1/steps/0/undo:0',
    '/steps/1/steps/0/undo:1',
    '/steps/1/steps:1',
  ]);
  const all = reading.byKey.get('all');
  expect(slotsFor(reading, all).some(({ list }) => list.startsWith('/steps/1/steps'))).toBe(false);
});

test('a new id is free', () => {
  const reading = readPlaybook(text);
  expect(freeId(reading, 'ssh')).toBe('ssh');
  expect(freeId(reading, 'check')).toBe('check_2');
  expect(freeId(reading, '9 lives!')).toBe('_9_lives_');
});
