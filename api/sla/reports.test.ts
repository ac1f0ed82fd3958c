import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

let app: TestApp;
let made = 0;
beforeAll(async () => {
  app = await startTestApp({ withHosts: false });
});
afterAll(() => app?.close());

const open = (service: string, severity = 'sev2') => app.ok('POST', '/incidents', { title: 'Slow', severity, service });
const promise = (service: string) =>
  app.ok('POST', '/sla/policies', {
    name: `Policy of ${service}`,
    services: [service],
    targets: { sev2: { respond: '30m', resolve: '2h' } },
  });
test('a forecast names open clocks that will be late, the next first, and a CSV each incident', async () => {
  const service = `bank-${(made += 1)}`;
  await promise(service);
  const { id, key } = await open(service);
  const { data } = await app.ok('GET', '/incidents/forecast?hours=1');
  const mine = data.filter((one: { id: string }) => one.id === id);
  expect(mine).toMatchObject([{ clock: 'respond', isLate: false }]);
  const both = (await app.ok('GET', '/incidents/forecast?hours=3')).data.filter((one: { id: string }) => one.id === id);
  expect(both.map(({ clock }: { clock: string }) => clock)).toEqual(['respond', 'resolve']);
  const { text, headers } = await app.call('GET', `/incidents/reports/csv?service=${service}`);
  expect(headers.get('content-type')).toContain('text/csv');
  expect(text.trim().split('\r\n')).toEqual([
    expect.stringMatching(/^key,title,/),
    expect.stringMatching(new RegExp(`^${key},Slow,sev2,open,${service},`)),
  ]);
});

test('an edited policy gives open incidents their new target without a word of anybody', async () => {
  const service = `ledger-${(made += 1)}`;
  const { id: policy, name } = await promise(service);
  const { id } = await open(service);
  await app.ok('PUT', `/sla/policies/${policy}`, {
    name,
    services: [service],
    targets: { sev2: { respond: '30m', resolve: '7h' } },
  });
  await expect
    .poll(
      async () => {
        const { clocks } = await app.ok('GET', `/incidents/${id}`);
        return clocks.find(({ kind }: { kind: string }) => kind === 'resolve')?.targetMs;
      },
      { timeout: 30_000 },
    )
    .toBe(7 * 3_600_000);
});
