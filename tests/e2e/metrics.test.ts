// Figures that operators are promised move with what they count.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, testOwner, type TestApp } from '../kit/test-app.ts';

let app: TestApp;
beforeAll(async () => void (app = await startTestApp({ withHosts: false })));
afterAll(() => app?.close());

const figure = async (name: string): Promise<number> => {
  const text = await (await fetch(`${app.origin}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1] ?? 0,
  );
};

test('attempts to sign in are counted by what they came to', async () => {
  const signIn = (password: string) =>
    app.call('POST', '/auth/login', { email: testOwner.email, password, client: 'api' }, { token: null });
  expect((await signIn(testOwner.password)).status).toBe(200);
  expect((await signIn('wrong')).status).toBe(401);
  expect(await figure('windlass_sign_ins_total{outcome="succeeded"}')).toBe(1);
  expect(await figure('windlass_sign_ins_total{outcome="refused"}')).toBe(1);
});

test('a run is counted as it starts and ends, and its events by the time they took', async () => {
  const { id } = await app.ok('POST', '/playbooks', {
    definition: { name: 'One', steps: [{ id: 'a', kind: 'set', values: { x: 1 } }] },
  });
  const before = await figure('windlass_event_delay_seconds_count');
  const { runId } = await app.ok('POST', `/playbooks/${id}/runs`, {});
  await app.untilRun(runId);
  await expect.poll(() => figure('windlass_event_delay_seconds_count')).toBeGreaterThan(before);
  const text = await (await fetch(`${app.origin}/metrics`)).text();
  expect(text).toMatch(/windlass_runs_started_total\{kind="[^"]+",eager="[^"]+"\} 1/);
});
