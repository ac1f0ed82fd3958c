import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router';
import { configure, render } from '@testing-library/react';
import { vi } from 'vitest';
import { stubResizeObserver } from './no-layout.ts';
import { TooltipProvider } from '#web/ui/tooltip.tsx';
import { parseSearch, stringifySearch } from '#web/kit/search.ts';

// What a page comes to show is waited for as long as a loaded machine may take.
configure({ asyncUtilTimeout: 15_000 });

const workspace = 'w';
const idOf = (place: number): string => `01900000-0000-7000-8000-${String(place).padStart(12, '0')}`;

interface Asked {
  query: URLSearchParams;
  body: unknown;
}
export interface StubbedApi {
  /** By method and path without its query: `GET /servers`. `{status, body}` is a refusal. */
  answers: Record<string, (asked: Asked) => unknown>;
  /** Everything that was sent but the questions. */
  sent: { method: string; path: string; body: unknown }[];
}

/** The API as far as a page asks for it; what has no answer is an empty list. Tests of components alone use it. */
export function stubApi(answers: StubbedApi['answers']): StubbedApi {
  const api: StubbedApi = { answers, sent: [] };
  vi.stubGlobal('fetch', async (address: string, init: RequestInit = {}) => {
    const url = new URL(address, 'http://w.test');
    const path = url.pathname.replace('/api/v1', '');
    const method = init.method ?? 'GET';
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : (init.body ?? null);
    if (method !== 'GET') api.sent.push({ method, path, body });
    const answer = (await api.answers[`${method} ${path}`]?.({ query: url.searchParams, body })) ?? { data: [] };
    const isRefusal = typeof answer === 'object' && 'status' in answer && 'body' in answer;
    const [status, content] = isRefusal ? [Number(answer.status), answer.body] : [200, answer];
    return new Response(JSON.stringify(content), { status, headers: { 'content-type': 'application/json' } });
  });
  layOut();
  return api;
}

/** Nothing is laid out in jsdom: lists are told a height, so that they draw a screenful. */
export function layOut(): void {
  stubResizeObserver();
  for (const size of ['clientHeight', 'offsetHeight'])
    Object.defineProperty(HTMLElement.prototype, size, { value: 600, configurable: true });
  Element.prototype.scrollTo = () => undefined;
  Element.prototype.scrollIntoView = () => undefined;
  vi.stubGlobal('scrollTo', () => undefined);
}

/** Opens one page as somebody with these permissions sees it. */
export function openTestPage(
  component: () => React.ReactNode,
  {
    path,
    at = path,
    search = '',
    permissions,
  }: {
    path: string;
    /** The address, where the path has holes. */
    at?: string;
    search?: string;
    permissions: readonly string[];
  },
) {
  const address = `/w/${workspace}${at}${search}`;
  history.replaceState(null, '', address);
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  client.setQueryData(['session'], {
    user: { id: idOf(990), email: 'mara@example.org', name: 'Mara', isInstanceAdmin: false, hasSecondFactor: false, preferences: {}, createdAt: '2026-01-01T00:00:00Z' },
    workspaces: [{ id: idOf(991), slug: workspace, name: 'W', role: 'owner', permissions }],
  }); // prettier-ignore
  const root = createRootRoute({ component: Outlet });
  const router = createRouter({
    routeTree: root.addChildren([
      createRoute({ getParentRoute: () => root, path: `/w/$workspace${path}`, component }),
      createRoute({ getParentRoute: () => root, path: '/w/$workspace/$', component: () => null }),
    ]),
    history: createMemoryHistory({ initialEntries: [address] }),
    parseSearch,
    stringifySearch: stringifySearch as (search: Record<string, unknown>) => string,
  });
  render(
    <QueryClientProvider client={client}>
      <TooltipProvider>
        <RouterProvider router={router as never} />
      </TooltipProvider>
    </QueryClientProvider>,
  );
  return { client, router };
}
