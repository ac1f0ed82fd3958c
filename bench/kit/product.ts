import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { permissions } from '#contracts/identity/permissions.ts';
import { readJson, writePrivate } from '#system/embedded/files.ts';
import { type PostgresUrls, knownUrls } from '#system/embedded/postgres-secrets.ts';
import { placePostgres } from '#system/embedded/postgres-place.ts';
import { Api } from './api.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const TemporalNote = z.object({ ports: z.object({ grpc: z.number() }) });

/** The supervised installation as `npm start` makes it, in a home and on ports of its own. */
export interface Installation {
  readonly home: string;
  readonly port: number;
  readonly url: string;
  readonly pid: number;
  /** From the start of the process to `Ready`. */
  readonly readyMs: number;
  readonly setupToken: string | undefined;
  /** Ctrl-C. */
  stop(): Promise<void>;
}

export const newHome = (): string => {
  const home = mkdtempSync(join(tmpdir(), 'windlass-bench-'));
  chmodSync(home, 0o711);
  return home;
};

/** Deletes a home and, under root, the database that lies outside it. */
export function removeHome(home: string): void {
  const { root, isOutsideHome } = placePostgres(home, {});
  if (isOutsideHome) rmSync(root, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
}

/** Starts the installation of this home and waits until it says that it is ready. */
export async function startInstallation(home: string, port: number): Promise<Installation> {
  const begun = performance.now();
  // Into a file: a pipe would end with us, and the installation may be kept.
  mkdirSync(home, { recursive: true, mode: 0o711 });
  const file = join(home, `bench-${Date.now()}.log`);
  const log = openSync(file, 'a', 0o600);
  const child = spawn(process.execPath, [join(project, 'system/supervisor/main.ts')], {
    cwd: project,
    detached: true, // Ctrl-C ends the bench, and the bench the product
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      WINDLASS_HOME: home,
      PORT: String(port),
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  const said = await untilReady(child, file);
  return {
    home,
    port,
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    readyMs: performance.now() - begun,
    setupToken: /#token=(\S+)/.exec(said)?.[1],
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.ref();
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGINT');
      await ended;
    },
  };
}

async function untilReady(child: ChildProcess, file: string): Promise<string> {
  for (;;) {
    const said = readFileSync(file, 'utf8');
    if (said.includes('Ctrl-C stops it.')) return said;
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`The product ended with ${String(child.exitCode)} at its start: ${said}`);
    await sleep(10);
  }
}

/** A running installation with its first owner, a workspace and an API key with every permission. */
export interface Product extends Installation {
  readonly api: Api;
  /** Signed in as the first owner, for what keys may not do. */
  readonly owner: Api;
  readonly workspaceId: string;
  readonly urls: PostgresUrls;
  readonly temporalAddress: string;
}

const SignedIn = z.object({ accessToken: z.string(), workspaces: z.array(z.object({ id: z.string() })) });
const Made = z.object({ key: z.string() });

/** The first owner. */
export const person = { email: 'bench@example.com', password: 'a long bench passphrase 1', name: 'Bench' };

/** Makes the first owner of a fresh installation, and a key. */
export async function openProduct(installation: Installation): Promise<Product> {
  const { home, url, setupToken } = installation;
  const stranger = new Api(url);
  const signedIn = SignedIn.parse(
    await stranger.post('/setup', { ...person, workspace: 'Bench', token: setupToken, client: 'api' }),
  );
  const owner = new Api(url, signedIn.accessToken);
  // Load from one key: the limit that guards a shared installation would only measure itself.
  await owner.patch('/settings', { requestsPerMinute: 600_000, serverCheckMinutes: 0 });
  const { key } = Made.parse(await owner.post('/api-keys', { name: 'bench', permissions: [...permissions] }));
  const urls = knownUrls(home);
  if (!urls) throw new Error(`${home} holds no database.`);
  const temporal = TemporalNote.parse(readJson(join(home, 'run', 'temporal.json')));
  return {
    ...installation,
    api: new Api(url, key),
    owner,
    workspaceId: signedIn.workspaces[0]?.id ?? '',
    urls,
    temporalAddress: `127.0.0.1:${temporal.ports.grpc}`,
  };
}

const Kept = z.object({
  port: z.number(),
  pid: z.number(),
  key: z.string(),
  workspaceId: z.string(),
});

/** Notes a running product in its home, for the next run of the bench. */
export function keep({ home, port, pid, api, workspaceId }: Product): void {
  const kept: z.infer<typeof Kept> = { port, pid, key: api.token ?? '', workspaceId };
  writePrivate(join(home, 'bench.json'), JSON.stringify(kept));
}

/** The product that an earlier run of the bench left running in this home, signed in to anew: sessions do not last so long. */
export async function readKept(home: string): Promise<Product | undefined> {
  const kept = Kept.safeParse(readJson(join(home, 'bench.json'))).data;
  const urls = knownUrls(home);
  if (!kept || !urls) return undefined;
  const { port, pid, key, workspaceId } = kept;
  const url = `http://127.0.0.1:${port}`;
  const { email, password } = person;
  const { accessToken } = SignedIn.parse(await new Api(url).post('/auth/login', { email, password, client: 'api' }));
  const temporal = TemporalNote.parse(readJson(join(home, 'run', 'temporal.json')));
  return {
    home,
    port,
    url,
    pid,
    readyMs: 0,
    setupToken: undefined,
    stop: () => Promise.resolve(),
    api: new Api(url, key),
    owner: new Api(url, accessToken),
    workspaceId,
    urls,
    temporalAddress: `127.0.0.1:${temporal.ports.grpc}`,
  };
}
