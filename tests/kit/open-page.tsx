import type { ReactNode } from 'react';
import { vi } from 'vitest';
import { rolePermissions, type Role } from '#contracts/identity/permissions.ts';
import { layOut, openTestPage as openPageAs } from './console-page.tsx';

/** What the API of a test says: a body, a refusal, or `never` for an answer that does not come. */
export type Answer = { body: unknown; status?: number } | 'never';
/** Answers by path below `/api/v1`, query left out; what nobody answers for is 404 and fails loudly where it matters. */
export type Answers = Record<string, Answer | ((query: URLSearchParams) => Answer)>;

export const refused = (status: number, error: string, message: string): Answer => ({
  status,
  body: { error, message, statusCode: status, requestId: 'req-7' },
});

/** Opens one page of the console in jsdom, as a person of a role, with an API that answers as told. */
export function openTestPage(
  page: () => ReactNode,
  { route, at, answers, role = 'owner' }: { route: string; at: string; answers: Answers; role?: Role },
) {
  layOut();
  vi.stubGlobal('fetch', (address: string, init: RequestInit = {}) => {
    const url = new URL(address, 'http://w.test');
    const path = url.pathname.replace('/api/v1', '');
    const given = answers[path] ?? refused(404, 'request.not_found', `${init.method ?? 'GET'} ${path}`);
    const answer = typeof given === 'function' ? given(url.searchParams) : given;
    if (answer === 'never') return new Promise<Response>(() => undefined);
    const headers = { 'content-type': 'application/json' };
    return Promise.resolve(new Response(JSON.stringify(answer.body), { status: answer.status ?? 200, headers }));
  });
  return openPageAs(page, { path: route, at, permissions: [...rolePermissions[role]] });
}
