import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sshd, startSshd } from '#tests/kit/sshd.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

let app: TestApp;
let sshd: Sshd;
const ids: string[] = [];
beforeAll(async () => {
  [app, sshd] = await Promise.all([startTestApp(), startSshd({ hosts: 2 })]);
  const { id: credentialId } = await app.ok('POST', '/credentials', {
    name: 'key',
    kind: 'ssh_key',
    username: sshd.username,
    privateKey: sshd.privateKey,
  });
  for (const [index, { address: host, port }] of sshd.hosts.entries())
    ids.push((await app.ok('POST', '/servers', { name: `host ${index}`, host, port, credentialId, tags: ['eu'] })).id);
  ids.push((await app.ok('POST', '/servers', { name: 'nobody', host: '127.0.0.1', port: 1, credentialId })).id);
});
afterAll(async () => {
  await app?.close();
  await sshd?.stop();
});

const discover = async () => {
  const { runId } = await app.ok('POST', '/asset-discoveries', { serverIds: ids });
  return app.untilRun(runId);
};

test('discovery makes an asset of each server that answers, keeps it up to date, and leaves what people wrote', async () => {
  const first = await discover();
  expect(first).toMatchObject({ status: 'succeeded', warnings: 1, outputs: { discovered: 2, failed: 1 } });
  const list = async () => (await app.ok('GET', '/assets')).data;
  const [one, two] = await list();
  expect([one.key, one.name, one.server.id, one.tags]).toEqual(['host-0', 'host 0', ids[0], ['eu']]);
  expect(two.key).toBe('host-1');
  expect(one.attributes).toMatchObject({ 'os.name': expect.any(String), 'os.kernel': expect.any(String), 'cpu.count': expect.any(Number) }); // prettier-ignore
  expect(one.attributeSources['os.kernel']).toBe('discovery');

  await app.ok('PATCH', `/assets/${one.id}`, { name: 'Mine', attributes: { 'os.name': 'By hand', 'os.arch': null } });
  const second = await discover();
  expect(second.outputs).toMatchObject({ discovered: 0, failed: 1 });
  const again = await app.ok('GET', `/assets/${one.id}`);
  expect(again).toMatchObject({
    name: 'Mine',
    attributes: { 'os.name': 'By hand' },
    attributeSources: { 'os.name': 'person' },
  });
  expect(again.attributes).not.toHaveProperty(['os.arch']);
  expect(await list()).toHaveLength(2);
});
