// `npm start` and `npm run demo`: the whole installation on one machine. A door: it may see other floors.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../build/sources.ts';
import { ROLES, loadConfig } from '../config.ts';
import { StartFailure } from '../start-failure.ts';
import type { ChildPlan } from './child-environment.ts';
import { runSupervisor } from './run-supervisor.ts';
import { supervise } from './supervise.ts';

const appRoles: readonly string[] = ['api', 'main'];
const isDemo = process.argv.includes('--demo') || /^(1|true)$/.test(process.env['WINDLASS_DEMO'] ?? '');
const children: readonly ChildPlan[] = [
  // API and `main` worker share one native connection, which is what makes eager starts possible.
  { name: 'app', entry: join(projectFolder, 'api/main.ts'), roles: appRoles },
  {
    name: 'work',
    entry: join(projectFolder, 'temporal/worker-main.ts'),
    roles: ROLES.filter((role) => !appRoles.includes(role)),
  },
  // Sample hosts and data, an entry of its own: nothing else of the product knows simulators. It goes where the API goes.
  ...(isDemo ? [{ name: 'demo', entry: join(projectFolder, 'simulators/demo-main.ts'), roles: ['api'] }] : []),
];

await runSupervisor((say) => {
  const unknown = process.argv.slice(2).filter((option) => option !== '--demo');
  if (unknown.length > 0)
    throw new StartFailure(
      `There is no option ${unknown.join(' ')}: only --demo. Settings come from the environment, see docs/operators/settings.md.`,
    );
  const { version } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { version: string };
  say(`Windlass ${version} is starting …`);
  if (isDemo) process.env['WINDLASS_DEMO'] = '1';
  return supervise({
    config: loadConfig(),
    environment: process.env,
    children,
    migrate: async (ownerUrl) => (await import('#db/kit/migrate.ts')).migrate(ownerUrl),
    prepare: join(projectFolder, 'system/build/prepare.ts'),
    say,
  });
});
