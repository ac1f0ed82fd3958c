import { expect, test } from 'vitest';
import { readYaml } from '#contracts/playbooks/yaml.ts';
import { insertElement, moveElement, removeElement } from './edit-lists.ts';
import { setValue } from './edit-text.ts';

const text = `# Rolls the front end.
apiVersion: windlass/v1
name:   "Roll"     # shown in lists

inputs:
  - { name: release, type: string }

steps:
  # Look first.
  - id: check
    kind: ssh
    hosts: { tags: [web] }
    command: |
      df -h
      # not a comment of ours
    timeout: 5m   # disks are slow

  - id: all
    kind: each
    items: [1, 2]
    steps:
      # One by one.
      - id: install
        kind: ssh
        hosts:
          tags: [web]   # production
          notTags: [old]
        command: apt install
      - id: verify
        kind: assert
        that: 'true'
  - id: tell
    kind: notify
    to: ["#ops"]
    message: done
# The end.
`;
const value = (yaml: string | undefined): Record<string, unknown> => {
  const read = readYaml(yaml ?? '');
  if (!read.ok) throw new Error(read.errors[0]?.message);
  return read.value as Record<string, unknown>;
};
/** The lines that differ. */
const changed = (after: string | undefined): { gone: string[]; come: string[] } => {
  const [a, b] = [text.split('\n'), (after ?? '').split('\n')];
  return { gone: a.filter((line) => !b.includes(line)), come: b.filter((line) => !a.includes(line)) };
};

test('a field that is set changes its own line alone, and the remark behind it stays', () => {
  expect(changed(setValue(text, '/steps/0/timeout', '10m'))).toEqual({
    gone: ['    timeout: 5m   # disks are slow'],
    come: ['    timeout: 10m   # disks are slow'],
  });
  expect(changed(setValue(text, '/name', 'Roll it'))).toEqual({
    gone: ['name:   "Roll"     # shown in lists'],
    come: ['name: Roll it     # shown in lists'],
  });
});

test('a text of several lines takes the place of one, and one of several', () => {
  const multi = setValue(text, '/steps/2/message', 'one\ntwo\n');
  expect(changed(multi).come).toEqual(['    message: |', '      one', '      two']);
  expect(changed(setValue(text, '/steps/0/command', 'uptime'))).toEqual({
    gone: ['    command: |', '      df -h', '      # not a comment of ours'],
    come: ['    command: uptime'],
  });
});

test('a new field comes where the order of the kind puts it; what holds it is made with it', () => {
  const order = ['id', 'kind', 'name', 'hosts', 'command', 'retry', 'timeout'];
  const named = setValue(text, '/steps/0/name', 'Look', order) ?? '';
  expect(named.split('\n').slice(9, 13)).toEqual([
    '  - id: check',
    '    kind: ssh',
    '    name: Look',
    '    hosts: { tags: [web] }',
  ]);
  const tried = setValue(text, '/steps/0/retry/attempts', 3, order) ?? '';
  expect(changed(tried)).toEqual({ gone: [], come: ['    retry:', '      attempts: 3'] });
  expect(tried.indexOf('retry')).toBeGreaterThan(tried.indexOf('# not a comment of ours'));
});

test('a map is changed where it differs: remarks beside its other fields stay', () => {
  expect(changed(setValue(text, '/steps/1/steps/0/hosts', { tags: ['web'], anyTags: ['a', 'b'] }))).toEqual({
    gone: ['          notTags: [old]'],
    come: ['          anyTags: [a, b]'],
  });
  expect(changed(setValue(text, '/steps/0/hosts', { tags: ['web', 'de'] }))).toEqual({
    gone: ['    hosts: { tags: [web] }'],
    come: ['    hosts: { tags: [web, de] }'],
  });
});

test('a field that is taken away leaves no trace; the first of an element hands its dash on', () => {
  expect(changed(setValue(text, '/steps/0/timeout', undefined))).toEqual({
    gone: ['    timeout: 5m   # disks are slow'],
    come: [],
  });
  const headless = setValue(text, '/steps/0/id', undefined);
  expect(changed(headless)).toEqual({
    gone: ['  - id: check', '    kind: ssh'],
    come: ['  - kind: ssh'],
  });
});

test('a step that moves takes its comments along, in and out of other steps', () => {
  const down = moveElement(text, '/steps/0', '/steps', 1) ?? '';
  expect(value(down)['steps']).toMatchObject([{ id: 'all' }, { id: 'check' }, { id: 'tell' }]);
  expect(changed(down)).toEqual({ gone: [], come: [] });
  expect(down).toContain('  # Look first.\n  - id: check\n');
  const inside = moveElement(text, '/steps/0', '/steps/1/steps', 1) ?? '';
  expect(value(inside)['steps']).toMatchObject([{ steps: [{ id: 'install' }, { id: 'check' }, { id: 'verify' }] }, {}]);
  expect(inside).toContain('      # Look first.\n      - id: check\n');
  expect(inside).toContain('          # not a comment of ours\n        timeout: 5m   # disks are slow\n');
  const out = moveElement(inside, '/steps/0/steps/1', '/steps', 0) ?? '';
  expect(value(out)).toEqual(value(text));
  const list = moveElement(text, '/steps/1/steps/1', '/steps/0/undo', 0) ?? '';
  expect(value(list)['steps']).toMatchObject([{ undo: [{ id: 'verify' }] }, { steps: [{ id: 'install' }] }, {}]);
  expect(changed(list)).toEqual({ gone: [], come: ['    undo:'] });
});

test('a list that needs not be there goes with its last element; one that must be says that it is empty', () => {
  const undone = setValue(text, '/steps/0/undo', [{ id: 'back', kind: 'fail', message: 'no' }]) ?? '';
  expect(removeElement(undone, '/steps/0/undo/0')).toBe(text);
  const emptied = removeElement(removeElement(text, '/steps/1/steps/0') ?? '', '/steps/1/steps/0') ?? '';
  expect(emptied).toContain('    steps: []\n  - id: tell\n');
  const filled = insertElement(emptied, '/steps/1/steps', 0, { id: 'again', kind: 'ssh', hosts: { tags: ['a'] } });
  expect(filled).toContain('    steps:\n      - id: again\n        kind: ssh\n        hosts:\n          tags: [a]\n');
});

test('a step comes in at its place and is taken out again without a trace', () => {
  const step = { id: 'pause', kind: 'wait', for: '5m' };
  for (const index of [0, 1, 3]) {
    const more = insertElement(text, '/steps', index, step) ?? '';
    expect((value(more)['steps'] as { id: string }[])[index]?.id).toBe('pause');
    expect(changed(more).gone).toEqual([]);
    expect(removeElement(more, `/steps/${index}`)).toBe(text);
  }
});

test('what is written in one line stays in one line', () => {
  const more = insertElement(text, '/inputs', 1, { name: 'dry', type: 'boolean' });
  expect(more).toContain('  - { name: release, type: string }\n  - name: dry\n    type: boolean\n');
  expect(setValue(text, '/inputs/0/required', true)).toContain('  - { name: release, type: string, required: true }\n');
});

test('text that cannot be read is left to who writes it', () => {
  expect(setValue('name: [', '/name', 'x')).toBeUndefined();
  expect(moveElement('steps:\n  - {', '/steps/0', '/steps', 1)).toBeUndefined();
});

test('JSON and other styles are still changed rightly', () => {
  const json = '{"name": "X", "steps": [{"id": "a", "kind": "set", "values": {}}]}';
  expect(value(setValue(json, '/steps/0/name', 'A'))['steps']).toEqual([
    { id: 'a', kind: 'set', values: {}, name: 'A' },
  ]);
  const flat = 'name: X\nsteps:\n- id: a\n  kind: fail\n  message: m\n- id: b\n  kind: fail\n  message: m\n';
  expect(moveElement(flat, '/steps/1', '/steps', 0)).toBe(
    'name: X\nsteps:\n- id: b\n  kind: fail\n  message: m\n- id: a\n  kind: fail\n  message: m\n',
  );
  const lanes =
    'name: X\nsteps:\n  - id: p\n    kind: parallel\n    branches:\n      - - id: a\n          kind: fail\n          message: m\n';
  expect(
    value(insertElement(lanes, '/steps/0/branches/0', 1, { id: 'b', kind: 'fail', message: 'm' }))['steps'],
  ).toMatchObject([{ branches: [[{ id: 'a' }, { id: 'b' }]] }]);
});
