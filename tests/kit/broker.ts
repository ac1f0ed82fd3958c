// One process for a whole test run: it starts the real servers when the first test asks for them, hands out databases
// and namespaces, and takes everything with it when the run ends, however it ends: its stdin closes then.
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '#system/embedded/files.ts';
import { startPostgres, type EmbeddedPostgres } from '#system/embedded/postgres.ts';
import { asSuperuser, ensureDatabase, openDatabase } from '#system/embedded/postgres-roles.ts';
import { commandLineOf, endProcess, isAlive, markOf, type ProcessMark } from '#system/embedded/processes.ts';
import { findTemporalBinary } from '#system/embedded/temporal-binary.ts';
import { startTemporal, type EmbeddedTemporal } from '#system/embedded/temporal.ts';
import { FOLDER_PREFIX, type DatabaseUrls, type TemporalPlace } from './kit.ts';

const folder = z.string().parse(process.argv[2]);
const project = new URL('../../', import.meta.url);
/** A namespace for each file that asks; beyond that they are shared in turn. */
const namespaces = Array.from({ length: 32 }, (_, at) => `test-${at}`);
const Noted = z.object({
  broker: z.object({ pid: z.number(), startedAt: z.string() }),
  servers: z.array(z.object({ pid: z.number(), startedAt: z.string() })),
});

const servers: ProcessMark[] = [];
const note = (): void => {
  const broker = markOf(process.pid);
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ broker, servers }));
};

/** Runs at the first call, and gives the same answer ever after. */
const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
};

const postgres = once(async (): Promise<EmbeddedPostgres> => {
  const server = await startPostgres({ home: folder, at: join(folder, 'pg'), isDurable: false });
  servers.push(server.mark);
  note();
  return server;
});

const temporal = once(async (): Promise<EmbeddedTemporal> => {
  const server = await startTemporal({ home: folder, isDurable: false, namespaces });
  servers.push(server.mark);
  note();
  return server;
});

const urlTo = (url: string, database: string): string => Object.assign(new URL(url), { pathname: `/${database}` }).href;

/** A migrated database that every test's own is copied from: a copy takes a tenth of the migrations. */
const template = once(async (): Promise<string> => {
  const { urls } = await postgres();
  const name = 'windlass_template';
  await asSuperuser(urls.superuser, (client) => ensureDatabase(client, name));
  const migrations = new URL('db/kit/migrate.ts', project);
  if (existsSync(migrations)) {
    const { migrate } = (await import(migrations.href)) as typeof import('#db/kit/migrate.ts');
    await migrate(urlTo(urls.owner, name));
  }
  return name;
});

let made = 0;
let turn: Promise<unknown> = Promise.resolve();

/** Makes a database, one at a time: a template may have no other reader while it is copied. */
function makeDatabase(isEmpty: boolean): Promise<DatabaseUrls> {
  const making = turn.then(async () => {
    const { urls } = await postgres();
    const source = isEmpty ? undefined : await template();
    const name = `test_${++made}`;
    await asSuperuser(urls.superuser, async (client) => {
      if (source === undefined) return ensureDatabase(client, name);
      await client.query(`create database ${name} owner windlass_owner template ${source}`);
      await openDatabase(client, name);
    });
    return {
      name,
      ownerUrl: urlTo(urls.owner, name),
      appUrl: urlTo(urls.app, name),
      systemUrl: urlTo(urls.system, name),
      superuserUrl: urlTo(urls.superuser, name),
    };
  });
  turn = making.catch(() => {});
  return making;
}

const dropDatabase = async (name: string): Promise<void> => {
  const { urls } = await postgres();
  await asSuperuser(urls.superuser, (client) =>
    client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`),
  );
};

let handedOut = 0;
const giveTemporal = async (): Promise<TemporalPlace> => {
  const { address } = await temporal();
  const at = handedOut++;
  return { address, namespace: namespaces[at % namespaces.length] ?? 'default', taskQueuePrefix: `t${at}-` };
};

const Ask = z.discriminatedUnion('want', [
  z.object({ want: z.literal('database'), isEmpty: z.boolean() }),
  z.object({ want: z.literal('drop'), name: z.string().regex(/^test_\d+$/) }),
  z.object({ want: z.literal('temporal') }),
  z.object({ want: z.literal('testServer') }),
  z.object({ want: z.literal('bundle') }),
]);
/** The workflows of today's sources, bundled once for all files that run them. */
const bundle = once(async (): Promise<{ path: string }> => {
  const { buildStale, workflowTarget } = await import('#system/build/build.ts');
  await buildStale({ targets: [workflowTarget] });
  return { path: workflowTarget.result };
});
const testServer = once(() => findTemporalBinary('testServer', { home: new URL('.windlass', project).pathname }));

async function answer(text: string): Promise<unknown> {
  const ask = Ask.parse(JSON.parse(text));
  if (ask.want === 'database') return makeDatabase(ask.isEmpty);
  if (ask.want === 'drop') return dropDatabase(ask.name);
  if (ask.want === 'bundle') return bundle();
  return ask.want === 'temporal' ? giveTemporal() : { path: await testServer() };
}

/** Ends the servers of runs that were killed together with their broker, and removes what they left. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(FOLDER_PREFIX))) {
    const left = join(tmpdir(), name);
    const noted = Noted.safeParse(readJson(join(left, 'run.json'))).data;
    if (left === folder || !noted || isAlive(noted.broker)) continue;
    for (const mark of noted.servers) {
      const isOurs = /postgres|start-dev/.test(commandLineOf(mark.pid));
      if (isOurs) await endProcess(mark, [['SIGKILL', 2_000]]);
    }
    rmSync(left, { recursive: true, force: true });
  }
}

let isEnding = false;
async function end(): Promise<never> {
  if (!isEnding) {
    isEnding = true;
    // Nothing here is worth a clean shutdown: PostgreSQL ends its backends at SIGQUIT, Temporal holds all in memory.
    await Promise.all(servers.map((mark) => endProcess(mark, [['SIGQUIT', 3_000]])));
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit(0);
}

mkdirSync(folder, { recursive: true });
chmodSync(folder, 0o711); // under root the database server runs as another user, who must get through
note();
const server = createServer((request, reply) => {
  let text = '';
  request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  request.on('end', () => {
    answer(text).then(
      (found) => reply.end(JSON.stringify(found ?? {})),
      (error: unknown) =>
        reply.writeHead(500).end(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    );
  });
});
server.listen(join(folder, 'broker.sock'));
process.stdin.on('end', () => void end()).resume();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end());
await sweep();
