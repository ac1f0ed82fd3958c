import autocannon from 'autocannon';
import type { Api } from './api.ts';
import { percentile } from './figures.ts';

/** Load on loopback for some seconds: how long answers took. @throws where one is refused */
export async function cannon(
  { url, headers }: Api,
  path: string,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<{ p95: number; rate: number }> {
  const delays: number[] = [];
  const load = autocannon({
    url,
    connections,
    duration: seconds,
    setupClient: (client) => client.setRequests([{ method: 'GET', path: `/api/v1${path}`, headers }]),
  });
  load.on('response', (_client, _status, _bytes, tookMs) => void delays.push(tookMs));
  const { non2xx, errors, requests } = await load;
  if (non2xx > 0 || errors > 0) throw new Error(`${path}: ${non2xx} refusals, ${errors} errors.`);
  return { p95: percentile(delays, 95), rate: requests.average };
}
