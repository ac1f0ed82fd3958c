import { expect, test } from 'vitest';
import { fieldsOfKind } from '#contracts/playbooks/shape/steps.ts';
import { completeExpression, completeTemplate, templateAround } from './complete.ts';
import { scopeAt } from './scope-at.ts';

const definition = {
  name: 'Roll',
  inputs: [
    { name: 'release', type: 'string', required: true },
    { name: 'target', type: 'object', fields: [{ name: 'zone', type: 'string' }] },
  ],
  steps: [
    { id: 'fetch', kind: 'http', method: 'GET', url: 'x', undo: [{ id: 'drop', kind: 'fail', message: '' }] },
    { id: 'facts', kind: 'set', values: { port: 80, name: 'x' } },
    {
      id: 'all',
      kind: 'each',
      items: [1],
      as: 'site',
      steps: [
        { id: 'inner', kind: 'ssh', hosts: {}, command: '' },
        { id: 'check', kind: 'assert', that: '' },
      ],
    },
    { id: 'last', kind: 'parallel', branches: [[{ id: 'left', kind: 'wait' }], [{ id: 'right', kind: 'wait' }]] },
  ],
  finally: [{ id: 'tell', kind: 'notify', to: [], message: '' }],
};
const names = { vars: ['region'], secrets: ['token'], outputs: { fetch: { body: { version: '1.2' } } } };
const labels = (source: string, pointer: string, at = source.length): string[] =>
  completeExpression(source, at, scopeAt(definition, pointer), names)?.items.map(({ label }) => label) ?? [];

test('only steps that have ended before may be read', () => {
  expect(labels('steps.', '/steps/0/url')).toEqual([]);
  expect(labels('steps.', '/steps/2/steps/1/that')).toEqual(['fetch', 'facts', 'inner']);
  expect(labels('steps.', '/steps/3/branches/1/0/for')).toEqual(['fetch', 'facts', 'all']);
  expect(labels('steps.', '/finally/0/message')).toEqual(['fetch', 'facts', 'all', 'last', 'left', 'right']);
  expect(labels('steps.', '/outputs/x')).toContain('right');
  expect(labels('steps.', '/steps/0/undo/0/message')).toEqual(['fetch']);
});

test('a step’s own fields, what its kind returns, and what it returned when it last ran', () => {
  expect(labels('steps.fetch.', '/steps/1/values').slice(0, 3)).toEqual(['status', 'output', 'error']);
  const output = labels('steps.fetch.output.', '/steps/1/values');
  expect(output).toEqual(expect.arrayContaining(['status', 'headers', 'body']));
  expect(labels('steps.fetch.output.body.v', '/steps/1/values')[0]).toBe('version');
  expect(labels('steps.facts.output.', '/steps/2/items').slice(0, 2)).toEqual(['port', 'name']);
});

test('inputs with their fields; names of the workspace; what is known here alone', () => {
  expect(labels('inputs.', '/steps/0/url')).toEqual(['release', 'target']);
  expect(labels('inputs.target.', '/steps/0/url')[0]).toBe('zone');
  expect(labels('vars.', '/steps/0/url')).toEqual(['region']);
  expect(labels('"Bearer " + secrets.to', '/steps/0/url')).toEqual(['token']);
  expect(labels('', '/steps/2/steps/1/that')).toEqual(expect.arrayContaining(['item', 'index', 'site', 'siteIndex']));
  expect(labels('run.', '/finally/0/message')).toContain('status');
  expect(labels('run.', '/steps/0/url')).not.toContain('status');
  expect(labels('inputs.', '/inputs/1/visible')).toEqual(['release']);
});

test('the server is known where a field is rendered for each', () => {
  const { command, if: condition } = fieldsOfKind('ssh');
  const at = (field: typeof command): string[] =>
    completeExpression('', 0, scopeAt(definition, '/steps/2/steps/0/command', field), names)?.items.map(
      ({ label }) => label,
    ) ?? [];
  expect(at(command)).toContain('host');
  expect(at(condition)).not.toContain('host');
});

test('functions stand after names, methods after values; nothing inside a string or a number', () => {
  expect(labels('si', '/steps/0/url')[0]).toBe('size()');
  expect(labels('inputs.release.starts', '/steps/0/url')).toEqual(['startsWith()']);
  expect(labels('"inputs.', '/steps/0/url')).toEqual([]);
  expect(labels('1.', '/steps/0/url')).toEqual([]);
});

test('in a text only between ${{ and }}, also while that is still open', () => {
  const text = 'echo ${{ inputs.rel }} now';
  const scope = scopeAt(definition, '/steps/1/values');
  const found = completeTemplate(text, text.indexOf('rel') + 3, scope, names);
  expect(found?.items.map(({ label }) => label)).toEqual(['release']);
  expect(text.slice(found?.from, found?.to)).toBe('rel');
  expect(completeTemplate(text, 2, scope, names)).toBeNull();
  expect(completeTemplate(text, text.length, scope, names)).toBeNull();
  expect(completeTemplate('a ${{ in', 8, scope, names)?.items[0]?.label).toBe('inputs');
  expect(templateAround('price: $${{ x', 13)).toBeNull();
});
