import type { RunSummary } from '#contracts/runs/runs.ts';
import type { RunSort } from '#contracts/runs/sorts.ts';
import type { StreamEvent } from '../kit/event-stream.ts';

/** What a run goes by in each order; null where it has not ended, which puts it behind all that have. */
const figureOf: Readonly<Record<string, (run: RunSummary) => string | number | null>> = {
  createdAt: ({ id }) => id,
  endedAt: ({ endedAt }) => endedAt && Date.parse(endedAt),
  duration: ({ startedAt, endedAt }) => endedAt && Date.parse(endedAt) - Date.parse(startedAt ?? endedAt),
  title: ({ title }) => title.toLowerCase(),
};

/**
 * Which of two runs comes first. Titles are compared as people do; the server's order, which its database has, may differ
 * in letters beyond the plain ones, and stands wherever nothing has changed.
 */
export function compareRuns(sort: RunSort): (a: RunSummary, b: RunSummary) => number {
  const figure = figureOf[sort.replace('-', '')] ?? (() => null);
  const sign = sort.startsWith('-') ? -1 : 1;
  return (a, b) => {
    const [one, other] = [figure(a), figure(b)];
    if (one === null || other === null) {
      if (one !== other) return one === null ? 1 : -1;
    } else if (one !== other)
      return sign * (typeof one === 'string' ? one.localeCompare(String(other), 'en') : one - Number(other));
    return sign * (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  };
}

/** What is loaded of a list of runs: in the order of the list, without gaps, from its head to `next`. */
export interface RunRows {
  readonly rows: readonly RunSummary[];
  /** The cursor of what follows; null where all is here. */
  readonly next: string | null;
}
export type RunPage = { data: RunSummary[]; pagination: { nextCursor: string | null } };

/** The list as its first page gives it. */
export const firstRows = ({ data, pagination }: RunPage): RunRows => ({ rows: data, next: pagination.nextCursor });

/** The page after what is loaded; what is here already stays where it is. */
export function withPage(state: RunRows, { data, pagination }: RunPage): RunRows {
  const known = new Set(state.rows.map(({ id }) => id));
  return { rows: [...state.rows, ...data.filter(({ id }) => !known.has(id))], next: pagination.nextCursor };
}

/**
 * The head of the list, read anew: new runs come before what is loaded, known ones change, and those that the head no
 * longer holds have left the list. Where the two no longer meet, only the head is certain.
 */
export function withHead(state: RunRows, { data, pagination }: RunPage, sort: RunSort = '-createdAt'): RunRows {
  const last = data.at(-1);
  if (!last || pagination.nextCursor === null) return { rows: data, next: null };
  const compare = compareRuns(sort);
  const inHead = new Set(data.map(({ id }) => id));
  const at = state.rows.findIndex(({ id }) => id === last.id);
  const behind = at >= 0 ? state.rows.slice(at + 1) : state.rows.filter((run) => compare(run, last) > 0);
  // A run that has moved up into the head is no longer where it was.
  const rest = behind.filter(({ id }) => !inHead.has(id));
  const meets = at >= 0 || rest.length < state.rows.length;
  return meets && rest.length > 0
    ? { rows: [...data, ...rest], next: state.next }
    : { rows: data, next: pagination.nextCursor };
}

const carried = [
  'status',
  'waitingFor',
  'progress',
  'strand',
  'startedAt',
  'endedAt',
  'error',
  'title',
  'tags',
] as const;

/** A run as an event says it is now; the same object where the event says nothing of it. */
export function patched(run: RunSummary, event: Pick<StreamEvent, 'type' | 'run' | 'data'>): RunSummary {
  if (event.run !== run.id || !event.type.startsWith('run.')) return run;
  const changes = Object.fromEntries(
    carried.flatMap((field) => (event.data[field] === undefined ? [] : [[field, event.data[field]]])),
  );
  // A run that had its turn no longer stands in line.
  const place = event.data['status'] !== undefined && event.data['status'] !== 'queued' ? { queuePlace: null } : {};
  return Object.keys(changes).length === 0 ? run : { ...run, ...changes, ...place };
}

/** The list after an event about one of its runs: only that row becomes another object, and goes to where it now belongs. */
export function withEvent(
  state: RunRows,
  event: Pick<StreamEvent, 'type' | 'run' | 'data'>,
  sort: RunSort = '-createdAt',
): RunRows {
  const at = event.run === null ? -1 : state.rows.findIndex(({ id }) => id === event.run);
  const before = state.rows[at];
  if (!before) return state;
  const after = patched(before, event);
  if (after === before) return state;
  const rows = state.rows.with(at, after);
  const figure = figureOf[sort.replace('-', '')];
  if (!figure || figure(before) === figure(after)) return { ...state, rows };
  const others = rows.toSpliced(at, 1);
  const compare = compareRuns(sort);
  const place = others.findIndex((run) => compare(after, run) < 0);
  return { ...state, rows: others.toSpliced(place < 0 ? others.length : place, 0, after) };
}
