import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project. */
export const projectFolder = fileURLToPath(new URL('../../', import.meta.url));
/** Where builds go. */
export const distFolder = join(projectFolder, 'dist');
/** The console as the API serves it. */
export const consoleFolder = join(distFolder, 'web');
/** The workflows as workers load them. */
export const workflowBundleFile = join(distFolder, 'workflow-bundle.js');

const isSource = (name: string): boolean =>
  !/\.test\.tsx?$|^\.|~$/.test(name) && !['node_modules', 'fixtures', 'histories'].includes(name);

function listFiles(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter(isSource)
    .flatMap((name) => listFiles(join(path, name)));
}

/** A hash of what lies in these files and folders of the project, names included; tests are left out. */
export function hashSources(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of paths.flatMap((path) => listFiles(join(projectFolder, path))).toSorted()) {
    hash
      .update(`${relative(projectFolder, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * The build this process says it is: what its supervisor told it, so that all processes of an installation are of one
 * build. A process that is started again alone, over sources that changed meanwhile, would otherwise make a build current
 * that has no workers for the other queues.
 */
export const processBuildId = (): string => process.env['WINDLASS_BUILD'] ?? serverBuildId();

/** Changes with whatever a process of ours runs: a child of another build is not adopted, and workers name it as their build id. */
export const serverBuildId = (): string =>
  hashSources([
    'api',
    'workflows',
    'activities',
    'connectors',
    'contracts',
    'db',
    'temporal',
    'system',
    'simulators',
    'package-lock.json',
  ]);
