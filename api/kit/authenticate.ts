import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JSONWebKeySet } from 'jose';
import { identityRoutes } from '#contracts/identity/identity.ts';
import { passwordLinkRoutes } from '#contracts/identity/password-links.ts';
import { type Permission, rolePermissions } from '#contracts/identity/permissions.ts';
import type { RouteDef } from '#contracts/kit/route.ts';
import type { Db } from '#db/kit/database.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import { type SessionState, loadSession } from '#db/system/load-session.ts';
import { type FoundKey, lookUpKey, touchKey } from '#db/system/look-up-key.ts';
import { type MembershipRow, tellWorkspacesOf } from '#db/system/people.ts';
import { type Rotation, rotateToken, touchSession } from '#db/system/sessions.ts';
import { apiKeyStart } from '#db/system/tokens.ts';
import { type Clock, systemClock } from '#system/clock.ts';
import type { Config } from '#system/config.ts';
import type { Vault } from '#system/vault/vault.ts';
import { createAccessTokens } from './access-tokens.ts';
import type { Actor, Person } from './actor.ts';
import { KeptBriefly } from './kept-briefly.ts';
import { problem } from './problem.ts';
import { type Limits, RateLimits, type RateState, defaultLimits, holdRate, setRateHeaders } from './rate-limit.ts';
import { createRequestGuard, isStreamRequest } from './request-guard.ts';
import { type CookieContent, createSessionCookie } from './session-cookie.ts';

/** A revoked key or an ended session is refused by every process after so long at the latest; in this one at once. */
const keptMs = 4_000;
const touchMs = 60_000;

export interface AuthenticatorParts {
  system: Db;
  vault: Vault;
  config: Pick<Config, 'publicUrl' | 'host' | 'port' | 'corsOrigins' | 'accessTtlMs'>;
  clock?: Clock;
  /** Other limits than the usual, for tests. */
  limits?: Partial<Limits>;
}

/** Who calls. `actor` is set where a workspace is named or the only one; routes that need one are refused without. */
export interface Caller {
  actor: Actor | null;
  person: Person | null;
}

/** A change that ends or alters what callers may do, as the event stream tells it. */
export interface AccessChange {
  type: string;
  subject?: string | null;
  data?: Record<string, unknown>;
}

/** What a caller of `POST /auth/login` takes along. */
export interface IssuedAccess {
  accessToken: string;
  expiresIn: number;
}

export interface Authenticator {
  /** The sign-in hook of every route: who calls, or a refusal. */
  authenticate(request: FastifyRequest, def: RouteDef | undefined): Promise<Caller>;
  /** Runs after it, with the reply: renews the cookie, counts the request, refuses with 429. */
  limitRate(request: FastifyRequest, reply: FastifyReply): void;
  /** Forgets what a change has made untrue; listens to the event stream. */
  invalidate(change: AccessChange): void;
  /** The session behind a request of a `public` route, where there is one. */
  peek(request: FastifyRequest): Promise<SessionState | undefined>;
  issueAccess(session: { id: string; userId: string }, memberships: readonly MembershipRow[]): Promise<IssuedAccess>;
  makeCookie(session: { id: string }, refreshToken: string, memberships: readonly MembershipRow[]): Promise<string>;
  readonly clearedCookie: string;
  /** The refresh token in the request's cookie. */
  cookieOf(request: FastifyRequest): Promise<CookieContent | undefined>;
  /** Exchanges a refresh token; a token used before ends the session and says so to its workspaces. */
  rotate(token: string, isCookie: boolean): Promise<Rotation>;
  jwks(): Promise<JSONWebKeySet>;
  readonly clock: Clock;
}

const signInRoutes: ReadonlySet<RouteDef> = new Set<RouteDef>([
  identityRoutes.signIn,
  identityRoutes.setUp,
  identityRoutes.acceptInvitation,
  passwordLinkRoutes.forgotPassword,
  passwordLinkRoutes.usePasswordLink,
]);
const nobody: Caller = { actor: null, person: null };

type Found =
  | { kind: 'key'; key: FoundKey; permissions: ReadonlySet<Permission> }
  | { kind: 'session'; state: SessionState };

/** Makes the one place that knows who calls. Opens nothing and keeps no timer; there is nothing to close. */
export async function createAuthenticator({
  system,
  vault,
  config,
  clock = systemClock,
  limits,
}: AuthenticatorParts): Promise<Authenticator> {
  const guard = createRequestGuard(config);
  const tokens = createAccessTokens({ system, vault, config, clock });
  const cookie = await createSessionCookie({ system, vault, config, clock });
  const rates = new RateLimits(clock);
  const { addressPerMinute, signInsPerMinute } = { ...defaultLimits, ...limits };
  const keys = new KeptBriefly<Found | undefined>({ clock, ms: keptMs, most: 5_000 });
  const sessions = new KeptBriefly<SessionState | undefined>({ clock, ms: keptMs, most: 5_000 });
  /** What the hook leaves for `limitRate`, which has the reply. */
  const notes = new WeakMap<FastifyRequest, { cookie?: string; rate?: RateState }>();
  const now = (): Date => new Date(clock.now());

  const accessMsOf = (memberships: readonly MembershipRow[]): number =>
    memberships.length === 0
      ? config.accessTtlMs
      : Math.min(...memberships.map(({ accessTokenMinutes }) => accessTokenMinutes * 60_000));

  const makeCookie: Authenticator['makeCookie'] = ({ id }, refreshToken, memberships) =>
    cookie.make({ sessionId: id, refreshToken, freshUntil: clock.now() + accessMsOf(memberships) });

  /** Errors of bookkeeping never fail the request they belong to. */
  const inBackground = (work: Promise<unknown>): void => void work.catch(() => {});

  const findKey = (text: string, address: string): Promise<Found | undefined> =>
    keys.get(text, async () => {
      const key = await lookUpKey(system, text);
      if (!key) return undefined;
      if (!key.lastUsedAt || clock.now() - key.lastUsedAt.getTime() > touchMs)
        inBackground(touchKey(system, key, address, now()));
      const ofOwner = rolePermissions[key.ownerRole];
      return {
        kind: 'key',
        key,
        permissions: new Set(key.permissions.filter((permission) => ofOwner.has(permission))),
      };
    });

  const findSession = (id: string): Promise<SessionState | undefined> =>
    sessions.get(id, async () => {
      const state = await loadSession(system, id);
      if (state && clock.now() - state.session.lastSeenAt.getTime() > touchMs)
        inBackground(inSystem(system, (tx) => touchSession(tx, id, now())));
      return state;
    });

  const openSession = async (id: string): Promise<SessionState | undefined> => {
    const state = await findSession(id);
    return state && !state.session.endedAt && state.session.expiresAt.getTime() > clock.now() ? state : undefined;
  };

  const rotate = async (token: string, isCookie: boolean): Promise<Rotation> => {
    const rotation = await inSystem(system, async (tx) => {
      const done = await rotateToken(tx, token, { now: now(), isCookie });
      if (done.outcome === 'reused') {
        const { userId, sessionId } = done;
        const actor = { kind: 'system' as const, id: null, name: 'Sign-in' };
        const event = { type: 'session.ended', subject: `session:${sessionId}`, actor, data: { userId, sessionId } };
        await tellWorkspacesOf(
          tx,
          userId,
          { actor, action: 'session.token_reused', subject: `session:${sessionId}` },
          event,
        );
      }
      return done;
    });
    if (rotation.outcome === 'reused') sessions.drop(rotation.sessionId);
    return rotation;
  };

  /** The session of a cookie, exchanged for a fresh one where its time has come. */
  const sessionByCookie = async (
    request: FastifyRequest,
    content: CookieContent,
    mayRenew: boolean,
  ): Promise<SessionState | undefined> => {
    if (clock.now() < content.freshUntil || !mayRenew) return openSession(content.sessionId);
    const rotation = await rotate(content.refreshToken, true);
    if (rotation.outcome !== 'rotated' && rotation.outcome !== 'repeated') return undefined;
    sessions.drop(content.sessionId); // its expiry has moved
    const state = await openSession(content.sessionId);
    if (state)
      notes.set(request, {
        ...notes.get(request),
        cookie: await makeCookie(state.session, rotation.token, state.memberships),
      });
    return state;
  };

  const bearerOf = (request: FastifyRequest): string | undefined => {
    const [scheme, token] = request.headers.authorization?.trim().split(/\s+/) ?? [];
    return scheme?.toLowerCase() === 'bearer' ? token : undefined;
  };

  const find = async (request: FastifyRequest, def: RouteDef): Promise<Found | undefined> => {
    if (request.headers.authorization !== undefined) {
      const token = bearerOf(request);
      if (!token) return undefined;
      if (token.startsWith(apiKeyStart)) {
        const found = await findKey(token, request.ip);
        const isExpired =
          found?.kind === 'key' && found.key.expiresAt !== null && found.key.expiresAt.getTime() <= clock.now();
        return isExpired ? undefined : found;
      }
      const claims = await tokens.verify(token);
      const state = claims && (await openSession(claims.sessionId));
      return state && state.person.id === claims.userId ? { kind: 'session', state } : undefined;
    }
    const content = await cookie.read(request.headers.cookie);
    if (!content) return undefined;
    guard.checkCookieOrigin(request, def);
    // A stream's head may be written before we could renew, and a page may never see it: it goes by the session alone.
    const state = await sessionByCookie(request, content, !isStreamRequest(request, def) && def.stream === undefined);
    return state && { kind: 'session', state };
  };

  const holdAddress = (request: FastifyRequest): void => {
    const rate = rates.take(`address:${request.ip}`, addressPerMinute);
    notes.set(request, { ...notes.get(request), rate });
    holdRate(rate);
  };

  const refuseStranger = (request: FastifyRequest): never => {
    holdAddress(request);
    const isKnown =
      bearerOf(request)?.startsWith('ey') === true || request.headers.cookie?.includes(`${cookie.name}=`) === true;
    throw problem(isKnown ? 'identity.session_ended' : 'identity.sign_in_needed');
  };

  const authenticate: Authenticator['authenticate'] = async (request, def) => {
    guard.checkHost(request);
    if (!def) return nobody;
    if (def.access === 'public') {
      if (!def.rawBody) {
        guard.checkOpenOrigin(request);
        holdAddress(request);
      }
      if (signInRoutes.has(def)) holdRate(rates.take(`sign-in:${request.ip}`, signInsPerMinute));
      return nobody;
    }
    const found = (await find(request, def)) ?? refuseStranger(request);
    const caller =
      found.kind === 'key'
        ? callerByKey(found.key, found.permissions, namedWorkspaces(request))
        : callerBySession(found.state, namedWorkspaces(request), def);
    const perMinute =
      found.kind === 'key'
        ? found.key.requestsPerMinute
        : (membershipOf(found.state, caller.actor)?.requestsPerMinute ?? 6_000);
    const rate = rates.take(
      found.kind === 'key' ? `key:${found.key.id}` : `session:${found.state.session.id}`,
      perMinute,
    );
    notes.set(request, { ...notes.get(request), rate });
    checkAccess(caller, def);
    return caller;
  };

  return {
    authenticate,
    limitRate(request, reply) {
      const note = notes.get(request);
      if (!note) return;
      if (note.cookie) void reply.header('set-cookie', note.cookie);
      if (!note.rate) return;
      setRateHeaders(reply, note.rate);
      holdRate(note.rate);
    },
    invalidate({ type }) {
      if (!changesAccess.has(type)) return;
      keys.clear();
      sessions.clear();
    },
    async peek(request) {
      const token = bearerOf(request);
      const claims = token && !token.startsWith(apiKeyStart) ? await tokens.verify(token) : undefined;
      if (claims) return openSession(claims.sessionId);
      const content = await cookie.read(request.headers.cookie);
      return content && openSession(content.sessionId);
    },
    async issueAccess({ id, userId }, memberships) {
      const lifeMs = accessMsOf(memberships);
      return {
        accessToken: await tokens.mint({ sessionId: id, userId }, lifeMs),
        expiresIn: Math.floor(lifeMs / 1_000),
      };
    },
    makeCookie,
    clearedCookie: cookie.cleared,
    cookieOf: (request) => cookie.read(request.headers.cookie),
    rotate,
    jwks: () => tokens.jwks(),
    clock,
  };
}

/** Events after which somebody may do less, or more, than before. They are rare: all that is kept is forgotten. */
const changesAccess: ReadonlySet<string> = new Set([
  'key.changed',
  'member.changed',
  'person.changed',
  'query_rule.changed',
  'session.ended',
  'settings.changed',
  'workspace.changed',
]);

/** The workspaces a request names, by id or short name. */
function namedWorkspaces(request: FastifyRequest): string[] {
  const { 'x-workspace': header } = request.headers;
  const { workspace } = (request.query ?? {}) as { workspace?: unknown };
  const given: unknown[] = [header, workspace].flat();
  return given.filter((name): name is string => typeof name === 'string' && name !== '');
}

function callerByKey(key: FoundKey, permissions: ReadonlySet<Permission>, named: readonly string[]): Caller {
  if (new Set(named.map((name) => (isNamed(key, name) ? key.workspaceId : name))).size > 1)
    throw problem('request.workspace_ambiguous');
  if (named.some((name) => !isNamed(key, name))) throw problem('identity.membership_needed');
  const { workspaceId, id, name, mids, hidden, ownerId } = key;
  return {
    actor: {
      kind: 'key',
      id,
      name,
      workspaceId,
      mids,
      hidden,
      role: null,
      permissions,
      isInstanceAdmin: false,
      ownerId,
      sessionId: null,
    },
    person: null,
  };
}

const isNamed = ({ workspaceId, slug }: { workspaceId: string; slug: string }, name: string): boolean =>
  workspaceId === name.toLowerCase() || slug === name;

function callerBySession(
  { session, person, memberships }: SessionState,
  named: readonly string[],
  def: RouteDef,
): Caller {
  const { id: userId, name, email, isInstanceAdmin } = person;
  const caller: Person = { userId, name, email, isInstanceAdmin, sessionId: session.id };
  const needsWorkspace = def.access !== 'signed-in' && def.access !== 'instance-admin';
  const chosen = named.map((text) => memberships.find((membership) => isNamed(membership, text)) ?? text);
  if (new Set(chosen).size > 1) throw problem('request.workspace_ambiguous');
  const [first] = chosen;
  const membership =
    first === undefined
      ? memberships.length === 1
        ? memberships[0]
        : undefined
      : typeof first === 'string'
        ? undefined
        : first;
  if (!membership) {
    if (!needsWorkspace) return { actor: null, person: caller };
    throw problem(
      first === undefined && memberships.length > 1 ? 'request.workspace_needed' : 'identity.membership_needed',
    );
  }
  if (membership.requireMfa && !session.mfaAt && needsWorkspace) throw problem('identity.mfa_required');
  const { workspaceId, mids, hidden, role } = membership;
  const permissions = rolePermissions[role];
  return {
    actor: {
      kind: 'user',
      id: userId,
      name,
      workspaceId,
      mids,
      hidden,
      role,
      permissions,
      isInstanceAdmin,
      sessionId: session.id,
    },
    person: caller,
  };
}

const membershipOf = ({ memberships }: SessionState, actor: Actor | null): MembershipRow | undefined =>
  actor ? memberships.find(({ workspaceId }) => workspaceId === actor.workspaceId) : undefined;

function checkAccess({ actor, person }: Caller, { access }: RouteDef): void {
  if (access === 'public' || access === 'member') return;
  if (access === 'signed-in' || access === 'instance-admin') {
    if (!person) throw problem('identity.person_needed');
    if (access === 'instance-admin' && !person.isInstanceAdmin)
      throw problem('identity.permission_missing', { permission: 'instance-admin' });
    return;
  }
  if (!actor?.permissions.has(access))
    throw problem('identity.permission_missing', { permission: access }, { permission: access });
}
