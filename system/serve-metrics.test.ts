import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { serveMetrics } from './serve-metrics.ts';

test('a process without an API tells its figures and that it lives, and nothing else', async () => {
  const metrics = createMetrics({ withDefaults: false });
  metrics.commands.inc({ end: 'ended' });
  const stop = await serveMetrics(metrics, { host: '127.0.0.1', port: 0 });
  const get = (path: string) => fetch(`http://127.0.0.1:${stop.port}${path}`);
  const figures = await get('/metrics');
  expect(figures.headers.get('content-type')).toContain('text/plain');
  expect(await figures.text()).toContain('windlass_ssh_commands_total{end="ended"} 1');
  expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' });
  expect((await get('/api/v1/runs')).status).toBe(404);
  await expect(serveMetrics(metrics, { host: '127.0.0.1', port: stop.port })).rejects.toThrow(
    `WINDLASS_METRICS_PORT ${stop.port} on 127.0.0.1 cannot be used`,
  );
  await stop();
  await expect(get('/healthz')).rejects.toThrow('fetch failed');
});
