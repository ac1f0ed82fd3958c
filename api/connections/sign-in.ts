import type { FastifyReply, FastifyRequest } from 'fastify';
import { type connectionRoutes } from '#contracts/connections/connections.ts';
import { ConnectionLifecycle } from '#contracts/connections/lifecycle.ts';
import { QueryFailure, type QueryFailureFacts } from '#contracts/queries/failures.ts';
import { finishSignIn, type GrantOf, isOwnGrant, signInByRefreshToken, signInUrl } from '#connectors/engines/grants.ts';
import { verifyLaunchToken } from '#connectors/sfmc/launch-token.ts';
import { openSecrets } from '#db/connections/connection-secrets.ts';
import { moveConnection } from '#db/connections/connection-states.ts';
import { type Doer, findConnection, mustConnection, noteAct } from '#db/connections/connections.ts';
import { connectionForCalls, egressOf, unitForCalls } from '#db/connections/engine-rows.ts';
import { type Granted, keepGranted } from '#db/connections/keep-granted.ts';
import { beginSignIn, keepLaunch, takeLaunch, takeSignIn, workspaceOf } from '#db/connections/sign-ins.ts';
import { workspaceOfConnection } from '#db/system/connections-due.ts';
import { rereadUnits } from '#db/connections/units.ts';
import type { SessionState } from '#db/system/load-session.ts';
import { untilDatabase } from '#db/kit/database-away.ts';
import { rolePermissions } from '#contracts/identity/permissions.ts';
import { problem } from '../kit/problem.ts';
import type { Handlers } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';

type SignInRoutes = Pick<
  typeof connectionRoutes,
  'authorizeConnection' | 'oauthCallback' | 'launchFromSfmc' | 'landLaunch'
>;

const callbackPath = '/api/v1/oauth/callback';
const all = (workspaceId: string) => ({ workspaceId, mids: '*' });

/** Sign-in at services: by redirect with PKCE, or from Marketing Cloud's App Switcher. */
export const signInHandlers = (tools: ApiTools): Handlers<SignInRoutes> => {
  const { inTenant, vault, auth, signalRun, connections } = tools;
  const redirectUri = new URL(callbackPath, connections.publicUrl).href;

  /** What a grant is asked for with. */
  async function grantOf(workspaceId: string, connectionId: string) {
    return inTenant(all(workspaceId), async (tx) => {
      const connection = await connectionForCalls(tx, connectionId);
      if (!connection || connection.config.kind === 'postgres' || connection.state === 'disconnecting')
        return undefined;
      const [egress, secrets, home] = await Promise.all([
        egressOf(tx),
        openSecrets(tx, vault, workspaceId, connectionId),
        unitForCalls(tx, connectionId, null),
      ]);
      const grant: GrantOf = {
        config: connection.config,
        secrets,
        guard: { allow: egress, isOwnPort: tools.isOwnPort },
        signal: AbortSignal.timeout(60_000),
      };
      return { connection, grant, secrets, home };
    });
  }

  /** The person of a request that carries no permission check of its own, where they may manage the workspace's connections. */
  async function personOf(request: FastifyRequest, workspaceId: string) {
    const session = await auth.peek(request);
    const membership = session?.memberships.find((one) => one.workspaceId === workspaceId);
    return session && membership ? { session, membership } : undefined;
  }

  /** Stores what was granted, and wakes the connection's lifecycle. */
  async function keepSignIn(
    place: { workspaceId: string; connectionId: string; unit: string },
    granted: Granted,
    doer: Doer,
    tookMs: number,
    how: string,
  ): Promise<void> {
    const { workspaceId, connectionId } = place;
    const scoped = {
      vault,
      inTenant: <T>(id: string, work: Parameters<typeof inTenant<T>>[1]) => inTenant(all(id), work),
    };
    await untilDatabase(() =>
      keepGranted(scoped, place, granted, { isOwn: false, cause: 'sign_in', tookMs }, async (tx) => {
        if (place.unit === '') await moveConnection(tx, connectionId, { state: 'connected', failure: null });
        await rereadUnits(tx, connectionId);
        const connection = await mustConnection(tx, connectionId);
        await noteAct(tx, doer, connection, 'signed_in', {
          after: { by: how, account: granted.as?.account.name ?? null, unit: granted.as?.unit?.id ?? null },
        });
      }),
    );
    const connection = await inTenant(all(workspaceId), (tx) => findConnection(tx, connectionId));
    if (connection?.runId)
      await signalRun(workspaceId, connection.runId, ConnectionLifecycle.signal.changed, []).catch(() => false);
  }

  /** Why it did not work is kept with the connection, for its page; one that works goes on. */
  const keepFailure = (workspaceId: string, connectionId: string, failure: QueryFailureFacts): Promise<unknown> =>
    inTenant(all(workspaceId), async (tx) => {
      const connection = await connectionForCalls(tx, connectionId);
      if (connection && connection.state !== 'connected')
        await moveConnection(tx, connectionId, { state: connection.state, failure });
    });

  return {
    async authorizeConnection({ actor, person, params, query }) {
      if (!person) throw problem('connection.sign_in_failed', { why: 'A person has to sign in, not a key.' });
      const { workspaceId } = actor;
      const found = await grantOf(workspaceId, params.id);
      if (!found) {
        const connection = await inTenant(actor, (tx) => mustConnection(tx, params.id));
        if (connection.state === 'disconnecting') throw problem('connection.disconnecting', { name: connection.name });
        throw problem('connection.sign_in_failed', { why: 'This kind of connection needs no sign-in.' });
      }
      if (isOwnGrant(found.connection.config))
        throw problem('connection.sign_in_failed', { why: 'The package signs itself in; nobody has to.' });
      const signIn = await beginSignIn(vault, workspaceId);
      const unit = query.unit === undefined || query.unit === found.home?.unit ? '' : query.unit;
      const expiresAt = await inTenant(actor, (tx) =>
        signIn.keep(tx, {
          connectionId: params.id,
          unit,
          personId: person.userId,
          sessionId: person.sessionId,
          redirectUri,
          returnTo: query.returnTo ?? null,
        }),
      );
      return { url: signInUrl(found.grant, { redirectUri, ...signIn }), expiresAt: expiresAt.toISOString() };
    },

    async oauthCallback({ request, reply, query }) {
      const workspaceId = workspaceOf(query.state ?? '');
      const signIn =
        workspaceId === undefined
          ? undefined
          : await inTenant(all(workspaceId), (tx) => takeSignIn(tx, vault, workspaceId, query.state ?? ''));
      const session = await auth.peek(request);
      // Of another person or browser: whoever sent this link wants their account in somebody's connection.
      if (!signIn || workspaceId === undefined || session?.session.id !== signIn.sessionId)
        return goTo(reply, signIn?.returnTo ?? null, { signIn: 'failed', reason: 'sign_in_expired' });
      const { connectionId, returnTo } = signIn;
      const done = (outcome: Record<string, string>) => goTo(reply, returnTo, { connection: connectionId, ...outcome });
      const beganAt = performance.now();
      try {
        const found = await grantOf(workspaceId, connectionId);
        if (!found) return done({ signIn: 'failed', reason: 'connection_gone' });
        const granted = await finishSignIn(found.grant, {
          code: codeOf(query),
          redirectUri: signIn.redirectUri,
          verifier: signIn.verifier,
          unit: signIn.unit === '' ? null : signIn.unit,
        });
        await keepSignIn(
          { workspaceId, connectionId, unit: signIn.unit },
          granted,
          doerOfSession(session, request),
          Math.round(performance.now() - beganAt),
          'redirect',
        );
        return done({ signIn: 'ok' });
      } catch (error) {
        if (!(error instanceof QueryFailure)) throw error;
        await keepFailure(workspaceId, connectionId, error.facts);
        return done({ signIn: 'failed', reason: error.facts.code });
      }
    },

    async launchFromSfmc({ request, reply, params }) {
      const jwt = readJwt(request.body);
      const workspaceId = await workspaceOfConnection(tools.system, params.id);
      const found = workspaceId === undefined ? undefined : await grantOf(workspaceId, params.id);
      const secret = found?.secrets.launchSecret;
      if (!jwt || workspaceId === undefined || !found || found.grant.config.kind !== 'sfmc' || !secret)
        return page(reply, 400, 'This sign-in from Marketing Cloud cannot be used here.');
      try {
        const launch = await verifyLaunchToken(jwt, { secret, now: Date.now });
        const unit = String(launch.mid);
        const ticket = await inTenant(all(workspaceId), (tx) =>
          keepLaunch(tx, vault, workspaceId, {
            connectionId: params.id,
            unit,
            refreshToken: launch.refreshToken,
            jti: launch.jti,
            keepUntilMs: launch.expiresAtMs,
          }),
        );
        if (ticket === undefined) return page(reply, 400, 'This sign-in was used before. Open the app from Marketing Cloud again.'); // prettier-ignore
        const landing = `/api/v1/connections/${params.id}/landing?ticket=${ticket}`;
        // In a frame of Marketing Cloud no cookie of ours is sent: the way on leads into a window of its own.
        return request.headers['sec-fetch-dest'] === 'iframe'
          ? page(reply, 200, 'Marketing Cloud has signed you in.', landing)
          : reply.code(303).header('cache-control', 'no-store').header('location', landing).send();
      } catch (error) {
        if (!(error instanceof QueryFailure)) throw error;
        return page(reply, 400, `${error.facts.message} ${error.facts.hint}`);
      }
    },

    async landLaunch({ request, reply, params, query }) {
      const ticket = query.ticket ?? '';
      const workspaceId = workspaceOf(ticket);
      if (workspaceId === undefined) return goTo(reply, null, { signIn: 'failed', reason: 'sign_in_expired' });
      const who = await personOf(request, workspaceId);
      // Not signed in here: the console asks for that, and its page leads back to this address.
      if (!who) {
        const again = `/api/v1/connections/${params.id}/landing?ticket=${ticket}`;
        return page(reply, 401, 'Sign in to Windlass in this browser, then go on.', again, '/');
      }
      const { session, membership } = who;
      const launch = await inTenant(all(workspaceId), (tx) => takeLaunch(tx, vault, workspaceId, params.id, ticket));
      const back = `/w/${membership.slug}/connections`;
      const done = (outcome: Record<string, string>) => goTo(reply, back, { connection: params.id, ...outcome });
      if (!launch) return done({ signIn: 'failed', reason: 'sign_in_expired' });
      const { unit, refreshToken } = launch;
      const mayManage = rolePermissions[membership.role].has('connections:manage');
      // Without a token of its own it only leads here; who may not manage connections looks at what stands.
      if (!refreshToken || !mayManage) return done({ unit, signIn: 'ok' });
      const beganAt = performance.now();
      try {
        const found = await grantOf(workspaceId, params.id);
        if (!found || found.grant.config.kind !== 'sfmc') return done({ signIn: 'failed', reason: 'connection_gone' });
        const granted = await signInByRefreshToken({ ...found.grant, config: found.grant.config }, refreshToken);
        const isHome = found.home === undefined || found.home.unit === unit;
        await keepSignIn(
          { workspaceId, connectionId: params.id, unit: isHome ? '' : unit },
          granted,
          doerOfSession(session, request),
          Math.round(performance.now() - beganAt),
          'app switcher',
        );
        return done({ unit, signIn: 'ok' });
      } catch (error) {
        if (!(error instanceof QueryFailure)) throw error;
        await keepFailure(workspaceId, params.id, error.facts);
        return done({ unit, signIn: 'failed', reason: error.facts.code });
      }
    },
  };
};

const doerOfSession = ({ person }: SessionState, request: FastifyRequest): Doer => ({
  actor: { kind: 'user', id: person.id, name: person.name },
  address: request.ip,
  requestId: request.id,
});

/** The code of a redirect. @throws QueryFailure with the service's words where it said no */
function codeOf(query: { [name: string]: unknown; code?: string | undefined }): string {
  const said = (name: string): string | undefined => {
    const value = query[name];
    return typeof value === 'string' && value !== '' ? value.slice(0, 500) : undefined;
  };
  const error = said('error');
  if (error === undefined && query.code) return query.code;
  throw new QueryFailure({
    kind: 'auth',
    code: (error ?? 'no_code')
      .toLowerCase()
      .replaceAll(/[^a-z0-9_]/g, '_')
      .slice(0, 60),
    message: said('error_description') ?? 'The service sent nobody’s consent.',
    hint:
      error === 'access_denied'
        ? 'Access was not allowed. Sign in again and choose Allow.'
        : 'Check the application’s settings at the service, then sign in again.',
  });
}

/** Back into the console: what happened is in the query, a token or code never is. */
function goTo(reply: FastifyReply, path: string | null, outcome: Record<string, string>): FastifyReply {
  const url = new URL(path ?? '/', 'http://console.invalid');
  for (const [name, value] of Object.entries(outcome)) url.searchParams.set(name, value);
  return reply
    .code(302)
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .header('location', `${url.pathname}${url.search}${url.hash}`)
    .send();
}

/** The field `jwt` of a posted form. */
function readJwt(body: unknown): string | undefined {
  const text = typeof body === 'string' ? body : Buffer.isBuffer(body) ? body.toString('utf8') : '';
  const jwt = new URLSearchParams(text).get('jwt');
  return jwt && jwt.length < 16_384 ? jwt : undefined;
}

/** A page of a sentence and, where there is one, a way on. Marketing Cloud may show it in a frame. */
function page(reply: FastifyReply, status: number, sentence: string, on?: string, first?: string): FastifyReply {
  const plain = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const link = (to: string, words: string): string =>
    `<p><a href="${plain(to)}" target="_blank" rel="noopener noreferrer">${words}</a></p>`;
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .removeHeader('x-frame-options')
    .header(
      'content-security-policy',
      "default-src 'none'; frame-ancestors https://*.exacttarget.com https://*.marketingcloudapps.com",
    )
    .type('text/html; charset=utf-8')
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><title>Windlass</title><h1>Windlass</h1><p>${plain(sentence)}</p>${first ? link(first, 'Sign in') : ''}${on ? link(on, 'Go on to Windlass') : ''}</html>`,
    );
}
