// `npm ci` ends with this: the console and the workflow bundle are built ahead of the first start.
import { reasonOf } from '../start-failure.ts';
import { buildStale } from './build.ts';

try {
  await buildStale({ say: console.log });
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
