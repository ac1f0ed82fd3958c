import { sql, type Updateable } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import {
  type ImportLine,
  type ImportReport,
  type ImportRow,
  type LineError,
  lineError,
} from '#contracts/servers/import-servers.ts';
import { findJumpProblems } from '#contracts/servers/jumps.ts';
import { naturalKey } from '#contracts/servers/server-fields.ts';
import type { Server } from '#contracts/servers/servers.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import { type Act, type Doer, recordActs } from './acts.ts';
import { credentialIds } from './credentials.ts';
import { pinned, readHostKey } from './host-keys.ts';
import { lockJumps } from './jump-servers.ts';
import { eachServer } from './list-servers.ts';
import { nameIsFree } from './servers.ts';
import type { ServersTable } from './tables.ts';

export interface ImportOptions {
  dryRun: boolean;
  allOrNothing: boolean;
}

interface Planned {
  line: ImportLine;
  row: ImportRow;
  now: Server | undefined;
}

/**
 * Adds or changes servers by name, as the lines say. A column that the file has not stays as it is, an empty field
 * empties it; but an empty host key keeps the pinned one, and a pinned one is never replaced here.
 * @throws `import.refused` with the report where a line is wrong and all or nothing was asked for
 */
export async function importServers(
  tx: TenantTx,
  doer: Doer,
  lines: readonly ImportLine[],
  { dryRun, allOrNothing }: ImportOptions,
): Promise<ImportReport> {
  await lockJumps(tx);
  const servers = new Map<string, Server>();
  for await (const server of eachServer(tx)) servers.set(server.name, server);
  const credentials = await credentialIds(tx);
  const plan = lines.map((line): Planned => planLine(line, servers.get(line.name), credentials));
  refuseNamedTwice(plan);
  refuseBadWays(plan, servers);

  const report = reportOf(plan, dryRun);
  if (dryRun) return report;
  if (allOrNothing && report.refused > 0) throw new Refusal('import.refused', { count: report.refused }, { ...report });
  await apply(tx, doer, plan, servers, credentials);
  return report;
}

function planLine(line: ImportLine, now: Server | undefined, credentials: ReadonlyMap<string, string>): Planned {
  const problems = [...line.errors];
  if (line.credential && !credentials.has(line.credential))
    problems.push(lineError(line.line, 'credential', 'csv.credential_unknown', { value: line.credential }));
  const key =
    line.hostKey && problems.every(({ column }) => column !== 'hostKey') ? readHostKey(line.hostKey).fingerprint : null;
  if (key !== null && now?.hostKey && now.hostKey.fingerprint !== key)
    problems.push(lineError(line.line, 'hostKey', 'csv.host_key_differs'));
  const changes = now ? differences(line, now, key) : [];
  const act =
    problems.length > 0 ? 'refuse' : now === undefined ? 'create' : changes.length > 0 ? 'update' : 'unchanged';
  return { line, now, row: { line: line.line, name: line.name, host: line.host, act, changes, errors: problems } };
}

/** Which fields of the server the line would change. */
function differences(line: ImportLine, now: Server, key: string | null): string[] {
  const pairs: [string, unknown, unknown][] = [
    ['host', line.host, now.host],
    ['port', line.port, now.port],
    ['tags', line.tags?.join(';'), now.tags.join(';')],
    ['credential', line.credential, now.credential?.name ?? null],
    ['jump', line.jump, now.jumpServer?.name ?? null],
    ['description', line.description, now.description],
    ['hostKey', key ?? undefined, now.hostKey?.fingerprint ?? null],
  ];
  return pairs.filter(([, wanted, is]) => wanted !== undefined && wanted !== is).map(([name]) => name);
}

function refuse({ row }: Planned, ...found: LineError[]): void {
  row.errors.push(...found);
  row.act = 'refuse';
}

function refuseNamedTwice(plan: readonly Planned[]): void {
  const first = new Map<string, number>();
  for (const planned of plan) {
    const { name, line } = planned.line;
    const other = first.get(name);
    if (name !== '' && other !== undefined) refuse(planned, lineError(line, 'name', 'csv.name_twice', { other }));
    else first.set(name, line);
  }
}

/** A jump must lead to a server that is there or made by a good line; refusing a line may cut others off, so it is looked at until nothing changes. */
function refuseBadWays(plan: readonly Planned[], servers: ReadonlyMap<string, Server>): void {
  for (let changed = true; changed;) {
    changed = false;
    const good = plan.filter(({ row }) => row.act !== 'refuse');
    const made = new Set(good.map(({ line }) => line.name));
    const jumpOf = new Map<string, string>();
    for (const server of servers.values()) if (server.jumpServer) jumpOf.set(server.name, server.jumpServer.name);
    for (const { line } of good) {
      if (line.jump) jumpOf.set(line.name, line.jump);
      else if (line.jump === null) jumpOf.delete(line.name);
    }
    const problems = findJumpProblems(jumpOf, (name) => name);
    for (const planned of good) {
      const { line, name, jump } = planned.line;
      if (!jump) continue;
      const problem = problems.get(name);
      if (!made.has(jump) && !servers.has(jump))
        refuse(planned, lineError(line, 'jump', 'csv.jump_unknown', { value: jump }));
      else if (problem) refuse(planned, lineError(line, 'jump', problem.code, problem.facts));
      else continue;
      changed = true;
    }
  }
}

const reportOf = (plan: readonly Planned[], dryRun: boolean): ImportReport => {
  const count = (act: ImportRow['act']) => plan.filter(({ row }) => row.act === act).length;
  return {
    dryRun,
    created: count('create'),
    updated: count('update'),
    unchanged: count('unchanged'),
    refused: count('refuse'),
    rows: plan.map(({ row }) => row),
    errors: plan.flatMap(({ row }) => row.errors),
  };
};

/** New servers in one statement, changed ones one by one, then all jumps at once: a line may jump through one of a later line. */
async function apply(
  tx: TenantTx,
  doer: Doer,
  plan: readonly Planned[],
  servers: ReadonlyMap<string, Server>,
  credentials: ReadonlyMap<string, string>,
): Promise<void> {
  const ids = new Map([...servers.values()].map(({ id, name }) => [name, id]));
  const work = plan
    .filter(({ row }) => row.act === 'create' || row.act === 'update')
    .map((planned) => ({ ...planned, id: planned.now?.id ?? uuidv7() }));
  const created = work.filter(({ now }) => now === undefined);
  for (const { id, line } of created) ids.set(line.name, id);
  for (let from = 0; from < created.length; from += 1_000) {
    const rows = created.slice(from, from + 1_000).map(({ id, line }) => ({
      id,
      name: line.name,
      nameKey: naturalKey(line.name),
      port: 22,
      ...columnsOf(line, undefined, credentials),
      host: line.host,
    }));
    await nameIsFree(undefined, tx.insertInto('servers').values(rows).execute());
  }
  for (const { id, line, now } of work) {
    if (!now) continue;
    const { rowCount } = await bump(tx, id, columnsOf(line, now, credentials));
    if (rowCount === 0n) throw new Refusal('request.stale');
  }
  const jumps = work.filter(
    ({ line, now }) => line.jump !== undefined && line.jump !== (now?.jumpServer?.name ?? null),
  );
  await sql`update servers set jump_server_id = way.jump from unnest(${jumps.map(({ id }) => id)}::uuid[], ${jumps.map(({ line }) => (line.jump && ids.get(line.jump)) || null)}::uuid[]) as way (id, jump)
    where servers.id = way.id`.execute(tx);
  const acts = work.map(({ id, line, now, row }): Act => ({
    noun: 'server',
    id,
    name: line.name,
    act: now ? 'changed' : 'created',
    after: { ...shown(line, now ? row.changes : undefined), importedFromLine: line.line },
  }));
  for (let from = 0; from < acts.length; from += 1_000) await recordActs(tx, doer, acts.slice(from, from + 1_000));
}

const bump = async (tx: TenantTx, id: string, columns: Updateable<ServersTable>) => {
  const { numUpdatedRows } = await tx
    .updateTable('servers')
    .set({ ...columns, nextCheckAt: new Date(), updatedAt: new Date(), version: sql<number>`version + 1` })
    .where('id', '=', id)
    .executeTakeFirst();
  return { rowCount: numUpdatedRows };
};

/** The row's columns that the line speaks of, without the jump. Only a key on a server that has none comes this far. */
const columnsOf = (line: ImportLine, now: Server | undefined, credentials: ReadonlyMap<string, string>) => ({
  host: line.host,
  ...(line.port !== undefined && { port: line.port }),
  ...(line.tags !== undefined && { tags: line.tags }),
  ...(line.description !== undefined && { description: line.description }),
  ...(line.credential !== undefined && {
    credentialId: line.credential === null ? null : (credentials.get(line.credential) ?? null),
  }),
  ...(line.hostKey &&
    !now?.hostKey && { pinnedKey: JSON.stringify(pinned(readHostKey(line.hostKey), 'import')), offeredKey: null }),
});

/** What the audit log keeps of a line: all of it, or the fields that changed. */
const shown = (line: ImportLine, only: readonly string[] | undefined): Record<string, unknown> => {
  const { host, port, tags, credential: credentialName, jump, description, hostKey } = line;
  const fields = {
    host,
    port,
    tags,
    credential: credentialName,
    jump,
    description,
    hostKey: hostKey ? readHostKey(hostKey).fingerprint : hostKey,
  };
  const kept = Object.entries(fields).filter(([name, value]) => value !== undefined && (only?.includes(name) ?? true));
  return Object.fromEntries(kept.map(([name, value]) => [name === 'credential' ? 'credentialName' : name, value]));
};
