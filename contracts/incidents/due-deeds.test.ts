import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EscalationPolicy, escalationLevels } from '../oncall/escalation.ts';
import { afterDeed, type Deed, dueDeeds, type IncidentRules, type IncidentTimes } from './due-deeds.ts';
import { clocksMoved, clocksRetargeted, openClocks, SlaPolicy } from './sla-policy.ts';
import { allowedMoves, type IncidentState } from './states.ts';

const minuteMs = 60_000;
const id = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const sla = SlaPolicy.parse({
  name: 'Gold',
  targets: { sev1: { respond: '20m', resolve: '2h' }, sev2: { respond: '60m', resolve: '8h' } },
});
const escalation = EscalationPolicy.parse({
  name: 'Default',
  steps: [{ targets: [{ kind: 'person', id: id(1) }] }, { after: '10m', targets: [{ kind: 'schedule', id: id(2) }] }],
  repeats: 1,
  repeatAfter: '10m',
});
const rules: IncidentRules = { sla, calendars: {}, escalation };
const opened = (): IncidentTimes => ({
  state: 'open',
  clocks: openClocks(sla, 'sev1', 0),
  told: {},
  escalation: { since: 0, done: 0 },
});
const words = (deeds: readonly Deed[]): string[] =>
  deeds.map(
    (deed) =>
      `${deed.at / minuteMs} ${deed.kind === 'escalate' ? `level ${deed.level.index}` : `${deed.kind} ${deed.clock}`}`,
  );

/** Lets time go by until an instant, doing what is due when it is due. */
function until(
  times: IncidentTimes,
  end: number,
  begin: number,
  rulesNow = rules,
): { times: IncidentTimes; done: Deed[] } {
  const done: Deed[] = [];
  let now = begin;
  let state = times;
  for (let looks = 0; looks < 1_000; looks += 1) {
    const { deeds, nextAt } = dueDeeds(state, rulesNow, now);
    for (const deed of deeds) {
      done.push(deed);
      state = afterDeed(state, deed, now);
    }
    if (deeds.length > 0) continue;
    if (nextAt === null || nextAt > end) return { times: state, done };
    expect(nextAt).toBeGreaterThan(now);
    now = nextAt;
  }
  throw new Error('It never comes to rest.');
}
const move = (times: IncidentTimes, to: IncidentState, at: number): IncidentTimes => ({
  ...times,
  state: to,
  clocks: clocksMoved(times.clocks, sla, { from: times.state, to, at, why: to }),
});

test('nobody answers: levels, warnings and breaches in their time, each once, then rest', () => {
  expect(words(until(opened(), Infinity, 0).done)).toEqual([
    '0 level 0', '10 level 1', '15 warn respond', '20 breach respond', '20 level 2', '30 level 3', '90 warn resolve', '120 breach resolve',
  ]); // prettier-ignore
});

test('an answer ends the levels and the clock to respond; the clock to resolve goes on', () => {
  const first = until(opened(), 12 * minuteMs, 0);
  const acknowledged = move(first.times, 'acknowledged', 12 * minuteMs);
  expect(words(until(acknowledged, Infinity, 12 * minuteMs).done)).toEqual(['90 warn resolve', '120 breach resolve']);
});

test('while it is pending nothing is due; afterwards what is due has moved by as much', () => {
  let times = move(until(opened(), 5 * minuteMs, 0).times, 'acknowledged', 5 * minuteMs);
  times = move(times, 'pending', 30 * minuteMs);
  expect(dueDeeds(times, rules, 600 * minuteMs)).toEqual({ deeds: [], nextAt: null });
  times = move(times, 'investigating', 630 * minuteMs);
  expect(words(until(times, Infinity, 630 * minuteMs).done)).toEqual(['690 warn resolve', '720 breach resolve']);
});

test('all was down for hours: each is told once with the time at which it was due, levels one after the other', () => {
  const { done } = until(opened(), Infinity, 300 * minuteMs);
  expect(words(done.filter(({ kind }) => kind !== 'escalate'))).toEqual(['15 warn respond', '20 breach respond', '90 warn resolve', '120 breach resolve']); // prettier-ignore
  expect(done.filter(({ kind }) => kind === 'escalate').map(({ at }) => at / minuteMs)).toEqual([0, 310, 320, 330]);
});

test('another target is told of again, the same one is not', () => {
  let times = move(until(opened(), 5 * minuteMs, 0).times, 'acknowledged', 5 * minuteMs);
  times = until(times, 100 * minuteMs, 5 * minuteMs).times;
  expect(times.told).toMatchObject({ 'resolve.warned': 120 * minuteMs });
  const lowered = {
    ...times,
    clocks: clocksRetargeted(times.clocks, sla, {
      severity: 'sev2',
      state: 'acknowledged',
      at: 100 * minuteMs,
      why: 'SEV2',
    }),
  };
  expect(words(until(lowered, Infinity, 100 * minuteMs).done)).toEqual(['360 warn resolve', '480 breach resolve']);
});

test('a step outside its hours is passed over and counts as done', () => {
  const within = { timeZone: 'UTC', days: ['mon' as const], from: '09:00', to: '17:00' };
  const [step] = escalation.steps;
  const nightly = { ...escalation, steps: [{ ...step, within }, ...escalation.steps.slice(1)] } as EscalationPolicy;
  const { done } = until(opened(), 10 * minuteMs, 0, { ...rules, escalation: nightly }); // 1970 began on a Thursday
  expect(done).toMatchObject([
    { kind: 'escalate', isPassedOver: true },
    { level: { index: 1 }, isPassedOver: false },
  ]);
});

test('whatever happens in between, nothing is told twice under one target, nothing that has come is left out, and it comes to rest', () => {
  const event = fc.record({ afterMs: fc.integer({ min: 0, max: 90 * minuteMs }), choice: fc.nat({ max: 30 }) });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 15 }), (events) => {
      let times = opened();
      let now = 0;
      const done: Deed[] = [];
      for (const { afterMs, choice } of events) {
        const gone = until(times, now + afterMs, now);
        done.push(...gone.done);
        now += afterMs;
        const next = allowedMoves(gone.times.state);
        const to = next[choice % Math.max(1, next.length)];
        times = to ? move(gone.times, to, now) : gone.times;
      }
      const last = until(times, Infinity, now);
      done.push(...last.done);
      const names = done.map((deed) =>
        deed.kind === 'escalate' ? `level ${deed.level.index}` : `${deed.kind} ${deed.clock}`,
      );
      expect(new Set(names).size).toBe(names.length);
      expect(names.filter((name) => name.startsWith('level')).length).toBeLessThanOrEqual(
        escalationLevels(escalation).length,
      );
      expect(dueDeeds(last.times, rules, now + 1_000_000 * minuteMs).deeds).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
