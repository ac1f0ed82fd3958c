import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SignedIn } from '#contracts/identity/accounts.ts';
import { identityRoutes } from '#contracts/identity/identity.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import { loadSession } from '#db/system/load-session.ts';
import {
  type Account,
  type PersonRow,
  findAccount,
  findAccountByEmail,
  membershipsOf,
  tellWorkspacesOf,
} from '#db/system/people.ts';
import { endSession, findSessionByToken, issueToken, openSession } from '#db/system/sessions.ts';
import { hasPeople, isSetupToken, setUpInstance } from '#db/system/set-up.ts';
import { problem } from '../kit/problem.ts';
import { isLoopback } from '../kit/request-guard.ts';
import type { Handlers } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { holdAttempts } from './attempts.ts';
import { tellEnded } from './end-sessions.ts';
import { type FactorRefusal, type FactorShown, proveFactor } from './factors.ts';
import { checkNewPassword, hashPassword, isPassword } from './passwords.ts';
import { showMembership, showUser } from './show-person.ts';

const { getSetup, setUp, signIn, refreshSession, signOut } = identityRoutes;
const signInRoutes = { getSetup, setUp, signIn, refreshSession, signOut };

interface Place {
  request: FastifyRequest;
  reply: FastifyReply;
}

const refOf = ({ id, name }: Pick<PersonRow, 'id' | 'name'>): ActorRef => ({ kind: 'user', id, name });
export const originOf = (request: FastifyRequest, person: Pick<PersonRow, 'id' | 'name'>) => ({
  actor: refOf(person),
  address: request.ip,
  requestId: request.id,
});

/**
 * Checks password and second factor of an account, throttled.
 * @returns the account, and whether it showed a second factor
 */
export async function checkCredentials(
  tools: ApiTools,
  { email, password, ...shown }: FactorShown & { email: string; password: string },
  request: FastifyRequest,
): Promise<{ account: Account; hasShownFactor: boolean }> {
  await holdAttempts(tools, email, request.ip);
  const account = await inSystem(tools.system, (tx) => findAccountByEmail(tx, email));
  const isRight = await isPassword(account?.passwordHash, password);
  const refuse = async (reason: 'sign_in_refused' | FactorRefusal): Promise<never> => {
    if (account) {
      const entry = {
        ...originOf(request, account),
        action: 'session.refused',
        subject: `person:${account.id}`,
        title: account.email,
        after: { reason },
      };
      await inSystem(tools.system, (tx) => tellWorkspacesOf(tx, account.id, entry));
    }
    throw problem(`identity.${reason}`);
  };
  if (!account || !isRight) return refuse('sign_in_refused');
  const of = { account, request, sessionId: null };
  const refusal = await proveFactor(tools, of, shown, { email, address: request.ip });
  if (refusal) return refuse(refusal);
  return { account, hasShownFactor: account.hasSecondFactor };
}

/** Opens a session: a cookie for browsers, tokens for machines (`client: api`, or no `Origin`). */
export async function openFor(
  tools: ApiTools,
  userId: string,
  { hasShownFactor, client }: { hasShownFactor: boolean; client?: 'api' | undefined },
  { request, reply }: Place,
): Promise<SignedIn> {
  const now = new Date(tools.auth.clock.now());
  const isPage = request.headers.origin !== undefined && client !== 'api';
  const opened = await inSystem(tools.system, async (tx) => {
    const person = await findAccount(tx, userId);
    if (!person) throw problem('identity.session_ended');
    const session = await openSession(tx, {
      userId,
      kind: isPage ? 'browser' : 'api',
      mfaAt: hasShownFactor ? now : null,
      address: request.ip,
      client: request.headers['user-agent'] ?? null,
      now,
    });
    const entry = {
      ...originOf(request, person),
      action: 'session.started',
      subject: `session:${session.id}`,
      after: { kind: session.kind, hasShownFactor },
    };
    await tellWorkspacesOf(tx, userId, entry);
    return {
      person,
      session,
      memberships: await membershipsOf(tx, userId),
      forCookie: client === 'api' ? undefined : await issueToken(tx, session.id, now),
      forMachine: isPage ? undefined : await issueToken(tx, session.id, now),
    };
  });
  const { person, session, memberships, forCookie, forMachine } = opened;
  if (forCookie) void reply.header('set-cookie', await tools.auth.makeCookie(session, forCookie, memberships));
  const tokens = forMachine && {
    ...(await tools.auth.issueAccess(session, memberships)),
    refreshToken: forMachine,
    tokenType: 'Bearer' as const,
  };
  return {
    user: showUser(person),
    workspaces: memberships.map((row) => showMembership(row, hasShownFactor)),
    ...tokens,
  };
}

/** Minutes that access tokens live in a new workspace: as the operator has set it. */
export const accessMinutes = (tools: ApiTools): number =>
  Math.min(1_440, Math.max(1, Math.round(tools.config.accessTtlMs / 60_000)));

export const signInHandlers = (tools: ApiTools): Handlers<typeof signInRoutes> => {
  const { auth, system } = tools;
  const now = (): Date => new Date(auth.clock.now());
  const listensLocally = isLoopback(tools.config.host.replace(/^\[|\]$/g, ''));

  return {
    getSetup: async () => {
      const isNeeded = !(await inSystem(system, hasPeople));
      return { isNeeded, isTokenNeeded: isNeeded && !listensLocally, isDemo: tools.config.isDemo && listensLocally };
    },

    setUp: async ({ body, request, reply }) => {
      const { email, password, name, workspace, token, client } = body;
      await inSystem(system, async (tx) => {
        if (await hasPeople(tx)) throw problem('identity.already_set_up');
        if (!listensLocally && !(token && (await isSetupToken(tx, token)))) throw problem('identity.setup_token_wrong');
      });
      checkNewPassword(password, body);
      const passwordHash = await hashPassword(password);
      const origin = { address: request.ip, requestId: request.id };
      const { userId } = await inSystem(system, (tx) =>
        setUpInstance(tx, {
          email,
          name,
          passwordHash,
          workspace,
          accessTokenMinutes: accessMinutes(tools),
          ...origin,
        }),
      );
      return openFor(tools, userId, { hasShownFactor: false, client }, { request, reply });
    },

    signIn: async ({ body, request, reply }) => {
      const { account, hasShownFactor } = await checkCredentials(tools, body, request);
      return openFor(tools, account.id, { hasShownFactor, client: body.client }, { request, reply });
    },

    refreshSession: async ({ body, request, reply }) => {
      const given = body?.refreshToken;
      const token = given ?? (await auth.cookieOf(request))?.refreshToken;
      if (!token) throw problem('identity.sign_in_needed');
      const rotation = await auth.rotate(token, given === undefined);
      if (rotation.outcome === 'reused') throw problem('identity.token_reused');
      if (rotation.outcome !== 'rotated' && rotation.outcome !== 'repeated') throw problem('identity.session_ended');
      const state = await loadSession(system, rotation.session.id);
      if (!state) throw problem('identity.session_ended');
      const { session, person, memberships } = state;
      const shown = {
        user: showUser(person),
        workspaces: memberships.map((row) => showMembership(row, session.mfaAt !== null)),
      };
      if (given === undefined) {
        void reply.header('set-cookie', await auth.makeCookie(session, rotation.token, memberships));
        return shown;
      }
      return {
        ...shown,
        ...(await auth.issueAccess(session, memberships)),
        refreshToken: rotation.token,
        tokenType: 'Bearer' as const,
      };
    },

    signOut: async ({ body, request, reply }) => {
      const given = body?.refreshToken;
      const session = given
        ? await inSystem(system, (tx) => findSessionByToken(tx, given))
        : (await auth.peek(request))?.session;
      void reply.header('set-cookie', auth.clearedCookie);
      if (!session) return;
      await inSystem(system, async (tx) => {
        if (!(await endSession(tx, session.id, 'signed out', now()))) return;
        const person = await findAccount(tx, session.userId);
        if (person) await tellEnded(tx, person.id, [session.id], 'signed out', originOf(request, person));
      });
      auth.invalidate({ type: 'session.ended' });
    },
  };
};
