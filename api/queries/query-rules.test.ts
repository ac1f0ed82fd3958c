import { afterAll, beforeAll, expect, test } from 'vitest';
import type { QueryAct } from '#contracts/queries/query-acts.ts';
import { streamFilter } from '../events/stream-filter.ts';
import { mid, membersQuery, type QueryWorld, queryWorld } from '#tests/kit/query-world.ts';

let world: QueryWorld;
let saved: { id: string; version: number };
const people: Record<'admin' | 'member' | 'other' | 'viewer', { id: string; token: string }> = {} as never;
beforeAll(async () => {
  world = await queryWorld({ withSweeps: false });
  for (const name of ['admin', 'member', 'other', 'viewer'] as const)
    people[name] = await world.app.addMember(name, name === 'other' ? 'member' : name);
  saved = await world.app.ok('POST', '/queries', {
    name: 'Those with few points',
    folder: 'Board/Weekly',
    body: { engine: 'sfmc', sql: membersQuery, connectionId: world.connections.sfmc, unit: mid },
  });
}, 120_000);
afterAll(() => world?.close());

const as = (who: keyof typeof people) => ({ token: people[who].token });
/** Makes a rule, and waits until the sign-in of every process knows of it. */
async function forbid(rule: object, isKnown: () => Promise<boolean>): Promise<() => Promise<void>> {
  const { id } = await world.app.ok('POST', '/query-rules', rule);
  while (!(await isKnown())) await new Promise((resolve) => setTimeout(resolve, 20));
  return async () => {
    await world.app.ok('DELETE', `/query-rules/${id}`);
    while (await isKnown()) await new Promise((resolve) => setTimeout(resolve, 20));
  };
}
const status = async (who: keyof typeof people, method: string, path: string, body?: object): Promise<number> =>
  (await world.app.call(method as 'GET', path, body, as(who))).status;

test('a connection that a rule hides is not there for whom it binds, in no list and by no address, and is there again when the rule goes', async () => {
  const { sfmc } = world.connections;
  const runId = await world.start('sfmc', membersQuery, { title: 'Hidden from some' });
  await world.until(runId);
  const isHidden = async () => (await status('member', 'GET', `/connections/${sfmc}`)) === 404;
  const lift = await forbid({ personId: people.member.id, connectionId: sfmc, denied: ['view'] }, isHidden);
  const gone = [
    `/connections/${sfmc}/units`,
    `/connections/${sfmc}/objects`,
    `/connections/${sfmc}/schema-changes`,
    `/query-runs/${runId}`,
    `/query-runs/${runId}/rows`,
    `/query-runs/${runId}/export`,
    `/queries/${saved.id}`,
    `/runs/${runId}`,
  ];
  for (const path of gone) expect([path, await status('member', 'GET', path)]).toEqual([path, 404]);
  const list = async (path: string, who: keyof typeof people) =>
    JSON.stringify((await world.app.ok('GET', path, undefined, as(who))).data);
  for (const path of [
    '/connections',
    '/query-runs',
    '/query-runs?q=hidden',
    '/queries',
    '/query-queue',
    '/query-assets',
    '/query-limits',
    '/runs',
  ]) {
    expect([path, (await list(path, 'member')).includes(sfmc)]).toEqual([path, false]);
    expect((await list(path, 'member')).includes('Hidden from some')).toBe(false);
  }
  const start = { connectionId: sfmc, sql: membersQuery };
  expect(await status('member', 'POST', '/query-runs', start)).toBe(422);
  // It binds that person alone.
  expect(await status('other', 'GET', `/query-runs/${runId}`)).toBe(200);
  await lift();
  expect(await status('member', 'GET', `/query-runs/${runId}`)).toBe(200);
});

test('streams of those from whom a connection is hidden do not tell of it', () => {
  const { sfmc } = world.connections;
  const permissions = new Set(['queries:read', 'connections:read', 'runs:read'] as const);
  const bound = streamFilter({ permissions, hidden: JSON.stringify({ places: [sfmc], folders: [] }) }, {});
  const free = streamFilter({ permissions, hidden: '' }, {});
  for (const event of [
    { type: 'query.progress', subject: 'run:1', runId: '1', data: { connectionId: sfmc } },
    { type: 'run.queued', subject: 'run:1', runId: '1', data: { connectionId: sfmc, title: 'Told to some' } },
    { type: 'connection.changed', subject: `connection:${sfmc}`, runId: null, data: {} },
  ]) {
    expect([event.type, bound(event), free(event)]).toEqual([event.type, false, true]);
  }
  expect(bound({ type: 'run.queued', subject: 'run:2', runId: '2', data: { title: 'Of another' } })).toBe(true);
});

test('a unit is hidden alone, for a role; owners and administrators make rules and are bound by none', async () => {
  const { sfmc } = world.connections;
  const units = async (who: keyof typeof people): Promise<string[]> =>
    (await world.app.ok('GET', `/connections/${sfmc}/units`, undefined, as(who))).data.map(
      ({ id }: { id: string }) => id,
    );
  const lift = await forbid(
    { role: 'member', connectionId: sfmc, unit: '7000002', denied: ['view'] },
    async () => !(await units('member')).includes('7000002'),
  );
  expect(await units('other')).toEqual([mid]);
  expect(await units('admin')).toContain('7000002');
  expect(await units('viewer')).toContain('7000002');
  await lift();
});

/** One call for each act, at the unit and folder of the saved query. */
const acts: Record<Exclude<QueryAct, 'view'>, (runId: string) => [method: string, path: string, body?: object]> = {
  run: () => ['POST', '/query-runs/validate', { connectionId: world.connections.sfmc, unit: mid, sql: membersQuery, queryId: saved.id }],
  edit: () => ['PATCH', `/queries/${saved.id}`, { tags: ['seen'] }],
  schedule: () => ['POST', '/schedules', { name: `S${Math.random()}`, target: { kind: 'query', id: saved.id }, cron: '0 3 1 1 *' }],
  export: (runId) => ['GET', `/query-runs/${runId}/export`],
}; // prettier-ignore

test.each(['connection', 'unit', 'folder'] as const)(
  'each act is taken away alone, at a %s: the others stay, and a key is bound as its owner is',
  async (kind) => {
    const { sfmc } = world.connections;
    const runId = await world.start('sfmc', membersQuery, { queryId: saved.id });
    await world.until(runId);
    const where =
      kind === 'folder' ? { folder: 'Board' } : { connectionId: sfmc, ...(kind === 'unit' && { unit: mid }) };
    const { id: keyId, key } = await world.app.makeKey(['queries:read', 'queries:run', 'queries:edit', 'queries:export', 'schedules:manage']); // prettier-ignore
    await world.sql('update api_keys set owner_id = $1 where id = $2', [people.member.id, keyId]);
    for (const denied of Object.keys(acts) as (keyof typeof acts)[]) {
      const forbidden = async (act: keyof typeof acts, token: string) => {
        const [method, path, body] = acts[act](runId);
        const answer = await world.app.call(method as 'GET', path, body, { token });
        return answer.status === 403 ? answer.body.error : answer.status < 300 || answer.text;
      };
      const lift = await forbid({ personId: people.member.id, ...where, denied: [denied] }, async () => {
        const limits = await world.app.ok('GET', '/query-limits', undefined, as('member'));
        return limits.data.length > 0;
      });
      for (const act of Object.keys(acts) as (keyof typeof acts)[]) {
        // A schedule runs the query as well.
        const isTaken = act === denied || (act === 'schedule' && denied === 'run');
        expect([denied, act, await forbidden(act, people.member.token)]).toEqual([
          denied,
          act,
          isTaken ? 'query.act_forbidden' : true,
        ]);
        expect([act, await forbidden(act, people.admin.token)]).toEqual([act, true]);
      }
      expect(await forbidden(denied, key)).toBe('query.act_forbidden');
      await lift();
    }
  },
);

test('each role reaches what it may and nothing else, on every route of queries', async () => {
  const runId = await world.start('sfmc', membersQuery);
  await world.until(runId);
  const { sfmc } = world.connections;
  const may: [route: string, method: string, path: string, body: object | undefined, who: string][] = [
    ['list', 'GET', '/query-runs', undefined, 'viewer member admin'],
    ['detail', 'GET', `/query-runs/${runId}`, undefined, 'viewer member admin'],
    ['queue', 'GET', '/query-queue', undefined, 'viewer member admin'],
    ['assets', 'GET', '/query-assets', undefined, 'viewer member admin'],
    ['saved', 'GET', `/queries/${saved.id}`, undefined, 'viewer member admin'],
    ['versions', 'GET', `/queries/${saved.id}/versions`, undefined, 'viewer member admin'],
    ['folders', 'GET', '/query-folders', undefined, 'viewer member admin'],
    ['tabs', 'GET', '/query-tabs', undefined, 'viewer member admin'],
    ['limits', 'GET', '/query-limits', undefined, 'viewer member admin'],
    ['favourite', 'PUT', `/queries/${saved.id}/marks`, { favourite: true }, 'viewer member admin'],
    ['rows', 'GET', `/query-runs/${runId}/rows`, undefined, 'member admin'],
    ['export', 'GET', `/query-runs/${runId}/export`, undefined, 'member admin'],
    ['dry run', 'POST', '/query-runs/validate', { connectionId: sfmc, unit: mid, sql: membersQuery }, 'member admin'],
    ['run', 'POST', '/query-runs', { connectionId: sfmc, unit: mid, sql: membersQuery }, 'member admin'],
    ['again', 'POST', `/query-runs/${runId}/again`, undefined, 'member admin'],
    ['save', 'PATCH', `/queries/${saved.id}`, { description: 'x' }, 'member admin'],
    ['restore', 'POST', `/queries/${saved.id}/versions/1/restore`, undefined, 'member admin'],
    ['rules', 'GET', '/query-rules', undefined, 'admin'],
    ['close', 'POST', `/query-runs/${runId}/close`, undefined, 'member admin'],
  ];
  for (const [route, method, path, body, who] of may)
    for (const role of ['viewer', 'member', 'admin'] as const) {
      const answer = await status(role, method, path, body);
      const isAllowed = who.split(' ').includes(role);
      expect([route, role, isAllowed ? answer < 300 : answer]).toEqual([route, role, isAllowed || 403]);
    }
});
