import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, statSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config.ts';
import { serverBuildId } from '../build/sources.ts';
import { writePrivate } from '../embedded/files.ts';
import { startPostgres, type EmbeddedPostgres } from '../embedded/postgres.ts';
import { endProcess, whyNotFree } from '../embedded/processes.ts';
import { startTemporal, type EmbeddedTemporal } from '../embedded/temporal.ts';
import { StartFailure, reasonOf } from '../start-failure.ts';
import { readMasterKeys } from '../vault/master-key.ts';
import { Places, allowed, specOf, type ChildPlan } from './child-environment.ts';
import { checkDatabaseUrl, checkTemporalAddress } from './check-outside.ts';
import { askChild } from './control-socket.ts';
import { lockHome } from './home-lock.ts';
import { keepRunning, type Keeper, type Running } from './keep-running.ts';
import { noteRestart } from './restarts.ts';
import { childLog, notedChild, startChild, type RunningChild } from './start-child.ts';

export interface SupervisorOptions {
  readonly config: Config;
  readonly environment: NodeJS.ProcessEnv;
  readonly children: readonly ChildPlan[];
  /** Brings the database to today's shape; takes the owner's URL. */
  readonly migrate: (ownerUrl: string) => Promise<unknown>;
  /** A module that builds what is stale, run beside the start of the servers. */
  readonly prepare?: string;
  /** What a child must have been started with to be adopted; a hash of the sources unless a test says otherwise. */
  readonly buildId?: string;
  readonly say: (line: string) => void;
}

export interface Supervisor {
  /** Where the console answers. */
  readonly url: string;
  /** Rows that the children want printed, by label. */
  readonly links: Readonly<Record<string, string>>;
  /** Folder of the children's logs. */
  readonly logs: string;
  /** Children, then servers, then the lock. */
  stop(): Promise<void>;
  /** The same by force and at once. */
  kill(): Promise<void>;
}

const LOG_LIMIT_BYTES = 64 * 1024 * 1024;

/** Starts the whole installation and keeps it running; throws `StartFailure`, after ending again what it had started. */
export async function supervise(options: SupervisorOptions): Promise<Supervisor> {
  const { config, say } = options;
  const lock = lockHome(config.home);
  const started = new Started();
  // It also keeps this process alive.
  const caretaker = setInterval(() => trimLogs(started.logs), 30_000);
  const end = async (isForced: boolean): Promise<void> => {
    clearInterval(caretaker);
    await started.stop(isForced);
    lock.release();
  };
  try {
    return { ...(await start(options, started)), stop: () => end(false), kill: () => end(true) };
  } catch (error) {
    await end(false).catch((failure: unknown) => say(reasonOf(failure)));
    throw error;
  }
}

/** What runs, in the order in which it ends. */
class Started {
  readonly children: Keeper<RunningChild>[] = [];
  readonly servers: Keeper<Running>[] = [];
  readonly logs: string[] = [];

  async stop(isForced: boolean): Promise<void> {
    if (isForced)
      await Promise.all(
        [...this.children, ...this.servers].map(({ current }) => endProcess(current.mark, [['SIGQUIT', 300]])),
      );
    for (const group of [this.children, this.servers]) await Promise.all(group.map((keeper) => keeper.stop()));
  }
}

async function start(
  options: SupervisorOptions,
  started: Started,
): Promise<Pick<Supervisor, 'url' | 'links' | 'logs'>> {
  const { config, environment, say } = options;
  await checkPort(config);
  readMasterKeys(config, { say, environment });

  const places = new Places();
  const keepServer = async <T extends Running>(
    name: string,
    startServer: () => Promise<T>,
    use: (server: T) => void,
  ): Promise<void> => {
    const keeper = await keepRunning(name, startServer, {
      say,
      onRestart: (server, restart) => {
        const before = places.key();
        use(server);
        note(config.home, name, restart);
        // It moved to another port: the children must learn of it.
        if (places.key() !== before)
          for (const child of started.children) void endProcess(child.current.mark, [['SIGTERM', 20_000]]);
      },
    });
    started.servers.push(keeper);
    use(keeper.current);
  };

  const { home, databaseUrl, databaseAppUrl, databaseSystemUrl } = config;
  const database = async (): Promise<void> => {
    if (databaseUrl && databaseAppUrl && databaseSystemUrl) {
      await checkDatabaseUrl('DATABASE_URL', databaseUrl);
      await checkDatabaseUrl('DATABASE_APP_URL', databaseAppUrl);
      await checkDatabaseUrl('DATABASE_SYSTEM_URL', databaseSystemUrl);
      await migrateDatabase(options, databaseUrl.reveal());
      return;
    }
    await keepServer(
      'postgres',
      () => startPostgres({ home, port: config.pgPort, say }),
      (server: EmbeddedPostgres) => {
        places.postgres = server;
        started.logs.push(join(dirname(server.dataDir), 'postgres.log'));
        writePrivate(
          join(home, 'run', 'postgres.json'),
          JSON.stringify({ mark: server.mark, port: server.port, dataDir: server.dataDir }),
        );
      },
    );
    await migrateDatabase(options, places.postgres?.urls.owner ?? '');
  };
  const temporal = (): Promise<void> =>
    config.temporalAddress
      ? checkTemporalAddress(config.temporalAddress)
      : keepServer(
          'temporal',
          () => startTemporal({ home, port: config.temporalPort, uiPort: config.temporalUiPort, say }),
          (server: EmbeddedTemporal) => {
            places.temporal = server;
            started.logs.push(join(home, 'temporal', 'temporal.log'));
          },
        );

  await allOrFirstFailure([
    database(),
    temporal(),
    options.prepare ? runPrepare(options.prepare, environment) : Promise.resolve(),
  ]);

  const buildId = options.buildId ?? serverBuildId();
  const plans = options.children.map((plan) => ({
    ...plan,
    roles: plan.roles.filter((role) => config.roles.some((asked) => asked === role)),
  }));
  const keepers = plans
    .filter(({ roles }) => roles.length > 0)
    .map(async (plan) => {
      const keeper = await keepRunning(
        plan.name,
        () => startChild(home, specOf(plan, { config, environment, places, buildId })),
        {
          say,
          onRestart: (_, restart) => note(home, plan.name, restart),
        },
      );
      started.children.push(keeper);
      started.logs.push(childLog(home, plan.name));
      return keeper.current.links;
    });
  const links = await allOrFirstFailure(keepers);
  return {
    url: config.publicUrl ?? `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${config.port}`,
    links: Object.assign({}, ...links) as Record<string, string>,
    logs: join(home, 'logs'),
  };
}

/** Waits for all, so that nothing still starts when what was started is ended; then fails with the first failure. */
async function allOrFirstFailure<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(work);
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
  return settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

async function checkPort({ home, host, port, roles }: Config): Promise<void> {
  const why = roles.includes('api') ? await whyNotFree(port, host) : undefined;
  if (why === undefined) return;
  if (why === 'EADDRNOTAVAIL' || why === 'ENOTFOUND')
    throw new StartFailure(
      `HOST ${host} is no address of this machine: use 127.0.0.1 for this machine alone, 0.0.0.0 for all its addresses.`,
    );
  if (why === 'EACCES')
    throw new StartFailure(
      `This user may not listen on port ${port}: start with one above 1023, as in PORT=3000 npm start.`,
    );
  if (notedChild(home, 'app') ?? (await askChild(home, 'app'))) return; // our own, which is adopted or ended
  throw new StartFailure(
    `Port ${port} on ${host} is taken: end what listens there, or start with another one, as in PORT=${port + 1} npm start.`,
  );
}

async function migrateDatabase({ migrate }: SupervisorOptions, ownerUrl: string): Promise<void> {
  try {
    await migrate(ownerUrl);
  } catch (error) {
    throw error instanceof StartFailure
      ? error
      : new StartFailure(`The database could not be brought to today's shape: ${reasonOf(error)}`, { cause: error });
  }
}

/** In a process of its own: build tools would stay in this one's memory. */
async function runPrepare(entry: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, [entry], {
    env: allowed(environment),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const code = await new Promise<number | null>((done, fail) => child.once('error', fail).once('exit', done));
  if (code !== 0)
    throw new StartFailure(
      'The console or the workflows could not be built: see above. `npm ci` installs what that needs.',
    );
}

function note(home: string, what: string, restart: { reason: string; attempt: number }): void {
  noteRestart(home, { at: new Date().toISOString(), what, ...restart });
}

/** Whoever writes a log holds it open for appending, so one that has grown too large is copied and emptied. */
function trimLogs(logs: readonly string[]): void {
  for (const file of logs) {
    if (!existsSync(file) || statSync(file).size < LOG_LIMIT_BYTES) continue;
    copyFileSync(file, `${file}.1`);
    truncateSync(file);
  }
}
