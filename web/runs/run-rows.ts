import type { RunSummary } from '#contracts/runs/runs.ts';
import type { StreamEvent } from '../kit/event-stream.ts';

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
export function withHead(state: RunRows, { data, pagination }: RunPage): RunRows {
  const last = data.at(-1);
  if (!last || pagination.nextCursor === null) return { rows: data, next: null };
  const at = state.rows.findIndex(({ id }) => id === last.id);
  // The list is sorted by id, so what lies behind the last of the head is behind it in the loaded rows as well.
  const isFalling = data.length < 2 || (data[0]?.id ?? '') > last.id;
  const rest =
    at >= 0 ? state.rows.slice(at + 1) : state.rows.filter(({ id }) => (isFalling ? id < last.id : id > last.id));
  const meets = at >= 0 || rest.length < state.rows.length;
  return meets && rest.length > 0
    ? { rows: [...data, ...rest], next: state.next }
    : { rows: data, next: pagination.nextCursor };
}

const carried = ['status', 'waitingFor', 'progress', 'strand', 'startedAt', 'endedAt', 'error', 'title'] as const;

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

/** The list after an event about one of its runs: only that row becomes another object. */
export function withEvent(state: RunRows, event: Pick<StreamEvent, 'type' | 'run' | 'data'>): RunRows {
  const at = event.run === null ? -1 : state.rows.findIndex(({ id }) => id === event.run);
  const before = state.rows[at];
  if (!before) return state;
  const after = patched(before, event);
  return after === before ? state : { ...state, rows: state.rows.with(at, after) };
}
