import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('the names that dashboards depend on stand, all others begin with windlass_', async () => {
  const metrics = createMetrics();
  const names = (await metrics.registry.getMetricsAsJSON()).map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'shell_query_jobs_total',
      'shell_query_duration_seconds',
      'shell_query_failures_total',
      'shell_query_active_jobs',
      'windlass_event_horizon_seconds',
    ]),
  );
  expect(names.filter((name) => !/^(shell_query|windlass)_/.test(name))).toEqual([]);
  metrics.queryJobs.inc({ status: 'succeeded' });
  expect(await metrics.registry.metrics()).toContain('shell_query_jobs_total{status="succeeded"} 1');
});
