import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTenant } from '#db/kit/in-tenant.ts';
import { countVitals, readVitals } from '#db/vitals/vitals.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ withHosts: false, withSweeps: false });
}, 120_000);
afterAll(() => app?.close());

const run = '/w/$workspace/runs/$runId';
const sample = (value: number, name = 'LCP', page = run) => ({ name, page, value });

test('204: what a viewer’s browser measured is counted by page, and an administrator reads its percentiles', async () => {
  const viewer = await app.addMember('Vera', 'viewer');
  const samples = Array.from({ length: 100 }, (_, index) => sample((index + 1) * 50));
  expect((await app.call('POST', '/vitals', { samples }, { token: viewer.token })).status).toBe(204);
  await app.ok('POST', '/vitals', { samples: [sample(0.2, 'CLS', '/w/$workspace/runs'), sample(0.2, 'CLS', run)] });
  const vitals = await app.ok('GET', '/vitals?days=1');
  expect(vitals.pages.map(({ page }: { page: string }) => page)).toEqual(['/w/$workspace/runs', run]);
  expect(vitals.all.CLS).toMatchObject({ count: 2, fair: 2 });
  const { LCP } = vitals.pages[1].vitals;
  expect(LCP).toMatchObject({ count: 100 });
  expect(LCP.good + LCP.fair + LCP.poor).toBe(100);
  for (const [found, wanted] of [
    [LCP.p50, 2_500],
    [LCP.p75, 3_750],
    [LCP.p95, 4_750],
  ])
    expect(Math.abs(found / wanted - 1)).toBeLessThan(0.06);
});

test('403: who does not administer the workspace does not read them', async () => {
  const member = await app.addMember('Milo', 'member');
  expect((await app.call('GET', '/vitals', undefined, { token: member.token })).status).toBe(403);
});

test('400: an address instead of a page’s template is refused, so no id of anything is kept', async () => {
  const address = `/w/alder-finch/runs/${app.workspaceId}`;
  const answer = await app.call('POST', '/vitals', { samples: [sample(1, 'LCP', address)] });
  expect([answer.status, answer.body.error]).toEqual([400, 'contract.broken']);
  expect(JSON.stringify(await app.ok('GET', '/vitals?days=28'))).not.toContain(app.workspaceId);
});

test('429: one person reports so often a minute and no more', async () => {
  const eager = await app.addMember('Edda', 'viewer');
  const report = () =>
    app.call('POST', '/vitals', { samples: [sample(1, 'TTFB', '/sign-in')] }, { token: eager.token });
  const statuses: number[] = [];
  for (let at = 0; at < 70; at++) statuses.push((await report()).status);
  expect(statuses.slice(0, 60)).toEqual(Array.from({ length: 60 }, () => 204));
  expect(statuses).toContain(429);
});

test('a figure is kept for 28 days; the report of a later day lets it go', async () => {
  const { db } = app.app.tools;
  const other = await app.ok('POST', '/workspaces', { name: 'Long ago' }, { token: app.owner.token });
  const at = (day: string) => new Date(`2026-03-${day}T12:00:00Z`);
  const count = (day: string) =>
    inTenant(db, other.id, (tx) => countVitals(tx, [{ name: 'FCP', page: '/sign-in', value: 700 }], at(day)));
  const kept = (day: string) =>
    inTenant(db, other.id, async (tx) => (await readVitals(tx, 100, at(day))).all.FCP?.count);
  await count('01');
  await count('28'); // the 28th day, the first included
  expect(await kept('28')).toBe(2);
  await count('29');
  expect(await kept('29')).toBe(2);
});
