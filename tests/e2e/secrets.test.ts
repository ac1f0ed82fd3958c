// Canaries given wherever a secret may be given are searched for afterwards in everything that is kept or told.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formsOf, searchFiles, searchTables } from '../kit/kept-data.ts';
import { startSshd, type Sshd } from '../kit/sshd.ts';
import { type Supervised, superviseProduct } from '../kit/supervised.ts';
import { type Furnished, furnish, testOwner } from '../kit/test-app.ts';

const canaries = {
  password: 'canary-Passw0rd-4711',
  sudoPassword: 'canary-Sud0-0815',
  secretInput: 'canary-input-"quoted"-99',
  workspaceSecret: 'canary-workspace-secret-77',
  header: 'canary-header-value-55',
  webhookSecret: 'canary-webhook-secret-33',
} as const;
let product: Supervised;
let api: Furnished;
let sshd: Sshd;
let privateKey = '';
/** Everything the API has said, refusals included. */
const told: string[] = [];
const call = async (method: string, path: string, body?: unknown): Promise<{ status: number; body: never }> => {
  const answer = await api.call(method, path, body);
  told.push(answer.text);
  return answer as never;
};
const made = async (path: string, body: unknown): Promise<{ id: string; runId: string }> => {
  const answer = await call('POST', path, body);
  if (answer.status >= 300) throw new Error(`POST ${path} → ${answer.status} ${told.at(-1)}`);
  return answer.body;
};

beforeAll(async () => {
  product = await superviseProduct({ LOG_LEVEL: 'trace' });
  await product.start();
  api = await furnish(product.origin);
  sshd = await startSshd({ hosts: 1 });
  privateKey = sshd.privateKey;
}, 240_000);
afterAll(async () => {
  await product?.stop();
  await sshd?.stop();
}, 60_000);

test('secrets do their work', { timeout: 120_000 }, async () => {
  const heard: string[] = [];
  const peer = createServer((request, reply) => {
    heard.push(String(request.headers['x-secret']));
    reply.end(JSON.stringify({ echo: request.headers['x-secret'] }));
  });
  await new Promise<void>((done) => peer.listen(0, '127.0.0.1', done));
  const at = peer.address();
  const url = `http://127.0.0.1:${typeof at === 'object' ? at?.port : 0}/`;
  const key = await made('/credentials', {
    name: 'key',
    kind: 'ssh_key',
    username: sshd.username,
    privateKey,
    sudoPassword: canaries.sudoPassword,
  });
  const password = await made('/credentials', {
    name: 'password',
    kind: 'password',
    username: 'nobody',
    password: canaries.password,
  });
  await made('/secrets', { name: 'token', value: canaries.workspaceSecret });
  await made('/secrets', { name: 'header', value: canaries.header });
  const [host] = sshd.hosts;
  const server = { host: host?.address, port: host?.port };
  await made('/servers', { name: 'good', ...server, credentialId: key.id });
  await made('/servers', { name: 'refused', ...server, credentialId: password.id });
  await api.ok('PATCH', '/settings', { egressAllow: ['127.0.0.1'] });
  const definition = {
    name: 'Canaries',
    inputs: [{ name: 'pass', type: 'secret', required: true }],
    steps: [
      {
        id: 'http',
        kind: 'http',
        method: 'POST',
        url,
        headers: { 'X-Secret': '${{ secrets.header }}' },
        body: { deep: ['${{ inputs.pass }}'] },
      },
      {
        id: 'use',
        kind: 'ssh',
        hosts: { names: ['good'] },
        env: { TOKEN: '${{ secrets.token }}' },
        stdin: '${{ inputs.pass }}',
        command:
          'cat >$HOME/heard; printf %s "$TOKEN" >>$HOME/heard; echo "said $TOKEN"; cat $HOME/heard; printf %s "$TOKEN" | base64; echo "$TOKEN" >&2',
      },
      {
        id: 'sealed',
        kind: 'ssh',
        hosts: { names: ['good'] },
        sensitive: true,
        command: 'printf "canary-%s-output-11" sensitive',
      },
      { id: 'refused', kind: 'ssh', hosts: { names: ['refused'] }, command: 'true' },
    ],
  };
  const playbook = await made('/playbooks', { definition });
  await call('POST', `/playbooks/${playbook.id}/plan`, { inputs: { pass: canaries.secretInput } });
  const { runId } = await made(`/playbooks/${playbook.id}/runs`, { inputs: { pass: canaries.secretInput } });
  const run = await api.untilRun(runId);
  peer.close();
  expect(run).toMatchObject({ status: 'failed', error: { code: 'host.auth_failed', step: 'refused' } });
  expect(heard).toEqual([canaries.header]);
  expect(readFileSync(join(host?.home ?? '', 'heard'), 'utf8')).toBe(canaries.secretInput + canaries.workspaceSecret);

  for (const path of [
    `/runs/${runId}`,
    `/runs/${runId}/events?limit=200`,
    `/runs/${runId}/logs?limit=5000`,
    `/runs/${runId}/logs.txt`,
    `/runs/${runId}/definition`,
    '/audit',
    '/credentials',
    '/secrets',
    '/servers',
    '/runs',
  ])
    await call('GET', path);
  await made(`/runs/${runId}/rerun`, {}).then(({ runId: again }) => api.untilRun(again));
  // Refusals repeat what was wrong, and never what it was.
  await call('POST', `/playbooks/${playbook.id}/runs`, { inputs: { pass: canaries.secretInput, other: 1 } });
  await call('POST', '/credentials', { name: 'x', kind: 'ssh_key', username: 'u', privateKey: canaries.password });
  await call('POST', '/credentials', { name: 'x', kind: 'password', username: 'u', password: [canaries.password] });
  await call('POST', '/secrets', { name: '1 bad', value: canaries.workspaceSecret });
});

const keyLines = (): string[] =>
  privateKey
    .split('\n')
    .filter((line) => line.length > 40 && !line.startsWith('-'))
    .slice(1);
const allForms = (): string[] => [
  ...[...Object.values(canaries), 'canary-sensitive-output-11', testOwner.password, api.key].flatMap(formsOf),
  ...keyLines(),
];
const found = (text: string): string[] => allForms().filter((form) => text.includes(form));

test('no answer of the API holds one', () => {
  expect(told.length).toBeGreaterThan(15);
  expect(told.flatMap(found)).toEqual([]);
});

test('no row of the database holds one', async () => {
  const { open, places, bytes } = await searchTables(product, allForms());
  expect(open).toEqual([]);
  expect(places).toBeGreaterThan(30);
  expect(bytes).toBeGreaterThan(10_000);
});

test(
  'no file of the data folder holds one: Temporal’s histories, PostgreSQL’s pages and write-ahead log, logs',
  { timeout: 240_000 },
  async () => {
    const { open, places } = await searchFiles(product, allForms());
    expect(open).toEqual([]);
    expect(places).toBeGreaterThan(100);
    expect(readFileSync(join(product.home, 'temporal', 'temporal.db')).length).toBeGreaterThan(10_000);
  },
);

test('the search itself finds what lies open', () => {
  const { password } = canaries;
  for (const text of [
    password,
    Buffer.from(`x${password}y`).toString('base64'),
    Buffer.from(`xy${password}z`).toString('base64'),
    Buffer.from(`{"p":"${password}"}`).toString('base64'),
  ])
    expect(found(text), text).not.toEqual([]);
});
