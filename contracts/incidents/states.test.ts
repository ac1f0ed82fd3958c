import { expect, test } from 'vitest';
import {
  allowedMoves,
  canMerge,
  incidentStates,
  isReopening,
  needsReason,
  refuseMove,
  stateFlags,
  type IncidentState,
} from './states.ts';

/** Every state that can be reached from one by moves. */
function reach(from: IncidentState): Set<IncidentState> {
  const seen = new Set<IncidentState>([from]);
  for (const state of seen) for (const next of allowedMoves(state)) seen.add(next);
  return seen;
}

test('every incident can end, and all but merged can be reached from the first state', () => {
  expect([...reach('open')].sort()).toEqual(incidentStates.filter((state) => state !== 'merged').sort());
  for (const state of incidentStates)
    expect(
      [...reach(state)].some((last) => !stateFlags[last].active),
      state,
    ).toBe(true);
});

test('nothing leads out of a terminal state, and something out of every other', () => {
  for (const state of incidentStates) expect(allowedMoves(state).length === 0, state).toBe(stateFlags[state].terminal);
});

test('no state follows itself, and nobody goes back to being unseen', () => {
  for (const state of incidentStates) {
    expect(allowedMoves(state)).not.toContain(state);
    expect(allowedMoves(state)).not.toContain('open');
  }
});

test('an illegal move is refused with the moves that are legal', () => {
  expect(refuseMove('open', 'closed', 'done')).toEqual({
    code: 'incident.move_refused',
    from: 'open',
    to: 'closed',
    allowed: ['acknowledged', 'investigating', 'pending', 'mitigated', 'resolved', 'canceled'],
  });
  expect(refuseMove('canceled', 'investigating', 'again')).toMatchObject({ allowed: [] });
  expect(refuseMove('open', 'merged', 'same')).toMatchObject({ code: 'incident.move_refused' });
});

test('who ends, sets aside or takes up again says why; who goes on with the work need not', () => {
  expect(refuseMove('open', 'acknowledged', undefined)).toBeUndefined();
  expect(refuseMove('acknowledged', 'mitigated', undefined)).toBeUndefined();
  for (const [from, to] of [
    ['investigating', 'pending'],
    ['investigating', 'resolved'],
    ['open', 'canceled'],
    ['resolved', 'closed'],
    ['resolved', 'investigating'],
    ['closed', 'investigating'],
  ] as const) {
    expect(needsReason(from, to)).toBe(true);
    expect(refuseMove(from, to, '  ')).toEqual({ code: 'incident.reason_missing', from, to });
    expect(refuseMove(from, to, 'The disk was replaced.')).toBeUndefined();
  }
});

test('only what is being worked on can be merged; taking up again is told from going on', () => {
  expect(incidentStates.filter(canMerge)).toEqual(['open', 'acknowledged', 'investigating', 'pending', 'mitigated']);
  expect(isReopening('resolved', 'investigating')).toBe(true);
  expect(isReopening('pending', 'investigating')).toBe(false);
});
