// @vitest-environment jsdom
import { afterEach, expect, test, vi } from 'vitest';
import { queryClient } from '../kit/query-client.ts';
import { askFirst } from './playbook-page.tsx';

const id = '01a1ff92-301b-7041-982d-3a7f14a3ef77';
const asked = vi.fn<(address: string) => Promise<Response>>(async () => Response.json({ id }));
vi.stubGlobal('fetch', asked);
afterEach(() => {
  asked.mockClear();
  queryClient.clear();
});

test('the playbook of the address is asked for before anything is drawn, and is there when it is', async () => {
  history.replaceState(null, '', `/w/shop/playbooks/${id}`);
  askFirst();
  expect(asked.mock.calls.map(([address]) => address)).toEqual([`/api/v1/playbooks/${id}`]);
  await vi.waitFor(() => expect(queryClient.getQueryData(['playbook', id])).toEqual({ id }));
});

test('a new playbook is nobody’s yet: nothing is asked', () => {
  history.replaceState(null, '', '/w/shop/playbooks/new');
  askFirst();
  expect(asked).not.toHaveBeenCalled();
});
