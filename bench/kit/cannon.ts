import autocannon from 'autocannon';
import type { Api } from './api.ts';
import { percentile } from './figures.ts';

/** Load on loopback for some seconds: how long answers took. Of several paths each connection asks one after the other, each from another one on. @throws where one is refused */
export async function cannon(
  { url, headers }: Pick<Api, 'url' | 'headers'>,
  path: string | readonly string[],
  { connections, seconds }: { connections: number; seconds: number },
): Promise<{ p95: number; rate: number }> {
  const delays: number[] = [];
  const paths = [path].flat();
  const requests = paths.map((each) => ({ method: 'GET' as const, path: `/api/v1${each}`, headers }));
  let client = 0;
  const load = autocannon({
    url,
    connections,
    duration: seconds,
    setupClient: (one) => {
      const from = Math.floor((client++ * paths.length) / connections);
      one.setRequests([...requests.slice(from), ...requests.slice(0, from)]);
    },
  });
  load.on('response', (_client, _status, _bytes, tookMs) => void delays.push(tookMs));
  const { non2xx, errors, requests: answered } = await load;
  if (non2xx > 0 || errors > 0) throw new Error(`${paths[0]}: ${non2xx} refusals, ${errors} errors.`);
  return { p95: percentile(delays, 95), rate: answered.average };
}
