import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp, until } from '#tests/kit/test-app.ts';

let app: TestApp;
let ana = '';
beforeAll(async () => {
  app = await startTestApp({ withHosts: false });
  ana = (await app.addMember('ana', 'member')).id;
});
afterAll(() => app?.close());

const open = (fields: object = {}) =>
  app.ok('POST', '/incidents', { title: 'Checkout answers 500', severity: 'sev2', service: 'checkout', ...fields });
const move = (id: string, to: string, fields: object = {}) =>
  app.call('POST', `/incidents/${id}/transitions`, { to, ...fields });
const story = async (id: string) =>
  (await app.ok('GET', `/incidents/${id}/timeline`)).data.map(({ kind, text }: { kind: string; text: string }) => [
    kind,
    text,
  ]);

test('201: an incident has a number, stands in list, board and story, and may be moved', async () => {
  const made = await open();
  expect(made).toMatchObject({
    key: `INC-${made.number}`,
    state: 'open',
    version: 1,
    owner: null,
    acknowledgedAt: null,
  });
  expect(made.moves.map(({ to }: { to: string }) => to)).toContain('acknowledged');
  const { data } = await app.ok('GET', '/incidents?state=active&service=checkout&search=answers');
  expect(data[0]).toMatchObject({ id: made.id, key: made.key });
  const moved = await move(made.id, 'acknowledged', { version: 1 });
  expect([moved.status, moved.body.state, moved.body.version]).toEqual([200, 'acknowledged', 2]);
  expect(moved.body.acknowledgedAt).not.toBeNull();
  const board = await app.ok('GET', '/incidents/board?service=checkout');
  const column = board.columns.find(({ state }: { state: string }) => state === 'acknowledged');
  expect(column.incidents.map(({ id }: { id: string }) => id)).toContain(made.id);
  expect(await story(made.id)).toEqual([
    ['moved', 'From Open to Acknowledged'],
    ['opened', 'Opened as SEV2: Checkout answers 500'],
  ]);
  expect(await app.ok('GET', `/incidents/by-number/${made.number}`)).toMatchObject({ id: made.id });
});

test('200: an incident names assets; it tells what depends on them, and an asset tells its incidents', async () => {
  const { id: typeId } = await app.ok('POST', '/asset-types', { key: 'service', name: 'Service' });
  const server = await app.ok('POST', '/servers', { name: 'db-1', host: '10.20.1.31' });
  const make = async (key: string, fields: object = {}): Promise<string> =>
    (await app.ok('POST', '/assets', { key, name: key, typeId, ...fields })).id;
  const orders = await make('orders', { serverId: server.id });
  const [shop, front, mailer] = [await make('shop', { criticality: 'critical' }), await make('front'), await make('mailer')]; // prettier-ignore
  await app.ok('POST', '/asset-relations', { fromId: shop, kind: 'depends_on', toId: orders });
  await app.ok('POST', '/asset-relations', { fromId: front, kind: 'depends_on', toId: shop });
  const byAsset = await open({ links: [{ kind: 'asset', ref: shop, label: 'Shop' }] });
  const byServer = await open({ links: [{ kind: 'server', ref: server.id, label: 'db-1' }] });
  // What is no id is a link like any other, and names no asset.
  const strange = await open({ links: [{ kind: 'asset', ref: 'no id', label: 'Gone' }] });

  const impact = async (of: string) => {
    const answer = await app.ok('GET', `/incidents/${of}/impact`);
    const named = (rows: { name: string }[]) => rows.map(({ name }) => name);
    return [named(answer.of), named(answer.data), answer.byCriticality.critical];
  };
  expect(await impact(byAsset.id)).toEqual([['shop'], ['front'], 0]);
  expect(await impact(byServer.id)).toEqual([['orders'], ['shop', 'front'], 1]);
  expect(await impact(strange.id)).toEqual([[], [], 0]);

  const touching = async (asset: string, more = ''): Promise<string[]> =>
    (await app.ok('GET', `/incidents?asset=${asset}${more}`)).data.map(({ id }: { id: string }) => id);
  expect(await touching(orders)).toEqual([byServer.id]);
  expect(await touching(shop)).toEqual([byAsset.id]);
  expect(await touching(mailer)).toEqual([]);
  await move(byAsset.id, 'resolved', { reason: 'over' });
  expect([await touching(shop, '&state=active'), await touching(shop)]).toEqual([[], [byAsset.id]]);
});

test('a saved view of incidents is its owner’s until it is shared, and none of the list of runs', async () => {
  const [max, zoe] = [await app.addMember('max', 'member'), await app.addMember('zoe', 'member')];
  const as = ({ token }: { token: string }) => ({ token, workspace: app.workspaceId });
  const { id } = await app.ok('POST', '/incident-views', { name: 'Late', query: 'clock=breached' }, as(max));
  const seenBy = (person: typeof max) => app.ok('GET', '/incident-views', undefined, as(person));
  expect(await seenBy(max)).toMatchObject([{ id, isMine: true, isShared: false, query: 'clock=breached' }]);
  expect([await seenBy(zoe), await app.ok('GET', '/run-views', undefined, as(max))]).toEqual([[], []]);
  const twice = await app.call('POST', '/incident-views', { name: 'LATE', query: '' }, as(max));
  expect([twice.status, twice.body.error]).toEqual([409, 'incident_view.name_taken']);
  await app.ok('PATCH', `/incident-views/${id}`, { isShared: true }, as(max));
  expect(await seenBy(zoe)).toMatchObject([{ id, isMine: false }]);
  expect((await app.call('DELETE', `/incident-views/${id}`, undefined, as(zoe))).status).toBe(404);
  expect((await app.call('DELETE', `/incident-views/${id}`, undefined, as(max))).status).toBe(204);
  expect(await seenBy(zoe)).toEqual([]);
});

test('409: an illegal move says what is allowed, at the door of the workflow and behind it', async () => {
  const { id } = await open();
  await move(id, 'investigating');
  const refused = await move(id, 'closed', { reason: 'over' });
  expect([refused.status, refused.body.error]).toEqual([409, 'incident.move_refused']);
  expect(refused.body.details.allowed).toContain('resolved');
  const silent = await move(id, 'resolved');
  expect([silent.status, silent.body.error]).toEqual([422, 'incident.reason_missing']);
});

test('409: of two people who move it at once one is told that it was moved', async () => {
  const { id } = await open();
  const answers = await Promise.all([
    move(id, 'acknowledged', { version: 1 }),
    move(id, 'investigating', { version: 1 }),
  ]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  const lost = answers.find(({ status }) => status === 409);
  expect(['incident.changed_meanwhile', 'incident.move_refused']).toContain(lost?.body.error);
});

test('it is resolved, reopened, resolved and closed; the postmortem has written itself', async () => {
  const { id } = await open({ title: 'A disk is full' });
  for (const [to, reason] of [
    ['resolved', 'Made room'],
    ['investigating', 'Full again'],
    ['resolved', 'More room'],
    ['closed', 'Done'],
  ] as const)
    expect((await move(id, to, { reason })).status).toBe(200);
  const shown = await app.ok('GET', `/incidents/${id}`);
  expect(shown).toMatchObject({ state: 'closed', moves: [{ to: 'investigating', needsReason: true }] });
  expect(shown.postmortem).toContain('A disk is full');
  expect(shown.postmortem).toContain('Made room');
  expect((await move(id, 'investigating', { reason: 'Not over' })).body.state).toBe('investigating');
});

test('people, severity and words are changed in one line of the story; a stranger is refused', async () => {
  const { id } = await open();
  const changed = await app.ok('PATCH', `/incidents/${id}`, {
    severity: 'sev1',
    ownerId: ana,
    responders: [{ personId: ana, role: 'commander' }],
    reason: 'Everybody is affected',
    version: 1,
  });
  expect(changed).toMatchObject({ severity: 'sev1', owner: { id: ana, name: 'ana' }, version: 2 });
  expect(changed.responders).toEqual([{ personId: ana, role: 'commander', name: 'ana' }]);
  expect((await story(id))[0][1]).toContain('severity from SEV2 to SEV1: Everybody is affected');
  const stale = await app.call('PATCH', `/incidents/${id}`, { title: 'x', version: 1 });
  expect([stale.status, stale.body.error]).toEqual([409, 'incident.changed_meanwhile']);
  const stranger = await app.call('PATCH', `/incidents/${id}`, { ownerId: '01890000-0000-7000-8000-000000000000' });
  expect([stranger.status, stranger.body.error]).toEqual([422, 'incident.person_unknown']);
  expect(await app.ok('POST', `/incidents/${id}/assign`, { ownerId: null })).toMatchObject({ owner: null });
});

test('notes, tasks and links stand in the story; a note is changed by whoever wrote it', async () => {
  const { id } = await open();
  const note = await app.ok('POST', `/incidents/${id}/notes`, { text: 'Looking' });
  expect(note).toMatchObject({ kind: 'note', text: 'Looking', editedAt: null });
  const edited = await app.ok('PATCH', `/incidents/${id}/notes/${note.id}`, { text: 'Looked' });
  expect([edited.text, edited.editedAt !== null]).toEqual(['Looked', true]);
  const other = await app.call(
    'PATCH',
    `/incidents/${id}/notes/${note.id}`,
    { text: 'Mine' },
    { token: app.owner.token },
  );
  expect([other.status, other.body.error]).toEqual([403, 'incident.not_yours']);
  const task = await app.ok('POST', `/incidents/${id}/tasks`, { title: 'Call the provider', assigneeId: ana });
  const done = await app.ok('PATCH', `/incidents/${id}/tasks/${task.id}`, { isDone: true });
  expect([done.isDone, done.doneAt !== null]).toEqual([true, true]);
  const { links } = await app.ok('POST', `/incidents/${id}/link`, { kind: 'url', ref: 'https://status.example.org' });
  expect(links).toMatchObject([{ kind: 'url', label: 'https://status.example.org' }]);
  await app.ok('DELETE', `/incidents/${id}/link/${links[0].id}`);
  const shown = await app.ok('GET', `/incidents/${id}`);
  expect([shown.links, shown.tasks.length]).toEqual([[], 1]);
  expect((await app.call('POST', `/incidents/${id}/link`, { kind: 'url', ref: 'javascript:alert(1)' })).status).toBe(
    422,
  );
});

test('a note is deleted and put back by whoever wrote it: what it said is told to nobody meanwhile, and the audit log keeps both', async () => {
  const { id } = await open();
  const { id: entryId } = await app.ok('POST', `/incidents/${id}/notes`, { text: 'The password is hunter2' });
  const path = `/incidents/${id}/notes/${entryId}`;
  const stranger = await app.call('DELETE', path, undefined, { token: app.owner.token });
  expect([stranger.status, stranger.body.error]).toEqual([403, 'incident.not_yours']);
  // A second time changes nothing.
  for (const _time of [1, 2]) expect(await app.ok('DELETE', path)).toMatchObject({ details: { isDeleted: true } });
  expect(JSON.stringify(await app.ok('GET', `/incidents/${id}/timeline`))).not.toContain('hunter2');
  expect((await app.call('PATCH', path, { text: 'Another' })).status).toBe(404);
  for (const _time of [1, 2])
    expect(await app.ok('POST', `${path}/restore`, {})).toMatchObject({ text: 'The password is hunter2', details: {} });
  const { data } = await app.ok('GET', '/audit?limit=20');
  const did = data.flatMap(({ action, subject }: Record<string, string>) => (subject === `incident:${id}` ? [action] : [])); // prettier-ignore
  expect(did).toEqual(['incident.note_restored', 'incident.note_deleted', 'incident.opened']);
});

test('a move is taken back by whoever made it, once and to where it came from; clocks go on as if nobody had answered', async () => {
  const { id: policyId } = await app.ok('POST', '/sla/policies', {
    name: 'Taken back',
    services: ['taken-back'],
    targets: { sev2: { respond: '1h', resolve: '4h' } },
  });
  const { id } = await open({ service: 'taken-back' });
  const back = (to: string, by: object = {}) =>
    app.call('POST', `/incidents/${id}/transitions`, { to, takesBack: true }, by);
  const modes = (shown: { clocks: { kind: string; mode: string }[] }) => shown.clocks.map(({ mode }) => mode);
  expect((await back('open')).status).toBe(409); // nothing was moved yet
  expect(modes((await move(id, 'acknowledged')).body)).toEqual(['met', 'counting']);
  // Another change since is no matter.
  await app.ok('PATCH', `/incidents/${id}`, { ownerId: ana });
  const others = await back('open', { token: app.owner.token });
  expect([others.status, others.body.error]).toEqual([409, 'incident.move_refused']);
  const taken = await back('open');
  expect([taken.status, taken.body.state, taken.body.acknowledgedAt]).toEqual([200, 'open', null]);
  expect(modes(taken.body)).toEqual(['counting', 'counting']);
  expect((await back('acknowledged')).status).toBe(409);
  // What ended the work, and asked for a reason, goes back without one.
  await move(id, 'resolved', { reason: 'Over' });
  expect((await back('investigating')).status).toBe(409);
  expect((await back('open')).body).toMatchObject({ state: 'open', resolvedAt: null });
  expect((await story(id)).filter(([kind]: string[]) => kind === 'moved').map(([, text]: string[]) => text)).toEqual([
    'Reopened: from Resolved to Open: Taken back',
    'From Open to Resolved: Over',
    'From Acknowledged to Open: Taken back',
    'From Open to Acknowledged',
  ]);
  const reported = await app.ok('GET', `/incidents/${id}`);
  expect(modes(reported)).toEqual(['counting', 'counting']);
  await app.ok('DELETE', `/sla/policies/${policyId}`);
});

test('one incident is merged into another: links and responders go with it, both stories stay', async () => {
  const one = await open({ links: [{ kind: 'url', ref: 'https://a.example.org' }] });
  const two = await open();
  await app.ok('PATCH', `/incidents/${one.id}`, { responders: [{ personId: ana, role: 'responder' }] });
  const merged = await app.ok('POST', `/incidents/${one.id}/merge`, { into: two.id, reason: 'The same cause' });
  expect(merged).toMatchObject({ state: 'merged', mergedInto: { id: two.id, key: two.key }, moves: [] });
  const target = await app.ok('GET', `/incidents/${two.id}`);
  expect([target.links.length, target.responders.length]).toEqual([1, 1]);
  expect((await story(two.id))[0][1]).toContain(`${one.key} was merged into this one`);
  const again = await app.call('POST', `/incidents/${two.id}/merge`, { into: two.id });
  expect([again.status, again.body.error]).toEqual([409, 'incident.merge_refused']);
});

test('many are changed in one act, and what is refused says why', async () => {
  const made = await Promise.all([open(), open(), open()]);
  await move(made[2].id, 'canceled', { reason: 'A test' });
  const answer = await app.ok('POST', '/incidents/bulk', {
    ids: made.map(({ id }) => id),
    move: { to: 'resolved', reason: 'All over' },
  });
  expect(answer.changed).toBe(2);
  expect(answer.refused).toMatchObject([{ id: made[2].id, code: 'incident.move_refused' }]);
});

test('a workspace has its own names and its own prefix; keys that were given stay', async () => {
  const before = await open();
  const settings = await app.ok('GET', '/incidents/settings');
  await app.ok('PUT', '/incidents/settings', { ...settings, names: { open: 'New' }, prefix: 'OPS' });
  expect((await open()).key).toMatch(/^OPS-\d+$/);
  expect((await app.ok('GET', `/incidents/${before.id}`)).key).toBe(before.key);
  const board = await app.ok('GET', '/incidents/board');
  expect(board.columns[0]).toMatchObject({ state: 'open', name: 'New' });
  await app.ok('PUT', '/incidents/settings', { ...settings, names: {} });
});

test('pages go on where the one before has ended', async () => {
  await Promise.all(Array.from({ length: 5 }, () => open({ service: 'pages' })));
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = await app.ok('GET', `/incidents?service=pages&limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...page.data.map(({ id }: { id: string }) => id));
    cursor = page.pagination.nextCursor;
  }
  expect([seen.length, new Set(seen).size]).toEqual([5, 5]);
  expect(seen).toEqual(seen.toSorted().toReversed());
});

test('nobody answers: levels are told one after the other, once each, and by hand the next', async () => {
  const policy = await app.ok('POST', '/oncall/policies', {
    name: 'Checkout',
    steps: [{ targets: [{ kind: 'person', id: ana }] }, { after: '15m', targets: [{ kind: 'person', id: ana }] }],
    repeats: 0,
  });
  const { id } = await open({ escalationPolicyId: policy.id });
  const first = await until(async () => {
    const shown = await app.ok('GET', `/incidents/${id}`);
    return shown.escalationLevel === 1 && shown;
  });
  expect(Date.parse(first.nextEscalationAt)).toBeGreaterThan(Date.now() + 14 * 60_000);
  const second = await app.ok('POST', `/incidents/${id}/escalations`, { reason: 'No answer' });
  expect([second.escalationLevel, second.nextEscalationAt]).toEqual([2, null]);
  const third = await app.call('POST', `/incidents/${id}/escalations`, {});
  expect([third.status, third.body.error]).toEqual([409, 'incident.escalation_over']);
  expect((await story(id)).filter(([kind]: [string]) => kind === 'escalated')).toHaveLength(2);
});

test('a policy that is edited while nobody answers holds for the next level; somebody who has left is not waited for', async () => {
  const leaver = await app.addMember(`leaver-${Date.now()}`, 'member');
  const schedule = await app.ok('POST', '/oncall/schedules', {
    name: `Left ${Date.now()}`,
    timeZone: 'UTC',
    layers: [
      {
        id: '01890000-0000-7000-8000-000000000001', name: 'Weeks', people: [leaver.id], startsAt: '2026-01-05T09:00',
        turn: { unit: 'weeks', count: 1 },
      },
    ],
  }); // prettier-ignore
  const onCall = { kind: 'schedule', id: schedule.id };
  const steps = (after: string, first: object[]) => [
    { targets: first },
    { after, targets: [{ kind: 'person', id: ana }] },
  ];
  const policy = await app.ok('POST', '/oncall/policies', {
    name: `Left ${Date.now()}`,
    steps: steps('15m', [onCall, { kind: 'person', id: leaver.id }]),
    repeats: 0,
  });
  await app.ok('DELETE', `/members/${leaver.id}`);
  const { id } = await open({ escalationPolicyId: policy.id });
  const level = (wanted: number) =>
    until(async () => (await app.ok('GET', `/incidents/${id}`)).escalationLevel === wanted);
  const told = async (): Promise<string[]> =>
    (await app.ok('GET', `/incidents/${id}/timeline?kind=told`)).data.map(({ text }: { text: string }) => text);
  await level(1);
  expect(await told()).toEqual([
    `Not reached: Nobody is on call by ${schedule.name}.; Not reached: The person is no member any more.`,
  ]);
  await app.ok('PATCH', `/oncall/policies/${policy.id}`, { steps: steps('1s', [onCall]) });
  await level(2);
  expect((await told())[0]).toBe('ana is told (mail at once)');
});
