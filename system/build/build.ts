import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../embedded/files.ts';
import { consoleFolder, distFolder, hashSources, projectFolder, workflowBundleFile } from './sources.ts';

/** One thing that is built ahead of the start. */
interface Target {
  readonly name: string;
  /** What it is made of; it is built again when any of it changes. */
  readonly sources: readonly string[];
  /** Without this file there is nothing to build. */
  readonly entry: string;
  /** What stands once it is built. */
  readonly result: string;
  readonly build: () => Promise<void>;
}

const targets: readonly Target[] = [
  {
    name: 'console',
    sources: ['web', 'contracts', 'vite.config.ts', 'package-lock.json'],
    entry: 'web/main.tsx',
    result: join(consoleFolder, 'index.html'),
    build: buildConsole,
  },
  {
    name: 'workflow bundle',
    sources: ['workflows', 'contracts', 'temporal', 'package-lock.json'],
    entry: 'workflows/index.ts',
    result: workflowBundleFile,
    build: buildWorkflows,
  },
];

const preparedFile = join(distFolder, 'prepared.json');
const Prepared = z.record(z.string(), z.string());

/** Builds what is not built from today's sources; what has not changed is left alone. Returns the names of what was built. */
export async function buildStale({ say = () => {} }: { say?: (line: string) => void } = {}): Promise<string[]> {
  const prepared = Prepared.safeParse(readJson(preparedFile)).data ?? {};
  const built: string[] = [];
  for (const { name, sources, entry, result, build } of targets) {
    if (!existsSync(join(projectFolder, entry))) continue;
    const hash = hashSources(sources);
    if (prepared[name] === hash && existsSync(result)) continue;
    const begun = Date.now();
    try {
      await build();
    } catch (error) {
      // A production install has no build tools; it has the builds.
      if (!isMissingTool(error) || !existsSync(result)) throw error;
      say(`The ${name} is not of today's sources, and its build tools are not installed: it stays as it is.`);
      continue;
    }
    prepared[name] = hash;
    note(prepared);
    built.push(name);
    say(`Built the ${name} in ${((Date.now() - begun) / 1000).toFixed(1)} s.`);
  }
  return built;
}

function note(prepared: Readonly<Record<string, string>>): void {
  mkdirSync(distFolder, { recursive: true });
  const making = `${preparedFile}.${process.pid}.new`;
  writeFileSync(making, `${JSON.stringify(prepared, null, 2)}\n`);
  renameSync(making, preparedFile);
}

const isMissingTool = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';

async function buildConsole(): Promise<void> {
  const { build } = await import('vite');
  await build({ configFile: join(projectFolder, 'vite.config.ts'), logLevel: 'warn' });
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
    // Workers are given the same path: the sandbox must encode failures the way the process does.
    ...(existsSync(converter) && { failureConverterPath: converter }),
    logger: quiet,
  });
  mkdirSync(distFolder, { recursive: true });
  const making = `${workflowBundleFile}.${process.pid}.new`;
  writeFileSync(making, code);
  renameSync(making, workflowBundleFile);
}
