import { expect, test } from 'vitest';
import type { Input } from '#contracts/playbooks/document.ts';
import { readInputs } from './input-words.ts';

const declared = [
  { name: 'city', type: 'string' },
  { name: 'times', type: 'integer' },
  { name: 'loud', type: 'boolean' },
  { name: 'hosts', type: 'servers' },
  { name: 'sizes', type: 'list', items: { type: 'number' } },
  { name: 'more', type: 'object' },
  { name: 'word', type: 'secret' },
] as readonly Input[];

test('inputs are read by the types that the playbook declares', () => {
  expect(
    readInputs(declared, [
      'city=5',
      'times=5',
      'loud=true',
      'hosts=a',
      'hosts=b',
      'sizes=[1,2]',
      'more={"x":1}',
      'word={"secret":"db"}',
    ]),
  ).toEqual({
    city: '5',
    times: 5,
    loud: true,
    hosts: ['a', 'b'],
    sizes: [1, 2],
    more: { x: 1 },
    word: { secret: 'db' },
  });
  expect(readInputs(declared, ['sizes=1', 'sizes=2.5', 'city=a=b'])).toEqual({ sizes: [1, 2.5], city: 'a=b' });
});

test.each([
  ['citi=x', 'Did you mean city?'],
  ['city', 'takes name=value'],
  ['times=many', 'a number'],
  ['loud=yes', 'true or false'],
  ['more={', 'JSON'],
])('%s is refused', (pair, words) => {
  expect(() => readInputs(declared, [pair])).toThrow(words);
});

test('an input that is no list is given once', () => {
  expect(() => readInputs(declared, ['city=a', 'city=b'])).toThrow('given twice');
});
