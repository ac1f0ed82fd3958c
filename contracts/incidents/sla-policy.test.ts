import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computeClock } from './sla-clock.ts';
import { type ClockFacts, clocksMoved, clocksRetargeted, openClocks, policyFor, SlaPolicy } from './sla-policy.ts';
import { allowedMoves, type IncidentState, stateFlags } from './states.ts';

const minuteMs = 60_000;
const policy = SlaPolicy.parse({
  name: 'Gold',
  targets: {
    sev1: { respond: '15m', resolve: '4h' },
    sev2: { respond: '30m', resolve: '8h' },
    sev3: { respond: null, resolve: '3d' },
  },
  pauseIn: ['mitigated'],
});
const clockOf = (clocks: ClockFacts, kind: 'respond' | 'resolve', now: number) =>
  computeClock(clocks[kind], { calendars: {}, now, warnRatio: 0.75 });

/** Goes through states, one a step of so many minutes. */
function walk(states: readonly IncidentState[], stepMs: number): { clocks: ClockFacts; now: number } {
  let clocks = openClocks(policy, 'sev1', 0);
  let now = 0;
  for (const [index, to] of states.entries()) {
    now += stepMs;
    clocks = clocksMoved(clocks, policy, { from: states[index - 1] ?? 'open', to, at: now, why: to });
  }
  return { clocks, now };
}

test('the first answer ends the clock to respond, whatever state it is given in; taken up again it need not be answered anew', () => {
  for (const first of ['acknowledged', 'pending', 'resolved'] as const)
    expect(clockOf(walk([first], 10 * minuteMs).clocks, 'respond', 60 * minuteMs)).toMatchObject({
      mode: 'met',
      metAt: 10 * minuteMs,
      breachedAt: null,
    });
  const { clocks } = walk(['acknowledged', 'resolved', 'investigating'], 10 * minuteMs);
  expect(clockOf(clocks, 'respond', 100 * minuteMs)).toMatchObject({ mode: 'met', metAt: 10 * minuteMs });
});

test('pending and what the policy names stand still; resolved ends it, and taken up again it goes on from there', () => {
  const { clocks, now } = walk(
    ['acknowledged', 'pending', 'investigating', 'mitigated', 'investigating', 'resolved', 'investigating'],
    10 * minuteMs,
  );
  const clock = clockOf(clocks, 'resolve', now + 5 * minuteMs);
  expect(clock?.segments.map(({ mode, why }) => `${mode} ${why}`)).toEqual([
    'counting Opened as SEV1',
    'paused pending',
    'counting investigating',
    'paused mitigated',
    'counting investigating',
    'met resolved',
    'counting investigating',
  ]);
  expect(clock?.usedMs).toBe(45 * minuteMs);
});

test('another severity keeps what was used; one without a target stops the clock, one with starts it', () => {
  const open = openClocks(policy, 'sev3', 0);
  expect(open.respond).toEqual([]);
  const change = { state: 'open', at: 60 * minuteMs, why: 'Raised' } as const;
  const raised = clocksRetargeted(open, policy, { ...change, severity: 'sev1' });
  expect(clockOf(raised, 'resolve', 60 * minuteMs)).toMatchObject({ usedMs: 60 * minuteMs, dueAt: 240 * minuteMs });
  expect(clockOf(raised, 'respond', 60 * minuteMs)).toMatchObject({ usedMs: 0, dueAt: 75 * minuteMs });
  const dropped = clocksRetargeted(raised, policy, { ...change, severity: 'sev4', at: 90 * minuteMs });
  expect(clockOf(dropped, 'resolve', 600 * minuteMs)).toMatchObject({ mode: 'met', usedMs: 90 * minuteMs });
  expect(clocksRetargeted(raised, policy, { ...change, severity: 'sev1', at: 90 * minuteMs })).toEqual(raised);
  const again = clocksRetargeted(dropped, policy, { ...change, severity: 'sev2', at: 100 * minuteMs });
  expect(clockOf(again, 'resolve', 110 * minuteMs)).toMatchObject({ mode: 'counting', usedMs: 100 * minuteMs });
  expect(clocksRetargeted(dropped, policy, { ...change, severity: 'sev4', at: 95 * minuteMs })).toEqual(dropped);
});

test('an answer that was given is no reason to start the clock to respond', () => {
  const { clocks } = walk([], 0);
  const answered = clocksRetargeted({ ...clocks, respond: [] }, policy, {
    severity: 'sev1',
    state: 'acknowledged',
    at: 5,
    why: 'x',
  });
  expect(answered.respond).toEqual([]);
});

test('a policy that names the service goes before one for all', () => {
  const policies = [{ services: [] }, { services: ['api'] }];
  expect(policyFor(policies, 'api')).toBe(policies[1]);
  expect(policyFor(policies, 'web')).toBe(policies[0]);
  expect(policyFor([{ services: ['api'] }], null)).toBeNull();
});

test('on any way through the states the clock to resolve counts exactly the time in states that count', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20 }), { maxLength: 25 }), (choices) => {
      const states: IncidentState[] = [];
      let counted = 10 * minuteMs;
      for (const choice of choices) {
        const next = allowedMoves(states.at(-1) ?? 'open');
        const to = next[choice % Math.max(1, next.length)];
        if (!to) break;
        states.push(to);
        if (stateFlags[to].clock === 'run' && to !== 'mitigated') counted += 10 * minuteMs;
      }
      const { clocks, now } = walk(states, 10 * minuteMs);
      expect(clockOf(clocks, 'resolve', now + 10 * minuteMs)?.usedMs).toBe(counted);
    }),
    { numRuns: 300 },
  );
});
