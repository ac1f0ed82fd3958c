import { SignJWT } from 'jose';
import { z } from 'zod';
import { type Reply, escapeText, html, json } from './http.ts';
import { addFaults } from './faults.ts';
import { Fault, Knobs } from './scenario.ts';
import { revokeFamily } from './tokens.ts';
import { type World, enterpriseOf, newId } from './world.ts';

/** What tests and the demo may see and turn: below `/admin`, which the service does not have. */
export async function adminReply(world: World, method: string, url: URL, text: string): Promise<Reply> {
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  switch (`${method} ${url.pathname}`) {
    case 'GET /admin/assets':
      return json(assets(world));
    case 'GET /admin/performs':
      return json(Object.fromEntries(world.performs));
    case 'GET /admin/calls':
      return json(Object.fromEntries(world.calls));
    case 'POST /admin/faults':
      addFaults(world, z.array(Fault).parse(body));
      return json({ faults: world.faults.length });
    case 'DELETE /admin/faults':
      world.faults = [];
      return json({});
    case 'POST /admin/knobs': {
      const given = z.record(z.string(), z.unknown()).parse(body);
      return json(Object.assign(world.knobs, Knobs.parse({ ...world.knobs, ...given })));
    }
    case 'POST /admin/clock': {
      const { advanceMs } = z.object({ advanceMs: z.number() }).parse(body);
      world.moveClock(advanceMs);
      return json({ now: new Date(world.now()).toISOString() });
    }
    case 'POST /admin/tokens/expire':
      for (const access of world.access.values()) access.expiresAt = 0;
      return json({});
    case 'POST /admin/tokens/revoke':
      for (const { family } of world.refresh.values()) revokeFamily(world, family);
      return json({});
    case 'GET /admin/launch':
      return launch(world, url);
    default:
      return json({ error: 'not found' }, 404);
  }
}

/** All that clients made and that is still there. The seed is not among them. */
const assets = (world: World): object => ({
  dataExtensions: [...world.extensions.values()]
    .filter(({ madeAt }) => madeAt !== null)
    .map(({ name, key, mid }) => ({ name, key, mid })),
  queries: [...world.queries.values()].map(({ name, key, mid }) => ({ name, key, mid })),
  folders: [...world.folders.values()]
    .filter(({ madeAt }) => madeAt !== null)
    .map(({ name, key, mid }) => ({ name, key, mid })),
  runningTasks: [...world.tasks.values()].filter(({ endedAt }) => endedAt === null).length,
});

/**
 * What the platform posts to an app in its frame: a page that sends the form by itself, or with `as=json` the token alone.
 * `shape=flat` for the other form of claims, `to` where the form goes.
 */
async function launch(world: World, url: URL): Promise<Reply> {
  const pack = world.packages.find(({ jwtSecret }) => jwtSecret !== undefined);
  const [user] = world.users;
  if (!pack?.jwtSecret || !user) return json({ error: 'no package has a JWT secret' }, 404);
  const mid = Number(url.searchParams.get('mid') ?? world.units[1]?.mid);
  const shapes: Record<string, object> = {
    classic: {
      request: {
        claimsVersion: 2,
        user: {
          id: user.id,
          email: user.email,
          culture: 'en-US',
          timezone: {
            longName: '(GMT-06:00) Central Time (No Daylight Saving)',
            shortName: 'CST',
            offset: -6,
            dst: false,
          },
        },
        organization: {
          id: mid,
          enterpriseId: enterpriseOf(world),
          dataContext: 'enterprise',
          stackKey: 'S0',
          region: 'SIM',
        },
        application: {
          id: pack.id,
          package: pack.name,
          redirectUrl: pack.redirectUris[0] ?? '',
          features: {},
          userPermissions: [],
        },
        rest: { authEndpoint: `${url.origin}/auth/v2/token`, apiEndpointBase: `${url.origin}/rest/` },
      },
    },
    flat: {
      user_id: String(user.id),
      email: user.email,
      member_id: String(mid),
      enterprise_id: String(enterpriseOf(world)),
      stack: 'S0',
      application_context: { base_url: `https://${world.tssd}.rest.marketingcloudapis.com/` },
    },
  };
  const claims = { ...shapes[url.searchParams.get('shape') ?? 'classic'] };
  const now = Math.floor(world.now() / 1_000);
  const jwt = await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setJti(newId())
    .setExpirationTime(now + 120)
    .sign(new TextEncoder().encode(pack.jwtSecret));
  if (url.searchParams.get('as') === 'json') return json({ jwt });
  const to = url.searchParams.get('to') ?? '';
  if (!/^https?:\/\//.test(to)) return json({ error: 'to is required' }, 400);
  return html(
    `<h1>App Switcher</h1><form method="post" action="${escapeText(to)}"><input type="hidden" name="jwt" value="${jwt}"><button autofocus>Open the app</button></form>`,
  );
}
