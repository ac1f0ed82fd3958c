import type { DemoClient } from './client.ts';

const kinds = [
  { severity: 'info', service: 'front', text: 'GET /orders/{n} 200 in {ms} ms', 'http.status': 200 },
  { severity: 'info', service: 'checkout', text: 'order {n} was paid', 'http.status': 201 },
  { severity: 'debug', service: 'catalog', text: 'cache miss for product {n}', 'http.status': 200 },
  { severity: 'warn', service: 'search', text: 'slow query: {ms} ms for order {n}', 'http.status': 200 },
  { severity: 'error', service: 'checkout', text: 'payment of order {n} failed: card declined', 'http.status': 402 },
] as const;
/** How often each kind comes, of 20 lines. */
const turns = [0, 0, 1, 0, 2, 0, 1, 0, 3, 0, 0, 1, 2, 0, 4, 0, 1, 0, 3, 0];

/** Logs of the demo's shop: an hour of lines, a source to send more, and a search that raises an alert. */
export async function seedLogs(owner: DemoClient): Promise<void> {
  const { data } = await owner.call<{ data: unknown[] }>('GET', '/log-sources');
  if (data.length > 0) return;
  await owner.call('POST', '/log-sources', { name: 'Shop', sender: 'otel', description: 'All services of the shop' });
  await owner.call('POST', '/log-searches', {
    name: 'Payments fail',
    search: 'payment failed service=checkout',
    alert: { threshold: 50, withinMinutes: 5, severity: 'high' },
  });
  const now = Date.now();
  const lines = Array.from({ length: 600 }, (_, n) => {
    const { text, ...kind } = kinds[turns[n % turns.length] ?? 0] ?? kinds[0];
    const ms = 12 + ((n * 37) % 700);
    return {
      ...kind,
      at: new Date(now - n * 6_000 - ((n * 911) % 5_000)).toISOString(),
      id: `demo-${n}`,
      host: `web-${1 + (n % 4)}`,
      text: text.replace('{n}', String(48_200 - n)).replace('{ms}', String(ms)),
      region: n % 3 === 0 ? 'eu-west' : 'eu-central',
    };
  });
  await owner.call('POST', '/logs', lines);
}
