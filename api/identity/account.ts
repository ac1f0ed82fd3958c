import type { z } from 'zod';
import type { Me } from '#contracts/identity/accounts.ts';
import { identityRoutes } from '#contracts/identity/identity.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import { loadSession } from '#db/system/load-session.ts';
import { type Account, findAccount, tellWorkspacesOf, updatePerson } from '#db/system/people.ts';
import {
  beginSecondFactor,
  confirmApp,
  countRecoveryCodes,
  endSecondFactor,
  findSecondFactor,
  offerSecondFactor,
  removeApp,
  replaceRecoveryCodes,
} from '#db/system/second-factors.ts';
import { listSecurityKeys } from '#db/system/security-keys.ts';
import { endSession, endSessionsOf, listSessions, markSecondFactor } from '#db/system/sessions.ts';
import { problem } from '../kit/problem.ts';
import type { Handlers } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { holdAttempts, settleAttempts } from './attempts.ts';
import { newFactorSecret, newRecoveryCodes, takeAppCode } from './codes.ts';
import { tellEnded } from './end-sessions.ts';
import { checkNewPassword, hashPassword } from './passwords.ts';
import { showSecurityKey } from './security-keys.ts';
import { showMembership, showUser } from './show-person.ts';
import { originOf } from './sign-in.ts';
import { type PersonCall, personOf, stepUp, tellFactorTurned, tellOfPerson } from './step-up.ts';

const {
  getMe,
  updateMe,
  changePassword,
  listMySessions,
  endMySession,
  endMyOtherSessions,
  getSecondFactor,
  offerSecondFactor: offer,
  confirmSecondFactor: confirm,
  removeSecondFactor: remove,
  renewRecoveryCodes,
} = identityRoutes;
const accountRoutes = {
  getMe,
  updateMe,
  changePassword,
  listMySessions,
  endMySession,
  endMyOtherSessions,
  getSecondFactor,
  offerSecondFactor: offer,
  confirmSecondFactor: confirm,
  removeSecondFactor: remove,
  renewRecoveryCodes,
};

export const accountHandlers = (tools: ApiTools): Handlers<typeof accountRoutes> => {
  const { auth, system, vault } = tools;
  const now = (): Date => new Date(auth.clock.now());

  const showMe = async (call: PersonCall): Promise<z.input<typeof Me>> => {
    const state = await loadSession(system, personOf(call).sessionId);
    if (!state) throw problem('identity.session_ended');
    const { session, person, memberships } = state;
    const workspaces = memberships.map((row) => showMembership(row, session.mfaAt !== null));
    return {
      user: showUser(person),
      workspaces,
      current: workspaces.find(({ id }) => id === call.request.actor?.workspaceId) ?? null,
      session: { id: session.id, kind: session.kind, hasSecondFactor: session.mfaAt !== null },
    };
  };

  return {
    getMe: showMe,

    updateMe: async (call) => {
      const { userId } = personOf(call);
      const { name, preferences } = call.body;
      await inSystem(system, async (tx) => {
        const before = await findAccount(tx, userId);
        if (!before) throw problem('identity.session_ended');
        // A JSON merge, as PATCH is everywhere: a key set to null goes.
        const merged =
          preferences &&
          Object.fromEntries(
            Object.entries({ ...before.preferences, ...preferences }).filter(([, value]) => value !== null),
          );
        if (JSON.stringify(merged ?? {}).length > 16_384) throw problem('request.too_large', { limit: '16 kB' });
        await updatePerson(tx, userId, {
          ...(name !== undefined && { name }),
          ...(merged && { preferences: merged as Account['preferences'] }),
        });
        if (name !== undefined && name !== before.name) {
          const event = {
            type: 'member.changed',
            subject: `member:${userId}`,
            data: { userId, change: 'added', name },
          };
          await tellWorkspacesOf(
            tx,
            userId,
            {
              ...originOf(call.request, before),
              action: 'person.renamed',
              subject: `person:${userId}`,
              before: { name: before.name },
              after: { name },
            },
            event,
          );
        }
      });
      auth.invalidate({ type: 'person.changed' });
      return showMe(call);
    },

    changePassword: async (call) => {
      const { userId, sessionId } = personOf(call);
      const { currentPassword, newPassword, ...shown } = call.body;
      const account = await stepUp(tools, call, { password: currentPassword, ...shown });
      checkNewPassword(newPassword, account);
      const passwordHash = await hashPassword(newPassword);
      await inSystem(system, async (tx) => {
        await updatePerson(tx, userId, { passwordHash });
        const ended = await endSessionsOf(tx, userId, 'password changed', now(), sessionId);
        await tellOfPerson(tx, call, 'person.password_changed');
        await tellEnded(tx, userId, ended, 'password changed', originOf(call.request, account));
      });
      auth.invalidate({ type: 'session.ended' });
    },

    listMySessions: async (call) => {
      const { userId, sessionId } = personOf(call);
      const rows = await inSystem(system, (tx) => listSessions(tx, userId, now()));
      return {
        data: rows.map(({ id, kind, address, client, mfaAt, createdAt, lastSeenAt, expiresAt }) => ({
          id,
          kind,
          address,
          client,
          isCurrent: id === sessionId,
          hasSecondFactor: mfaAt !== null,
          createdAt: createdAt.toISOString(),
          lastSeenAt: lastSeenAt.toISOString(),
          expiresAt: expiresAt.toISOString(),
        })),
      };
    },

    endMySession: async (call) => {
      const { userId: id, name } = personOf(call);
      await inSystem(system, async (tx) => {
        if (!(await endSession(tx, call.params.id, 'ended by the person', now(), id)))
          throw problem('request.not_found');
        await tellEnded(tx, id, [call.params.id], 'ended by the person', originOf(call.request, { id, name }));
      });
      auth.invalidate({ type: 'session.ended' });
    },

    endMyOtherSessions: async (call) => {
      const { userId: id, name, sessionId } = personOf(call);
      await inSystem(system, async (tx) => {
        const ended = await endSessionsOf(tx, id, 'ended by the person', now(), sessionId);
        await tellEnded(tx, id, ended, 'ended by the person', originOf(call.request, { id, name }));
      });
      auth.invalidate({ type: 'session.ended' });
    },

    getSecondFactor: async (call) => {
      const { userId } = personOf(call);
      return inSystem(system, async (tx) => {
        const confirmedAt = (await findSecondFactor(tx, userId))?.confirmedAt ?? null;
        const keys = await listSecurityKeys(tx, userId);
        return {
          isOn: confirmedAt !== null || keys.length > 0,
          confirmedAt: confirmedAt?.toISOString() ?? null,
          securityKeys: keys.map(showSecurityKey),
          recoveryCodesLeft: await countRecoveryCodes(tx, userId),
        };
      });
    },

    offerSecondFactor: async (call) => {
      const { userId, email } = personOf(call);
      const factor = await inSystem(system, (tx) => findSecondFactor(tx, userId));
      if (factor?.confirmedAt) throw problem('identity.factor_exists');
      await stepUp(tools, call, call.body);
      const { secret, otpauthUrl, sealed } = await newFactorSecret(vault, { id: userId, email });
      await inSystem(system, (tx) => offerSecondFactor(tx, userId, sealed));
      return { secret, otpauthUrl };
    },

    confirmSecondFactor: async (call) => {
      const { userId, email, sessionId } = personOf(call);
      const factor = await inSystem(system, (tx) => findSecondFactor(tx, userId));
      if (!factor) throw problem('identity.factor_missing');
      if (factor.confirmedAt) throw problem('identity.factor_exists');
      await holdAttempts(tools, email, null);
      const { codes, hashes } = newRecoveryCodes();
      const isFirst = await inSystem(system, async (tx) => {
        if (!(await takeAppCode(tx, vault, userId, call.body.code, now()))) throw problem('identity.code_wrong');
        await settleAttempts(tx, email, null, true);
        const isFirstFactor = await beginSecondFactor(tx, userId, hashes);
        await confirmApp(tx, userId, now());
        await markSecondFactor(tx, sessionId, now());
        if (isFirstFactor) await tellFactorTurned(tx, call, true, { after: { by: 'app' } });
        else await tellOfPerson(tx, call, 'person.app_added');
        return isFirstFactor;
      });
      auth.invalidate({ type: 'person.changed' });
      return { recoveryCodes: isFirst ? codes : [] };
    },

    removeSecondFactor: async (call) => {
      const { userId } = personOf(call);
      const factor = await inSystem(system, (tx) => findSecondFactor(tx, userId));
      if (!factor?.confirmedAt) throw problem('identity.factor_missing');
      await stepUp(tools, call, call.body);
      await inSystem(system, async (tx) => {
        await removeApp(tx, userId);
        if (await endSecondFactor(tx, userId)) await tellFactorTurned(tx, call, false);
        else await tellOfPerson(tx, call, 'person.app_removed');
      });
      auth.invalidate({ type: 'person.changed' });
    },

    renewRecoveryCodes: async (call) => {
      const { userId } = personOf(call);
      const account = await stepUp(tools, call, call.body);
      if (!account.hasSecondFactor) throw problem('identity.factor_missing');
      const { codes, hashes } = newRecoveryCodes();
      await inSystem(system, async (tx) => {
        await replaceRecoveryCodes(tx, userId, hashes);
        await tellOfPerson(tx, call, 'person.recovery_codes_renewed');
      });
      return { recoveryCodes: codes };
    },
  };
};
