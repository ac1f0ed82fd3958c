import { afterAll, beforeAll, expect, test } from 'vitest';
import type { QueryAct } from '#contracts/queries/query-acts.ts';
import { openSse, type SseClient, type SseFrame } from '#tests/kit/sse-client.ts';
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

/** All that a stream has told of runs and saved queries until it tells of the run that is named. */
const toldUntil = async (stream: SseClient, runId: string): Promise<SseFrame[]> => {
  await stream.untilFrame(({ event, data }) => event === 'run.ended' && data.run === runId);
  return stream.frames.filter(({ event }) => event !== 'hello');
};
const streamOf = (who: keyof typeof people, lastId?: string) =>
  openSse(`${world.app.origin}/api/v1/events`, { token: people[who].token, workspace: world.app.workspaceId, lastId });

test.each(['connection', 'unit', 'folder'] as const)(
  'of queries that a rule hides at a %s neither stream nor list nor figure tells an id, a count or a name',
  async (kind) => {
    const { sfmc } = world.connections;
    const where =
      kind === 'folder' ? { folder: 'Board' } : { connectionId: sfmc, ...(kind === 'unit' && { unit: mid }) };
    const lift = await forbid(
      { personId: people.member.id, ...where, denied: ['view'] },
      async () => (await status('member', 'GET', `/queries/${saved.id}`)) === 404,
    );
    const [bound, free] = await Promise.all([streamOf('member'), streamOf('other')]);
    const before = bound.frames[0]?.id;
    const figures = async (who: keyof typeof people) => {
      const {
        started,
        ended,
        isNew: _isNew,
        ...rest
      } = await world.app.ok('GET', '/overview?span=24h', undefined, as(who));
      const { total } = await world.app.ok('GET', '/runs/total?kind=query', undefined, as(who));
      return { started, ended, total, running: rest.running };
    };
    const atFirst = await figures('member');
    const title = `Told to some, ${kind}`;
    const hidden = await world.start('sfmc', membersQuery, { queryId: saved.id, title });
    await world.until(hidden);
    await world.app.ok('PATCH', `/queries/${saved.id}`, { tags: [kind] });
    const shown = await world.start('postgres', 'select 1 as one');
    await world.until(shown);
    // Both have heard all up to the run that both may see.
    const [toBound, toFree] = await Promise.all([toldUntil(bound, shown), toldUntil(free, shown)]);
    for (const id of [hidden, saved.id, title]) {
      expect([id, JSON.stringify(toBound).includes(id)]).toEqual([id, false]);
      expect([id, JSON.stringify(toFree).includes(id)]).toEqual([id, true]);
    }
    const again = await streamOf('member', before);
    const late = await toldUntil(again, shown);
    expect(late.map(({ event }) => event)).toEqual(toBound.map(({ event }) => event));
    expect(again.frames[0]?.data.caughtUp).toBe(late.length);
    const atLast = await figures('member');
    expect([atLast.started - atFirst.started, atLast.total - atFirst.total]).toEqual([1, 1]);
    for (const path of ['', '/events', '/logs', '/definition'])
      expect([path, await status('member', 'GET', `/runs/${hidden}${path}`)]).toEqual([path, 404]);
    expect(JSON.stringify(await world.app.ok('GET', '/runs', undefined, as('member')))).not.toContain(hidden);
    // A rule that goes ends the stream of whom it may concern: what it shows is another.
    await lift();
    await bound.untilEnd();
    for (const stream of [bound, free, again]) stream.close();
  },
);

test('a member who is bound to units hears of these alone, from the moment of the change on', async () => {
  const { sfmc } = world.connections;
  const stream = await streamOf('member');
  expect((await world.app.ok('GET', '/members/units')).data).toContainEqual({
    id: mid,
    name: 'Main',
    connections: ['sfmc'],
  });
  await world.app.ok('PATCH', `/members/${people.member.id}`, { units: ['7000002'] });
  await stream.untilEnd();
  const bound = await streamOf('member');
  const hidden = await world.start('sfmc', membersQuery, { unit: mid, title: 'In a unit of others' });
  await world.until(hidden);
  const shown = await world.start('postgres', 'select 1 as one', { title: 'In no unit' });
  await world.until(shown);
  const told = JSON.stringify(await toldUntil(bound, shown));
  expect([told.includes(hidden), told.includes('In a unit of others'), told.includes('In no unit')]).toEqual([false, false, true]); // prettier-ignore
  expect(await status('member', 'GET', `/runs/${hidden}`)).toBe(404);
  const { data } = await world.app.ok('GET', `/connections/${sfmc}/units`, undefined, as('member'));
  expect(data.map(({ id }: { id: string }) => id)).toEqual(['7000002']);
  await world.app.ok('PATCH', `/members/${people.member.id}`, { units: null });
  await bound.untilEnd();
  expect(await status('member', 'GET', `/runs/${hidden}`)).toBe(200);
});

test('who is invited to a unit sees that unit alone, from the first request on', async () => {
  const { sfmc } = world.connections;
  const hidden = await world.start('sfmc', membersQuery, { unit: mid, title: 'Before they came' });
  await world.until(hidden);
  const { token } = await world.app.addMember('newcomer', 'member', { token: world.app.owner.token }, ['7000002']);
  const units = async () =>
    (await world.app.ok('GET', `/connections/${sfmc}/units`, undefined, { token })).data.map(
      ({ id }: { id: string }) => id,
    );
  expect((await world.app.call('GET', `/query-runs/${hidden}`, undefined, { token })).status).toBe(404);
  expect(await units()).toEqual(['7000002']);
  const { data } = await world.app.ok('GET', '/query-runs', undefined, { token });
  expect(JSON.stringify(data)).not.toContain('Before they came');
  // What they look at is no other's: one who was invited to all sees it.
  const free = await world.app.addMember('freecomer', 'member');
  expect((await world.app.call('GET', `/query-runs/${hidden}`, undefined, { token: free.token })).status).toBe(200);
});

test('of a private query its owner’s streams tell alone', async () => {
  const [own, others] = await Promise.all([streamOf('admin'), streamOf('other')]);
  const { id } = await world.app.ok('POST', '/queries', { name: 'For myself', sharing: 'private', body: { engine: 'sfmc', sql: membersQuery } }, as('admin')); // prettier-ignore
  await world.app.ok('DELETE', `/queries/${id}`, undefined, as('admin'));
  const { id: told } = await world.app.ok('POST', '/queries', { name: 'For all', body: { engine: 'sfmc', sql: membersQuery } }, as('admin')); // prettier-ignore
  for (const stream of [own, others]) await stream.untilFrame(({ data }) => data.subject === `query:${told}`);
  expect(JSON.stringify(own.frames)).toContain('For myself');
  expect(JSON.stringify(others.frames)).not.toContain(id);
  for (const stream of [own, others]) stream.close();
});

test('a step of a playbook names the run of its query to those alone who may see it', async () => {
  const { postgres } = world.connections;
  const lift = await forbid(
    { personId: people.member.id, connectionId: postgres, denied: ['view'] },
    async () => (await status('member', 'GET', `/connections/${postgres}`)) === 404,
  );
  const definition = {
    name: 'Asks where not everybody may look',
    steps: [{ id: 'asks', kind: 'query', connection: 'postgres', sql: 'select 1 as one' }],
  };
  const { id } = await world.app.ok('POST', '/playbooks', { definition });
  const { runId } = await world.app.ok('POST', `/playbooks/${id}/runs`, { inputs: {} });
  await world.app.untilRun(runId);
  const [step] = (await world.app.ok('GET', `/runs/${runId}`)).steps;
  expect(step.childRunId).toEqual(expect.any(String));
  const read = async (who: 'member' | 'other', path: string) =>
    JSON.stringify(await world.app.ok('GET', `/runs/${runId}${path}`, undefined, as(who)));
  for (const path of ['', '/events', '/logs', '/definition'])
    expect([path, (await read('member', path)).includes(step.childRunId)]).toEqual([path, false]);
  expect(await read('other', '')).toContain(step.childRunId);
  await lift();
});

test('a slot that a hidden query holds is held for everybody', async () => {
  const { sfmc } = world.connections;
  const lift = await forbid(
    { personId: people.member.id, connectionId: sfmc, denied: ['view'] },
    async () => (await status('member', 'GET', `/connections/${sfmc}`)) === 404,
  );
  await world.app.ok('PATCH', '/settings', { concurrency: 1 });
  // As a long one would stand: admitted and not ended.
  const hidden = await world.start('sfmc', membersQuery);
  await world.until(hidden);
  await world.sql(`update runs set ended_at = null, status = 'running' where id = $1`, [hidden]);
  const { runId } = await world.app.ok('POST', '/query-runs', { connectionId: world.connections.postgres, sql: 'select 1' }, as('member')); // prettier-ignore
  const run = await world.app.ok('GET', `/runs/${runId}`, undefined, as('member'));
  expect([run.status, run.waitingFor ?? run.queuePlace]).toEqual(['queued', expect.anything()]);
  await world.sql(`update runs set ended_at = now(), status = 'succeeded' where id = $1`, [hidden]);
  await world.app.ok('PATCH', '/settings', { concurrency: 100 });
  // The next start lets in whoever waits.
  await world.start('postgres', 'select 2');
  await world.until(runId);
  await lift();
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
