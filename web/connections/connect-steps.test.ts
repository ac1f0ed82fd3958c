import { expect, test } from 'vitest';
import { currentStep, stepsOf } from './connect-steps.ts';
import { aConnection, aDatabase } from './sample-connection.ts';

const at = (step: '' | 'kind' | 'details' | 'unit' | 'test' | 'done' = '', kind: '' | 'sfmc' = '') => ({ step, kind });

test('each kind has its own steps: a database asks for no sign-in and has no units', () => {
  expect(stepsOf('postgres', null)).toEqual(['kind', 'details', 'test', 'done']);
  expect(stepsOf('amc', null)).toEqual(['kind', 'details', 'sign_in', 'unit', 'test', 'done']);
  const byPackage = aConnection();
  if (byPackage.config.kind === 'sfmc') byPackage.config.grant = 'server';
  expect(stepsOf('sfmc', byPackage)).not.toContain('sign_in');
});

test('without a connection one chooses the kind, then its details, whatever step a link names', () => {
  expect(currentStep(at('done'), null)).toBe('kind');
  expect(currentStep(at('done', 'sfmc'), null)).toBe('details');
  expect(currentStep(at('kind', 'sfmc'), null)).toBe('kind');
});

test('a draft asks for the sign-in until somebody has signed in, and then goes on by itself', () => {
  const draft = aConnection({ state: 'new' });
  expect(currentStep(at(), draft)).toBe('sign_in');
  expect(currentStep(at('test'), draft)).toBe('sign_in');
  expect(currentStep(at('details'), draft)).toBe('details');
  expect(currentStep(at(), aConnection())).toBe('unit');
  expect(currentStep(at('test'), aConnection())).toBe('test');
  expect(currentStep(at(), aConnection({ state: 'needs_reauth' }))).toBe('sign_in');
});

test('a database is tested next, and done only when it has answered', () => {
  expect(currentStep(at(), aDatabase({ state: 'new' }))).toBe('test');
  expect(currentStep(at('done'), aDatabase({ state: 'new' }))).toBe('test');
  expect(currentStep(at('done'), aDatabase())).toBe('done');
});
