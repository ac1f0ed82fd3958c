// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import type { ShownIncident, TimelineEntry } from '#contracts/incidents/incidents.ts';
import { rolePermissions, type Role } from '#contracts/identity/permissions.ts';
import { openTestPage, type StubbedApi, stubApi } from '#tests/kit/console-page.tsx';
import { LiveRegions } from '../kit/announce.tsx';
import { IncidentPage } from './incident-page.tsx';
import { aClock, anEntry, anIncident, aShownIncident } from './sample-incident.ts';

const id = anIncident(7).id;
const story = () => [
  anEntry(3, { text: 'Lag is **41 s** <img src=x onerror=alert(1)> [here](javascript:alert(1))' }),
  anEntry(2, {
    kind: 'moved',
    at: '2026-11-20T13:03:41Z',
    text: 'moved it to Acknowledged',
    details: { from: 'open', to: 'acknowledged' },
  }),
  anEntry(1, { kind: 'opened', at: '2026-11-20T13:01:00Z', text: 'opened it' }),
];
function open(
  changes: Partial<ShownIncident> = {},
  answers: StubbedApi['answers'] = {},
  { search = '', role = 'owner' as Role, entries = story() as TimelineEntry[], named = 'INC-7' } = {},
) {
  const incident = aShownIncident(7, changes);
  const api = stubApi({
    'GET /incidents/by-number/7': () => incident,
    [`GET /incidents/${id}`]: () => incident,
    [`GET /incidents/${id}/timeline`]: () => ({ data: entries, pagination: { limit: 100, nextCursor: null } }),
    'GET /incidents/settings': () => ({ names: {}, prefix: 'INC', postmortemOutline: '## Story\n{timeline}' }),
    'GET /status-page': () => ({ isOn: false, slug: '', title: '', services: [], url: '', version: 0 }),
    [`GET /incidents/${id}/playbooks`]: () => ({ data: [] }),
    'GET /alerts': () => ({ data: [], pagination: { limit: 6, nextCursor: null }, firing: {} }),
    'GET /oncall/schedules': () => ({ data: [], people: [{ id: 'x', name: 'Jonas Weber', email: 'j@x' }] }),
    ...answers,
  });
  const Page = () => (
    <>
      <IncidentPage />
      <LiveRegions />
    </>
  );
  const opened = openTestPage(Page, {
    path: '/incidents/$incidentKey',
    at: `/incidents/${named}`,
    search,
    permissions: [...rolePermissions[role]],
  });
  return { api, ...opened };
}
const refusal = (status: number, error: string, details: unknown = {}) => ({
  status,
  body: { error, message: 'It was refused.', statusCode: status, requestId: 'req-7', details },
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('the state bar says what came, what is, and what each further state asks for', async () => {
  open({ state: 'acknowledged', stateSince: '2026-11-20T13:03:41Z' });
  const bar = await screen.findByRole('list', { name: 'States' });
  const says = (state: string) => bar.querySelector(`[data-state=${state}]`)?.textContent;
  await waitFor(() => expect(says('open')).toMatch(/Tomas Okafor/));
  expect(bar.querySelector('[aria-current=step]')?.textContent).toMatch(/^Acknowledgedsince/);
  expect(says('investigating')).toBe('Investigatingmay come next');
  expect(says('resolved')).toBe('Resolvedneeds a reason');
  expect(within(bar).queryByRole('button', { name: /Closed/ })).toBeNull();
});

test('a note is drawn from Markdown and nothing of it acts', async () => {
  open();
  expect((await screen.findByText('41 s')).tagName).toBe('STRONG');
  const timeline = screen.getByTestId('incident.timeline');
  expect(timeline.querySelector('img, script, a[href^="javascript"]')).toBeNull();
  expect(timeline.textContent).toContain('<img src=x onerror=alert(1)>');
});

test('the timeline is narrowed by kind, and the choice is in the address', async () => {
  const { router } = open();
  const timeline = await screen.findByTestId('incident.timeline');
  fireEvent.click(screen.getByRole('radio', { name: 'Notes' }));
  await waitFor(() => expect([...timeline.children].map((entry) => entry.getAttribute('data-kind'))).toEqual(['note']));
  expect(router.state.location.searchStr).toBe('?story=notes');
});

test('a clock explains each of its minutes', async () => {
  open({
    state: 'acknowledged',
    clocks: [aClock({ mode: 'paused', targetMs: 5_400_000, usedMs: 600_000 })],
    segments: {
      respond: [],
      resolve: [
        {
          from: '2026-11-20T13:01:00Z',
          to: '2026-11-20T13:11:00Z',
          mode: 'counting',
          why: 'Opened',
          targetMs: 5_400_000,
          usedMs: 600_000,
        },
        {
          from: '2026-11-20T13:11:00Z',
          to: '2026-11-20T13:34:00Z',
          mode: 'paused',
          why: 'Waits for the provider',
          targetMs: 5_400_000,
          usedMs: 600_000,
        },
      ],
    },
  });
  const card = await screen.findByRole('region', { name: 'Resolve' });
  expect(card.textContent).toMatch(/1:20:00left of 1:30:00/);
  expect(card.textContent).toContain('paused 23:00 in all');
  fireEvent.click(within(card).getByRole('button', { name: 'Explain' }));
  const rows = await screen.findAllByRole('row');
  expect(rows.map((row) => row.textContent)).toEqual([
    'FromToLastedClockWhyUsed by then',
    expect.stringMatching(/10:00countingOpened10:00 of 1:30:00$/),
    expect.stringMatching(/23:00pausedWaits for the provider10:00 of 1:30:00$/),
  ]);
});

test('whoever acknowledges what nobody has, has it; the second change is made upon the version of the first', async () => {
  const moved = () => aShownIncident(7, { state: 'acknowledged', version: 2 });
  const { api } = open(
    {},
    {
      [`POST /incidents/${id}/transitions`]: moved,
      [`PATCH /incidents/${id}`]: () =>
        aShownIncident(7, { state: 'acknowledged', version: 3, owner: { id: 'me', name: 'Mara' } }),
    },
  );
  fireEvent.click(await screen.findByRole('button', { name: /^Acknowledge(?!d)/ }));
  await waitFor(() => expect(api.sent).toHaveLength(2));
  expect(api.sent.map(({ body }) => body)).toEqual([
    { to: 'acknowledged', version: 1 },
    { ownerId: '01900000-0000-7000-8000-000000000990', version: 2 },
  ]);
});

test('a change that somebody else was quicker with says what stands and asks for it anew', async () => {
  let asked = 0;
  open(
    { owner: { id: 'x', name: 'Jonas Weber' } },
    {
      [`GET /incidents/${id}`]: () => {
        asked += 1;
        return aShownIncident(7, { version: 5 });
      },
      [`PATCH /incidents/${id}`]: () => refusal(409, 'incident.changed_meanwhile', { state: 'mitigated' }),
    },
  );
  fireEvent.keyDown(await screen.findByRole('button', { name: 'More' }), { key: 'Enter' });
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Edit' }));
  const dialog = await screen.findByRole('dialog', { name: 'Edit INC-7' });
  fireEvent.change(within(dialog).getByLabelText(/^Title/), { target: { value: 'Checkout is down' } });
  fireEvent.click(within(dialog).getByRole('button', { name: 'Save incident' }));
  await waitFor(() =>
    expect(screen.getAllByRole('alert', { hidden: true }).map((one) => one.textContent)).toContain(
      'Somebody else changed INC-7 meanwhile. It is Mitigated now. Look at it again and repeat the change.',
    ),
  );
  await waitFor(() => expect(asked).toBeGreaterThan(0));
  expect(screen.getByRole('dialog', { name: 'Edit INC-7' })).toBeTruthy();
});

test('a note is sent once and its field is empty then; a command does what it says instead', async () => {
  const { api } = open(
    {},
    { [`POST /incidents/${id}/notes`]: () => anEntry(9), [`PATCH /incidents/${id}`]: () => aShownIncident(7) },
  );
  const field = await screen.findByRole('textbox', { name: 'Write a note' });
  fireEvent.change(field, { target: { value: 'Rolled back' } });
  fireEvent.keyDown(field, { key: 'Enter', ctrlKey: true });
  await waitFor(() =>
    expect(api.sent[0]).toMatchObject({ path: `/incidents/${id}/notes`, body: { text: 'Rolled back' } }),
  );
  await waitFor(() => expect((field as HTMLTextAreaElement).value).toBe(''));
  fireEvent.change(field, { target: { value: '/assign jonas' } });
  fireEvent.click(screen.getByRole('button', { name: /^Do it/ }));
  await waitFor(() => expect(api.sent[1]).toMatchObject({ method: 'PATCH', body: { ownerId: 'x' } }));
});

test('a task is ticked at once and added by its form', async () => {
  const task = {
    id: anIncident(70).id,
    title: 'Tell the shop',
    assigneeId: null,
    isDone: false,
    createdAt: '2026-11-20T13:01:00Z',
    doneAt: null,
  };
  const { api } = open(
    { tasks: [task] },
    { [`PATCH /incidents/${id}/tasks/${task.id}`]: () => ({ ...task, isDone: true }) },
  );
  const box = await screen.findByRole('checkbox', { name: 'Tell the shop' });
  fireEvent.click(box);
  expect((box as HTMLInputElement).checked).toBe(true);
  await waitFor(() => expect(api.sent[0]?.body).toEqual({ isDone: true }));
});

test('the postmortem is drafted from the story, kept until it is saved', async () => {
  const { api } = open(
    { state: 'resolved' },
    { [`PATCH /incidents/${id}`]: () => aShownIncident(7) },
    { search: '?tab=postmortem' },
  );
  fireEvent.click(await screen.findByRole('button', { name: 'Draft it from the timeline' }));
  const field = await screen.findByRole('textbox', { name: 'The postmortem' });
  expect((field as HTMLTextAreaElement).value).toMatch(
    /^# INC-7: [\s\S]*## Story\n- 2026-11-20 13:01 UTC · Mara · opened it/,
  );
  expect(screen.getByText(/Not saved yet/)).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Save postmortem' }));
  await waitFor(() =>
    expect(api.sent[0]?.body).toMatchObject({ version: 1, postmortem: expect.stringMatching(/^# INC-7/) }),
  );
});

test('who may only read finds nothing to press, and why', async () => {
  open({ state: 'acknowledged' }, {}, { role: 'viewer' });
  expect((await screen.findByRole('button', { name: /^Resolve(?!d)/ })).getAttribute('aria-disabled')).toBe('true');
  expect((screen.getByRole('textbox', { name: 'Write a note' }) as HTMLTextAreaElement).disabled).toBe(true);
});

test('an incident that is not there, and one that cannot be read, say so', async () => {
  open({}, { 'GET /incidents/by-number/7': () => refusal(404, 'incident.not_found') });
  expect(await screen.findByText(/incident\.not_found/)).toBeTruthy();
});

test('a message names it by its id, and the same page opens', async () => {
  const nobodyAsks = { 'GET /incidents/by-number/7': () => refusal(404, 'incident.not_found') };
  open({ title: 'Checkout is slow' }, nobodyAsks, { named: id });
  expect(await screen.findByRole('heading', { name: 'Checkout is slow' })).toBeTruthy();
});

test('its alerts are named, what rules suggest waits for a word, and the public is told from the menu', async () => {
  const start = {
    id: 'e0f00000-0000-4000-8000-000000000001',
    incident: { id, key: 'INC-7' },
    playbook: { id: 'e0f00000-0000-4000-8000-000000000002', name: 'Collect diagnostics' },
    rule: null,
    status: 'suggested',
    why: 'Suggested by the alert rule Disk full',
    runId: null,
    error: null,
    by: { kind: 'system', id: null, name: 'Windlass' },
    at: '2026-11-20T13:01:00Z',
  };
  const alert = {
    id: 'e0f00000-0000-4000-8000-000000000003',
    title: 'DiskFull on db-1',
    severity: 'critical',
    status: 'firing',
    lastSeenAt: '2026-11-20T13:01:00Z',
  };
  open(
    { alertsFiring: 2, alertsTotal: 3 },
    {
      [`GET /incidents/${id}/playbooks`]: () => ({ data: [start] }),
      'GET /alerts': () => ({ data: [alert], pagination: { limit: 6, nextCursor: 'x' }, firing: {} }),
      'GET /status-page': () => ({ isOn: true, slug: 's', title: 'S', services: [], url: 'https://x', version: 1 }),
    },
  );
  expect((await screen.findByRole('link', { name: 'DiskFull on db-1' })).getAttribute('href')).toContain(
    '/alerts?sel=',
  );
  expect(screen.getByText('and 2 more')).toBeTruthy();
  expect(await screen.findByRole('button', { name: 'Start Collect diagnostics' })).toBeTruthy();
  fireEvent.keyDown(screen.getByRole('button', { name: 'More' }), { key: 'Enter' });
  expect(await screen.findByRole('menuitem', { name: 'Publish an update' })).toBeTruthy();
});

test('it names its assets and what depends on them; one is looked for and linked', async () => {
  const asset = (place: number, name: string, fields: object = {}) => ({
    id: anIncident(place).id,
    key: name.toLowerCase(),
    name,
    typeId: anIncident(90).id,
    state: 'active',
    criticality: 'critical',
    ...fields,
  });
  const link = { kind: 'asset' as const, addedAt: '2026-11-20T13:01:00Z' };
  const orders = asset(20, 'Orders', { state: 'maintenance' });
  const mailer = asset(24, 'Mailer');
  const first = { ...link, id: anIncident(40).id, ref: orders.id, label: 'Orders' };
  const hit = [21, 22].map((place) => asset(place, `Shop ${place}`, { depth: 1, via: null }));
  const { api } = open(
    { links: [first] },
    {
      [`GET /incidents/${id}/impact`]: () => ({ direction: 'downstream', depth: 10, of: [orders], total: 2, byDepth: [2], byCriticality: { critical: 2, high: 0, medium: 0, low: 0 }, data: hit, isCut: false }), // prettier-ignore
      'GET /assets': () => ({ data: [mailer], pagination: { limit: 50, nextCursor: null } }),
      'GET /servers': () => ({ data: [], pagination: { limit: 200, nextCursor: null } }),
      [`POST /incidents/${id}/link`]: () =>
        aShownIncident(7, { links: [first, { ...link, id: anIncident(41).id, ref: mailer.id, label: 'Mailer' }] }),
    },
  );
  const assets = within(await screen.findByRole('region', { name: 'Assets' }));
  expect(await assets.findByText('Maintenance')).toBeTruthy();
  expect((await assets.findByTestId('incident.impact')).textContent).toContain('2 assets depend on it, 2 critical');
  expect(assets.getByRole('link', { name: 'Shop 21' }).getAttribute('href')).toContain(`sel=${anIncident(21).id}`);
  fireEvent.click(assets.getByRole('button', { name: 'Link an asset' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Add a link' }));
  fireEvent.click(dialog.getByRole('combobox', { name: /Asset/ }));
  fireEvent.click(await screen.findByRole('option', { name: /Mailer/ }));
  fireEvent.click(dialog.getByRole('button', { name: 'Add link' }));
  expect(await assets.findByRole('link', { name: 'Mailer' })).toBeTruthy();
  expect(api.sent[0]?.body).toEqual({ kind: 'asset', ref: mailer.id, label: 'Mailer' });
});

test('alerts that are about something else are split off into an incident of their own', async () => {
  const alert = (place: number, title: string) => ({
    id: anIncident(place).id,
    title,
    severity: 'critical',
    status: 'firing',
    lastSeenAt: '2026-11-20T13:01:00Z',
  });
  const { api, router } = open(
    { alertsFiring: 2, alertsTotal: 2 },
    {
      'GET /alerts': () => ({ data: [alert(31, 'DiskFull on db-1'), alert(32, 'Certificate ends')], pagination: { limit: 200, nextCursor: null }, firing: {} }), // prettier-ignore
      [`POST /incidents/${id}/split`]: () => aShownIncident(9),
      'GET /incidents/by-number/9': () => aShownIncident(9),
    },
  );
  fireEvent.keyDown(await screen.findByRole('button', { name: 'More' }), { key: 'Enter' });
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Split off alerts' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Split INC-7' }));
  expect((dialog.getByRole('button', { name: 'Split off alerts' }) as HTMLButtonElement).disabled).toBe(true);
  fireEvent.click(await dialog.findByRole('checkbox', { name: 'Certificate ends' }));
  expect((dialog.getByRole('textbox', { name: /Title/ }) as HTMLInputElement).value).toBe('Certificate ends');
  fireEvent.click(dialog.getByRole('button', { name: 'Split off 1 alert' }));
  await waitFor(() => expect(router.state.location.pathname).toContain('/incidents/INC-9'));
  expect(api.sent[0]?.body).toEqual({ alertIds: [anIncident(32).id], title: 'Certificate ends' });
});

test('who administers the instance finds its workflow in Temporal Web, others do not', async () => {
  open({ temporalUrl: '/temporal/namespaces/default/workflows/incident%2Fw%2F7' });
  fireEvent.keyDown(await screen.findByRole('button', { name: 'More' }), { key: 'Enter' });
  expect(await screen.findByRole('menuitem', { name: 'Open in Temporal Web' })).toBeTruthy();
  cleanup();
  open();
  fireEvent.keyDown(await screen.findByRole('button', { name: 'More' }), { key: 'Enter' });
  await screen.findByRole('menuitem', { name: 'Copy link' });
  expect(screen.queryByRole('menuitem', { name: 'Open in Temporal Web' })).toBeNull();
});

test('one that was merged leads to where the work goes on and takes no more changes', async () => {
  open({ state: 'merged', mergedInto: { id: anIncident(8).id, key: 'INC-8' } });
  expect((await screen.findByRole('link', { name: 'INC-8' })).getAttribute('href')).toContain('/incidents/INC-8');
  expect((screen.getByRole('textbox', { name: 'A new task' }) as HTMLInputElement).disabled).toBe(true);
});
