import type { InjectOptions } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import type { Actor } from '#api/kit/actor.ts';
import type { Room } from '#api/kit/room.ts';
import type { ApiTools } from '#api/kit/tools.ts';
import { buildServer } from '#api/server.ts';
import { type Permission, type Role, rolePermissions } from '#contracts/identity/permissions.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import type { Playbook } from '#contracts/playbooks/document.ts';
import { type Db, type TenantTx, openDatabase } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { createPlaybook } from '#db/playbooks/playbooks.ts';
import { type RunRef, newRunId } from '#db/runs/insert-run.ts';
import { startPlaybookRun } from '#db/playbooks/start-playbook-run.ts';
import { loadConfig } from '#system/config.ts';
import { createLog } from '#system/log.ts';
import { createMetrics } from '#system/metrics.ts';
import { memoryKeyStore } from '#system/vault/key-store.ts';
import { newMasterKey, parseMasterKeys } from '#system/vault/master-key.ts';
import { createVault } from '#system/vault/vault.ts';
import { ownerPool, testDatabase } from './test-database.ts';

export interface TestPerson {
  id: string;
  email: string;
  name: string;
  role: Role;
}
export interface SentSignal {
  runId: string;
  signal: string;
  args: readonly Json[];
}

/**
 * One workspace with an owner, an admin, two members and a viewer on a database of its own, and ways into it as the
 * roles the product really uses: transactions, playbooks, runs, and an API whose callers are named instead of signed in.
 */
export async function triggerWorld(
  rooms: Record<string, Room> = {},
  parts: Partial<ApiTools> & { environment?: Record<string, string> } = {},
) {
  const { environment = {}, ...others } = parts;
  const database = await testDatabase();
  const db: Db = openDatabase(database.appUrl, { max: 6 });
  const system: Db = openDatabase(database.systemUrl, { max: 4 });
  const vault = await createVault({ masterKeys: parseMasterKeys(newMasterKey(), 'test'), keys: memoryKeyStore() });
  const log = createLog({ level: 'silent' });
  const workspaceId = uuidv7();
  const owner = ownerPool(database);
  await owner.query('insert into workspaces (id, slug, name) values ($1, $2, $3)', [
    workspaceId,
    `w-${workspaceId.slice(-8)}`,
    'Alder & Finch',
  ]);
  await owner.query('insert into settings (workspace_id) values ($1)', [workspaceId]);
  const addPerson = async (name: string, role: Role): Promise<TestPerson> => {
    const person = { id: uuidv7(), email: `${name.toLowerCase()}@example.com`, name, role };
    await owner.query('insert into users (id, email, name, password_hash) values ($1, $2, $3, $4)', [
      person.id,
      person.email,
      name,
      'x',
    ]);
    await owner.query('insert into members (workspace_id, user_id, role) values ($1, $2, $3)', [
      workspaceId,
      person.id,
      role,
    ]);
    return person;
  };
  const people = {
    olga: await addPerson('Olga', 'owner'),
    adam: await addPerson('Adam', 'admin'),
    mia: await addPerson('Mia', 'member'),
    max: await addPerson('Max', 'member'),
    vic: await addPerson('Vic', 'viewer'),
  };

  const signals: SentSignal[] = [];
  const started: RunRef[] = [];
  const canceled: string[] = [];
  const world = { acceptSignals: true };
  const tx = <T>(work: (tx: TenantTx) => Promise<T>): Promise<T> => inTenant(db, workspaceId, work);
  const tools = {
    config: loadConfig(environment),
    log,
    db,
    system,
    vault,
    inTenant: (scope: { workspaceId: string }, work: (tx: TenantTx) => Promise<unknown>) => inTenant(db, scope, work),
    startRuns: (runs: readonly RunRef[]) => void started.push(...runs),
    signalRun: async (_workspaceId: string, runId: string, signal: string, args: readonly Json[]) => {
      if (world.acceptSignals) signals.push({ runId, signal, args });
      return world.acceptSignals;
    },
    cancelWorkflow: async (_workspaceId: string, runId: string) => {
      canceled.push(runId);
      return true;
    },
    connections: { publicUrl: 'https://wl.example' },
    mail: { isReady: false, send: () => Promise.reject(new Error('No mail in this test.')) },
    ...others,
  } as unknown as ApiTools;

  const actorOf = ({ id, name, role }: TestPerson): Actor => ({
    kind: 'user', id, name, workspaceId, mids: '*', role, permissions: rolePermissions[role], isInstanceAdmin: false, sessionId: null,
  }); // prettier-ignore
  const byId = new Map(Object.values(people).map((person) => [person.id, person]));
  const server = await buildServer({
    tools,
    rooms,
    metrics: createMetrics({ withDefaults: false }),
    authenticate: (request, def) => {
      const person = byId.get(String(request.headers['x-test-person'] ?? ''));
      if (!person || def?.access === 'public') return Promise.resolve({ actor: null, person: null });
      const actor = actorOf(person);
      const needed = def?.access;
      if (needed && needed !== 'member' && needed !== 'signed-in' && !actor.permissions.has(needed as Permission)) {
        return Promise.reject(Object.assign(new Error('Not permitted.'), { statusCode: 403 }));
      }
      return Promise.resolve({
        actor,
        person: { userId: person.id, name: person.name, email: person.email, isInstanceAdmin: false, sessionId: 's' },
      });
    },
  });
  await server.ready();
  const call = (
    method: InjectOptions['method'],
    path: string,
    by: TestPerson | null,
    body?: unknown,
    headers: Record<string, string> = {},
  ) =>
    server.inject({
      method,
      url: `/api/v1${path}`,
      headers: { ...(by && { 'x-test-person': by.id }), ...headers },
      ...(body !== undefined && { payload: body as object }),
    });

  return {
    database,
    db,
    system,
    vault,
    log,
    workspaceId,
    people,
    signals,
    started,
    canceled,
    world,
    tx,
    tools,
    server,
    call,
    actorOf,
    get: (path: string, by: TestPerson | null = people.olga) => call('GET', path, by),
    post: (path: string, body?: unknown, by: TestPerson | null = people.olga, headers?: Record<string, string>) =>
      call('POST', path, by, body, headers),
    patch: (path: string, body?: unknown, by: TestPerson | null = people.olga) => call('PATCH', path, by, body),
    del: (path: string, by: TestPerson | null = people.olga) => call('DELETE', path, by),
    /** SQL as the owner of the database, for what a test must see or bend. */
    sql: async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
      (await owner.query<Record<string, unknown>>(text, values)).rows,
    /** Saves a playbook with these inputs and one harmless step. */
    playbook: async (name = `Playbook ${newRunId().slice(-6)}`, more: Partial<Playbook> = {}): Promise<string> => {
      const id = newRunId();
      const definition: Playbook = { name, inputs: [], steps: [{ id: 'a', kind: 'set', values: { x: 1 } }], ...more };
      await tx((t) =>
        createPlaybook(t, id, {
          definition,
          yaml: JSON.stringify(definition),
          note: null,
          actor: { kind: 'user', id: people.olga.id, name: 'Olga' },
        }),
      );
      return id;
    },
    /** A run of a playbook, as a person starts it. */
    run: async (playbookId: string, by: TestPerson = people.mia, inputs: Record<string, Json> = {}): Promise<string> =>
      (
        await tx((t) =>
          startPlaybookRun(t, vault, {
            workspaceId,
            playbook: { id: playbookId },
            inputs,
            trigger: 'user',
            actor: { kind: 'user', id: by.id, name: by.name },
          }),
        )
      ).runId,
    eventTypes: async (subject?: string): Promise<string[]> =>
      (
        await owner.query<{ type: string }>(
          'select type from events where $1::text is null or subject = $1 order by seq',
          [subject ?? null],
        )
      ).rows.map(({ type }) => type),
    async close() {
      await server.close();
      await db.destroy();
      await system.destroy();
      await owner.end();
      await database.close();
    },
  };
}
export type TriggerWorld = Awaited<ReturnType<typeof triggerWorld>>;
