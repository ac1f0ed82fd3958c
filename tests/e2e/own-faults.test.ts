// What is our own fault, or that of what a playbook names, must not be told as a lost worker or a step that may have run.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../kit/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  const { id: credentialId } = await app.ok('POST', '/credentials', {
    name: 'c',
    kind: 'password',
    username: 'u',
    password: 'p4ssw0rd!',
  });
  await app.ok('POST', '/servers', { name: 'web-1', host: '192.0.2.1', credentialId });
});
afterAll(() => app?.close());

/** Starts a playbook whose step uses a secret, deletes that secret while an approval waits, and lets it go on. */
async function runWithoutItsSecret(step: object): Promise<Awaited<ReturnType<TestApp['untilRun']>>> {
  const name = `gone_${crypto.randomUUID().slice(0, 8)}`;
  const secret = await app.ok('POST', '/secrets', { name, value: 'a secret value' });
  const text = JSON.stringify(step).replaceAll('SECRET', `\${{ secrets.${name} }}`);
  const { id } = await app.ok('POST', '/playbooks', {
    definition: {
      name,
      steps: [{ id: 'ask', kind: 'approve', roles: ['owner'], message: 'Go on?' }, JSON.parse(text) as object],
    },
  });
  const { runId } = await app.ok('POST', `/playbooks/${id}/runs`, {});
  await app.untilRun(runId, ({ status }) => status === 'waiting');
  await app.ok('DELETE', `/secrets/${secret.id}`);
  const [approval] = (await app.ok('GET', '/approvals')) as { id: string }[];
  await app.ok(
    'POST',
    `/approvals/${approval?.id}/decision`,
    { decision: 'approve', reason: 'go' },
    { token: app.owner.token, workspace: app.workspaceId },
  );
  return app.untilRun(runId);
}

test('a secret that was deleted meanwhile fails an ssh step by its code, on every host, at once', async () => {
  const run = await runWithoutItsSecret({
    id: 'use',
    kind: 'ssh',
    hosts: { names: ['web-1'] },
    command: 'true',
    env: { TOKEN: 'SECRET' },
    timeout: '1m',
  });
  expect(run).toMatchObject({ status: 'failed', error: { code: 'secret.missing', step: 'use' } });
});

test('and an http step that may not be repeated: nothing was sent, so nobody is asked', async () => {
  const run = await runWithoutItsSecret({
    id: 'use',
    kind: 'http',
    method: 'POST',
    url: 'https://192.0.2.1/',
    headers: { 'X-Token': 'SECRET' },
  });
  expect(run).toMatchObject({ status: 'failed', error: { code: 'secret.missing', step: 'use' } });
});
