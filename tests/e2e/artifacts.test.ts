// Stored files, from the body of a request to the disk of real hosts.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asSuperuser } from '#system/embedded/postgres-roles.ts';
import { type Fleet, startFleet } from '../kit/host-fleet.ts';
import { startTestApp, type TestApp } from '../kit/test-app.ts';

let app: TestApp;
let fleet: Fleet;
beforeAll(async () => {
  app = await startTestApp();
  fleet = await startFleet(app, { hosts: 2 }, ['web']);
});
afterAll(async () => {
  await app?.close();
  await fleet?.stop();
});

const sql = async (text: string, values: unknown[] = []): Promise<unknown[]> =>
  (await asSuperuser(app.database.ownerUrl, (client) => client.query(text, values))).rows;
const hashOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
const send = (path: string, content: BodyInit, headers: Record<string, string> = {}) =>
  fetch(`${app.origin}/api/v1${path}`, {
    method: 'POST',
    body: content,
    headers: { authorization: `Bearer ${app.key}`, 'content-type': 'application/octet-stream', ...headers },
  });
const store = async (name: string, content: Buffer, query = ''): Promise<{ id: string; sha256: string }> => {
  const answer = await send(`/artifacts?name=${encodeURIComponent(name)}${query}`, new Uint8Array(content));
  expect(answer.status).toBe(201);
  return (await answer.json()) as { id: string; sha256: string };
};
const save = async (steps: object[]): Promise<string> =>
  (await app.ok('POST', '/playbooks', { definition: { name: crypto.randomUUID(), steps } })).id;
const upload = { id: 'put', kind: 'upload', hosts: { tags: ['web'] }, to: 'app.bin', mode: '0640' };

test('a file of several parts arrives byte for byte, whatever its content type, and is written to each host', async () => {
  const content = randomBytes(2_500_000);
  const answer = await send('/artifacts?name=releases/app-1.2.bin', new Uint8Array(content), {
    'content-type': 'application/json',
  });
  const made = (await answer.json()) as { id: string };
  expect(answer.status).toBe(201);
  expect(made).toMatchObject({
    name: 'releases/app-1.2.bin',
    bytes: 2_500_000,
    sha256: hashOf(content),
    expiresAt: null,
  });
  const download = await fetch(`${app.origin}/api/v1/artifacts/${made.id}/content`, {
    headers: { authorization: `Bearer ${app.key}` },
  });
  expect(download.headers.get('content-disposition')).toBe('attachment; filename="app-1.2.bin"');
  expect(hashOf(Buffer.from(await download.arrayBuffer()))).toBe(hashOf(content));

  const run = await app.untilRun(
    (await app.ok('POST', `/playbooks/${await save([{ ...upload, artifact: 'releases/app-1.2.bin' }])}/runs`, {}))
      .runId,
  );
  expect(run).toMatchObject({ status: 'succeeded' });
  for (const { home } of fleet.hosts) expect(hashOf(readFileSync(join(home, 'app.bin')))).toBe(hashOf(content));
});

test('a step may name the id too, and the name by a template for each host', async () => {
  const { id } = await store('by-id', Buffer.from('by id'));
  await store('for-host-01', Buffer.from('first'));
  await store('for-host-02', Buffer.from('second'));
  const playbook = await save([
    { ...upload, to: 'one', artifact: id },
    { ...upload, id: 'each', to: 'two', artifact: 'for-${{ host.name }}' },
  ]);
  const { runId } = await app.ok('POST', `/playbooks/${playbook}/runs`, {});
  expect(await app.untilRun(runId)).toMatchObject({ status: 'succeeded' });
  const texts = (name: string) => fleet.hosts.map(({ home }) => readFileSync(join(home, name), 'utf8'));
  expect([texts('one'), texts('two')]).toEqual([
    ['by id', 'by id'],
    ['first', 'second'],
  ]);
});

test('a name without a file fails the step by its code, and the plan says so before', async () => {
  const playbook = await save([{ ...upload, to: 'never', artifact: 'no-such-file' }]);
  const plan = await app.ok('POST', `/playbooks/${playbook}/plan`, {});
  expect(plan.entries[0]).toMatchObject({ error: { code: 'artifact.missing', path: '/steps/0/artifact' } });
  const run = await app.untilRun((await app.ok('POST', `/playbooks/${playbook}/runs`, {})).runId);
  expect(run).toMatchObject({ status: 'failed' });
  expect(run.hosts.map(({ error }) => error?.code)).toEqual(['artifact.missing', 'artifact.missing']);
  expect(fleet.hosts.some(({ home }) => existsSync(join(home, 'never')))).toBe(false);
});

test('the plan shows bytes and hash, and its hash changes with the bytes under a name', async () => {
  const { id, sha256 } = await store('planned', Buffer.from('first'));
  const playbook = await save([{ ...upload, artifact: 'planned' }]);
  const before = await app.ok('POST', `/playbooks/${playbook}/plan`, {});
  expect(before.entries[0].details).toEqual({ files: { planned: { bytes: 5, sha256 } } });
  await app.ok('DELETE', `/artifacts/${id}`);
  await store('planned', Buffer.from('other'));
  expect((await app.ok('POST', `/playbooks/${playbook}/plan`, {})).hash).not.toBe(before.hash);
});

test('409: content never changes; a name is free again once its file is deleted or past its time', async () => {
  const { id } = await store('fixed', Buffer.from('first'));
  const again = await send('/artifacts?name=fixed', 'other');
  expect([again.status, ((await again.json()) as { error: string }).error]).toEqual([409, 'artifact.name_taken']);
  await app.ok('DELETE', `/artifacts/${id}`);
  expect((await app.call('GET', `/artifacts/${id}`)).status).toBe(404);
  await store('fixed', Buffer.from('other'), '&keepDays=1');
  await sql(`update artifacts set expires_at = now() - interval '1 s' where name = 'fixed'`);
  expect((await app.ok('GET', '/artifacts?q=fixed')).data).toEqual([]);
  await store('fixed', Buffer.from('third'));
});

test('two that store the same name at once: one wins, the other is told, nothing is left of it', async () => {
  const answers = await Promise.all([1, 2, 3].map((n) => send('/artifacts?name=raced', `content ${n}`)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
  expect(await sql(`select count(*)::int as n from artifacts where name = 'raced'`)).toEqual([{ n: 1 }]);
});

test('413: more than 64 MiB is refused, by its length before a byte is read and by counting where none is told', async () => {
  const declared = await new Promise<number>((done, fail) => {
    const asking = request(
      `${app.origin}/api/v1/artifacts?name=declared`,
      {
        method: 'POST',
        headers: {
          authorization: `Bearer ${app.key}`,
          'content-type': 'application/octet-stream',
          'content-length': 64 * 1_048_576 + 1,
        },
      },
      (answer) => {
        done(answer.statusCode ?? 0);
        asking.destroy();
      },
    );
    asking.on('error', fail);
    asking.write('x');
  });
  expect(declared).toBe(413);
  const block = Buffer.alloc(1_048_576);
  let sent = 0;
  const counted = await new Promise<number>((done, fail) => {
    let status = 0;
    const asking = request(
      `${app.origin}/api/v1/artifacts?name=counted`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${app.key}`, 'content-type': 'application/octet-stream' },
      },
      (answer) => {
        status = answer.statusCode ?? 0;
        done(status);
        asking.destroy();
      },
    );
    asking.on('error', (error) => (status === 0 ? fail(error) : undefined));
    const more = (): void => {
      if (status !== 0 || sent > 80) return;
      sent += 1;
      asking.write(block, () => more());
    };
    more();
  });
  expect(counted).toBe(413);
  expect(await sql(`select name from artifacts where name in ('declared', 'counted')`)).toEqual([]);
});

test('400: a body is needed, and a name that a host’s shell or a path would mind is refused', async () => {
  expect((await app.call('POST', '/artifacts?name=nothing')).status).toBe(400);
  for (const name of ['', '../etc', 'a b', "a'b", 'a\nb', 'ä'])
    expect((await send(`/artifacts?name=${encodeURIComponent(name)}`, 'x')).status).toBe(400);
});

test('storing and deleting are events and audit entries', async () => {
  const { id } = await store('told', Buffer.from('x'));
  await app.ok('DELETE', `/artifacts/${id}`);
  const { data } = await app.ok('GET', `/audit?subject=artifact:${id}`);
  expect(data.map(({ action, title }: Record<string, unknown>) => [action, title])).toEqual([
    ['artifact.deleted', 'told'],
    ['artifact.created', 'told'],
  ]);
  expect(
    await sql(`select type from events where subject = $1 and type like 'artifact%' order by seq`, [`artifact:${id}`]),
  ).toEqual([{ type: 'artifact.created' }, { type: 'artifact.deleted' }]);
});
