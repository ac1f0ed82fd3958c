import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.ts';
import { StartFailure } from './start-failure.ts';

/**
 * `/metrics` and `/healthz` of a process that has no API, for collector and orchestrator.
 * @returns what stops it
 * @throws StartFailure where the port is taken
 */
export async function serveMetrics(
  { registry }: Pick<Metrics, 'registry'>,
  { host, port }: { host: string; port: number },
): Promise<(() => Promise<void>) & { readonly port: number }> {
  const server = createServer((request, answer) => {
    const path = request.url?.split('?')[0];
    if (path === '/healthz') return void answer.setHeader('content-type', 'application/json').end('{"status":"ok"}');
    if (path !== '/metrics') return void answer.writeHead(404).end();
    registry.metrics().then(
      (text) => answer.setHeader('content-type', registry.contentType).end(text),
      () => answer.writeHead(500).end(),
    );
  });
  await new Promise<void>((done, fail) => {
    server.once('error', (error) =>
      fail(
        new StartFailure(`WINDLASS_METRICS_PORT ${port} on ${host} cannot be used (${error.message}): take another.`, {
          cause: error,
        }),
      ),
    );
    server.listen(port, host, () => done());
  });
  const stop = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return Object.assign(stop, { port: (server.address() as AddressInfo).port });
}
