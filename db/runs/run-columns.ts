import type { Selectable } from 'kysely';
import type { RunSummary } from '#contracts/runs/runs.ts';
import type { RunsTable } from './tables.ts';

/** What a list needs of a run; the large columns (inputs, outputs, sealed input) stay where they are. */
export const summaryColumns = [
  'id',
  'kind',
  'shape',
  'title',
  'status',
  'waitingFor',
  'trigger',
  'actor',
  'parentRunId',
  'subjectKind',
  'subjectId',
  'subjectVersion',
  'progress',
  'strand',
  'error',
  'warnings',
  'tags',
  'createdAt',
  'startedAt',
  'endedAt',
  'admittedAt',
  'taskQueue',
] as const satisfies readonly (keyof RunsTable)[];

export type SummaryRow = Pick<Selectable<RunsTable>, (typeof summaryColumns)[number]>;

/** Where a run stands that is not admitted yet: its place in line, 1 for the next, and whether the line is drained. */
export interface InLine {
  place: number;
  isDrained: boolean;
}

export const toSummary = (row: SummaryRow, inLine?: InLine): RunSummary => ({
  id: row.id,
  kind: row.kind,
  shape: row.shape,
  title: row.title,
  status: row.status,
  waitingFor:
    row.status === 'queued' && row.admittedAt === null ? (inLine?.isDrained ? 'drain' : 'slot') : row.waitingFor,
  trigger: row.trigger,
  actor: row.actor,
  parentRunId: row.parentRunId,
  subject:
    row.subjectKind === null || row.subjectId === null
      ? null
      : { kind: row.subjectKind, id: row.subjectId, version: row.subjectVersion },
  progress: row.progress,
  strand: row.strand,
  error: row.error,
  warnings: row.warnings,
  tags: row.tags,
  createdAt: row.createdAt.toISOString(),
  startedAt: row.startedAt?.toISOString() ?? null,
  endedAt: row.endedAt?.toISOString() ?? null,
  queuePlace: inLine?.place ?? null,
});
