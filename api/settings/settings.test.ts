import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTenant } from '#db/kit/in-tenant.ts';
import { insertRun } from '#db/runs/insert-run.ts';
import { openSecrets } from '#db/settings/secrets.ts';
import { readValues } from '#db/settings/variables.ts';
import { type IdentityApi, addMember, identityApi, setUpOwner } from '#tests/kit/identity-api.ts';
import { identityRoom } from '../identity/identity.ts';
import { settingsRoom } from './settings.ts';

let api: IdentityApi;
let mara: Awaited<ReturnType<typeof setUpOwner>>;
beforeAll(async () => {
  api = await identityApi({ identity: identityRoom, settings: settingsRoom });
  mara = await setUpOwner(api);
});
afterAll(() => api?.close());

const error = (answer: { statusCode: number; json: () => { error: string } }) => [
  answer.statusCode,
  answer.json().error,
];
const actor = { kind: 'system' as const, id: null, name: 'Test' };

test('a new workspace has the defaults; a change moves the version and leaves the rest', async () => {
  const before = await api.get('/settings', mara);
  expect(before.json()).toMatchObject({
    egressAllow: [],
    hostKeyFirstUse: true,
    concurrency: 100,
    retentionDays: 30,
    auditRetentionDays: 365,
    legalHold: false,
    accessTokenMinutes: 15,
    version: 1,
  });
  const after = await api.patch('/settings', mara, {
    egressAllow: ['10.0.0.0/8', 'Build.Internal', 'fd00::/8'],
    concurrency: 7,
  });
  expect(after.json()).toMatchObject({
    egressAllow: ['10.0.0.0/8', 'build.internal', 'fd00::/8'],
    concurrency: 7,
    retentionDays: 30,
    version: 2,
    updatedBy: { name: 'Mara' },
  });
  expect([before.headers['etag'], after.headers['etag']]).toEqual(['"1"', '"2"']);
});

test('412: a change made from an older version is refused', async () => {
  const { etag } = (await api.get('/settings', mara)).headers as { etag: string };
  expect((await api.patch('/settings', mara, { retentionDays: 60 }, { 'if-match': etag })).statusCode).toBe(200);
  expect(error(await api.patch('/settings', mara, { retentionDays: 90 }, { 'if-match': etag }))).toEqual([
    412,
    'request.stale',
  ]);
  expect((await api.get('/settings', mara)).json().retentionDays).toBe(60);
});

test('400: unknown settings and values out of bounds are refused, each by its field', async () => {
  const answer = await api.patch('/settings', mara, { concurrency: 0, hostkeyFirstUse: false });
  expect(error(answer)).toEqual([400, 'contract.broken']);
  expect(answer.json().details.map(({ path }: { path: string }) => path)).toContain('/body/concurrency');
});

test('the life of access tokens is the shortest of a person’s workspaces', async () => {
  await api.patch('/settings', mara, { accessTokenMinutes: 60 });
  const answer = await api.post('/auth/refresh', {}, { refreshToken: mara.refreshToken });
  expect(answer.json().expiresIn).toBe(3_600);
});

test('a secret goes in and never comes out; a run opens it, and that is audited', async () => {
  const canary = 'canary-value-8812';
  const made = await api.post('/secrets', mara, { name: 'deploy_token', value: canary, description: 'for deploys' });
  expect([made.statusCode, made.json().name]).toEqual([201, 'deploy_token']);
  expect(error(await api.post('/secrets', mara, { name: 'deploy_token', value: 'x' }))).toEqual([
    409,
    'secret.name_taken',
  ]);
  expect((await api.get('/secrets', mara)).body).not.toContain(canary);
  const all = await inTenant(api.app, mara.workspaceId, (tx) =>
    sql<{
      text: string;
    }>`select (select json_agg(s)::text from workspace_secrets s) || (select json_agg(a)::text from audit_entries a)
      || (select json_agg(e)::text from events e) as text`.execute(tx),
  );
  expect(all.rows[0]?.text).toContain('deploy_token');
  expect(all.rows[0]?.text).not.toContain(canary);

  const open = (names: string[]) =>
    inTenant(api.app, mara.workspaceId, (tx) =>
      openSecrets(tx, api.vault, { workspaceId: mara.workspaceId, names, actor, runId: null }),
    );
  expect((await open(['deploy_token'])).get('deploy_token')?.reveal()).toBe(canary);
  await expect(open(['nothing'])).rejects.toMatchObject({ code: 'secret.missing' });
  await api.patch(`/secrets/${made.json().id}`, mara, { value: 'replaced' });
  expect((await open(['deploy_token'])).get('deploy_token')?.reveal()).toBe('replaced');
  const reads = await inTenant(api.app, mara.workspaceId, (tx) =>
    tx.selectFrom('auditEntries').select('title').where('action', '=', 'secret.read').execute(),
  );
  expect(reads).toEqual([{ title: 'deploy_token' }, { title: 'deploy_token' }]);
  // A run says it once, however many steps, attempts and hosts read it, at once or one after the other.
  const { id: runId } = await inTenant(api.app, mara.workspaceId, (tx) =>
    insertRun(tx, {
      kind: 'playbook',
      title: 'A run',
      trigger: 'api',
      actor,
      workflowType: 'runPlaybook',
      taskQueue: 'main',
      sealedInput: 'sealed',
    }),
  );
  const openFor = () =>
    inTenant(api.app, mara.workspaceId, (tx) =>
      openSecrets(tx, api.vault, { workspaceId: mara.workspaceId, names: ['deploy_token'], actor, runId }),
    );
  await Promise.all([openFor(), openFor(), openFor()]);
  await openFor();
  expect(
    await inTenant(api.app, mara.workspaceId, (tx) =>
      tx
        .selectFrom('auditEntries')
        .select(['title', 'after'])
        .where('action', '=', 'secret.read')
        .where('after', 'is not', null)
        .execute(),
    ),
  ).toEqual([{ title: 'deploy_token', after: { runId } }]);
  expect((await api.del(`/secrets/${made.json().id}`, mara)).statusCode).toBe(204);
  expect((await api.get('/secrets', mara)).json().data).toEqual([]);
});

test('variables are what playbooks see as vars; a viewer reads them and changes nothing', async () => {
  expect((await api.put('/variables/region', mara, { value: 'eu', description: 'where' })).json()).toMatchObject({
    name: 'region',
    value: 'eu',
  });
  expect((await api.put('/variables/region', mara, { value: { zone: [1, null] } })).json()).toMatchObject({
    value: { zone: [1, null] },
    description: 'where',
  });
  expect(error(await api.put('/variables/not-a-name', mara, { value: 1 }))).toEqual([400, 'contract.broken']);
  expect(await inTenant(api.app, mara.workspaceId, readValues)).toMatchObject({
    vars: { region: { zone: [1, null] } },
  });
  const { token } = await addMember(api, mara, { email: 'viewer@example.org', role: 'viewer' });
  expect((await api.get('/variables', { token })).json().data).toHaveLength(1);
  expect(error(await api.put('/variables/region', { token }, { value: 1 }))).toEqual([
    403,
    'identity.permission_missing',
  ]);
  expect((await api.del('/variables/region', mara)).statusCode).toBe(204);
  expect((await api.del('/variables/region', mara)).statusCode).toBe(404);
});
