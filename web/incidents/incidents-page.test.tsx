// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { rolePermissions, type Role } from '#contracts/identity/permissions.ts';
import { openTestPage, type StubbedApi, stubApi } from '#tests/kit/console-page.tsx';
import { LiveRegions } from '../kit/announce.tsx';
import { IncidentsPage } from './incidents-page.tsx';
import { namesOf } from './incident-words.ts';
import { aBoard, aClock, anIncident, aShownIncident } from './sample-incident.ts';

const settings = { names: namesOf({ investigating: 'At work' }), prefix: 'INC', postmortemOutline: '' };
const page = (data: unknown[]) => ({ data, pagination: { limit: 100, nextCursor: null } });
const names = { investigating: 'At work' };
const three = () => [
  anIncident(1, { severity: 'sev1', title: 'Order mails do not leave' }),
  anIncident(2, { state: 'investigating', owner: { id: 'x', name: 'Jonas Weber' } }),
  anIncident(3, { state: 'resolved', resolvedAt: '2026-11-20T13:30:00Z' }),
];
function open(answers: StubbedApi['answers'] = {}, { search = '', role = 'owner' as Role } = {}) {
  const api = stubApi({
    'GET /incidents/settings': () => settings,
    'GET /incidents/board': () => aBoard(three(), names),
    'GET /incidents': () => page(three()),
    'GET /incident-views': () => [],
    'GET /oncall/schedules': () => ({ data: [], people: [{ id: 'x', name: 'Jonas Weber', email: 'j@x' }] }),
    ...answers,
  });
  const Page = () => (
    <>
      <IncidentsPage />
      <LiveRegions />
    </>
  );
  const opened = openTestPage(Page, { path: '/incidents', search, permissions: [...rolePermissions[role]] });
  return { api, ...opened };
}
const card = (key: string) => screen.findByRole('listitem', { name: new RegExp(`^${key}, `) });
const column = (name: string) => screen.getByRole('region', { name });
const inColumn = (name: string, key: string) =>
  waitFor(() => expect(within(column(name)).getByRole('listitem', { name: new RegExp(`^${key}, `) })).toBeTruthy());
const refusal = (status: number, error: string, details: unknown = {}) => ({
  status,
  body: { error, message: 'It was refused.', statusCode: status, requestId: 'req-7', details },
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('the board has a column for each state under the name that the workspace gave it, and its cards', async () => {
  open();
  const one = await card('INC-1');
  expect(one.getAttribute('aria-label')).toBe('INC-1, SEV1: Order mails do not leave, checkout-api, nobody owns it');
  expect(screen.getAllByRole('region').map((region) => region.getAttribute('aria-label'))).toEqual(
    expect.arrayContaining(['Open', 'Acknowledged', 'At work', 'Pending', 'Mitigated', 'Resolved', 'Closed']),
  );
  await inColumn('At work', 'INC-2');
  expect(screen.getByTestId('incidents.figures').textContent).toBe('3 active');
});

test('while the board is fetched columns stand where they will be; where it fails it says why and comes by Try again', async () => {
  let fails = true;
  open({ 'GET /incidents/board': () => (fails ? refusal(503, 'database.away') : aBoard(three(), names)) });
  expect(await screen.findByText(/database\.away · req-7/)).toBeTruthy();
  fails = false;
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await card('INC-1')).toBeTruthy();
});

test('with nothing yet the page says what belongs here; narrowed to nothing it offers the way back', async () => {
  const { router } = open({ 'GET /incidents/board': () => aBoard([]) });
  expect(await screen.findByText('No incident yet')).toBeTruthy();
  await router.navigate({ to: '/w/w/incidents', search: { severity: 'sev1' } as never });
  fireEvent.click(await screen.findByRole('button', { name: 'Clear filters' }));
  expect(await screen.findByText('No incident yet')).toBeTruthy();
  expect(router.state.location.searchStr).toBe('');
});

test('who may only read sees why nothing can be declared, and a lifted card is refused with the permission', async () => {
  open({}, { role: 'viewer' });
  const one = await card('INC-1');
  expect(screen.getAllByRole('button', { name: /Declare incident/ })[0]?.getAttribute('aria-disabled')).toBe('true');
  one.focus();
  fireEvent.keyDown(one, { key: 'm' });
  expect(await screen.findByText(/incidents:act/)).toBeTruthy();
  expect(one.hasAttribute('data-lifted')).toBe(false);
});

test('A acknowledges the card in focus at once, upon the version that was seen', async () => {
  let state: 'open' | 'acknowledged' = 'open';
  const { api } = open({
    'GET /incidents/board': () => aBoard([anIncident(1, { state, version: state === 'open' ? 1 : 2 })], names),
    'POST /incidents/01900000-0000-7000-8000-000000000001/transitions': () => {
      state = 'acknowledged';
      return aShownIncident(1, { state, version: 2 });
    },
  });
  const one = await card('INC-1');
  one.focus();
  fireEvent.keyDown(one, { key: 'a' });
  await inColumn('Acknowledged', 'INC-1');
  await waitFor(() => expect(api.sent[0]?.body).toEqual({ to: 'acknowledged', version: 1 }));
});

test('a card whose move is not answered yet takes no second one, and says why', async () => {
  let answer: (incident: unknown) => void = () => undefined;
  const { api } = open({
    'POST /incidents/01900000-0000-7000-8000-000000000001/transitions': () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  });
  (await card('INC-1')).focus();
  fireEvent.keyDown(await card('INC-1'), { key: 'a' });
  await inColumn('Acknowledged', 'INC-1');
  const moved = await card('INC-1');
  moved.focus();
  fireEvent.keyDown(moved, { key: 'm' });
  expect(moved.hasAttribute('data-lifted')).toBe(false);
  await waitFor(() => expect(screen.getByRole('alert').textContent).toBe('INC-1 is still being moved'));
  answer(aShownIncident(1, { state: 'acknowledged', version: 2 }));
  await waitFor(() => expect(moved.hasAttribute('data-unsaved')).toBe(false));
  expect(api.sent).toHaveLength(1);
});

test('M lifts, arrows carry over the columns that take it and say so, Escape returns, Enter drops', async () => {
  const { api } = open();
  const one = await card('INC-2');
  one.focus();
  fireEvent.keyDown(one, { key: 'm' });
  await waitFor(() => expect(one.hasAttribute('data-lifted')).toBe(true));
  expect(screen.getByRole('alert').textContent).toMatch(/^INC-2 lifted\. INC-2, over At work, 1 of 4/);
  // Back to open leads nothing: the column is dimmed and says where it can go.
  expect(column('Open').hasAttribute('data-refused')).toBe(true);
  expect(within(column('Open')).getByText(/From At work to/)).toBeTruthy();
  fireEvent.keyDown(one, { key: 'ArrowRight' });
  fireEvent.keyDown(one, { key: 'ArrowRight' });
  expect(screen.getByRole('alert').textContent).toBe('INC-2, over Mitigated, 3 of 4');
  fireEvent.keyDown(one, { key: 'Escape' });
  expect(screen.getByRole('alert').textContent).toBe('INC-2 returned to At work');
  expect(api.sent).toEqual([]);

  fireEvent.keyDown(one, { key: 'm' });
  for (let step = 0; step < 3; step += 1) fireEvent.keyDown(one, { key: 'ArrowRight' });
  fireEvent.keyDown(one, { key: 'Enter' });
  // Resolved asks why, in the column itself; without a reason nothing is sent.
  const why = await within(column('Resolved')).findByRole('form', { name: 'Why is INC-2 Resolved?' });
  fireEvent.click(within(why).getByRole('button', { name: /Move to Resolved/ }));
  expect(await within(why).findByText('Say why in a few words.')).toBeTruthy();
  expect(api.sent).toEqual([]);
  fireEvent.change(within(why).getByRole('textbox'), { target: { value: 'Rolled back' } });
  fireEvent.click(within(why).getByRole('button', { name: /Move to Resolved/ }));
  await waitFor(() => expect(api.sent[0]?.body).toEqual({ to: 'resolved', version: 1, reason: 'Rolled back' }));
});

test('a move that the server refuses is taken back and says what stands and what may come', async () => {
  const refused = () =>
    refusal(409, 'incident.move_refused', { from: 'resolved', to: 'mitigated', allowed: ['investigating', 'closed'] });
  open({
    'POST /incidents/01900000-0000-7000-8000-000000000002/transitions': refused,
  });
  const one = await card('INC-2');
  one.focus();
  fireEvent.keyDown(one, { key: 'm' });
  fireEvent.keyDown(one, { key: 'ArrowRight' });
  fireEvent.keyDown(one, { key: 'ArrowRight' });
  fireEvent.keyDown(one, { key: 'Enter' });
  await waitFor(() =>
    expect(screen.getByRole('alert').textContent).toBe(
      'INC-2 was not moved. It is Resolved now. It can go to At work, Closed.',
    ),
  );
  await inColumn('At work', 'INC-2');
});

test('S offers every move that may be made with what it asks for', async () => {
  open();
  const one = await card('INC-3');
  one.focus();
  fireEvent.keyDown(one, { key: 's' });
  const dialog = await screen.findByRole('dialog', { name: 'Move INC-3' });
  expect(within(dialog).getAllByRole('radio').map((radio) => radio.getAttribute('value'))).toEqual(['investigating', 'closed']); // prettier-ignore
});

test('what is declared shows who is on call before it is sent', async () => {
  const { api, router } = open(
    {
      'GET /oncall/schedules': () => ({
        data: [
          {
            id: 's',
            name: 'Primary',
            now: { personId: 'x', from: '2026-11-20T09:00:00Z', to: '2026-11-23T09:00:00Z' },
          },
        ],
        people: [{ id: 'x', name: 'Jonas Weber', email: 'j@x' }],
      }),
      'POST /incidents': () => aShownIncident(9),
    },
    { search: '?declare=new' },
  );
  const dialog = await screen.findByRole('dialog', { name: 'Declare an incident' });
  expect((await within(dialog).findByTestId('declare.oncall')).textContent).toMatch(/On call by Primary: Jonas Weber/);
  fireEvent.click(within(dialog).getByRole('button', { name: /Declare incident/ }));
  expect(await within(dialog).findByText('Say what is wrong in a few words.')).toBeTruthy();
  fireEvent.change(within(dialog).getByLabelText(/^Title/), { target: { value: 'Mail stands still' } });
  fireEvent.click(within(dialog).getByRole('button', { name: /Declare incident/ }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/w/w/incidents/INC-9'));
  expect(api.sent[0]?.body).toMatchObject({ title: 'Mail stands still', severity: 'sev3', escalationPolicyId: null });
});

test('a very long title is cut and whole in its title, and one that runs from right to left keeps its own direction', async () => {
  const title = `Checkout ${'with-a-very-long-name-'.repeat(12)}end`;
  open({ 'GET /incidents/board': () => aBoard([anIncident(1, { title }), anIncident(2, { title: 'بطء في الدفع' })]) });
  expect((await screen.findByTitle(title)).className).toContain('line-clamp-3');
  expect(screen.getByText('بطء في الدفع').tagName).toBe('BDI');
});

test('a card shows its nearest clock, and a paused one as paused', async () => {
  const clocks = [
    aClock({ kind: 'respond', mode: 'met' }),
    aClock({ mode: 'paused', targetMs: 3_600_000, usedMs: 600_000 }),
  ];
  open({ 'GET /incidents/board': () => aBoard([anIncident(1, { clocks })]) });
  const one = await card('INC-1');
  expect(within(one).getByText('Resolve, paused')).toBeTruthy();
  expect(within(one).getByText('50:00')).toBeTruthy();
});

test('many are moved at once after a preview that says which stay, and those that were refused are named', async () => {
  const { api } = open(
    {
      'POST /incidents/bulk': () => ({
        changed: 0,
        refused: [{ id: anIncident(1).id, code: 'x', message: 'It was changed meanwhile.' }],
      }),
    },
    { search: '?view=list&show=all' },
  );
  const grid = await screen.findByRole('grid', { name: 'Incidents' });
  await within(grid).findByText('Order mails do not leave');
  fireEvent.click(within(grid).getAllByRole('checkbox')[0] as HTMLElement);
  fireEvent.click(await screen.findByRole('button', { name: 'Move to…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Move 3 incidents' });
  expect(within(dialog).getByTestId('bulk.preview').textContent).toBe(
    '1 will change: INC-12 stay as they are: INC-2 is At work, INC-3 is Resolved',
  );
  fireEvent.click(within(dialog).getByRole('button', { name: 'Change 1 incident' }));
  const outcome = await screen.findByRole('dialog', { name: '1 of 1 could not be changed' });
  expect(outcome.textContent).toContain('INC-1 It was changed meanwhile.');
  expect(api.sent[0]?.body).toEqual({ ids: [anIncident(1).id], move: { to: 'acknowledged' } });
});

test('the views of the list are in the address', async () => {
  const asked: string[] = [];
  const { router } = open(
    {
      'GET /incidents': ({ query }) => {
        asked.push(query.toString());
        return page(three());
      },
    },
    { search: '?view=list' },
  );
  await screen.findByRole('grid', { name: 'Incidents' });
  expect(asked[0]).toBe('state=active&limit=100');
  fireEvent.click(screen.getByRole('tab', { name: 'At risk' }));
  await waitFor(() => expect(router.state.location.searchStr).toContain('clock=at_risk'));
  await waitFor(() => expect(asked.at(-1)).toContain('clock=at_risk'));
});
