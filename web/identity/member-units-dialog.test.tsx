// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openTestPage, stubApi, type StubbedApi } from '#tests/kit/console-page.tsx';
import { MembersPage } from './members-page.tsx';

const idOf = (n: number): string => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const member = (n: number, name: string, role: string, units: string[] | null = null) => ({
  id: idOf(n), name, email: `${name.toLowerCase()}@example.org`, role, hasSecondFactor: true, joinedAt: '2026-11-20T10:00:00Z', lastSeenAt: null, units,
}); // prettier-ignore
let api: StubbedApi;
let known: object[];
beforeEach(() => {
  known = [
    { id: '510', name: 'Europe', connections: ['SFMC Production'] },
    { id: '520', name: 'Outlet', connections: ['SFMC Production', 'SFMC Test'] },
  ];
  api = stubApi({
    'GET /members': () => ({ data: [member(1, 'Ada', 'admin'), member(2, 'Ben', 'member', ['510', '999'])] }),
    'GET /members/units': () => ({ data: known }),
    'GET /invitations': () => ({ data: [] }),
    [`PATCH /members/${idOf(2)}`]: ({ body }) => ({ ...member(2, 'Ben', 'member'), ...(body as object) }),
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});
const open = () =>
  openTestPage(MembersPage, { path: '/settings/members', permissions: ['members:read', 'members:manage'] });
const rowOf = (name: string): HTMLElement => screen.getByText(name).closest('tr') as HTMLElement;
const openUnits = async (name: string) => {
  fireEvent.keyDown(within(rowOf(name)).getByRole('button', { name: 'More' }), { key: 'Enter' });
  return screen.findByRole('menuitem', { name: /Business units/ });
};

test('a member’s units are told, ticked and unticked, also those that no connection has any more', async () => {
  open();
  expect(await screen.findByText('2 units')).toBeDefined();
  fireEvent.click(await openUnits('Ben'));
  const dialog = await screen.findByRole('dialog', { name: 'Business units of Ben' });
  expect(within(dialog).getByText(/at no connection any more/)).toBeDefined();
  fireEvent.click(within(dialog).getByRole('checkbox', { name: /^999/ }));
  fireEvent.click(within(dialog).getByRole('checkbox', { name: /Outlet/ }));
  fireEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
  await waitFor(() =>
    expect(api.sent).toContainEqual({ method: 'PATCH', path: `/members/${idOf(2)}`, body: { units: ['510', '520'] } }),
  );
});

test('all units are given back by one choice, and an administrator is not bound', async () => {
  open();
  await screen.findByText('2 units');
  expect((await openUnits('Ada')).getAttribute('aria-disabled')).toBe('true');
  fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Escape' });
  await waitFor(() => expect(screen.queryByRole('menu')).toBe(null));
  fireEvent.click(await openUnits('Ben'));
  fireEvent.click(await screen.findByRole('radio', { name: /^All business units/ }));
  fireEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() =>
    expect(api.sent).toContainEqual({ method: 'PATCH', path: `/members/${idOf(2)}`, body: { units: null } }),
  );
});

test('where no connection has units, and nobody is bound, nothing is said of them', async () => {
  known = [];
  api.answers['GET /members'] = () => ({ data: [member(1, 'Ada', 'admin'), member(2, 'Ben', 'member')] });
  open();
  expect(await screen.findByText('Ben')).toBeDefined();
  expect(screen.queryByText('Business units')).toBe(null);
});

test('an invitation names units to whom they bind: not to an administrator, and not where all are meant', async () => {
  const made = (body: object) => ({
    id: idOf(9), email: 'new@example.org', role: 'member', units: null, invitedBy: { kind: 'user', id: idOf(1), name: 'Ada' },
    createdAt: '2026-11-20T10:00:00Z', expiresAt: '2026-11-27T10:00:00Z', link: 'https://ops.example.org/invite/x', isMailed: false, ...body,
  }); // prettier-ignore
  api.answers['POST /invitations'] = ({ body }) => made(body as object);
  open();
  fireEvent.click(await screen.findByRole('button', { name: 'Invite' }));
  const dialog = await screen.findByRole('dialog', { name: 'Invite somebody' });
  fireEvent.change(within(dialog).getByLabelText(/^Mail address/), { target: { value: 'new@example.org' } });
  fireEvent.click(await within(dialog).findByRole('radio', { name: /^Only the ticked ones/ }));
  fireEvent.click(within(dialog).getByRole('checkbox', { name: /Outlet/ }));
  // What was ticked is there again after a look at all.
  fireEvent.click(within(dialog).getByRole('radio', { name: /^All business units/ }));
  expect(within(dialog).queryByRole('checkbox')).toBe(null);
  fireEvent.click(within(dialog).getByRole('radio', { name: /^Only the ticked ones/ }));
  fireEvent.click(within(dialog).getByRole('button', { name: 'Invite' }));
  await screen.findByRole('dialog', { name: 'new@example.org is invited' });
  expect(api.sent).toContainEqual({ method: 'POST', path: '/invitations', body: { email: 'new@example.org', role: 'member', units: ['520'] } }); // prettier-ignore
});
