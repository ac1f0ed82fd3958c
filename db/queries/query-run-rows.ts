import { sql } from 'kysely';
import type { QueryRunDetail, QueryRunSummary } from '#contracts/queries/query-runs.ts';
import { remoteIdsOf } from '#contracts/queries/remote-assets.ts';
import type { TenantTx } from '../kit/database.ts';

/** What lists show of a query run, with the run's own record beside it. */
const summaryColumns = [
  'q.runId',
  'q.title',
  'q.connectionId',
  'q.connectionName',
  'q.engine',
  'q.unit',
  'q.unitName',
  'q.queryId',
  'q.queryVersion',
  'q.phase',
  'q.rowCount',
  'q.failure',
  'r.status',
  'r.waitingFor',
  'r.trigger',
  'r.actor',
  'r.createdAt',
  'r.startedAt',
  'r.endedAt',
] as const;
const detailColumns = [
  'q.sqlText',
  'q.parameterDefs',
  'q.parameters',
  'q.timeWindow',
  'q.options',
  'q.phases',
  'q.columns',
  'q.schemaReadNo',
  'q.schemaReadAt',
  'q.ref',
  'q.isAdopted',
  'q.remarks',
  'q.note',
  'q.expiresAt',
  'q.closedAt',
  'q.cleanupState',
  'q.removedCount',
  'q.leftCount',
  'q.cleanedAt',
  'q.deliveries',
  'r.admittedAt',
  'r.concurrencyKey',
] as const;

const joined = (tx: TenantTx) =>
  tx
    .selectFrom('queryRuns as q')
    .innerJoin('runs as r', (join) => join.onRef('r.workspaceId', '=', 'q.workspaceId').onRef('r.id', '=', 'q.runId'));

/** Query runs with what lists show of them. */
export const selectSummaries = (tx: TenantTx) =>
  joined(tx).select([...summaryColumns, sql<string>`left(q.sql_text, 200)`.as('sqlHead')]);
/** The same with all that one page shows. */
export const selectDetails = (tx: TenantTx) => selectSummaries(tx).select([...detailColumns]);

type SummaryRow = Awaited<ReturnType<ReturnType<typeof selectSummaries>['execute']>>[number];
export type DetailRow = Awaited<ReturnType<ReturnType<typeof selectDetails>['execute']>>[number];

const instant = (date: Date | null): string | null => date?.toISOString() ?? null;

export const toSummary = (row: SummaryRow): QueryRunSummary => ({
  runId: row.runId,
  title: row.title,
  status: row.status,
  waitingFor: row.waitingFor,
  trigger: row.trigger,
  actor: row.actor,
  connectionId: row.connectionId,
  connectionName: row.connectionName,
  engine: row.engine,
  unit: row.unit === '' ? null : row.unit,
  unitName: row.unitName,
  queryId: row.queryId,
  queryVersion: row.queryVersion,
  sqlHead: row.sqlHead,
  phase: row.phase,
  rowCount: row.rowCount,
  failure: row.failure,
  createdAt: row.createdAt.toISOString(),
  startedAt: instant(row.startedAt),
  endedAt: instant(row.endedAt),
});

/** A run whose rows can be read now, as far as we know: the service may have dropped them meanwhile. */
export const isReadable = (row: Pick<DetailRow, 'status' | 'closedAt' | 'expiresAt'>): boolean =>
  row.status === 'succeeded' &&
  row.closedAt === null &&
  (row.expiresAt === null || row.expiresAt.getTime() > Date.now());

export const toDetail = (
  row: DetailRow,
  { place, expectedStartAt, dueAt }: { place: number | null; expectedStartAt: Date | null; dueAt: Date | null },
): QueryRunDetail => {
  const { options } = row;
  return {
    ...toSummary(row),
    sql: row.sqlText,
    parameters: Object.fromEntries(
      row.parameters.map(({ name, value }) => [name, Array.isArray(value) ? value.map(String) : value]),
    ),
    parameterDefs: row.parameterDefs,
    timeWindow: row.timeWindow,
    options,
    phases: row.phases,
    columns: row.columns,
    schema:
      row.schemaReadNo !== null && row.schemaReadAt !== null
        ? { version: row.schemaReadNo, readAt: row.schemaReadAt.toISOString() }
        : null,
    remote: { ...remoteIdsOf(row.ref) },
    isAdopted: row.isAdopted,
    remarks: row.remarks.map((remark) => ({ ...remark })),
    note: row.note,
    expiresAt: isReadable(row) ? instant(row.expiresAt ?? dueAt) : null,
    isReadable: isReadable(row),
    cleanup: { state: row.cleanupState, removed: row.removedCount, left: row.leftCount, at: instant(row.cleanedAt) },
    deliveries: row.deliveries,
    queuePlace: place,
    expectedStartAt: instant(expectedStartAt),
  };
};
