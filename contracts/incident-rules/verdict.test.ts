import { expect, test } from 'vitest';
import { RuleLimits } from './incident-rules.ts';
import { type RuleHistory, verdictOf } from './verdict.ts';

const calm: RuleHistory = {
  depth: 1, timesOfIncident: 1, startsInHour: 0, heldInHour: 0, sinceStartMs: null, runsOnHost: 0, isRunning: false,
}; // prettier-ignore
const limits = RuleLimits.parse({ perHour: 2, coolDown: '10m', mostAtOnce: 1 });
const after = (history: Partial<RuleHistory>) => verdictOf(limits, { ...calm, ...history }).kind;

test('a rule that is within its limits goes', () => {
  expect(after({})).toBe('go');
  expect(after({ depth: 3, timesOfIncident: 6, startsInHour: 1, sinceStartMs: 600_000 })).toBe('go');
});

test('each limit holds it this time', () => {
  expect(after({ startsInHour: 2 })).toBe('held');
  expect(after({ sinceStartMs: 599_999 })).toBe('held');
  expect(after({ runsOnHost: 1 })).toBe('held');
  expect(after({ isRunning: true })).toBe('held');
});

test('a loop stops it, by its causes, by one incident, or by going on beyond its rate', () => {
  expect(after({ depth: 4 })).toBe('tripped');
  expect(after({ timesOfIncident: 7, isRunning: true })).toBe('tripped');
  expect(after({ startsInHour: 2, heldInHour: 2 })).toBe('tripped');
});
