import { afterAll, beforeAll, expect, test } from 'vitest';
import { incidentRulesFor } from '#db/sla/rules-for.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

let app: TestApp;
let made = 0;
beforeAll(async () => {
  app = await startTestApp({ withHosts: false, withSweeps: false });
});
afterAll(() => app?.close());

const hours = [{ from: '09:00', to: '17:00' }];
const calendar = (fields: object = {}) =>
  app.ok('POST', '/sla/calendars', {
    name: `Office ${(made += 1)}`,
    timeZone: 'Europe/Berlin',
    week: { mon: hours, tue: hours, wed: hours, thu: hours, fri: hours },
    ...fields,
  });
const policyOf = (fields: object = {}) => ({
  name: `Gold ${(made += 1)}`,
  services: [`shop-${made}`],
  targets: { sev2: { respond: '30m', resolve: '2h' } },
  ...fields,
});
const policy = (fields: object = {}) => app.ok('POST', '/sla/policies', policyOf(fields));

test('200: what is opened on a Friday at 16:50 is due on Monday at 10:50, and every minute between is told', async () => {
  const { id: calendarId } = await calendar({ holidays: [{ date: '2026-11-30', name: 'A day off' }] });
  const { id } = await policy({ calendarId });
  const { clocks } = await app.ok('POST', '/sla/preview', {
    policy: { id },
    severity: 'sev2',
    openedAt: '2026-11-20T15:50:00Z',
  });
  const resolve = clocks.find(({ kind }: { kind: string }) => kind === 'resolve');
  expect(resolve).toMatchObject({ targetMs: 7_200_000, dueAt: '2026-11-23T09:50:00.000Z' });
  expect(resolve.segments.map(({ mode, from, to }: Record<string, string>) => [mode, from, to])).toEqual([
    ['counting', '2026-11-20T15:50:00.000Z', '2026-11-20T16:00:00.000Z'],
    ['outside', '2026-11-20T16:00:00.000Z', '2026-11-23T08:00:00.000Z'],
    ['counting', '2026-11-23T08:00:00.000Z', '2026-11-23T09:50:00.000Z'],
  ]);
  // A holiday is passed over, and a draft is tried without being saved.
  const draft = await app.ok('POST', '/sla/preview', {
    policy: policyOf({ calendarId }),
    severity: 'sev2',
    openedAt: '2026-11-27T15:50:00Z',
  });
  expect(draft.clocks[1].dueAt).toBe('2026-12-01T09:50:00.000Z');
  expect(await app.ok('POST', '/sla/preview', { policy: { id }, severity: 'sev4', openedAt: '2026-11-20T15:50:00Z' })).toEqual({ clocks: [] }); // prettier-ignore
});

test('409: a calendar that a policy counts by stays; 422: one that is not there; 409: a service twice', async () => {
  const { id: calendarId } = await calendar();
  const gold = await policy({ calendarId });
  expect(await app.call('DELETE', `/sla/calendars/${calendarId}`)).toMatchObject({
    status: 409,
    body: { error: 'sla.calendar_in_use' },
  });
  expect((await app.ok('GET', `/sla/calendars/${calendarId}`)).usedBy).toEqual([{ id: gold.id, name: gold.name }]);
  const nowhere = '01890000-0000-7000-8000-00000000dead';
  expect(await app.call('POST', '/sla/policies', policyOf({ calendarId: nowhere }))).toMatchObject({
    status: 422,
    body: { error: 'sla.calendar_unknown' },
  });
  expect(await app.call('POST', '/sla/policies', policyOf({ services: gold.services }))).toMatchObject({
    status: 409,
    body: { error: 'sla.scope_taken' },
  });
  expect(await app.call('POST', '/sla/policies', policyOf({ name: gold.name }))).toMatchObject({
    status: 409,
    body: { error: 'sla.name_taken' },
  });
  await app.ok('DELETE', `/sla/policies/${gold.id}`);
  await app.ok('DELETE', `/sla/calendars/${calendarId}`);
});

test('400: a target below a minute and a calendar without hours; 412: a change of what has changed', async () => {
  const tooShort = policyOf({ targets: { sev1: { respond: '5s', resolve: null } } });
  expect((await app.call('POST', '/sla/policies', tooShort)).status).toBe(400);
  expect((await app.call('POST', '/sla/calendars', { name: 'x', timeZone: 'UTC', week: {} })).status).toBe(400);
  const values = policyOf();
  const { id } = await app.ok('POST', '/sla/policies', values);
  const put = (etag: string) =>
    app.call('PUT', `/sla/policies/${id}`, { ...values, warnPercent: 80 }, { headers: { 'if-match': etag } });
  expect(await put('"1"')).toMatchObject({ status: 200, body: { version: 2, warnPercent: 80 } });
  expect((await put('"1"')).status).toBe(412);
  const { data } = await app.ok('GET', `/audit?subject=sla:${id}`);
  expect(data.map(({ action }: { action: string }) => action)).toEqual(['sla.policy_changed', 'sla.policy_created']);
});

test('200: the holidays of a calendar file; 422: a file that names none', async () => {
  const icalendar = [
    'BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'DTSTART;VALUE=DATE:20201225', 'RRULE:FREQ=YEARLY', 'SUMMARY:Christmas',
    'END:VEVENT', 'BEGIN:VEVENT', 'DTSTART:20261101T100000Z', 'SUMMARY:A meeting', 'END:VEVENT', 'END:VCALENDAR',
  ].join('\r\n'); // prettier-ignore
  expect(await app.ok('POST', '/sla/holidays', { icalendar, fromYear: 2026, toYear: 2027 })).toEqual({
    holidays: [
      { date: '2026-12-25', name: 'Christmas' },
      { date: '2027-12-25', name: 'Christmas' },
    ],
    skipped: 1,
  });
  expect(await app.call('POST', '/sla/holidays', { icalendar: 'no', fromYear: 2026, toYear: 2027 })).toMatchObject({
    status: 422,
    body: { error: 'sla.no_holidays' },
  });
});

test('the rules of an incident are those of the policy that names its service, or of the one for all', async () => {
  const rulesOf = (fields: object) =>
    app.parts.inTenant(app.workspaceId, (tx) =>
      incidentRulesFor(tx, { service: null, escalationPolicyId: null, ...fields }),
    );
  expect(await rulesOf({ service: 'nowhere' })).toEqual({
    rules: { sla: null, calendars: expect.anything(), escalation: null },
    slaPolicyId: null,
  });
  const { id: calendarId } = await calendar();
  const other = await calendar();
  const named = await policy({ calendarId });
  const forAll = await policy({ services: [] });
  const steps = [{ targets: [], raisesSeverity: true }];
  const escalation = await app.ok('POST', '/oncall/policies', { name: `Up ${(made += 1)}`, steps });
  const found = await rulesOf({ service: named.services[0], escalationPolicyId: escalation.id, calendarIds: [] });
  expect(found).toMatchObject({
    slaPolicyId: named.id,
    rules: { sla: { name: named.name, calendarId }, escalation: { name: escalation.name } },
  });
  expect(Object.keys(found.rules.calendars)).toEqual([calendarId]);
  const before = await rulesOf({ service: named.services[0], calendarIds: [other.id] });
  expect(Object.keys(before.rules.calendars).sort()).toEqual([calendarId, other.id].sort());
  expect(await rulesOf({ service: 'nowhere' })).toMatchObject({ slaPolicyId: forAll.id });
  await app.ok('DELETE', `/sla/policies/${forAll.id}`);
});
