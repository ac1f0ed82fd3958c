// @vitest-environment jsdom
import { afterEach, expect, test, vi } from 'vitest';
import { queryClient } from '../kit/query-client.ts';
import { askFirst } from './assets-page.tsx';
import { assetsQuery, AssetsView, graphQuery, queryOf } from './assets.ts';

const asked = vi.fn<(address: string) => Promise<Response>>(async () => Response.json({ data: [], pagination: {} }));
vi.stubGlobal('fetch', asked);
vi.stubGlobal(
  'Worker',
  class {
    postMessage(): void {}
  },
);
afterEach(() => {
  asked.mockClear();
  queryClient.clear();
});
const view = (changes: Partial<AssetsView>) => AssetsView.parse({ type: [], state: [], criticality: [], ...changes });

test('the table of the address is asked for before anything is drawn, and only the table', async () => {
  history.replaceState(null, '', '/w/shop/assets?criticality=critical,high&sort=-changed');
  askFirst();
  expect(asked.mock.calls.map(([address]) => address)).toEqual([
    '/api/v1/assets?criticality=critical%2Chigh&sort=-changed&limit=200',
  ]);
  const { queryKey } = assetsQuery(queryOf(view({ criticality: ['critical', 'high'] })), '-changed');
  await vi.waitFor(() => expect(queryClient.getQueryState(queryKey)?.status).toBe('success'));
});

test('the graph of the address is asked for before anything is drawn, and not the table', async () => {
  history.replaceState(null, '', '/w/shop/assets?view=graph&q=shop');
  askFirst();
  expect(asked.mock.calls.map(([address]) => address)).toEqual(['/api/v1/assets/graph?q=shop']);
  const { queryKey } = graphQuery(queryOf(view({ q: 'shop' })));
  await vi.waitFor(() => expect(queryClient.getQueryState(queryKey)?.status).toBe('success'));
});
