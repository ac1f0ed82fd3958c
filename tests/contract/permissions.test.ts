// Every route of the table, tried by everybody who may not: nobody, each role without the permission, a key without it,
// and the owner of another workspace with this workspace's ids.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rolePermissions, type Permission, type Role } from '#contracts/identity/permissions.ts';
import type { RouteDef } from '#contracts/kit/route.ts';
import { routes } from '#contracts/routes.ts';
import { startTestApp, type TestApp } from '../kit/test-app.ts';

const table = Object.entries(routes as Record<string, RouteDef>);
const words = new Set(['signed-in', 'member', 'instance-admin', 'public']);
const permissionOf = ({ access }: RouteDef): Permission | undefined =>
  words.has(access) ? undefined : (access as Permission);

let app: TestApp;
const tokens: Partial<Record<Role | 'stranger' | 'keyless', string>> = {};
/** Real ids of things of the first workspace, by the first word of the path. */
const ids: Record<string, string> = {};
let canary = '';

beforeAll(async () => {
  app = await startTestApp({ withHosts: false });
  tokens.owner = app.owner.token;
  for (const role of ['admin', 'member', 'viewer'] as const) {
    const person = await app.addMember(`the-${role}`, role);
    tokens[role] = person.token;
    ids['members'] = person.id; // of the first workspace alone; its owner belongs to the other one too
  }
  const other = await app.ok('POST', '/workspaces', { name: 'Other' }, { token: app.owner.token });
  tokens.stranger = (await app.addMember('stranger', 'owner', { token: app.owner.token, workspace: other.id })).token;
  tokens.keyless = (await app.makeKey(['audit:read'], { token: app.owner.token, workspace: app.workspaceId })).key;

  canary = 'canary-of-the-first-workspace';
  const make = async (path: string, body: object): Promise<string> => (await app.ok('POST', path, body)).id;
  const definition = { name: canary, steps: [{ id: 'a', kind: 'approve', roles: ['owner'], message: canary }] };
  const playbook = (ids['playbooks'] = await make('/playbooks', { definition }));
  ids['credentials'] = await make('/credentials', {
    name: canary,
    kind: 'password',
    username: 'u',
    password: 'p4ssw0rd!',
  });
  ids['servers'] = await make('/servers', { name: canary, host: '192.0.2.1', description: canary });
  ids['asset-types'] = await make('/asset-types', { key: canary, name: canary });
  ids['assets'] = await make('/assets', { key: canary, name: canary, typeId: ids['asset-types'] });
  ids['connections'] = await make('/connections', {
    kind: 'amc',
    name: canary,
    description: canary,
    config: { clientId: 'canary', clientSecret: 'canary', region: 'eu' },
  });
  ids['query-snippets'] = await make('/query-snippets', { trigger: 'canary', description: canary, text: canary });
  ids['secrets'] = await make('/secrets', { name: 'canary', value: 'x', description: canary });
  ids['artifacts'] = await make(`/artifacts?name=${canary}`, { content: canary });
  ids['schedules'] = await make('/schedules', {
    name: canary,
    target: { kind: 'playbook', id: playbook },
    cron: '0 3 1 1 *',
  });
  ids['incidents'] = await make('/incidents', { title: canary, description: canary, severity: 'sev3' });
  const run: string = (ids['runs'] = (await app.ok('POST', `/playbooks/${playbook}/runs`, { title: canary })).runId);
  await app.untilRun(run, ({ status }) => status === 'waiting');
  ids['approvals'] = (await app.ok('GET', '/approvals'))[0].id;
  ids['workspaces'] = app.workspaceId;
  ids['api-keys'] = (
    await app.ok('GET', '/api-keys', undefined, { token: app.owner.token, workspace: app.workspaceId })
  ).data[0].id;
  const matchers = [{ label: canary, op: '=', value: canary }];
  const time = { kind: 'recurring', cron: '0 3 * * *', timeZone: 'UTC', lasts: '1h' };
  ids['silences'] = await make('/silences', { name: canary, matchers, time });
  ids['alert-rules'] = await make('/alert-rules', { name: canary, when: 'false' });
  ids['alert-sources'] = (await app.ok('POST', '/alert-sources', { name: canary })).source.id;
  ids['invitations'] = await make('/invitations', { email: 'canary@example.org', role: 'viewer' });
});
afterAll(() => app?.close());

const unknown = '01890000-0000-7000-8000-000000000000';
/** What some addresses must be asked with. */
const asked = (path: string): string => {
  if (path.endsWith('/compare')) return '?from=1&to=1';
  if (path.endsWith('/duty')) return '?from=2026-01-01T00%3A00%3A00Z&to=2026-01-02T00%3A00%3A00Z'; // a colon would be taken for a parameter
  if (path === '/assets/impact') return `?of=${ids['assets'] ?? unknown}`;
  if (path === '/connections/:id/columns') return '?object=canary';
  return path === '/runs/children' ? `?of=${ids['runs'] ?? unknown}` : '';
};
const addressOf = ({ path }: RouteDef): string => {
  const [, thing = ''] = path.split('/');
  let isFirst = true;
  return `${path}${asked(path)}`.replace(/:(\w+)/g, (_, name: string) => {
    if (name === 'token') return 'a-token-that-nobody-ever-made';
    if (name === 'version') return '1';
    if (name === 'name' || name === 'stepId' || name === 'address') return 'canary';
    if (!isFirst) return unknown;
    isFirst = false;
    return ids[thing] ?? unknown;
  });
};
const bodyOf = (operationId: string): unknown => bodies[operationId] ?? {};
/** What fits the route's body, so that a stranger is refused for who they are and not for what they wrote. */
const bodies: Record<string, unknown> = {
  updatePlaybook: { definition: { name: 'taken over', steps: [{ id: 'a', kind: 'set', values: {} }] } },
  updateServer: { description: 'taken over' },
  changeAsset: { description: 'taken over' },
  updateQuerySnippet: { description: 'taken over' },
  changeAssetType: { description: 'taken over' },
  updateCredential: { description: 'taken over' },
  updateSecret: { description: 'taken over' },
  decideApproval: { decision: 'approve', reason: 'taken over' },
  changeSchedule: { name: 'taken over' },
  changeMember: { role: 'viewer' },
  updateWorkspace: { name: 'taken over' },
  tagRun: { title: 'taken over' },
  answerUnknownStep: { outcome: 'ran' },
  updateConnection: { description: 'taken over' },
  chooseDefaultUnit: { unit: 'taken over' },
  trustHostKey: { fingerprint: 'SHA256:x' },
  backfillSchedule: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
  createSwap: {
    shifts: [
      { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', personId: unknown },
      { from: '2026-01-02T00:00:00Z', to: '2026-01-03T00:00:00Z', personId: '01890000-0000-7000-8000-00000000beef' },
    ],
  },
  createOverride: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', personId: null },
  moveIncident: { to: 'acknowledged' },
  assignIncident: { ownerId: null },
  changeIncident: { title: 'taken over' },
  noteIncident: { text: 'taken over' },
  changeNote: { text: 'taken over' },
  addTask: { title: 'taken over' },
  addLink: { kind: 'url', ref: 'https://example.org/taken-over' },
  mergeIncident: { into: unknown },
  splitIncident: { alertIds: [unknown], title: 'taken over' },
  changeAlertRule: { name: 'taken over', when: 'true' },
  changeSilence: {
    name: 'taken over',
    matchers: [{ label: 'a', op: '=', value: 'b' }],
    time: { kind: 'once', from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
  },
  savePlaybookTests: { tests: [] },
  changeIncidentRule: { name: 'taken over', target: { kind: 'playbook', id: unknown } },
  startIncidentPlaybook: { playbookId: unknown },
  publishUpdate: { title: 'taken over', phase: 'resolved', impact: 'none', text: 'taken over' },
  changeSlaPolicy: { name: 'taken over', targets: {} },
  changeCalendar: { name: 'taken over', timeZone: 'UTC', week: { mon: [{ from: '09:00', to: '17:00' }] } },
  verifyMyContact: { code: '123456' },
  tellPlaybookPresence: { page: 'taken-over', isHere: true },
};

/** Calls without the contract check, since a stream or a file may be refused by other words. */
async function ask(
  def: RouteDef,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<{ status: number; text: string }> {
  const hasBody = def.method !== 'GET' && def.method !== 'DELETE';
  const stop = new AbortController();
  const answer = await fetch(`${app.origin}/api/v1${path}`, {
    method: def.method,
    signal: stop.signal,
    headers: { ...(hasBody && { 'content-type': 'application/json' }), ...headers },
    ...(hasBody && { body: JSON.stringify(body) }),
  });
  // A stream that was let in would never end: its status alone is judged.
  const isStream = answer.headers.get('content-type')?.includes('event-stream') ?? false;
  const text = isStream ? '' : await answer.text();
  stop.abort();
  return { status: answer.status, text };
}
const bearer = (who: keyof typeof tokens): Record<string, string> => ({ authorization: `Bearer ${tokens[who] ?? ''}` });
const codeOf = (text: string): string => String((JSON.parse(text) as { error?: unknown }).error);

const closed = table.filter(([, def]) => def.access !== 'public');
test('the table has routes, and each says who may call it', () => {
  expect(closed.length).toBeGreaterThan(60);
  expect(table.filter(([, { access }]) => !access)).toEqual([]);
});

describe('nobody', () => {
  test.each(closed)('%s is refused without a sign-in', async (operationId, def) => {
    const { status, text } = await ask(def, addressOf(def), bodyOf(operationId), {});
    expect([status, codeOf(text)]).toEqual([401, 'identity.sign_in_needed']);
  });
  test('a forged key and a forged token are nobody', async () => {
    for (const authorization of ['Bearer wl_forged', 'Bearer eyJhbGciOiJub25lIn0.e30.', 'Basic eDp5', 'Bearer']) {
      expect((await ask({ method: 'GET' } as RouteDef, '/runs', undefined, { authorization })).status).toBe(401);
    }
  });
});

for (const role of ['viewer', 'member', 'admin'] as const) {
  const lacking = closed.filter(([, def]) => {
    const permission = permissionOf(def);
    return permission !== undefined && !rolePermissions[role].has(permission);
  });
  if (lacking.length === 0) continue;
  describe(`a ${role}`, () => {
    test.each(lacking)('%s is refused', async (operationId, def) => {
      const { status, text } = await ask(def, addressOf(def), bodyOf(operationId), bearer(role));
      expect([status, codeOf(text)]).toEqual([403, 'identity.permission_missing']);
    });
  });
}

describe('a key without the permission', () => {
  const lacking = closed.filter(([, def]) => !['audit:read', 'member'].includes(def.access));
  test.each(lacking)('%s is refused', async (operationId, def) => {
    const { status, text } = await ask(def, addressOf(def), bodyOf(operationId), bearer('keyless'));
    expect([status, codeOf(text)]).toEqual([
      403,
      permissionOf(def) ? 'identity.permission_missing' : 'identity.person_needed',
    ]);
  });
});

describe('the owner of another workspace', () => {
  const tenant = closed.filter(([, { access }]) => access !== 'signed-in' && access !== 'instance-admin');
  test.each(tenant)('%s is refused in the first workspace', async (operationId, def) => {
    const { status, text } = await ask(def, addressOf(def), bodyOf(operationId), {
      ...bearer('stranger'),
      'x-workspace': app.workspaceId,
    });
    expect([status, codeOf(text)]).toEqual([403, 'identity.membership_needed']);
  });
  // A tab that is kept is made, of the caller's own, whatever its id is.
  const ofOneThing = tenant.filter(([id, def]) => def.path.includes('/:id') && id !== 'keepQueryTab');
  test.each(ofOneThing)('%s finds nothing of the first workspace by its id', async (operationId, def) => {
    const { status, text } = await ask(def, addressOf(def), bodyOf(operationId), bearer('stranger'));
    expect(text).not.toContain(canary);
    // A list below a thing that is not there may be empty.
    const isList = /\/(?:checks|runs|versions|firings|calls|events|tests)$/.test(def.path);
    const listed: unknown[] | undefined =
      isList && status === 200 ? (JSON.parse(text).data ?? JSON.parse(text).tests) : undefined;
    expect(listed ?? []).toEqual([]);
    expect(listed ? [200] : [403, 404]).toContain(status);
  });
  const lists = tenant.filter(([, def]) => def.method === 'GET' && !def.path.includes(':') && !def.stream);
  test.each(lists)('%s shows nothing of the first workspace', async (operationId, def) => {
    const { status, text } = await ask(def, addressOf(def), bodyOf(operationId), bearer('stranger'));
    expect(status).toBe(200);
    expect(text).not.toContain(canary);
    for (const [thing, id] of Object.entries(ids)) expect(text, thing).not.toContain(id);
  });
  test('after all of this everything stands as it was', async () => {
    const by = { token: app.owner.token, workspace: app.workspaceId };
    for (const path of [
      `/playbooks/${ids['playbooks']}`,
      `/servers/${ids['servers']}`,
      `/credentials/${ids['credentials']}`,
      `/schedules/${ids['schedules']}`,
    ])
      expect(await app.ok('GET', path, undefined, by)).toMatchObject({ name: canary, version: 1 });
    expect(await app.ok('GET', `/runs/${ids['runs']}`, undefined, by)).toMatchObject({
      title: canary,
      status: 'waiting',
    });
    expect(await app.ok('GET', `/approvals/${ids['approvals']}`, undefined, by)).toMatchObject({ state: 'open' });
  });
});

test('instance routes are closed to everybody but instance administrators', async () => {
  for (const [operationId, def] of closed.filter(([, { access }]) => access === 'instance-admin')) {
    const { status, text } = await ask(def, addressOf(def), bodyOf(operationId), bearer('stranger'));
    expect([operationId, status, codeOf(text)]).toEqual([operationId, 403, 'identity.permission_missing']);
  }
});
