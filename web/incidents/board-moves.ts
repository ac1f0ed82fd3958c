import type { ListedIncident } from '#contracts/incidents/incidents.ts';
import { allowedMoves, type IncidentState } from '#contracts/incidents/states.ts';
import type { StateNames } from './incident-words.ts';

/** A column as the board draws it. */
export interface BoardColumn {
  state: IncidentState;
  name: string;
  count: number;
  incidents: ListedIncident[];
}

/** Moves that were made here and are not answered yet, by the incident's id. */
export type PendingMoves = ReadonlyMap<string, IncidentState>;

/** The board with what was moved here laid over what the server said: it stands at once, and is gone again if refused. */
export function withMoves(columns: readonly BoardColumn[], pending: PendingMoves): BoardColumn[] {
  if (pending.size === 0) return [...columns];
  const moved = columns.flatMap(({ incidents }) =>
    incidents.flatMap((incident) => {
      const to = pending.get(incident.id);
      return to && to !== incident.state ? [{ ...incident, state: to }] : [];
    }),
  );
  const ids = new Set(moved.map(({ id }) => id));
  return columns.map((column) => {
    const left = column.incidents.filter(({ id }) => !ids.has(id));
    const came = moved.filter(({ state }) => state === column.state);
    const gone = column.incidents.length - left.length;
    return { ...column, incidents: [...came, ...left], count: column.count - gone + came.length };
  });
}

/** The board after the server has answered a move: the incident as it stands now, in its column. */
export function withIncident<C extends BoardColumn>(columns: readonly C[], incident: ListedIncident): C[] {
  return columns.map((column) => {
    const index = column.incidents.findIndex(({ id }) => id === incident.id);
    const isHere = column.state === incident.state;
    if (index >= 0 && isHere) return { ...column, incidents: column.incidents.with(index, incident) };
    if (index >= 0)
      return { ...column, incidents: column.incidents.toSpliced(index, 1), count: Math.max(0, column.count - 1) };
    return isHere ? { ...column, incidents: [incident, ...column.incidents], count: column.count + 1 } : column;
  });
}

/**
 * An answer of the board that may have been read before what is known by now: incidents of which a newer version was seen
 * stand as they were seen, so that no card goes back to where it was for a moment.
 */
export function withNewer<C extends BoardColumn>(
  columns: readonly C[],
  known: (id: string) => ListedIncident | undefined,
): C[] {
  const newer = columns.flatMap(({ incidents }) =>
    incidents.flatMap(({ id, version }) => {
      const seen = known(id);
      return seen && seen.version > version ? [seen] : [];
    }),
  );
  return newer.reduce<C[]>((drawn, incident) => withIncident(drawn, incident), [...columns]);
}

/** Why a column takes no incident from this state; null where it does. */
export function columnRefusal(from: IncidentState, to: IncidentState, names: StateNames): string | null {
  if (from === to || allowedMoves(from).includes(to)) return null;
  const allowed = allowedMoves(from).map((state) => names[state]);
  return `From ${names[from]} to ${allowed.join(', ') || 'nowhere'}.`;
}

/** The columns that a lifted card may be carried over, its own among them, in the order of the board. */
export const stopsOf = (from: IncidentState, states: readonly IncidentState[]): IncidentState[] =>
  states.filter((state) => state === from || allowedMoves(from).includes(state));

/** What is said while a card is carried: "INC-319, over Investigating, 2 of 3". */
export function carryWords(
  key: string,
  over: IncidentState,
  stops: readonly IncidentState[],
  names: StateNames,
): string {
  return `${key}, over ${names[over]}, ${stops.indexOf(over) + 1} of ${stops.length}`;
}

/** Where an arrow leads from a card: the next in its column, or the one beside it at the same height. */
export function neighbour(
  columns: readonly BoardColumn[],
  from: string | null,
  key: 'up' | 'down' | 'left' | 'right' | 'home' | 'end',
): string | null {
  const filled = columns.filter(({ incidents }) => incidents.length > 0);
  const at = filled.findIndex(({ incidents }) => incidents.some(({ id }) => id === from));
  const column = filled[at];
  if (!column) return filled[0]?.incidents[0]?.id ?? null;
  const row = column.incidents.findIndex(({ id }) => id === from);
  if (key === 'left' || key === 'right') {
    const beside = filled[at + (key === 'left' ? -1 : 1)];
    return (beside?.incidents[row] ?? beside?.incidents.at(-1))?.id ?? from;
  }
  const last = column.incidents.length - 1;
  const to = { up: Math.max(0, row - 1), down: Math.min(last, row + 1), home: 0, end: last }[key];
  return column.incidents[to]?.id ?? from;
}
