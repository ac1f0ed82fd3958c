import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditEntry } from '#contracts/audit/audit.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { addMember, type Caller, identityApi, type IdentityApi, setUpOwner } from '#tests/kit/identity-api.ts';
import { identityRoom } from '../identity/identity.ts';
import { auditRoom } from './audit.ts';

let api: IdentityApi;
let by: Caller;
let workspaceId: string;
const ada = { kind: 'user' as const, id: uuidv7(), name: 'Ada "the first", Lovelace' };
const machine = { kind: 'system' as const, id: null, name: 'Retention' };

beforeAll(async () => {
  api = await identityApi({ identity: identityRoom, audit: auditRoom });
  const owner = await setUpOwner(api);
  by = { token: owner.token };
  workspaceId = owner.workspaceId;
  const write = (entry: Parameters<typeof recordAudit>[1]) =>
    inTenant(api.app, workspaceId, (tx) => recordAudit(tx, entry));
  const server = { subject: 'server:1', title: 'web-1' };
  await write({ actor: ada, action: 'server.created', ...server, after: { host: '10.0.0.1' } });
  await write({ actor: ada, action: 'server.changed', ...server, before: { port: 22 }, after: { port: 23 } });
  await write({ actor: ada, action: 'secret.read', subject: 'secret:1', title: '=1+1' });
  await write({ actor: machine, action: 'events.trimmed' });
});
afterAll(() => api?.close());

const actionsOf = async (query: string): Promise<string[]> =>
  (await api.get(`/audit?${query}`, by)).json().data.map(({ action }: AuditEntry) => action);

test('200: entries are narrowed by several actions, by what they are not, by who, and by the machinery', async () => {
  expect(await actionsOf('action=server.*,secret.read')).toEqual(['secret.read', 'server.changed', 'server.created']);
  expect(await actionsOf(`actor=${ada.id}&action=!secret.read`)).toEqual(['server.changed', 'server.created']);
  expect(await actionsOf('actor=system&action=events.*')).toEqual(['events.trimmed']);
  expect(await actionsOf(`actor=${ada.id},system&subject=server:1&action=!server.created`)).toEqual(['server.changed']);
});

test('200: what a filter shows is counted, and who and what can be asked for is named', async () => {
  const count = (await api.get('/audit/total?action=server.*', by)).json();
  expect(count).toEqual({ total: 2, isCapped: false, keptDays: 365 });
  const { actors, actions } = (await api.get('/audit/names', by)).json();
  expect(actors.map(({ name }: { name: string }) => name)).toContain(ada.name);
  expect(actors.some(({ id }: { id: string | null }) => id === null)).toBe(false);
  expect(actions).toEqual(
    expect.arrayContaining(['events.trimmed', 'secret.read', 'server.changed', 'server.created']),
  );
  expect(actions).toEqual([...new Set(actions)].sort());
});

test('200: one entry by its id, and nothing by that of none', async () => {
  const [newest] = (await api.get('/audit?action=server.changed', by)).json().data as AuditEntry[];
  expect((await api.get(`/audit/${newest?.id}`, by)).json()).toEqual(newest);
  expect((await api.get(`/audit/${uuidv7()}`, by)).statusCode).toBe(404);
});

test('200: all that a filter shows leaves as CSV or as a line of JSON each, which is an entry of its own', async () => {
  const csv = await api.get('/audit/export.csv?action=secret.*', by);
  expect(csv.headers['content-disposition']).toMatch(/audit-\d{4}-\d\d-\d\d\.csv/);
  const [, line] = csv.body.split('\r\n');
  expect(line).toContain(`"Ada ""the first"", Lovelace",secret.read,secret:1,'=1+1`);
  const lines = await api.get('/audit/export.ndjson?action=server.*', by);
  expect(lines.headers['content-type']).toMatch('application/x-ndjson');
  const entries = lines.body.trimEnd().split('\n').map((text) => JSON.parse(text) as AuditEntry); // prettier-ignore
  expect(entries.map(({ action, before, after }) => [action, before, after])).toEqual([
    ['server.changed', { port: 22 }, { port: 23 }],
    ['server.created', null, { host: '10.0.0.1' }],
  ]);
  const noted = (await api.get('/audit?action=audit.exported', by)).json().data as AuditEntry[];
  expect(noted.map(({ after }) => after)).toEqual([
    { action: ['server.*'], form: 'ndjson' },
    { action: ['secret.*'], form: 'csv' },
  ]);
});

test('403: who may not read the log gets neither entries nor names, counts or files', async () => {
  const viewer = await addMember(api, by, { email: 'viewer@example.org', role: 'viewer' });
  for (const path of ['/audit', '/audit/total', '/audit/names', '/audit/export.csv', '/audit/export.ndjson'])
    expect([path, (await api.get(path, viewer)).statusCode]).toEqual([path, 403]);
});
