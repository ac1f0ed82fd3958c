import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from '@temporalio/worker';
import { checkServers } from '#activities/servers/check-servers.ts';
import { sshHosts } from '#activities/servers/ssh-hosts.ts';
import { jwksRoot } from '#api/identity/identity.ts';
import { consoleFallback, consoleRoot } from '#api/roots/console.ts';
import { healthRoots } from '#api/roots/health.ts';
import { statusPageRoots } from '#api/roots/status-page.ts';
import { consoleFolder } from '#system/build/sources.ts';
import { rooms } from '#api/rooms.ts';
import { buildServer } from '#api/server.ts';
import { startApp } from '#api/start-app.ts';
import type { Engines } from '#contracts/connections/engines.ts';
import { type Permission, permissions, type Role } from '#contracts/identity/permissions.ts';
import type { RunDetail } from '#contracts/runs/runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { loadConfig } from '#system/config.ts';
import { runSweeps } from '#system/run-sweeps.ts';
import { newMasterKey } from '#system/vault/master-key.ts';
import { openProcess } from '#temporal/process.ts';
import { createHostsWorker, createMainWorker, createQueryWorker } from '#temporal/worker.ts';
import { checkAnswer } from './check-answer.ts';
import { testDatabase } from './test-database.ts';
import { houseBundle, testTemporal } from './test-temporal.ts';

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed, where it is JSON; undefined for an empty body. */
  // Tests read fields by name and compare them; the contract has been checked already.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}
export interface CallOptions {
  readonly headers?: Record<string, string>;
  /** A key or access token; null: nobody. By default the app's own key. */
  readonly token?: string | null;
  readonly workspace?: string;
}
export interface TestAppOptions {
  readonly environment?: Record<string, string>;
  /** Workers: `main` alone where no host is touched. */
  readonly withHosts?: boolean;
  /** The worker that speaks with query services. */
  readonly withQueries?: boolean;
  /** Puts others in place of the engines that the connections' own rows make. */
  readonly engines?: (own: Engines) => Engines;
  readonly withSweeps?: boolean;
  /** Serves the built console as well. */
  readonly withConsole?: boolean;
}
export const testOwner = {
  email: 'mara@example.org',
  password: 'correct horse battery',
  name: 'Mara',
  workspace: 'Alder & Finch',
};
const memberPassword = 'a long enough word';

/** A port of the operating system's choice, kept from others until we listen on it ourselves. */
const holdPort = (): Promise<{ port: number; release: () => Promise<unknown> }> =>
  new Promise((resolve, reject) => {
    const holder = createServer();
    holder.once('error', reject);
    holder.listen(0, '127.0.0.1', () => {
      const address = holder.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      resolve({ port, release: () => new Promise((done) => holder.close(done)) });
    });
  });

/**
 * The whole product in this process: API on a port of its own, the workers of `main` and `ssh`, sweeps, on a database
 * and a Temporal namespace of the file's own. An owner and an API key with every permission stand ready. Each answer is
 * held against its route's contract.
 */
export async function startTestApp(options: TestAppOptions = {}) {
  const { origin, close, ...rest } = await startBareApp(options);
  try {
    return { ...(await furnish(origin)), ...rest, close };
  } catch (error) {
    await close();
    throw error;
  }
}
export type TestApp = Awaited<ReturnType<typeof startTestApp>>;

/** What does not close is named: a hook that runs out of time says only that it did. */
async function inReasonableTime(closer: () => Promise<unknown>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = setTimeout(() => reject(new Error(`This does not come to its end: ${String(closer)}`)), 100_000);
  try {
    await Promise.race([closer(), promise]);
  } finally {
    clearTimeout(late);
  }
}

/** The same before its first owner: for the walk of somebody who has just started it. */
export async function startBareApp({
  environment = {},
  withHosts = true,
  withQueries = false,
  engines,
  withSweeps = true,
  withConsole = false,
}: TestAppOptions = {}) {
  const [database, temporal, workflowBundle, { port, release }] = await Promise.all([
    testDatabase(),
    testTemporal(),
    houseBundle(),
    holdPort(),
  ]);
  const home = mkdtempSync(join(tmpdir(), 'windlass-app-'));
  const config = loadConfig({
    DATABASE_APP_URL: database.appUrl,
    DATABASE_SYSTEM_URL: database.systemUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    WINDLASS_MASTER_KEY: newMasterKey(),
    WINDLASS_HOME: home,
    PORT: String(port),
    LOG_LEVEL: 'silent',
    ...environment,
  });
  const closers: (() => Promise<unknown>)[] = [
    async () => rmSync(home, { recursive: true, force: true }),
    () => database.close(),
  ];
  const opened = await openProcess(config, 'test');
  closers.push(() => opened.close());
  const parts = engines
    ? { ...opened, engines: Object.assign(Object.create(opened.engines), engines(opened.engines)) }
    : opened;
  const app = await startApp(parts, { eagerQueues: new Set(['main']), withSweeps });
  closers.push(() => app.close());
  const run = (worker: Worker): void => {
    const running = worker.run();
    closers.push(async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running.catch(() => {});
    });
  };
  run(await createMainWorker({ parts, startRuns: app.startRuns, workflowBundle }));
  if (withQueries) run(await createQueryWorker({ parts, startRuns: app.startRuns, workflowBundle }));
  if (withHosts) {
    const hosts = sshHosts({ inTenant: parts.inTenant, vault: parts.vault, isOwnPort: parts.isOwnPort });
    closers.push(() => hosts.close(1_000));
    run(await createHostsWorker({ parts, startRuns: () => {}, workflowBundle }, hosts));
    const { inTenant, system, log } = parts;
    const checks = runSweeps([checkServers({ inTenant, system, hosts, log })], log);
    closers.push(() => checks.stop());
  }
  const server = await buildServer({
    tools: app.tools,
    rooms,
    authenticate: app.tools.auth.authenticate.bind(app.tools.auth),
    limitRate: (request, reply) => app.tools.auth.limitRate(request, reply),
    metrics: parts.metrics,
    ...(withConsole && { fallback: consoleFallback(consoleFolder) }),
    roots: [
      jwksRoot(app.tools.auth),
      healthRoots(app.tools, parts.metrics, () => parts.workflows.isUp()),
      statusPageRoots(app.tools, parts.publicUrl),
      ...(withConsole ? [consoleRoot(consoleFolder)] : []),
    ],
  });
  await release();
  await server.listen({ host: config.host, port: config.port });
  closers.push(() => server.close());
  const close = async (): Promise<void> => {
    for (const each of closers.toReversed()) await inReasonableTime(each);
  };
  return { origin: `http://127.0.0.1:${port}`, config, database, temporal, parts, app, home, close };
}

/** Calls against a running product whose first owner is made here. */
export async function furnish(origin: string) {
  let ownKey: string | null = null;
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    { headers = {}, token = ownKey, workspace }: CallOptions = {},
  ): Promise<TestAnswer> => {
    const isText = typeof body === 'string';
    const answer = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        ...(body !== undefined && !isText && { 'content-type': 'application/json' }),
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(workspace !== undefined && { 'x-workspace': workspace }),
        ...headers,
      },
      ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
    const given: TestAnswer = {
      status: answer.status,
      headers: answer.headers,
      text,
      body: text === '' ? undefined : isJson ? JSON.parse(text) : text,
    };
    checkAnswer(method, path, given);
    return given;
  };
  /** The body of an answer that must be good. */
  const ok = async (
    method: string,
    path: string,
    body?: unknown,
    options?: CallOptions,
  ): Promise<TestAnswer['body']> => {
    const answer = await call(method, path, body, options);
    if (answer.status >= 300) throw new Error(`${method} ${path} → ${answer.status}: ${answer.text}`);
    return answer.body;
  };

  const signedIn = await ok('POST', '/setup', { ...testOwner, client: 'api' });
  const owner: { token: string; id: string } = { token: signedIn.accessToken, id: signedIn.user.id };
  const workspaceId: string = signedIn.workspaces[0].id;
  const makeKey = async (
    granted: readonly Permission[],
    by: CallOptions = { token: owner.token },
  ): Promise<{ id: string; key: string }> =>
    ok('POST', '/api-keys', { name: `key of ${granted.length}`, permissions: granted }, by);
  ownKey = (await makeKey(permissions)).key;

  return {
    origin,
    call,
    ok,
    owner,
    workspaceId,
    /** The API key with every permission that calls use by default. */
    key: ownKey,
    makeKey,
    /** Invites a person and accepts for them. */
    addMember: async (
      name: string,
      role: Role,
      by: CallOptions = { token: owner.token },
      /** The business units that they may see; all of them if none is named. */
      units: readonly string[] | null = null,
    ): Promise<{ token: string; id: string; email: string }> => {
      const email = `${name.toLowerCase()}@example.org`;
      const { link } = await ok('POST', '/invitations', { email, role, units }, by);
      const secret = String(link).split('/invite/')[1];
      const accepted = await ok(
        'POST',
        `/invitations/by-token/${secret}/accept`,
        { name, password: memberPassword, client: 'api' },
        { token: null },
      );
      return { token: accepted.accessToken, id: accepted.user.id, email };
    },
    /** Waits, without a bound of its own but the test's, until a run is as wanted. */
    untilRun: async (
      runId: string,
      isWanted: (run: RunDetail) => boolean = ({ status }) => isEnded(status),
    ): Promise<RunDetail> => {
      for (;;) {
        const run: RunDetail = await ok('GET', `/runs/${runId}`);
        if (isWanted(run)) return run;
        if (isEnded(run.status))
          throw new Error(`Run ${runId} ended otherwise: ${JSON.stringify(run, null, 1).slice(0, 6_000)}`);
        await sleep(50);
      }
    },
  };
}
export type Furnished = Awaited<ReturnType<typeof furnish>>;

/** Polls until something is there. */
export async function until<T>(
  look: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  everyMs = 50,
): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await sleep(everyMs);
  }
}
