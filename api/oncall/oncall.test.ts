import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

let app: TestApp;
let ana = '';
let ben = '';
let made = 0;
beforeAll(async () => {
  app = await startTestApp({ withHosts: false });
  ana = (await app.addMember('ana', 'member')).id;
  ben = (await app.addMember('ben', 'member')).id;
});
afterAll(() => app?.close());

const layer = (people: string[]) => ({
  id: '01890000-0000-7000-8000-000000000001',
  name: 'Weeks',
  people,
  startsAt: '2026-10-19T09:00',
  turn: { unit: 'weeks', count: 1 },
});
const schedule = (fields: object = {}) =>
  app.ok('POST', '/oncall/schedules', {
    name: `Primary ${(made += 1)}`,
    timeZone: 'Europe/Berlin',
    layers: [layer([ana, ben])],
    ...fields,
  });
const duty = (id: string, from: string, to: string) =>
  app.ok('GET', `/oncall/schedules/${id}/duty?from=${from}&to=${to}`);

test('201: a schedule says who is on call now and next, and a window who was and will be', async () => {
  const { id, now, next, gap, version } = await schedule();
  expect([ana, ben]).toContain(now.personId);
  expect(next.personId).toBe(now.personId === ana ? ben : ana);
  expect([gap, version]).toEqual([null, 1]);
  const { data } = await duty(id, '2026-10-19T07:00:00Z', '2026-11-02T08:00:00Z');
  expect(data.map(({ from, personId }: { from: string; personId: string }) => [from, personId])).toEqual([
    ['2026-10-19T07:00:00.000Z', ana],
    ['2026-10-26T08:00:00.000Z', ben],
  ]);
});

test('one person’s turns in a row are one duty: next is who comes after them', async () => {
  const nights = {
    ...layer([ana]),
    id: '01890000-0000-7000-8000-000000000002',
    only: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '20:00', to: '08:00' }],
  };
  const { now, next } = await schedule({ layers: [layer([ana]), nights] });
  expect([now.personId, next]).toEqual([ana, null]);
  const { now: mine, next: theirs } = await schedule({ layers: [layer([ana, ben]), { ...nights, people: [ana] }] });
  expect(theirs.personId).toBe(mine.personId === ana ? ben : ana);
  expect(mine.to).toBe(theirs.from);
});

test('201: an override holds until it is taken back; both are told and on record', async () => {
  const { id } = await schedule();
  const window = ['2026-10-20T00:00:00Z', '2026-10-22T00:00:00Z'] as const;
  const override = await app.ok('POST', `/oncall/schedules/${id}/overrides`, {
    from: window[0],
    to: '2026-10-21T00:00:00Z',
    personId: ben,
    reason: 'Swap',
  });
  expect(await duty(id, ...window)).toMatchObject({
    data: [{ personId: ben, by: override.id, isOverride: true }, { personId: ana }],
    overrides: [{ reason: 'Swap' }],
  });
  await app.ok('DELETE', `/oncall/schedules/${id}/overrides/${override.id}`);
  expect((await duty(id, ...window)).data).toMatchObject([{ personId: ana }]);
  const { data: entries } = await app.ok('GET', `/audit?subject=oncall:${id}`);
  expect(entries.map(({ action }: { action: string }) => action)).toEqual([
    'oncall.override_removed',
    'oncall.override_made',
    'oncall.created',
  ]);
});

test('201: two people trade shifts: two overrides in one act, on record; the same trade again is refused', async () => {
  const { id } = await schedule();
  // The week in which clocks go back: Ana has it, Ben the one after.
  const window = ['2026-10-19T07:00:00Z', '2026-11-02T08:00:00Z'] as const;
  const turn = '2026-10-26T08:00:00Z';
  const shifts = [
    { personId: ana, from: window[0], to: turn },
    { personId: ben, from: turn, to: window[1] },
  ];
  const { data: made } = await app.ok('POST', `/oncall/schedules/${id}/swaps`, { shifts });
  expect(made).toMatchObject([
    { personId: ben, reason: expect.stringMatching(/^Swap between .+ and .+$/) },
    { personId: ana, reason: made[0].reason },
  ]);
  expect((await duty(id, ...window)).data).toMatchObject([
    { personId: ben, by: made[0].id, isOverride: true, to: '2026-10-26T08:00:00.000Z' },
    { personId: ana, by: made[1].id, isOverride: true },
  ]);
  expect(await app.call('POST', `/oncall/schedules/${id}/swaps`, { shifts })).toMatchObject({
    status: 409,
    body: { error: 'oncall.shift_not_theirs' },
  });
  const { data: entries } = await app.ok('GET', `/audit?subject=oncall:${id}`);
  expect(entries.map(({ action }: { action: string }) => action)).toEqual(['oncall.swapped', 'oncall.created']);
  // Turned round it is a trade again: back to where they were.
  await app.ok('POST', `/oncall/schedules/${id}/swaps`, {
    shifts: [
      { ...shifts[0], personId: ben },
      { ...shifts[1], personId: ana },
    ],
  });
  expect((await duty(id, ...window)).data).toMatchObject([{ personId: ana }, { personId: ben }]);
});

test('a swap is taken back whole, in one act; once one of its shifts is over, that one stays as it was', async () => {
  const later = { from: '2031-01-06T08:00:00Z', turn: '2031-01-13T08:00:00Z', to: '2031-01-20T08:00:00Z' };
  const { id } = await schedule();
  const before = (await duty(id, later.from, later.to)).data;
  const shifts = before.map(({ personId, from, to }: { personId: string; from: string; to: string }) => ({ personId, from, to })); // prettier-ignore
  const { data: made } = await app.ok('POST', `/oncall/schedules/${id}/swaps`, { shifts });
  expect(made[0].swapId).toBe(made[1].swapId);
  await app.ok('DELETE', `/oncall/schedules/${id}/overrides/${made[1].id}`);
  expect(await duty(id, later.from, later.to)).toMatchObject({ data: before, overrides: [] });
  const { data: entries } = await app.ok('GET', `/audit?subject=oncall:${id}`);
  expect(entries[0]).toMatchObject({ action: 'oncall.swap_removed', before: { overrides: [{}, {}] } });
  const { data: again } = await app.ok('POST', `/oncall/schedules/${id}/swaps`, { shifts });
  // A swap whose first shift was last year: both were made then, and one of them is over.
  const past = { from: '2020-01-06T00:00:00Z', to: '2020-01-07T00:00:00Z' };
  await app.parts.inTenant({ workspaceId: app.workspaceId, mids: '*' }, (tx) =>
    tx
      .updateTable('oncallOverrides')
      .set({ fromAt: new Date(past.from), toAt: new Date(past.to) })
      .where('id', '=', again[0].id)
      .execute(),
  );
  await app.ok('DELETE', `/oncall/schedules/${id}/overrides/${again[1].id}`);
  expect((await duty(id, past.from, past.to)).overrides).toMatchObject([{ id: again[0].id }]);
});

test('409: a shift that is another’s for a minute is not theirs, and nothing of the swap is made; 422: with oneself, with a stranger', async () => {
  const { id } = await schedule();
  const mine = { personId: ana, from: '2026-10-20T00:00:00Z', to: '2026-10-21T00:00:00Z' };
  const swap = (other: object) =>
    app.call('POST', `/oncall/schedules/${id}/swaps`, { shifts: [mine, other], reason: 'Holiday' });
  const late = { personId: ben, from: '2026-10-26T07:59:00Z', to: '2026-10-27T08:00:00Z' };
  expect(await swap(late)).toMatchObject({
    status: 409,
    body: {
      error: 'oncall.shift_not_theirs',
      message: expect.stringContaining('from 2026-10-26 07:59 UTC to 2026-10-27 08:00 UTC'),
    },
  });
  expect(await swap({ ...late, personId: ana })).toMatchObject({ status: 400 });
  expect(await swap({ ...late, personId: '01890000-0000-7000-8000-00000000dead' })).toMatchObject({
    status: 422,
    body: { error: 'oncall.person_unknown', details: [{ path: '/body/shifts/1/personId' }] },
  });
  expect((await duty(id, '2026-10-19T07:00:00Z', '2026-11-02T08:00:00Z')).overrides).toEqual([]);
});

test('a person who leaves the workspace leaves a gap, which the list shows', async () => {
  const leaver = (await app.addMember(`leaver-${Date.now()}`, 'member')).id;
  const { id, gap } = await schedule({ layers: [layer([leaver])] });
  expect(gap).toBeNull();
  await app.ok('DELETE', `/members/${leaver}`);
  const after = await app.ok('GET', `/oncall/schedules/${id}`);
  expect(after).toMatchObject({ now: { personId: null }, next: null });
  expect(after.gap).not.toBeNull();
});

test('422: somebody who is no member; 409: a name twice; 412: a change of what has changed', async () => {
  const { id, name } = await schedule();
  const stranger = '01890000-0000-7000-8000-00000000dead';
  expect(
    await app.call('POST', '/oncall/schedules', { name: 'Other', timeZone: 'UTC', layers: [layer([stranger])] }),
  ).toMatchObject({
    status: 422,
    body: { error: 'oncall.person_unknown', details: [{ path: '/body/layers/0/people/0' }] },
  });
  expect(await app.call('POST', '/oncall/schedules', { name, timeZone: 'UTC', layers: [] })).toMatchObject({
    status: 409,
    body: { error: 'oncall.name_taken' },
  });
  const change = (etag: string) =>
    app.call('PATCH', `/oncall/schedules/${id}`, { description: 'x' }, { headers: { 'if-match': etag } });
  expect((await change('"1"')).status).toBe(200);
  expect(await change('"1"')).toMatchObject({ status: 412 });
  expect(await app.ok('GET', `/oncall/schedules/${id}`)).toMatchObject({
    version: 2,
    layers: [{ people: [ana, ben] }],
  });
});

test('a feed is a calendar for whoever has its address, until it is given another or taken away', async () => {
  const { id } = await schedule();
  const read = (url: string) => fetch(url.replace(/^https?:\/\/[^/]+/, app.origin));
  const { url: first } = await app.ok('POST', `/oncall/schedules/${id}/feed`);
  const answer = await read(first);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/calendar; charset=utf-8']);
  const text = (await answer.text()).replaceAll('\r\n ', '');
  expect(text.match(/SUMMARY:On call: /g)?.length).toBeGreaterThanOrEqual(14);
  const { url: second } = await app.ok('POST', `/oncall/schedules/${id}/feed`);
  expect([(await read(first)).status, (await read(second)).status]).toEqual([404, 200]);
  await app.ok('DELETE', `/oncall/schedules/${id}/feed`);
  expect((await read(second)).status).toBe(404);
});

test('an escalation policy names what is there; a schedule that one names stays', async () => {
  const { id } = await schedule();
  const targets = [{ kind: 'schedule', id }];
  const policy = await app.ok('POST', '/oncall/policies', {
    name: `Default ${Date.now()}`,
    steps: [{ targets: [{ kind: 'person', id: ana }] }],
    fallback: targets,
  });
  expect(policy).toMatchObject({ repeats: 2, repeatAfter: '10m', version: 1 });
  expect(await app.call('DELETE', `/oncall/schedules/${id}`)).toMatchObject({
    status: 409,
    body: { error: 'oncall.schedule_in_use' },
  });
  await app.ok('PATCH', `/oncall/policies/${policy.id}`, { fallback: [], steps: [{ after: '5m', targets }] });
  expect(await app.call('DELETE', `/oncall/schedules/${id}`)).toMatchObject({ status: 409 });
  await app.ok('DELETE', `/oncall/policies/${policy.id}`);
  await app.ok('DELETE', `/oncall/schedules/${id}`);
  expect(await app.call('POST', '/oncall/policies', { name: 'X', steps: [{ targets }] })).toMatchObject({
    status: 422,
    body: { error: 'oncall.target_unknown', details: [{ path: '/body/steps/0/targets/0' }] },
  });
});
