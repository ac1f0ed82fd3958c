// The real product on real servers: what is drained waits in the database and nowhere else.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp, testOwner, until } from '#tests/kit/test-app.ts';

let app: TestApp;
let playbook: string;

beforeAll(async () => {
  app = await startTestApp({ withHosts: false });
  const definition = { name: 'Quick', steps: [{ id: 'a', kind: 'set', values: { x: 1 } }] };
  playbook = (await app.ok('POST', '/playbooks', { definition })).id;
});
afterAll(() => app?.close());

const start = async (): Promise<string> => (await app.ok('POST', `/playbooks/${playbook}/runs`, {})).runId;
const mainOf = ({ workers }: { workers: { queue: string }[] }) => workers.find(({ queue }) => queue === 'main');
const actions = async (): Promise<string[]> =>
  (await app.ok('GET', '/audit?limit=20', undefined, asOwner())).data.map(({ action }: { action: string }) => action);
const asOwner = () => ({ token: app.owner.token, workspace: app.workspaceId });

test('a drained queue promises runs and begins none, says who drained it and why, and begins them when it is resumed', async () => {
  const drained = await app.ok('POST', '/queues/main/drain', { reason: 'New disks.' }, asOwner());
  expect(mainOf(drained)).toMatchObject({
    queued: 0,
    drains: [{ scope: 'workspace', by: { name: testOwner.name }, reason: 'New disks.' }],
  });
  const ids = [await start(), await start()];
  const status = await app.ok('GET', '/queues');
  expect(mainOf(status)).toMatchObject({ queued: 2, oldestQueuedAt: expect.any(String) });
  expect(status).toMatchObject({ queued: 2, running: 0 });
  expect(await app.ok('GET', `/runs/${ids[0]}`)).toMatchObject({
    status: 'queued',
    waitingFor: 'drain',
    queuePlace: 1,
  });
  const resumed = await app.ok('POST', '/queues/main/resume', undefined, asOwner());
  expect(mainOf(resumed)).toMatchObject({ queued: 0, drains: [] });
  for (const id of ids) await app.untilRun(id, ({ status: now }) => now === 'succeeded');
  expect(await actions()).toEqual(expect.arrayContaining(['queue.drained', 'queue.resumed']));
});

test('an instance administrator drains for every workspace, beside what each says itself', async () => {
  const by = { token: app.owner.token };
  const other = await app.ok('POST', '/workspaces', { name: 'Other' }, by);
  await app.ok('POST', '/instance/queues/main/drain', {}, by);
  const id = await start();
  await app.ok('POST', '/queues/main/drain', {}, asOwner());
  expect(mainOf(await app.ok('GET', '/queues'))).toMatchObject({
    drains: [{ scope: 'workspace' }, { scope: 'instance' }],
  });
  expect(mainOf(await app.ok('GET', '/queues', undefined, { ...by, workspace: other.id }))).toMatchObject({
    drains: [{ scope: 'instance', reason: null }],
  });
  await app.ok('POST', '/instance/queues/main/resume', undefined, by);
  expect(await app.ok('GET', `/runs/${id}`)).toMatchObject({ status: 'queued', waitingFor: 'drain' });
  await app.ok('POST', '/queues/main/resume', undefined, asOwner());
  await app.untilRun(id, ({ status }) => status === 'succeeded');
});

test('who may not manage runs, or is no administrator, drains nothing; a queue that takes no runs is not drained', async () => {
  const member = await app.addMember('mo', 'member', asOwner());
  const admin = await app.addMember('ada', 'admin', asOwner());
  expect((await app.call('POST', '/queues/main/drain', {}, { token: member.token })).status).toBe(403);
  expect((await app.call('POST', '/instance/queues/main/drain', {}, { token: admin.token })).status).toBe(403);
  expect((await app.call('POST', '/queues/ssh/drain', {}, asOwner())).status).toBe(400);
  await until(async () => mainOf(await app.ok('GET', '/queues')) !== undefined);
});
