import type { FastifyRequest } from 'fastify';
import { handedLinkMs, mailedLinkMs, passwordLinkRoutes } from '#contracts/identity/password-links.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import type { SystemTx } from '#db/kit/database.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import { endPasswordLinks, findPasswordLink, hasAskedEnough, makePasswordLink } from '#db/system/password-links.ts';
import {
  type Account,
  boundTo,
  findAccount,
  findAccountByEmail,
  membershipsOf,
  tellWorkspacesOf,
  updatePerson,
} from '#db/system/people.ts';
import { removeSecondFactor } from '#db/system/second-factors.ts';
import { endSessionsOf } from '#db/system/sessions.ts';
import { accountKey, clearAttempts } from '#db/system/sign-in-throttle.ts';
import { problem } from '../kit/problem.ts';
import { isLoopback } from '../kit/request-guard.ts';
import { type Room, room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { personOf } from './step-up.ts';
import { tellEnded } from './end-sessions.ts';
import { checkNewPassword, hashPassword } from './passwords.ts';
import { originOf } from './sign-in.ts';

/** A new password for somebody who is locked out: by mail, or by a link that an instance administrator hands over. */
export const passwordLinkRoom: Room = room(passwordLinkRoutes, (tools) => {
  const { auth, system } = tools;
  const now = (): Date => new Date(auth.clock.now());

  return {
    forgotPassword: ({ body, request }) => {
      const base = mailBase(tools, request);
      const hasMail = tools.mail.isReady && base !== null;
      // Looked up after the answer: neither its words nor its time tell whether there is such an account.
      if (hasMail)
        void sendLink(tools, body.email, base, request, now()).catch((error: unknown) =>
          tools.log.warn({ err: error, requestId: request.id }, 'a link to a new password could not be mailed'),
        );
      return { hasMail };
    },

    getPasswordLink: ({ params }) =>
      inSystem(system, async (tx) => {
        const link = await findPasswordLink(tx, params.token, now());
        const account = await findAccount(tx, link.userId);
        if (!account) throw problem('identity.password_link_gone');
        return {
          email: account.email,
          expiresAt: link.expiresAt.toISOString(),
          removesSecondFactor: link.removesFactor && account.hasSecondFactor,
        };
      }),

    usePasswordLink: async ({ params, body, request }) => {
      const { account } = await inSystem(system, async (tx) => {
        const link = await findPasswordLink(tx, params.token, now());
        return { account: await findAccount(tx, link.userId) };
      });
      if (!account) throw problem('identity.password_link_gone');
      checkNewPassword(body.password, account);
      const passwordHash = await hashPassword(body.password);
      await inSystem(system, async (tx) => {
        // A twin of this request has waited here, and finds the link used.
        const link = await findPasswordLink(tx, params.token, now(), { forUse: true });
        await endPasswordLinks(tx, link.userId, now());
        await updatePerson(tx, link.userId, { passwordHash });
        const removedFactor = link.removesFactor && account.hasSecondFactor;
        if (removedFactor) await removeSecondFactor(tx, link.userId);
        // Whoever was locked out by failed attempts may sign in with the new password at once.
        await clearAttempts(tx, accountKey(account.email));
        const origin = originOf(request, account);
        await tellWorkspacesOf(tx, account.id, {
          ...origin,
          action: 'person.password_reset',
          subject: `person:${account.id}`,
          title: account.email,
          after: { removedFactor },
        });
        const ended = await endSessionsOf(tx, account.id, 'password reset', now());
        await tellEnded(tx, account.id, ended, 'password reset', origin);
      });
      auth.invalidate({ type: 'session.ended' });
      auth.invalidate({ type: 'person.changed' });
    },

    makePasswordLink: async (call) => {
      const { userId, name } = personOf(call);
      const { email, removeSecondFactor: removesFactor } = call.body;
      const origin = originOf(call.request, { id: userId, name });
      const { account, token, expiresAt } = await inSystem(system, async (tx) => {
        const found = await findAccountByEmail(tx, email);
        if (!found) throw problem('request.not_found');
        const made = await makePasswordLink(tx, {
          userId: found.id,
          madeBy: origin.actor,
          removesFactor,
          lastsMs: handedLinkMs,
          now: now(),
        });
        const entry = {
          ...origin,
          action: 'person.password_link_made',
          subject: `person:${found.id}`,
          title: found.email,
          after: { removesSecondFactor: removesFactor, expiresAt: made.expiresAt.toISOString() },
        };
        await tellBoth(tx, userId, found.id, entry);
        return { account: found, ...made };
      });
      const base = mailBase(tools, call.request);
      const link = `${base ?? `${call.request.protocol}://${call.request.host}`}/reset-password/${token}`;
      const isMailed = tools.mail.isReady && base !== null && (await mailLink(tools, account, link, expiresAt));
      return {
        email: account.email,
        expiresAt: expiresAt.toISOString(),
        removesSecondFactor: removesFactor && account.hasSecondFactor,
        link,
        isMailed,
      };
    },
  };
});

/** The origin that mails lead to; null where none is known to be ours: a forged `Host` must not lead people elsewhere. */
function mailBase({ config }: ApiTools, request: FastifyRequest): string | null {
  if (config.publicUrl !== undefined) return config.publicUrl;
  return isLoopback(config.host.replace(/^\[|\]$/g, '')) ? `${request.protocol}://${request.host}` : null;
}

async function sendLink(
  tools: ApiTools,
  email: string,
  base: string,
  request: Pick<FastifyRequest, 'ip' | 'id'>,
  now: Date,
): Promise<void> {
  const made = await inSystem(tools.system, async (tx) => {
    const account = await findAccountByEmail(tx, email);
    if (!account || (await hasAskedEnough(tx, account.id, now))) return undefined;
    const link = await makePasswordLink(tx, {
      userId: account.id,
      madeBy: null,
      removesFactor: false,
      lastsMs: mailedLinkMs,
      now,
    });
    await tellWorkspacesOf(tx, account.id, {
      // Whoever asked has shown nothing of themselves yet.
      actor: { kind: 'system', id: null, name: 'Somebody not signed in' },
      address: request.ip,
      requestId: request.id,
      action: 'person.password_link_asked',
      subject: `person:${account.id}`,
      title: account.email,
    });
    return { account, ...link };
  });
  if (made) await mailLink(tools, made.account, `${base}/reset-password/${made.token}`, made.expiresAt);
}

/** A mail that cannot be sent fails nothing: an administrator has the link on the screen too. */
async function mailLink(tools: ApiTools, account: Account, link: string, expiresAt: Date): Promise<boolean> {
  const until = expiresAt.toISOString().slice(0, 16).replace('T', ' ');
  const text = `Set a new password for Windlass by this link. It works once, until ${until} UTC:\n${link}\n\nIf you did not ask for it, leave it alone: your password stays as it is.\n`;
  try {
    const subject = 'A new password for Windlass';
    await tools.mail.send({ to: account.email, subject, text, key: `password-link/${link}` });
    return true;
  } catch (error) {
    tools.log.warn({ err: error, userId: account.id }, 'a link to a new password could not be mailed');
    return false;
  }
}

/** An act on the instance belongs to no workspace: those of both people concerned keep it in their logs. */
async function tellBoth(
  tx: SystemTx,
  actorId: string,
  personId: string,
  entry: Parameters<typeof recordAudit>[1],
): Promise<void> {
  const workspaces = new Set(
    [...(await membershipsOf(tx, actorId)), ...(await membershipsOf(tx, personId))].map((row) => row.workspaceId),
  );
  for (const workspaceId of workspaces) await recordAudit(await boundTo(tx, workspaceId), entry);
}
