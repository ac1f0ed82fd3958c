import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { builtBundle } from '#temporal/worker.ts';

/**
 * Every run evaluates for itself what the workflows import. With zod in it that was a megabyte and eight milliseconds a
 * run: contracts that a workflow reads keep their schemas in modules of their own.
 */
test('the bundle of the workflows holds no schemas, and no library but those that were chosen', () => {
  const code = readFileSync(builtBundle.codePath, 'utf8');
  const libraries = code.matchAll(/"\.\/node_modules\/((?:@[^/"]+\/)?[^/"]+)/g);
  expect([...new Set([...libraries].map(([, name]) => name))].toSorted()).toEqual([
    '@marcbachmann/cel-js', // evaluated once a worker, with the engine of playbooks
    '@temporalio/common',
    '@temporalio/workflow',
    'long',
    'ms',
    'nexus-rpc',
    're2js',
  ]);
});
