import { isDeepStrictEqual } from 'node:util';
import { errorDef } from '#contracts/errors.ts';
import type { RouteDef } from '#contracts/kit/route.ts';
import { ApiError } from '#contracts/kit/schemas.ts';
import { routes } from '#contracts/routes.ts';

const table = Object.entries(routes as Record<string, RouteDef>).map(([operationId, def]) => ({
  operationId,
  def,
  segments: def.path.split('/'),
}));
type Found = (typeof table)[number];

/** The route that answers an address; a fixed word goes before a parameter, as in the API's own router. */
export function routeOf(method: string, path: string): Found | undefined {
  const asked = (path.split('?')[0] ?? '').split('/');
  const fits = table.filter(
    ({ def, segments }) =>
      def.method === method &&
      segments.length === asked.length &&
      segments.every((segment, at) => segment.startsWith(':') || segment === asked[at]),
  );
  const parameters = ({ segments }: Found): number => segments.filter((segment) => segment.startsWith(':')).length;
  return fits.toSorted((one, two) => parameters(one) - parameters(two))[0];
}

/**
 * Holds an answer against what its route promises: the status, every field and none besides, and for a refusal a known
 * code with the status of its definition.
 * @throws an error that says what does not fit
 */
export function checkAnswer(method: string, path: string, answer: { status: number; body: unknown }): void {
  const found = routeOf(method, path);
  const name = `${method} ${path} → ${answer.status}`;
  const broken = (why: string): Error =>
    new Error(`${name} breaks its contract: ${why}\n${JSON.stringify(answer.body)?.slice(0, 2_000)}`);
  if (answer.status >= 400) {
    const refusal = ApiError.strict().safeParse(answer.body);
    if (!refusal.success) throw broken(`no ApiError: ${refusal.error.message}`);
    const { error, statusCode } = refusal.data;
    if (statusCode !== answer.status) throw broken(`its body says ${statusCode}`);
    const def = errorDef(error);
    if (!def) throw broken(`the code ${error} is not known`);
    if (def.status !== answer.status) throw broken(`the code ${error} is one of status ${def.status}`);
    return;
  }
  if (!found) throw broken('no route has this address');
  const { def } = found;
  if (def.stream) return;
  const status = def.status ?? 200;
  if (answer.status !== status) throw broken(`the route promises ${status}`);
  if (!def.response) {
    if (answer.body !== undefined) throw broken('the route promises no body');
    return;
  }
  const parsed = def.response.safeParse(answer.body);
  if (!parsed.success) throw broken(parsed.error.message);
  if (!isDeepStrictEqual(parsed.data, answer.body)) throw broken('it holds what the schema does not name');
}
