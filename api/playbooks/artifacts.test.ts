import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Artifact } from '#contracts/playbooks/artifacts.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { deletePlaybook } from '#db/playbooks/playbooks.ts';
import { type Caller, identityApi, type IdentityApi, setUpOwner } from '#tests/kit/identity-api.ts';
import { identityRoom } from '../identity/identity.ts';
import { artifactsRoom } from './artifacts.ts';
import { playbooksRoom } from './playbooks.ts';

let api: IdentityApi;
let by: Caller;
let workspaceId: string;
beforeAll(async () => {
  api = await identityApi({ identity: identityRoom, artifacts: artifactsRoom, playbooks: playbooksRoom });
  const owner = await setUpOwner(api);
  by = { token: owner.token };
  workspaceId = owner.workspaceId;
});
afterAll(() => api?.close());

const store = async (name: string, content = name): Promise<Artifact> => {
  const type = { 'content-type': 'application/octet-stream' };
  const answer = await api.post(`/artifacts?name=${encodeURIComponent(name)}`, by, content, type);
  expect(answer.statusCode).toBe(201);
  return answer.json();
};
const save = async (name: string, steps: object[]): Promise<string> => {
  const answer = await api.post('/playbooks', by, { definition: { name, steps } });
  expect(answer.statusCode).toBe(201);
  return answer.json().id;
};
const upload = (artifact: string) => ({ id: 'put', kind: 'upload', hosts: { tags: ['web'] }, to: '/tmp/a', artifact });
const usersOf = async (id: string): Promise<string[]> =>
  (await api.get(`/artifacts/${id}`, by)).json().usedBy.map(({ name }: { name: string }) => name);

test('a file names the playbooks that upload it, by name or id, in steps however deep, and no others', async () => {
  const [app, other] = [await store('app.bin'), await store('other.bin')];
  await save('By name', [upload('app.bin')]);
  await save('As deep as it goes', [{ id: 'both', kind: 'parallel', branches: [[upload(app.id)]] }]);
  await save('By a template', [upload('${{ "app.bin" }}')]);
  const deleted = await save('Deleted', [upload('app.bin')]);
  await inTenant(api.app, workspaceId, (tx) => deletePlaybook(tx, deleted, { kind: 'user', id: null, name: 'Ada' }));
  expect(await usersOf(app.id)).toEqual(['As deep as it goes', 'By name']);
  expect(await usersOf(other.id)).toEqual([]);
  const { data } = (await api.get('/artifacts', by)).json();
  expect(data.map(({ name, usedBy }: Artifact) => [name, usedBy.length])).toEqual([
    ['other.bin', 0],
    ['app.bin', 2],
  ]);
});

test('how much place is taken is told with its bounds, and no open run needs a file that nobody runs', async () => {
  const file = await store('ten.txt', '0123456789');
  const usage = (await api.get('/artifacts/usage', by)).json();
  expect(usage).toEqual({ files: 3, bytes: 7 + 9 + 10, mostBytes: 2_147_483_648, mostFileBytes: 67_108_864 });
  expect((await api.get(`/artifacts/${file.id}/runs`, by)).json()).toEqual({ data: [] });
});
