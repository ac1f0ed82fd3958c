import { expect, test } from 'vitest';
import { isNoticed } from './use-notices.ts';

const ended = (data: Record<string, unknown>) =>
  isNoticed({ type: 'run.ended', data: { shape: 'job', startedAt: '2026-01-01T00:00:00Z', ...data } });

test('runs that ended well at once, as most do, ask the server nothing', () => {
  expect(ended({ status: 'succeeded', endedAt: '2026-01-01T00:00:59Z' })).toBe(false);
  expect(ended({ status: 'succeeded', endedAt: '2026-01-01T00:01:01Z' })).toBe(true);
  expect(ended({ status: 'failed', endedAt: '2026-01-01T00:00:01Z' })).toBe(true);
  expect(ended({ status: 'timed_out', endedAt: null })).toBe(true);
  expect(ended({ status: 'canceled', endedAt: '2026-01-01T00:10:00Z' })).toBe(false);
  expect(ended({ status: 'failed', shape: 'part' })).toBe(false);
});

test('a run whose times are not known may be one of them', () => {
  expect(ended({ status: 'succeeded', startedAt: null, endedAt: '2026-01-01T00:00:01Z' })).toBe(true);
});

test('questions, queues, restarts and servers that became unhealthy are noticed, all else is not', () => {
  const of = (type: string) => isNoticed({ type, data: {} });
  expect(['approval.asked', 'approval.decided', 'queue.drained', 'system.restarted'].map(of)).toEqual(
    Array(4).fill(true),
  );
  expect(of('server.became_unhealthy')).toBe(true);
  expect(['server.checked', 'run.progressed', 'step.updated', 'log.appended', 'audit.appended'].map(of)).toEqual(
    Array(5).fill(false),
  );
});
