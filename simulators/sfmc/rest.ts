import type { IncomingMessage } from 'node:http';
import { type Reply, json } from './http.ts';
import { type RestRoute, restError } from './rest-call.ts';
import { automationRoutes } from './rest-queries.ts';
import { dataRoutes } from './rest-rows.ts';
import { bearerOf, findAccess, tokenContext } from './tokens.ts';
import type { World } from './world.ts';

const routes: readonly RestRoute[] = [
  { route: 'GET /platform/v1/tokenContext', answer: ({ world, access }) => json(tokenContext(world, access)) },
  ...automationRoutes,
  ...dataRoutes,
];
const compiled = routes.map((route) => {
  const [method = '', path = ''] = route.route.split(' ');
  const source = path.replace(/[.]/g, '\\$&').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return { ...route, method, pattern: new RegExp(`^${source}$`) };
});

/** Answers one call below `/rest`. */
export async function restReply(world: World, request: IncomingMessage, url: URL, text: string): Promise<Reply> {
  const access = findAccess(world, bearerOf(request));
  if (!access) return restError(401, 0, 'Not Authorized');
  const path = url.pathname.replace(/^\/rest/, '');
  for (const { method, pattern, scope, answer } of compiled) {
    const found = method === request.method ? pattern.exec(path) : null;
    if (!found) continue;
    if (scope !== undefined && !access.scopes.includes(scope)) {
      return restError(403, 20_000, `Insufficient privileges: the token lacks the scope ${scope}.`);
    }
    if (text !== '' && !(request.headers['content-type'] ?? '').includes('json'))
      return restError(415, 0, 'Unsupported Media Type');
    let body: unknown;
    try {
      body = text === '' ? undefined : JSON.parse(text);
    } catch {
      return restError(400, 10_004, 'The request body is not valid JSON.');
    }
    const part = (name: string) => decodeURIComponent(found.groups?.[name] ?? '');
    return answer({ world, access, part, query: url.searchParams, body });
  }
  return restError(404, 404, 'Not Found');
}
