import { expect, test } from 'vitest';
import { runPlaybookTest } from '#contracts/playbooks/engine/virtual/playbook-test.ts';
import { readPlaybook } from '../document/read-playbook.ts';
import { firstTest, readTest, testText } from './test-text.ts';

test('the first test of a playbook holds as it is offered', () => {
  const text = `name: Roll
steps:
  - { id: look, kind: ssh, hosts: { tags: [web] }, command: uptime }
  - { id: ask, kind: approve, roles: [owner] }
  - { id: rest, kind: wait, for: 2d }
`;
  const reading = readPlaybook(text);
  const first = firstTest(reading, ['All goes well']);
  expect(first.name).toBe('All goes well 2');
  const read = readTest(testText(first));
  expect(read).toEqual({ test: first });
  expect(runPlaybookTest({ definition: reading.definition, ...first })).toMatchObject({
    passed: true,
    differences: [],
  });
});

test('a text that is no test says why', () => {
  expect(readTest('name: [')).toHaveProperty('problem');
  expect(readTest('name: X\nexpect: { statuz: failed }\n')).toEqual({ problem: expect.stringContaining('expect') });
});
