// `npm run check`: types, lint with the import directions, format. All three run, also when one fails.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../../', import.meta.url));
const bin = (name: string): string => fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));

const checks = [
  { name: 'types', command: 'tsc', args: ['--noEmit', '-p', '.'] },
  { name: 'lint', command: 'oxlint', args: ['--type-aware', '--quiet', '.'] },
  { name: 'format', command: 'oxfmt', args: ['--check', '.'] },
] as const;

const failed = checks.filter(({ name, command, args }) => {
  console.log(`— ${name}`);
  const { status, error } = spawnSync(bin(command), args, { cwd: project, stdio: 'inherit' });
  if (error) console.error(error.message);
  return status !== 0;
});
console.log(failed.length === 0 ? 'All checks pass.' : `Failed: ${failed.map(({ name }) => name).join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
