import { type SelectQueryBuilder, sql } from 'kysely';
import type { RunFilter } from '#contracts/runs/runs.ts';
import { contains, literally } from '../kit/like.ts';
import type { Database } from '../kit/tables.ts';

/** What narrows a list of runs; where it begins, how it is sorted and how much of it is read is the reader's. */
export type RunNarrowing = Omit<RunFilter, 'limit' | 'cursor' | 'sort'>;

/** Ids are UUIDv7, ordered by time, so a span of time is a span of ids. */
export const firstIdAt = (instant: string | number): string => {
  const ms = Math.max(0, typeof instant === 'number' ? instant : Date.parse(instant))
    .toString(16)
    .padStart(12, '0');
  return `${ms.slice(0, 8)}-${ms.slice(8)}-0000-0000-000000000000`;
};

type Runs<O> = SelectQueryBuilder<Database, 'runs', O>;

/** Words are alternatives; one that begins with `!` leaves out. */
function oneOf<O>(runs: Runs<O>, column: 'status' | 'kind' | 'trigger', words: readonly string[] | undefined): Runs<O> {
  const wanted = (words ?? []).filter((word) => !word.startsWith('!'));
  const unwanted = (words ?? []).filter((word) => word.startsWith('!')).map((word) => word.slice(1));
  let narrowed = runs;
  if (wanted.length > 0) narrowed = narrowed.where(column, 'in', wanted as never[]);
  if (unwanted.length > 0) narrowed = narrowed.where(column, 'not in', unwanted as never[]);
  return narrowed;
}

/** Only the runs that a filter shows; top-level jobs where nothing else is asked for. */
export function narrowRuns<O>(all: Runs<O>, filter: RunNarrowing): Runs<O> {
  let runs = all.where('shape', '=', filter.shape);
  if (filter.parent) runs = runs.where('parentRunId', '=', filter.parent);
  else if (!filter.children) runs = runs.where('parentRunId', 'is', null);
  runs = oneOf(runs, 'status', filter.status);
  runs = oneOf(runs, 'kind', filter.kind);
  runs = oneOf(runs, 'trigger', filter.trigger);
  if (filter.actor) runs = runs.where('actorId', '=', filter.actor);
  if (filter.tag) runs = runs.where(sql<boolean>`${filter.tag} = any(tags)`);
  if (filter.error?.length)
    runs = runs.where(sql<boolean>`coalesce(error ->> 'code', status) = any(${filter.error}::text[])`);
  if (filter.longerMs !== undefined)
    runs = runs.where(
      sql<boolean>`coalesce(ended_at, now()) - started_at >= make_interval(secs => ${filter.longerMs / 1_000})`,
    );
  if (filter.subject) runs = ofSubject(runs, filter.subject);
  if (filter.q) {
    const begin = `${literally(filter.q)}%`;
    const like = contains(filter.q);
    runs = runs.where((eb) => eb.or([eb('title', 'ilike', like), sql<boolean>`id::text like ${begin}`]));
  }
  if (filter.from) runs = runs.where('id', '>=', firstIdAt(filter.from));
  if (filter.to) runs = runs.where('id', '<', firstIdAt(filter.to));
  if (filter.endedFrom) runs = runs.where('endedAt', '>=', new Date(filter.endedFrom));
  if (filter.endedTo) runs = runs.where('endedAt', '<', new Date(filter.endedTo));
  return runs;
}

function ofSubject<O>(runs: Runs<O>, subject: string): Runs<O> {
  const [kind = '', id = ''] = subject.split(/:(.*)/s);
  if (kind === 'server') {
    return runs.where(
      sql<boolean>`exists (select from run_hosts h where h.workspace_id = runs.workspace_id and h.run_id = runs.id and h.server_id = ${id}::uuid)`,
    );
  }
  if (kind === 'schedule') return runs.where('triggerId', '=', id);
  return runs.where('subjectKind', '=', kind).where('subjectId', '=', id);
}
