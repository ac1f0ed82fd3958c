import { expect, test } from 'vitest';
import { EscalationPolicy, escalationLevels, type EscalationState, isWithin, nextLevel } from './escalation.ts';

const minuteMs = 60_000;
const id = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const person = (n: number) => ({ kind: 'person', id: id(n) });
const policyOf = (fields: object = {}) =>
  EscalationPolicy.parse({
    name: 'Default',
    steps: [{ targets: [person(1)] }, { after: '5m', targets: [person(2)], playbookId: id(9), raisesSeverity: true }],
    repeats: 1,
    repeatAfter: '10m',
    fallback: [person(3)],
    ...fields,
  });

/** All levels with the minute at which each is done if nobody answers. */
function unanswered(policy: EscalationPolicy): [minute: number, who: string | undefined][] {
  const state: EscalationState = { since: 0, done: 0 };
  const done: [number, string | undefined][] = [];
  for (let next = nextLevel(policy, state); next; next = nextLevel(policy, state)) {
    done.push([next.at / minuteMs, next.level.targets[0]?.id.slice(-1)]);
    state.since = next.at;
    state.done += 1;
  }
  return done;
}

test('nobody answers: each step in its time, the round again, then the fallback, then it ends', () => {
  expect(unanswered(policyOf())).toEqual([[0, '1'], [5, '2'], [15, '1'], [20, '2'], [30, '3']]); // prettier-ignore
});

test('a playbook and a higher severity come in the first round only', () => {
  expect(escalationLevels(policyOf()).map(({ playbookId, raisesSeverity }) => [playbookId !== null, raisesSeverity])).toEqual([
    [false, false], [true, true], [false, false], [false, false], [false, false],
  ]); // prettier-ignore
});

test('rounds without a wait are at least a minute apart', () => {
  const policy = policyOf({ steps: [{ targets: [person(1)] }], repeats: 3, repeatAfter: '0s', fallback: [] });
  expect(unanswered(policy)).toEqual([[0, '1'], [1, '1'], [2, '1'], [3, '1']]); // prettier-ignore
});

test('an edit holds from the next level on; what is done is not done again', () => {
  const state = { since: 5 * minuteMs, done: 2 };
  expect(nextLevel(policyOf({ repeatAfter: '30m' }), state)).toMatchObject({ at: 35 * minuteMs, level: { index: 2 } });
  expect(nextLevel(policyOf({ repeats: 0, fallback: [] }), state)).toBeNull();
});

test('a step that does nothing is refused', () => {
  expect(EscalationPolicy.safeParse({ name: 'x', steps: [{ after: '5m' }] }).success).toBe(false);
});

test('hours of a step, over midnight too, by the clocks of its zone', () => {
  const at = (text: string) => Date.parse(text);
  const days = { timeZone: 'Europe/Berlin', days: ['mon' as const], from: '09:00', to: '17:00' };
  expect([at('2026-11-23T08:00:00Z'), at('2026-11-23T07:59:00Z'), at('2026-11-23T16:00:00Z'), at('2026-11-24T10:00:00Z')].map((time) => isWithin(days, time))).toEqual([true, false, false, false]); // prettier-ignore
  const nights = { ...days, from: '22:00', to: '06:00' };
  expect([at('2026-11-23T21:30:00Z'), at('2026-11-24T04:59:00Z'), at('2026-11-24T05:00:00Z'), at('2026-11-23T04:00:00Z')].map((time) => isWithin(nights, time))).toEqual([true, true, false, false]); // prettier-ignore
});
