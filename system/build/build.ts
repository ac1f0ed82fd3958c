import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { readJson } from '../embedded/files.ts';
import { reasonOf } from '../start-failure.ts';
import { consoleFolder, distFolder, hashSources, projectFolder, workflowBundleFile } from './sources.ts';

/** One thing that is built ahead of the start. */
export interface Target {
  readonly name: string;
  /** What it is made of; it is built again when any of it changes. */
  readonly sources: readonly string[];
  /** Without this file there is nothing to build. */
  readonly entry: string;
  /** What stands once it is built. */
  readonly result: string;
  readonly build: () => Promise<void>;
}

const consoleTarget: Target = {
  name: 'console',
  sources: ['web', 'contracts', 'vite.config.ts', 'package-lock.json'],
  entry: 'web/main.tsx',
  result: join(consoleFolder, 'index.html'),
  build: buildConsole,
};
export const workflowTarget: Target = {
  name: 'workflow bundle',
  sources: ['workflows', 'contracts', 'temporal', 'system/build/build.ts', 'package-lock.json'],
  entry: 'workflows/index.ts',
  result: workflowBundleFile,
  build: buildWorkflows,
};
const houseTargets: readonly Target[] = [consoleTarget, workflowTarget];

const preparedFile = join(distFolder, 'prepared.json');
const Prepared = z.record(z.string(), z.string());

export interface BuildOptions {
  readonly say?: (line: string) => void;
  /** What there is to build, and where it is noted as built: the house's own unless a test says otherwise. */
  readonly targets?: readonly Target[];
  readonly noteIn?: string;
}

/**
 * Builds what is not built from today's sources; what has not changed is left alone. A target that fails does not keep
 * the others from being built; then the first failure is thrown. Returns the names of what was built.
 */
export async function buildStale({
  say = () => {},
  targets = houseTargets,
  noteIn = preparedFile,
}: BuildOptions = {}): Promise<string[]> {
  const prepared = Prepared.safeParse(readJson(noteIn)).data ?? {};
  const built: string[] = [];
  const failures: Error[] = [];
  for (const { name, sources, entry, result, build } of targets) {
    if (!existsSync(join(projectFolder, entry))) continue;
    const hash = hashSources(sources);
    if (prepared[name] === hash && existsSync(result)) continue;
    const begun = Date.now();
    try {
      await build();
    } catch (error) {
      // A production install has no build tools; it has the builds.
      if (isMissingTool(error) && existsSync(result))
        say(`The ${name} stays as it was built: its build tools are not installed.`);
      else failures.push(new Error(`The ${name} could not be built: ${firstLines(error)}`, { cause: error }));
      continue;
    }
    prepared[name] = hash;
    writeWhole(noteIn, `${JSON.stringify(prepared, null, 2)}\n`);
    built.push(name);
    say(`Built the ${name} in ${((Date.now() - begun) / 1000).toFixed(1)} s.`);
  }
  if (failures[0]) throw failures[0];
  return built;
}

/** What went wrong first, without colours: a bundler prints the rest of the world. */
const firstLines = (error: unknown): string =>
  stripVTControlCharacters(reasonOf(error)).trim().split('\n').filter(Boolean).slice(0, 3).join(' ');

function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const making = `${path}.${process.pid}.new`;
  writeFileSync(making, text);
  renameSync(making, path);
}

const isMissingTool = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';

async function buildConsole(): Promise<void> {
  const { build } = await import('vite');
  await build({ configFile: join(projectFolder, 'vite.config.ts'), logLevel: 'error' });
}

async function buildWorkflows(): Promise<void> {
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const quiet = {
    log: () => {},
    trace: () => {},
    debug: () => {},
    info: () => {},
    warn: console.warn,
    error: console.error,
  };
  const converter = join(projectFolder, 'temporal/failure-converter.ts');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(projectFolder, 'workflows/index.ts'),
    // Evaluated once a worker instead of once a run, which costs a run some milliseconds. It keeps no state of its own.
    preloadModules: [join(projectFolder, 'contracts/playbooks/engine/run.ts')],
    // Workers are given the same path: the sandbox must encode failures the way the process does.
    ...(existsSync(converter) && { failureConverterPath: converter }),
    logger: quiet,
  });
  writeWhole(workflowBundleFile, code);
}
