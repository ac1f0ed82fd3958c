import { expect, test } from 'vitest';
import {
  type BoardColumn,
  carryWords,
  columnRefusal,
  neighbour,
  stopsOf,
  withIncident,
  withMoves,
  withNewer,
} from './board-moves.ts';
import { boardStates, namesOf } from './incident-words.ts';
import { aBoard, anIncident } from './sample-incident.ts';

const names = namesOf({ investigating: 'At work' });
const board = (): BoardColumn[] =>
  aBoard([
    anIncident(1),
    anIncident(2),
    anIncident(3, { state: 'investigating' }),
    anIncident(4, { state: 'resolved' }),
  ]).columns;
const idOf = (number: number) => anIncident(number).id;
const shown = (columns: readonly BoardColumn[]) =>
  Object.fromEntries(columns.filter(({ count }) => count > 0).map(({ state, count, incidents }) => [state, [count, ...incidents.map(({ number }) => number)]])); // prettier-ignore

test('a move stands at once and is gone again when it is taken back', () => {
  const moved = withMoves(board(), new Map([[idOf(1), 'acknowledged' as const]]));
  expect(shown(moved)).toEqual({ open: [1, 2], acknowledged: [1, 1], investigating: [1, 3], resolved: [1, 4] });
  expect(shown(withMoves(board(), new Map()))).toEqual(shown(board()));
});

test('what the server has answered already is not moved twice', () => {
  const answered = withIncident(board(), anIncident(1, { state: 'acknowledged', version: 2 }));
  expect(shown(answered)).toEqual({ open: [1, 2], acknowledged: [1, 1], investigating: [1, 3], resolved: [1, 4] });
  expect(shown(withMoves(answered, new Map([[idOf(1), 'acknowledged' as const]])))).toEqual(shown(answered));
  // Changed where it stands, its place stays; one that ended leaves the board.
  expect(withIncident(board(), anIncident(2, { title: 'New' }))[0]?.incidents[1]?.title).toBe('New');
  expect(shown(withIncident(board(), anIncident(2, { state: 'canceled' })))['open']).toEqual([1, 1]);
});

test('a column that the state machine refuses says what is allowed, under the names of the workspace', () => {
  expect(columnRefusal('resolved', 'pending', names)).toBe('From Resolved to At work, Closed.');
  expect(columnRefusal('resolved', 'closed', names)).toBeNull();
  expect(columnRefusal('open', 'open', names)).toBeNull();
});

test('a lifted card is carried over its own column and those that take it, and each is said', () => {
  const stops = stopsOf('resolved', boardStates);
  expect(stops).toEqual(['investigating', 'resolved', 'closed']);
  expect(carryWords('INC-4', 'investigating', stops, names)).toBe('INC-4, over At work, 1 of 3');
});

test('arrows lead through a column and to the one beside it at the same height, past empty ones', () => {
  const columns = board();
  expect(neighbour(columns, null, 'down')).toBe(idOf(1));
  expect(neighbour(columns, idOf(1), 'down')).toBe(idOf(2));
  expect(neighbour(columns, idOf(2), 'down')).toBe(idOf(2));
  expect(neighbour(columns, idOf(2), 'right')).toBe(idOf(3));
  expect(neighbour(columns, idOf(3), 'left')).toBe(idOf(1));
  expect(neighbour(columns, idOf(4), 'right')).toBe(idOf(4));
  expect(neighbour(columns, idOf(1), 'end')).toBe(idOf(2));
});

test('an answer that was read before what is known by now sends no card back', () => {
  const seen = new Map([
    [idOf(1), anIncident(1, { state: 'acknowledged', version: 2 })],
    [idOf(3), anIncident(3, { state: 'open', version: 1 })],
  ]);
  const drawn = withNewer(board(), (id) => seen.get(id));
  expect(shown(drawn)).toEqual({ open: [1, 2], acknowledged: [1, 1], investigating: [1, 3], resolved: [1, 4] });
});
