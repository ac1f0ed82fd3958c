import type { z } from 'zod';
import { identityRoutes } from '#contracts/identity/identity.ts';
import { permissions, rolePermissions, roles } from '#contracts/identity/permissions.ts';
import type { Invitation, Member } from '#contracts/identity/workspaces.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { appendEvent, appendEvents } from '#db/events/append-event.ts';
import { type InvitationRow, insertInvitation, listInvitations, withdrawInvitation } from '#db/identity/invitations.ts';
import {
  type MemberRow,
  changeMember as change,
  countRoles,
  listKnownUnits,
  listMembers,
  removeMember,
} from '#db/identity/members.ts';
import { readWorkspace } from '#db/identity/workspaces.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import { acceptInvitation, findInvitation } from '#db/system/accept-invitation.ts';
import { leaveSchedules } from '#db/schedules/owner-left.ts';
import { findAccountByEmail } from '#db/system/people.ts';
import { insertPerson } from '#db/system/set-up.ts';
import { hashToken, newToken } from '#db/system/tokens.ts';
import { problem } from '../kit/problem.ts';
import { isLoopback } from '../kit/request-guard.ts';
import { type Call, type Handlers, auditOrigin } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { checkNewPassword, hashPassword } from './passwords.ts';
import { checkCredentials, openFor } from './sign-in.ts';
import { tellOwnerLeft } from './tell-owner-left.ts';

const {
  listMembers: list,
  listKnownUnits: knownUnits,
  changeMember,
  removeMember: remove,
  leaveWorkspace,
  listRoles,
  listInvitations: invitations,
  invite,
  withdrawInvitation: withdraw,
  getInvitation,
  acceptInvitation: accept,
} = identityRoutes;
const memberRoutes = {
  listMembers: list,
  listKnownUnits: knownUnits,
  changeMember,
  removeMember: remove,
  leaveWorkspace,
  listRoles,
  listInvitations: invitations,
  invite,
  withdrawInvitation: withdraw,
  getInvitation,
  acceptInvitation: accept,
};

const showMember = ({ joinedAt, lastSeenAt, ...member }: MemberRow): z.input<typeof Member> => ({
  ...member,
  joinedAt: joinedAt.toISOString(),
  lastSeenAt: lastSeenAt?.toISOString() ?? null,
});
const showInvitation = ({ createdAt, expiresAt, ...invitation }: InvitationRow): z.input<typeof Invitation> => ({
  ...invitation,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
});

export const memberHandlers = (tools: ApiTools): Handlers<typeof memberRoutes> => {
  const { auth, system, inTenant } = tools;
  const now = (): Date => new Date(auth.clock.now());

  /** Removes a member, and tells their streams and those of their keys to end. */
  const take = async (
    call: Pick<Call<typeof leaveWorkspace>, 'actor' | 'request'>,
    userId: string,
    action: string,
  ): Promise<void> => {
    const { actor } = call;
    const { who, left } = await inTenant(actor, async (tx) => {
      const removed = await removeMember(tx, userId, actor.role);
      if (!removed) throw problem('request.not_found');
      const { member, revokedKeys } = removed;
      const subject = `member:${userId}`;
      const origin = auditOrigin(call);
      await recordAudit(tx, {
        ...origin,
        action,
        subject,
        title: member.name,
        before: { role: member.role },
        after: { revokedKeys: revokedKeys.map(({ name }) => name) },
      });
      await appendEvents(tx, [
        { type: 'member.changed', subject, actor: origin.actor, data: { userId, change: 'removed' } },
        ...revokedKeys.map(({ id }) => ({
          type: 'key.changed',
          subject: `key:${id}`,
          actor: origin.actor,
          data: { isRevoked: true },
        })),
      ]);
      return { who: member, left: await leaveSchedules(tx, member, origin.actor) };
    });
    auth.invalidate({ type: 'member.changed' });
    await tellOwnerLeft(tools, actor, who, left);
  };

  return {
    listMembers: async ({ actor }) => {
      const members = (await inTenant(actor, listMembers)).map(showMember);
      if (actor.permissions.has('members:manage')) return { data: members };
      // Which units there are is not told by whose they are.
      return { data: members.map(({ units: _units, ...member }) => member) };
    },

    listKnownUnits: async ({ actor }) => ({ data: await inTenant(actor, listKnownUnits) }),

    changeMember: async (call) => {
      const { actor, params, body } = call;
      const after = await inTenant(actor, async (tx) => {
        const changed = await change(tx, params.id, body, actor.role);
        if (!changed) throw problem('request.not_found');
        const { before, after } = changed;
        const subject = `member:${params.id}`;
        const origin = auditOrigin(call);
        const isRole = before.role !== after.role;
        const areUnits = JSON.stringify(before.units) !== JSON.stringify(after.units);
        if (!isRole && !areUnits) return after;
        const facts = ({ role, units }: MemberRow) => ({ ...(isRole && { role }), ...(areUnits && { units }) });
        await recordAudit(tx, {
          ...origin,
          action: isRole ? 'member.role_changed' : 'member.units_changed',
          subject,
          title: before.name,
          before: facts(before),
          after: facts(after),
        });
        // Their streams end by it, and begin anew with what they may see now.
        await appendEvent(tx, {
          type: 'member.changed',
          subject,
          actor: origin.actor,
          data: { userId: params.id, ...(isRole && { role: after.role }), change: isRole ? 'role' : 'units' },
        });
        return after;
      });
      auth.invalidate({ type: 'member.changed' });
      return showMember(after);
    },

    removeMember: (call) => take(call, call.params.id, 'member.removed'),

    leaveWorkspace: (call) => {
      if (call.actor.kind !== 'user') throw problem('identity.person_needed');
      return take(call, call.actor.id, 'member.left');
    },

    listRoles: async ({ actor }) => {
      const counts = await inTenant(actor, countRoles);
      return {
        permissions: [...permissions],
        roles: roles.map((role) => ({ role, permissions: [...rolePermissions[role]], members: counts.get(role) ?? 0 })),
      };
    },

    listInvitations: async ({ actor }) => ({
      data: (await inTenant(actor, (tx) => listInvitations(tx, now()))).map(showInvitation),
    }),

    invite: async (call) => {
      const { actor, body, request } = call;
      if (body.role === 'owner' && actor.role !== 'owner') throw problem('identity.owner_needed');
      const token = newToken();
      const origin = auditOrigin(call);
      const { made, workspace } = await inTenant(actor, async (tx) => {
        const row = await insertInvitation(tx, {
          ...body,
          tokenHash: hashToken(token),
          invitedBy: origin.actor,
          now: now(),
        });
        const subject = `invitation:${row.id}`;
        await recordAudit(tx, {
          ...origin,
          action: 'invitation.created',
          subject,
          title: body.email,
          after: { role: row.role, ...(row.units && { units: row.units }) },
        });
        await appendEvent(tx, {
          type: 'invitation.changed',
          subject,
          actor: origin.actor,
          data: { change: 'created' },
        });
        return { made: row, workspace: await readWorkspace(tx) };
      });
      const base = tools.config.publicUrl ?? `${request.protocol}://${request.host}`;
      const link = `${base}/invite/${token}`;
      // Only an origin that we know to be ours is written into mail: a forged `Host` must not lead people elsewhere.
      const isOurs = tools.config.publicUrl !== undefined || isLoopback(tools.config.host);
      const isMailed =
        tools.mail.isReady && isOurs && (await mail(tools, { made, workspace: workspace.name, link, by: actor.name }));
      return { ...showInvitation(made), link, isMailed };
    },

    withdrawInvitation: async (call) => {
      const { actor, params } = call;
      await inTenant(actor, async (tx) => {
        const row = await withdrawInvitation(tx, params.id, now());
        if (!row) throw problem('request.not_found');
        const subject = `invitation:${row.id}`;
        await recordAudit(tx, { ...auditOrigin(call), action: 'invitation.withdrawn', subject, title: row.email });
        await appendEvent(tx, { type: 'invitation.changed', subject, data: { change: 'withdrawn' } });
      });
    },

    getInvitation: ({ params }) =>
      inSystem(system, async (tx) => {
        const { workspace, email, role, invitedBy, expiresAt } = await findInvitation(tx, params.token, now());
        const hasAccount = (await findAccountByEmail(tx, email)) !== undefined;
        return { workspace, email, role, invitedBy: invitedBy.name, expiresAt: expiresAt.toISOString(), hasAccount };
      }),

    acceptInvitation: async ({ params, body, request, reply }) => {
      const { invitation, account } = await inSystem(system, async (tx) => {
        const found = await findInvitation(tx, params.token, now());
        return { invitation: found, account: await findAccountByEmail(tx, found.email) };
      });
      const at = { now: now(), address: request.ip, requestId: request.id };
      const signedIn = await auth.peek(request);
      if (account) {
        const isThey = signedIn?.person.id === account.id;
        if (!isThey && body.password === undefined) throw problem('identity.sign_in_needed');
        const checked = isThey
          ? undefined
          : await checkCredentials(
              tools,
              { email: account.email, password: body.password ?? '', code: body.code, key: body.key },
              request,
            );
        await inSystem(system, (tx) => acceptInvitation(tx, invitation, account, at));
        auth.invalidate({ type: 'member.changed' });
        const hasShownFactor = checked?.hasShownFactor ?? (signedIn?.session.mfaAt !== null && signedIn !== undefined);
        return openFor(tools, account.id, { hasShownFactor, client: body.client }, { request, reply });
      }
      const missing = (['name', 'password'] as const).filter((field) => body[field] === undefined);
      const { name, password } = body;
      if (name === undefined || password === undefined || password.length < 8) {
        const fields = missing.length > 0 ? missing : (['password'] as const);
        throw problem(
          'contract.broken',
          {},
          fields.map((field) => ({
            path: `/body/${field}`,
            code: 'required',
            message: field === 'name' ? 'Your name.' : 'At least 8 characters.',
          })),
        );
      }
      checkNewPassword(password, { email: invitation.email, name });
      const passwordHash = await hashPassword(password);
      const userId = await inSystem(system, async (tx) => {
        const id = await insertPerson(tx, { email: invitation.email, name, passwordHash });
        await acceptInvitation(tx, invitation, { id, name }, at);
        return id;
      });
      return openFor(tools, userId, { hasShownFactor: false, client: body.client }, { request, reply });
    },
  };
};

/** A mail that cannot be sent does not fail the invitation: the link is on the screen too. */
async function mail(
  tools: ApiTools,
  { made, workspace, link, by }: { made: InvitationRow; workspace: string; link: string; by: string },
): Promise<boolean> {
  const text = `${by} invites you to the workspace ${workspace}.\n\nAccept the invitation within 7 days:\n${link}\n`;
  try {
    await tools.mail.send({
      to: made.email,
      subject: `Invitation to ${workspace}`,
      text,
      key: `invitation/${made.id}`,
    });
    return true;
  } catch (error) {
    tools.log.warn({ err: error, invitationId: made.id }, 'an invitation could not be mailed');
    return false;
  }
}
