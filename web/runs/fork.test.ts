import { expect, test } from 'vitest';
import { forkInputs, forkSteps } from './fork.ts';
import { aStep } from './sample-run.ts';

test('only inputs that were changed are sent; a secret that nobody wrote anew is carried', () => {
  const inputs = [{ name: 'release' }, { name: 'hosts' }, { name: 'password' }, { name: 'note' }];
  const before = { release: '1.0', hosts: ['a'], password: '[secret]', note: null };
  expect(forkInputs(inputs, before, { release: '1.1', hosts: ['a'], password: null, note: null })).toEqual({
    release: '1.1',
  });
  expect(forkInputs(inputs, before, { ...before, password: 'new' })).toEqual({ password: 'new' });
});

test('a new run can begin at each top-level step, in their order', () => {
  const steps = [
    aStep('b', { position: 2 }),
    aStep('a', { position: 1 }),
    aStep('a.x', { parent: 'a' }),
    aStep('undo', { section: 'undo' }),
  ];
  expect(forkSteps({ steps }).map(({ address }) => address)).toEqual(['a', 'b']);
});
