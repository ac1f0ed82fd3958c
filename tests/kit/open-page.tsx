import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from '@tanstack/react-router'; // prettier-ignore
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { vi } from 'vitest';
import { rolePermissions, type Role } from '#contracts/identity/permissions.ts';
import { parseSearch, stringifySearch } from '#web/kit/search.ts';
import { TooltipProvider } from '#web/ui/tooltip.tsx';

/** What the API of a test says: a body, a refusal, or `never` for an answer that does not come. */
export type Answer = { body: unknown; status?: number } | 'never';
/** Answers by path below `/api/v1`, query left out; what nobody answers for is 404 and fails loudly where it matters. */
export type Answers = Record<string, Answer | ((query: URLSearchParams) => Answer)>;

export const refused = (status: number, error: string, message: string): Answer => ({
  status,
  body: { error, message, statusCode: status, requestId: 'req-7' },
});
export const personId = '01900000-0000-7000-8000-000000000900';

/** Opens one page of the console in jsdom, as a person of a role, with an API that answers as told. */
export function openTestPage(
  page: () => ReactNode,
  { route, at, answers, role = 'owner' }: { route: string; at: string; answers: Answers; role?: Role },
) {
  const me = {
    user: { id: personId, email: 'mara@example.org', name: 'Mara', isInstanceAdmin: false, hasSecondFactor: false, preferences: {}, createdAt: '2026-01-01T00:00:00Z' },
    workspaces: [{ id: '01900000-0000-7000-8000-000000000901', slug: 'w', name: 'W', role, permissions: [...rolePermissions[role]] }],
  }; // prettier-ignore
  vi.stubGlobal('ResizeObserver', Unmoved);
  vi.stubGlobal('scrollTo', () => undefined);
  Element.prototype.scrollTo = () => undefined;
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { value: 600, configurable: true });
  Object.defineProperty(HTMLElement.prototype, 'offsetHeight', { value: 600, configurable: true });
  vi.stubGlobal('fetch', (address: string, init: RequestInit = {}) => {
    const url = new URL(address, 'http://w.test');
    const path = url.pathname.replace('/api/v1', '');
    const given = answers[path] ?? refused(404, 'request.not_found', `${init.method ?? 'GET'} ${path}`);
    const answer = typeof given === 'function' ? given(url.searchParams) : given;
    if (answer === 'never') return new Promise<Response>(() => undefined);
    const headers = { 'content-type': 'application/json' };
    return Promise.resolve(new Response(JSON.stringify(answer.body), { status: answer.status ?? 200, headers }));
  });
  history.replaceState(null, '', `/w/w${at}`);
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  client.setQueryData(['session'], me);
  const root = createRootRoute({ component: Outlet });
  const shown = createRoute({ getParentRoute: () => root, path: `/w/$workspace${route}`, component: page });
  const router = createRouter({
    routeTree: root.addChildren([shown]),
    history: createMemoryHistory({ initialEntries: [`/w/w${at}`] }),
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

class Unmoved {
  observe() {}
  unobserve() {}
  disconnect() {}
}
