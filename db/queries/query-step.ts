import { rolePermissions } from '#contracts/identity/permissions.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { QueryPlan, QueryRequest } from '#contracts/playbooks/engine/effects.ts';
import { GivenValues } from '#contracts/queries/parameter-defs.ts';
import { type PreparedRun, prepareRun } from '#contracts/queries/prepare-run.ts';
import type { RunQueryInput } from '#contracts/queries/run-query.ts';
import type { QueryBody } from '#contracts/queries/saved-queries.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import type { RunStatus } from '#contracts/runs/status.ts';
import type { Vault } from '#system/vault/vault.ts';
import { isId } from '../kit/is-id.ts';
import type { TenantTx } from '../kit/database.ts';
import { bindToUnits } from '../kit/in-tenant.ts';
import { Refusal } from '../kit/refusal.ts';
import type { RunRef } from '../runs/insert-run.ts';
import { type ConnectionOfQuery, readConnectionOf, readUnitOf } from './connection-of.ts';
import { insertQueryRun } from './insert-query-run.ts';
import { mustMayQuery } from './query-rules.ts';
import { readVersion } from './saved-queries.ts';

/** What a query step runs, looked up and with its parameters resolved. */
interface ResolvedStep {
  title: string;
  sql: string;
  parameterDefs: QueryBody['parameters'];
  connection: ConnectionOfQuery;
  unit: { id: string; name: string } | null;
  prepared: Extract<PreparedRun, { ok: true }>;
  query: { id: string; name: string; version: number } | null;
}

/**
 * Looks up what a query step names, as the run's actor may: with their permission, in their business units, among the
 * queries they see. Who is no person (a schedule, a hook) sees what the workspace shares.
 * @param now what relative dates count from, milliseconds since 1970
 * @throws Refusal `query.not_allowed`, `query.unknown`, `query.name_ambiguous`, `query.version_unknown`,
 *   `query.act_forbidden`, `query.connection_unknown`, `connection.disconnecting`, `connection.unit_unknown`, `query.parameter_invalid`
 */
async function resolveStep(
  tx: TenantTx,
  { actor, request }: { actor: ActorRef; request: QueryRequest },
  now: number,
): Promise<ResolvedStep> {
  const personId = await actAs(tx, actor);
  const saved = request.query === null ? null : await findSaved(tx, request.query, personId);
  const version = request.version ?? saved?.version ?? null;
  const found = saved && version !== null ? await readVersion(tx, saved.id, version) : null;
  if (saved && !found) throw new Refusal('query.version_unknown', { version });
  const body = found?.body;
  const connection = await findConnection(tx, request.connection ?? body?.connectionId ?? null);
  if (!connection || (body && connection.kind !== body.engine)) throw new Refusal('query.connection_unknown');
  if (connection.state === 'disconnecting') throw new Refusal('connection.disconnecting', { name: connection.name });
  // The unit that it was saved with is one of the connection that it was saved with.
  const wanted = request.unit ?? (request.connection === null ? body?.unit : undefined) ?? undefined;
  const unit = await readUnitOf(tx, connection, wanted);
  if (unit === undefined) throw new Refusal('connection.unit_unknown', { unit: wanted ?? '(none was named)' });
  if (personId !== null)
    await mustMayQuery(tx, actor, 'run', { connectionId: connection.id, unit: unit?.id, folder: saved?.folder });
  const text = body?.sql ?? request.sql ?? '';
  const parameterDefs = body?.parameters ?? [];
  const given = GivenValues.safeParse(request.parameters);
  if (!given.success) {
    const name = String(given.error.issues[0]?.path[0] ?? '');
    throw new Refusal('query.parameter_invalid', {
      name,
      why: 'it is a text, a number, true or false, or a list of them',
    });
  }
  const prepared = prepareRun({
    engine: connection.kind,
    sql: text,
    parameterDefs,
    given: given.data,
    timeWindow: request.timeWindow,
    options: { ...body?.options, ...request.options },
    now,
  });
  if (!prepared.ok) {
    const [first] = prepared.faults;
    throw new Refusal('query.parameter_invalid', { name: first?.parameter ?? '', why: first?.message ?? '' });
  }
  // A misspelt name would silently leave its optional clause out.
  const stray = Object.keys(given.data).find((name) => !prepared.parameters.some((one) => one.name === name));
  if (stray !== undefined)
    throw new Refusal('query.parameter_invalid', { name: stray, why: 'the query has no parameter of this name' });
  const query = saved && version !== null ? { id: saved.id, name: saved.name, version } : null;
  return { title: query?.name ?? titleOf(text), sql: text, parameterDefs, connection, unit, prepared, query };
}

/**
 * Binds the transaction to the units of who started the run.
 * @returns the person behind it; null where it is none
 * @throws Refusal `query.not_allowed`
 */
async function actAs(tx: TenantTx, { kind, id }: ActorRef): Promise<string | null> {
  if (kind === 'system' || id === null) return null;
  const key =
    kind === 'key'
      ? await tx
          .selectFrom('apiKeys')
          .select(['ownerId', 'permissions', 'expiresAt', 'revokedAt'])
          .where('id', '=', id)
          .executeTakeFirst()
      : undefined;
  const mayByKey =
    kind === 'user' ||
    (key !== undefined &&
      key.revokedAt === null &&
      (key.expiresAt === null || key.expiresAt > new Date()) &&
      key.permissions.includes('queries:run'));
  const personId = key?.ownerId ?? id;
  const member = await tx
    .selectFrom('members')
    .select(['role', 'mids'])
    .where('userId', '=', personId)
    .executeTakeFirst();
  if (!mayByKey || !member || !rolePermissions[member.role].has('queries:run')) throw new Refusal('query.not_allowed');
  await bindToUnits(tx, member.mids);
  return personId;
}

async function findSaved(
  tx: TenantTx,
  named: string,
  personId: string | null,
): Promise<{ id: string; name: string; version: number; folder: string }> {
  const visible = await tx
    .selectFrom('queries')
    .select(['id', 'name', 'version', 'folder'])
    .where((eb) =>
      eb.or([eb('sharing', '=', 'workspace'), ...(personId === null ? [] : [eb('ownerId', '=', personId)])]),
    )
    .where(isId(named) ? 'id' : 'name', '=', named)
    .limit(2)
    .execute();
  if (visible.length > 1) throw new Refusal('query.name_ambiguous');
  const [one] = visible;
  if (!one) throw new Refusal('query.unknown');
  return one;
}

async function findConnection(tx: TenantTx, named: string | null): Promise<ConnectionOfQuery | undefined> {
  if (named === null) return undefined;
  if (isId(named)) return readConnectionOf(tx, named);
  const found = await tx.selectFrom('connections').select('id').where('name', '=', named).executeTakeFirst();
  return found && readConnectionOf(tx, found.id);
}

/** The first line that says something, without the dashes of a comment. */
function titleOf(text: string): string {
  const line = text
    .split('\n')
    .map((one) => one.replace(/^\s*(?:--|\/\*)\s*/, '').trim())
    .find((one) => one !== '');
  return (line ?? 'Query').slice(0, 120);
}

/** What the step would run. @throws Refusal as it would meet when it runs */
export async function planQueryStep(
  tx: TenantTx,
  step: { actor: ActorRef; request: QueryRequest },
  now: number,
): Promise<QueryPlan> {
  const { sql: text, connection, unit, query } = await resolveStep(tx, step, now);
  return {
    sql: text,
    details: {
      connection: connection.name,
      engine: connection.kind,
      ...(unit && { unit: unit.name }),
      ...(query && { query: query.name, version: query.version }),
    },
  };
}

/**
 * Writes the query of a step as a child run, admitted where its connection has a slot; of the workspace it takes none, as
 * its parent holds one. Repeatable: a run of this id stays as it is.
 * @returns what to start it with, and whether it may begin now; others that were let in are to be started after the commit
 */
export async function insertQueryStep(
  tx: TenantTx,
  vault: Vault,
  step: {
    workspaceId: string;
    id: string;
    parentRunId: string;
    rootRunId: string;
    actor: ActorRef;
    request: QueryRequest;
  },
  now: number,
): Promise<{ input: RunQueryInput; mayBegin: boolean; others: RunRef[] }> {
  const { title, sql: text, parameterDefs, connection, unit, prepared, query } = await resolveStep(tx, step, now);
  const { input, admitted } = await insertQueryRun(tx, vault, {
    workspaceId: step.workspaceId,
    id: step.id,
    connection,
    unit,
    title,
    sql: text,
    parameterDefs,
    parameters: prepared.parameters,
    timeWindow: step.request.timeWindow,
    options: prepared.options,
    columns: null,
    query: query && { id: query.id, version: query.version },
    trigger: 'run',
    triggerId: step.parentRunId,
    actor: step.actor,
    parent: { runId: step.parentRunId, rootRunId: step.rootRunId },
  });
  const row = await tx
    .selectFrom('runs')
    .select(['admittedAt', 'status'])
    .where('id', '=', step.id)
    .executeTakeFirstOrThrow();
  return {
    input,
    mayBegin: row.admittedAt !== null && row.status === 'queued',
    others: admitted.filter(({ id }) => id !== step.id),
  };
}

/** How the query of a step stands; null: its run is not there any more. */
export async function readQueryStep(
  tx: TenantTx,
  runId: string,
): Promise<{
  status: RunStatus;
  rowCount: number | null;
  columns: { name: string; type: string }[];
  error: RunError | null;
} | null> {
  const row = await tx
    .selectFrom('runs as r')
    .innerJoin('queryRuns as q', (join) =>
      join.onRef('q.workspaceId', '=', 'r.workspaceId').onRef('q.runId', '=', 'r.id'),
    )
    .select(['r.status', 'r.error', 'q.rowCount', 'q.columns'])
    .where('r.id', '=', runId)
    .executeTakeFirst();
  if (!row) return null;
  const columns = (row.columns ?? []).map(({ name, type }) => ({ name, type }));
  return { status: row.status, rowCount: row.rowCount, columns, error: row.error };
}
