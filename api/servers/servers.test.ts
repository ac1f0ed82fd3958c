import { generateKeyPairSync } from 'node:crypto';
import ssh2 from 'ssh2';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTenant } from '#db/kit/in-tenant.ts';
import { readPrivateKey } from '#connectors/ssh/keys.ts';
import { recordCheck } from '#db/servers/checks.ts';
import { sealContext } from '#db/servers/credentials.ts';
import { fingerprintOf, judgeHostKey } from '#db/servers/host-keys.ts';
import { takeDueServers } from '#db/system/due-servers.ts';
import { addMember, type Caller, identityApi, type IdentityApi, setUpOwner } from '#tests/kit/identity-api.ts';
import { identityRoom } from '../identity/identity.ts';
import { serverBulkRoom } from './bulk.ts';
import { credentialsRoom } from './credentials.ts';
import { serversRoom } from './servers.ts';

let api: IdentityApi;
let by: Caller;
let workspaceId: string;
const canary = `canary-${uuidv7()}`;
/** Every answer of this file, searched for the canary at its end. */
const answers: string[] = [];

beforeAll(async () => {
  api = await identityApi({
    identity: identityRoom,
    servers: serversRoom,
    serverBulk: serverBulkRoom,
    credentials: credentialsRoom,
  });
  const inject = api.server.inject.bind(api.server) as (request: object) => Promise<{ body: string }>;
  api.server.inject = (async (request: object) => {
    const answer = await inject(request);
    answers.push(answer.body);
    return answer;
  }) as unknown as typeof api.server.inject;
  const owner = await setUpOwner(api);
  by = { token: owner.token };
  workspaceId = owner.workspaceId;
});
afterAll(() => api?.close());

let count = 0;
const addServer = async (more: object = {}) => {
  const answer = await api.post('/servers', by, { name: `web-${++count}`, host: `10.0.0.${count}`, ...more });
  expect(answer.statusCode).toBe(201);
  return answer.json();
};
const work = <T>(act: Parameters<typeof inTenant<T>>[2]) => inTenant(api.app, workspaceId, act);
const key = (letter: string) => ({
  algorithm: 'ssh-ed25519',
  fingerprint: fingerprintOf(letter.repeat(68)),
  key: letter.repeat(68),
});
const errorOf = (answer: { statusCode: number; json: () => { error: string } }) => [
  answer.statusCode,
  answer.json().error,
];

describe('credentials', () => {
  const create = (body: object) => api.post('/credentials', by, { username: 'deploy', ...body });

  const locked = { passphrase: canary, cipher: 'aes256-cbc', rounds: 16 };
  test.each([
    ['ssh-ed25519', () => ssh2.utils.generateKeyPairSync('ed25519', locked)],
    ['ecdsa-sha2-nistp256', () => ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256, ...locked })],
    ['ssh-rsa', () => ssh2.utils.generateKeyPairSync('rsa', { bits: 2_048, ...locked })],
  ])('201: a private key (%s) is read, its public half told, and its secrets never again', async (keyType, make) => {
    const pair = make();
    const answer = await create({
      name: `locked ${keyType}`,
      kind: 'ssh_key',
      privateKey: pair.private,
      passphrase: canary,
      sudoPassword: `${canary}-sudo`,
    });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers.etag).toBe('"1"');
    expect(answer.json()).toMatchObject({
      keyType,
      hasPassphrase: true,
      hasSudoPassword: true,
      hasPassword: false,
      usedBy: 0,
    });
    expect(answer.json().publicKey.split(' ')[1]).toBe(pair.public.split(' ')[1]);
    const [listed] = (await api.get(`/credentials?q=${encodeURIComponent(`locked ${keyType}`)}`, by)).json().data;
    expect(listed).toEqual(answer.json());
    // It is kept without its passphrase: each connection would spend a tenth of a second on that.
    const { sealedPrivateKey } = await work((tx) =>
      tx.selectFrom('credentials').select('sealedPrivateKey').where('id', '=', listed.id).executeTakeFirstOrThrow(),
    );
    const kept = await api.vault.open(sealedPrivateKey ?? '', sealContext(workspaceId, listed.id, 'privateKey'));
    expect(readPrivateKey(kept.reveal()).facts.fingerprint).toBe(listed.fingerprint);
  });

  test('422: a wrong passphrase, a missing one, a public key and a short RSA key are each told apart', async () => {
    const closed = ssh2.utils.generateKeyPairSync('ed25519', { passphrase: canary, cipher: 'aes256-ctr', rounds: 16 });
    const small = generateKeyPairSync('rsa', {
      modulusLength: 1_024,
      publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    });
    expect(
      errorOf(await create({ name: 'a', kind: 'ssh_key', privateKey: closed.private, passphrase: 'wrong' })),
    ).toEqual([422, 'private_key.wrong_passphrase']);
    expect(errorOf(await create({ name: 'a', kind: 'ssh_key', privateKey: closed.private }))).toEqual([
      422,
      'private_key.needs_passphrase',
    ]);
    expect(errorOf(await create({ name: 'a', kind: 'ssh_key', privateKey: closed.public }))).toEqual([
      422,
      'private_key.unreadable',
    ]);
    expect(errorOf(await create({ name: 'a', kind: 'ssh_key', privateKey: 'garbage' }))).toEqual([
      422,
      'private_key.unreadable',
    ]);
    expect(errorOf(await create({ name: 'a', kind: 'ssh_key', privateKey: small.privateKey }))).toEqual([
      422,
      'private_key.unsupported',
    ]);
  });

  test('201: a pair made here tells its public half only; a later change makes another', async () => {
    const made = (await create({ name: 'made-here', kind: 'ssh_key', generate: 'ed25519' })).json();
    expect(made).toMatchObject({
      keyType: 'ssh-ed25519',
      publicKey: expect.stringMatching(/^ssh-ed25519 AAAA/),
      fingerprint: expect.stringMatching(/^SHA256:/),
    });
    expect(JSON.stringify(made)).not.toContain('PRIVATE');
    const again = await api.patch(`/credentials/${made.id}`, by, { generate: 'rsa' }, { 'if-match': '"1"' });
    expect(again.json()).toMatchObject({ keyType: 'ssh-rsa', version: 2 });
    expect(errorOf(await api.patch(`/credentials/${made.id}`, by, { name: 'x' }, { 'if-match': '"1"' }))).toEqual([
      412,
      'request.stale',
    ]);
  });

  test('400: each kind takes its own secrets and needs one', async () => {
    expect(errorOf(await create({ name: 'b', kind: 'password' }))).toEqual([400, 'credential.secret_missing']);
    expect(errorOf(await create({ name: 'b', kind: 'ssh_key' }))).toEqual([400, 'credential.secret_missing']);
    expect(errorOf(await create({ name: 'b', kind: 'password', password: canary, privateKey: 'x' }))).toEqual([
      400,
      'credential.kind_mismatch',
    ]);
    expect(errorOf(await create({ name: 'b', kind: 'ssh_key', privateKey: 'x', generate: 'rsa' }))).toEqual([
      400,
      'credential.generate_conflict',
    ]);
    expect(errorOf(await create({ name: 'b', kind: 'password', password: 'a\0b' }))).toEqual([400, 'contract.broken']);
  });

  test('409: a credential in use is not deleted, and the servers that use it are named', async () => {
    const { id } = (await create({ name: 'in-use', kind: 'password', password: canary })).json();
    const server = await addServer({ credentialId: id });
    expect(server.credential).toMatchObject({ name: 'in-use', username: 'deploy' });
    const refused = await api.del(`/credentials/${id}`, by);
    expect(errorOf(refused)).toEqual([409, 'credential.in_use']);
    expect(refused.json().details).toEqual({ servers: [{ id: server.id, name: server.name }], total: 1 });
    await api.del(`/servers/${server.id}`, by);
    expect((await api.del(`/credentials/${id}`, by)).statusCode).toBe(204);
    expect(errorOf(await create({ name: 'locked ssh-rsa', kind: 'password', password: 'x' }))).toEqual([
      409,
      'credential.name_taken',
    ]);
  });

  test('one idempotency key makes one credential', async () => {
    const body = { name: 'once', kind: 'password', username: 'deploy', password: canary };
    const [first, second] = [
      await api.post('/credentials', by, body, { 'idempotency-key': 'k1' }),
      await api.post('/credentials', by, body, { 'idempotency-key': 'k1' }),
    ];
    expect(second.json()).toEqual(first.json());
  });
});

describe('servers', () => {
  test('201, 200, 412, 404: made, read, changed with its etag, deleted', async () => {
    const server = await addServer({ tags: ['web', 'eu', 'web'] });
    expect(server).toMatchObject({
      port: 22,
      tags: ['eu', 'web'],
      health: 'unknown',
      hostKeyState: 'none',
      lastCheck: null,
      maintenance: null,
      version: 1,
    });
    const read = await api.get(`/servers/${server.id}`, by);
    expect(read.headers.etag).toBe('"1"');
    expect(read.json()).toEqual(server);
    const changed = await api.patch(`/servers/${server.id}`, by, { port: 2222 }, { 'if-match': '"1"' });
    expect([changed.statusCode, changed.headers.etag, changed.json().port]).toEqual([200, '"2"', 2222]);
    expect(errorOf(await api.patch(`/servers/${server.id}`, by, { port: 1 }, { 'if-match': '"1"' }))).toEqual([
      412,
      'request.stale',
    ]);
    expect((await api.del(`/servers/${server.id}`, by)).statusCode).toBe(204);
    expect(errorOf(await api.get(`/servers/${server.id}`, by))).toEqual([404, 'request.not_found']);
    expect(errorOf(await api.del(`/servers/${server.id}`, by))).toEqual([404, 'request.not_found']);
  });

  test('400: what does not fit the contract is told by field', async () => {
    const answer = await api.post('/servers', by, {
      name: 'web*',
      host: 'root@web',
      port: 0,
      tags: ['no blanks please'],
      hostKey: 'x',
    });
    expect(errorOf(answer)).toEqual([400, 'contract.broken']);
    expect(
      answer
        .json()
        .details.map(({ path }: { path: string }) => path)
        .sort(),
    ).toEqual(['/body/host', '/body/hostKey', '/body/name', '/body/port', '/body/tags/0']);
  });

  test('the list is filtered and paged; counts and tags add up', async () => {
    const tag = `t${count}`;
    for (let index = 0; index < 3; index++) await addServer({ tags: [tag] });
    const page = (await api.get(`/servers?tag=${tag}&limit=2`, by)).json();
    expect(page.data).toHaveLength(2);
    const rest = (await api.get(`/servers?tag=${tag}&limit=2&cursor=${page.pagination.nextCursor}`, by)).json();
    expect([rest.data.length, rest.pagination.nextCursor]).toEqual([1, null]);
    expect((await api.get('/tags', by)).json().data).toContainEqual({ tag, servers: 3 });
    expect(errorOf(await api.get('/servers?cursor=nonsense', by))).toEqual([400, 'contract.broken']);
    const total = (await api.get('/servers?limit=200', by)).json().data.length;
    expect((await api.get('/servers/counts', by)).json()).toMatchObject({ total, health: { unknown: total } });
  });

  test('a change of many says which were refused', async () => {
    const [jump, through] = [await addServer(), await addServer()];
    await api.patch(`/servers/${through.id}`, by, { jumpServerId: jump.id });
    const tagged = (
      await api.post('/servers/bulk', by, {
        ids: [jump.id, through.id, uuidv7()],
        addTags: ['many'],
        maintenance: { reason: 'disk' },
      })
    ).json();
    expect(tagged).toMatchObject({
      changed: [jump.id, through.id],
      failed: [{ error: 'request.not_found', name: null }],
      undo: [{ ids: [jump.id, through.id], removeTags: ['many'], maintenance: null }],
    });
    const found = (await api.get('/servers/ids?tag=many', by)).json();
    expect([found.isCapped, found.data.map(({ id }: { id: string }) => id).toSorted()]).toEqual([
      false,
      [jump.id, through.id].toSorted(),
    ]);
    expect((await api.get(`/servers/${jump.id}`, by)).json()).toMatchObject({
      tags: ['many'],
      maintenance: { reason: 'disk' },
    });
    const kept = await addServer();
    await api.patch(`/servers/${kept.id}`, by, { jumpServerId: jump.id });
    const refused = (await api.post('/servers/bulk', by, { ids: [jump.id, through.id], delete: true })).json();
    expect(refused).toMatchObject({
      changed: [through.id],
      failed: [{ id: jump.id, name: jump.name, error: 'server.in_use' }],
      undo: [],
    });
    // Named together, a jump host goes with those behind it, in whatever order they come.
    const together = (await api.post('/servers/bulk', by, { ids: [jump.id, kept.id], delete: true })).json();
    expect(together).toMatchObject({ changed: [kept.id, jump.id], failed: [] });
    expect(errorOf(await api.post('/servers/bulk', by, { ids: [jump.id] }))).toEqual([400, 'contract.broken']);
  });

  test('a check is asked for, done by a worker and answered', async () => {
    const server = await addServer();
    const answer = api.post(`/servers/${server.id}/check`, by);
    const worker = setInterval(() => {
      void takeDueServers(api.system, 100, 60_000).then(async (due) => {
        if (!due.some(({ serverId }) => serverId === server.id)) return;
        await work((tx) =>
          recordCheck(
            tx,
            server.id,
            { reachable: true, health: 'healthy', latencyMs: 3, code: null, message: null, facts: null },
            new Date(Date.now() + 60_000),
          ),
        );
      });
    }, 20);
    const check = (await answer).json();
    clearInterval(worker);
    expect(check).toMatchObject({ reachable: true, health: 'healthy', latencyMs: 3 });
    // A new server is checked by itself as well: what was answered is the newest of one or two.
    expect((await api.get(`/servers/${server.id}/checks`, by)).json().data).toContainEqual(check);
    expect((await api.get(`/servers/${server.id}`, by)).json()).toMatchObject({
      health: 'healthy',
      lastCheck: { reachable: true, health: 'healthy', latencyMs: 3 },
      version: 1,
    });
    expect((await api.post('/servers/check', by, { ids: [server.id, uuidv7()] })).json()).toEqual({ requested: 1 });
    expect(errorOf(await api.post(`/servers/${uuidv7()}/check`, by))).toEqual([404, 'request.not_found']);
  });

  test('a changed key is re-pinned by naming the offered one, by those who may', async () => {
    const server = await addServer({ hostKey: key('a').fingerprint });
    await work((tx) => judgeHostKey(tx, server.id, key('b')));
    expect((await api.get('/servers?hostKey=mismatch', by)).json().data.map(({ id }: { id: string }) => id)).toEqual([
      server.id,
    ]);
    expect(
      errorOf(await api.post(`/servers/${server.id}/host-key`, by, { fingerprint: key('a').fingerprint })),
    ).toEqual([409, 'server.host_key_not_offered']);
    const { token } = await addMember(api, by, { email: 'member@example.org', role: 'member' });
    expect(
      (await api.post(`/servers/${server.id}/host-key`, { token }, { fingerprint: key('b').fingerprint })).statusCode,
    ).toBe(403);
    const trusted = await api.post(`/servers/${server.id}/host-key`, by, {
      fingerprint: key('b').fingerprint,
      reason: 'reinstalled',
    });
    expect(trusted.json()).toMatchObject({
      hostKeyState: 'pinned',
      hostKey: { fingerprint: key('b').fingerprint, pinnedBy: 'person' },
    });
  });

  test('CSV comes as text or JSON, with errors by line; the export is taken back', async () => {
    const csv = 'name,host,port\ncsv-1,10.9.0.1,22\ncsv-2,nope nope,22';
    const dry = await api.post('/servers/import?dryRun=true', by, csv, { 'content-type': 'text/csv' });
    expect([dry.statusCode, dry.json()]).toMatchObject([
      200,
      { dryRun: true, created: 1, refused: 1, errors: [{ line: 3, column: 'host', code: 'csv.value_refused' }] },
    ]);
    expect(errorOf(await api.post('/servers/import', by, { csv, allOrNothing: true }))).toEqual([
      422,
      'import.refused',
    ]);
    expect((await api.post('/servers/import', by, { csv })).json()).toMatchObject({ created: 1, refused: 1 });
    const broken = await api.post('/servers/import', by, 'nonsense', { 'content-type': 'text/csv' });
    expect(errorOf(broken)).toEqual([422, 'import.refused']);
    expect(broken.json().details[0]).toMatchObject({ line: 1, code: 'csv.header_missing' });
    expect(errorOf(await api.post('/servers/import', by, { text: csv }))).toEqual([400, 'contract.broken']);
    const exported = await api.get('/servers/export.csv', by);
    expect(exported.headers['content-type']).toContain('text/csv');
    expect((await api.post('/servers/import', by, exported.body, { 'content-type': 'text/csv' })).json()).toMatchObject(
      { created: 0, updated: 0, refused: 0 },
    );
  });

  test('runs that touched a server are listed, newest first', async () => {
    const server = await addServer();
    const runs = [uuidv7(), uuidv7()];
    await work(async (tx) => {
      for (const id of runs) {
        const actor = JSON.stringify({ kind: 'system', id: null, name: 'x' });
        await tx
          .insertInto('runs')
          .values({
            id,
            kind: 'playbook',
            shape: 'job',
            title: id,
            status: 'running',
            trigger: 'api',
            actor,
            strand: '[]',
            undoPlan: '[]',
            workflowType: 'x',
            taskQueue: 'main',
          } as never)
          .execute();
        for (const address of ['a', 'b'])
          await tx
            .insertInto('runHosts')
            .values({ runId: id, address, host: server.name, serverId: server.id, status: 'running' } as never)
            .execute();
      }
    });
    const page = (await api.get(`/servers/${server.id}/runs?limit=1`, by)).json();
    expect(page.data.map(({ id }: { id: string }) => id)).toEqual([runs[1]]);
    const rest = (await api.get(`/servers/${server.id}/runs?limit=5&cursor=${page.pagination.nextCursor}`, by)).json();
    expect(rest.data.map(({ id }: { id: string }) => id)).toEqual([runs[0]]);
    expect(errorOf(await api.del(`/servers/${server.id}`, by))).toEqual([409, 'server.in_work']);
  });

  test('a viewer reads servers, changes none and sees no credentials', async () => {
    const { token } = await addMember(api, by, { email: 'viewer@example.org', role: 'viewer' });
    const server = await addServer();
    expect((await api.get(`/servers/${server.id}`, { token })).statusCode).toBe(200);
    expect((await api.patch(`/servers/${server.id}`, { token }, { port: 1 })).statusCode).toBe(403);
    expect((await api.post(`/servers/${server.id}/check`, { token })).statusCode).toBe(403);
    expect((await api.get('/credentials', { token })).statusCode).toBe(403);
  });
});

test('no secret came out in any answer, event, audit entry or row', async () => {
  const dump = await work(async (tx) =>
    JSON.stringify([
      await tx.selectFrom('events').selectAll().execute(),
      await tx.selectFrom('auditEntries').selectAll().execute(),
      await tx.selectFrom('credentials').selectAll().execute(),
      await tx.selectFrom('idempotencyKeys').selectAll().execute(),
    ]),
  );
  expect(answers.length).toBeGreaterThan(50);
  for (const text of [...answers, dump]) expect(text.includes(canary) || text.includes('PRIVATE KEY')).toBe(false);
});
