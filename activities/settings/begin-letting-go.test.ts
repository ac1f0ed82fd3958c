import { afterAll, beforeAll, expect, test } from 'vitest';
import { acceptAlerts } from '#db/alerts/accept-alerts.ts';
import { updateLogKeeping } from '#db/logs/log-keeping.ts';
import { LogWriter } from '#db/logs/log-writer.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';
import { lettingGo } from './begin-letting-go.ts';

let app: TestApp;
let writer: LogWriter;
beforeAll(async () => {
  // No sweep but the one of this test, so that nothing is let go of before it is there.
  app = await startTestApp({ withHosts: false, withSweeps: false });
  writer = new LogWriter({ url: app.database.appUrl });
});
afterAll(async () => {
  await writer?.close();
  await app?.close();
});

const dayMs = 86_400_000;

test('the product’s own worker takes the run up: old lines and alerts are gone, the run says how many, and the page of logs too', async () => {
  const { parts, workspaceId } = app;
  const now = Date.now();
  await parts.inTenant(workspaceId, (tx) => updateLogKeeping(tx, { keepDays: 3, quotaBytes: null }));
  await writer.write(
    workspaceId,
    null,
    [0, 1, 5, 9].map((days) => ({
      at: now - days * dayMs, severity: 17, host: null, service: null, text: `d${days}`, attributes: {}, traceId: null, spanId: null, key: null,
    })), // prettier-ignore
  );
  await parts.inTenant(workspaceId, async (tx) => {
    const over = (key: string) => ({
      key, groupKey: null, status: 'resolved' as const, severity: 'info' as const, title: key, description: '', labels: {}, startsAt: null, endsAt: null, links: [],
    }); // prettier-ignore
    await acceptAlerts(tx, null, 'Test', [over('old'), over('young')]);
    const past = new Date(now - 91 * dayMs);
    await tx.updateTable('alerts').set({ resolvedAt: past, lookAt: null }).where('key', '=', 'old').execute();
  });

  const sweep = lettingGo({ ...parts, startRuns: app.app.startRuns });
  await app.ok('PATCH', '/settings', { legalHold: true });
  await sweep.run();
  expect((await app.ok('GET', '/runs?kind=retention')).data, 'under a legal hold nothing goes').toEqual([]);
  await app.ok('PATCH', '/settings', { legalHold: false });
  await sweep.run();
  const { data: runs } = await app.ok('GET', '/runs?kind=retention');
  expect(runs).toHaveLength(1);
  const run = await app.untilRun(runs[0].id);
  expect(run).toMatchObject({
    status: 'succeeded',
    trigger: 'schedule',
    outputs: { logEvents: 2, alerts: 1, marks: 0 },
  });
  const { data: alerts } = await app.ok('GET', '/alerts');
  expect(alerts.map(({ title }: { title: string }) => title)).toEqual(['young']);
  const { data: lines } = await app.ok('GET', `/logs?from=${new Date(now - 30 * dayMs).toISOString()}`);
  expect(lines.map(({ text }: { text: string }) => text).sort()).toEqual(['d0', 'd1']);
  // Nothing is left to go: the next pass begins no run.
  await sweep.run();
  expect((await app.ok('GET', '/runs?kind=retention')).data).toHaveLength(1);
});
