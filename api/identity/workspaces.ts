import { identityRoutes } from '#contracts/identity/identity.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { appendEvent } from '#db/events/append-event.ts';
import { readWorkspace, renameWorkspace } from '#db/identity/workspaces.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import {
  type AdministratorRow,
  grantAdministrator,
  listAdministrators,
  revokeAdministrator,
} from '#db/system/administrators.ts';
import { createWorkspace } from '#db/system/create-workspace.ts';
import { loadSession } from '#db/system/load-session.ts';
import { membershipsOf, tellWorkspacesOf } from '#db/system/people.ts';
import type { SystemTx } from '#db/kit/database.ts';
import { rolePermissions } from '#contracts/identity/permissions.ts';
import { problem } from '../kit/problem.ts';
import { type Call, type Handlers, auditOrigin } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { personOf } from './step-up.ts';
import { showMembership } from './show-person.ts';
import { accessMinutes, originOf } from './sign-in.ts';

const {
  getCaller,
  listWorkspaces,
  createWorkspace: create,
  updateWorkspace,
  listAdministrators: administrators,
  grantAdministrator: grant,
  revokeAdministrator: revoke,
} = identityRoutes;
const workspaceRoutes = {
  getCaller,
  listWorkspaces,
  createWorkspace: create,
  updateWorkspace,
  listAdministrators: administrators,
  grantAdministrator: grant,
  revokeAdministrator: revoke,
};

export const workspaceHandlers = (tools: ApiTools): Handlers<typeof workspaceRoutes> => {
  const { auth, system, inTenant } = tools;

  const hasShownFactor = async (sessionId: string): Promise<boolean> =>
    Boolean((await loadSession(system, sessionId))?.session.mfaAt);

  /** An act on the instance belongs to no workspace: those of both people concerned keep it in their logs. */
  const tellOfGrant = async (
    tx: SystemTx,
    call: Pick<Call<typeof administrators>, 'person' | 'request'>,
    action: string,
    who: AdministratorRow,
  ): Promise<void> => {
    const { userId: id, name } = personOf(call);
    const entry = { ...originOf(call.request, { id, name }), action, subject: `person:${who.id}`, title: who.email };
    const mine = new Set((await membershipsOf(tx, id)).map(({ workspaceId }) => workspaceId));
    await tellWorkspacesOf(tx, id, entry);
    if (who.id === id) return;
    const theirs = (await membershipsOf(tx, who.id))
      .map(({ workspaceId }) => workspaceId)
      .filter((workspaceId) => !mine.has(workspaceId));
    await tellWorkspacesOf(tx, who.id, entry, undefined, theirs);
  };

  return {
    getCaller: async ({ actor }) => {
      const { kind, id, name, role, permissions } = actor;
      return { kind, id, name, workspace: await inTenant(actor, readWorkspace), role, permissions: [...permissions] };
    },

    listWorkspaces: async (call) => {
      const state = await loadSession(system, personOf(call).sessionId);
      if (!state) throw problem('identity.session_ended');
      return { data: state.memberships.map((row) => showMembership(row, state.session.mfaAt !== null)) };
    },

    createWorkspace: async (call) => {
      const { userId, name, sessionId } = personOf(call);
      const row = await inSystem(system, async (tx) => {
        const id = await createWorkspace(tx, {
          ...call.body,
          ownerId: userId,
          accessTokenMinutes: accessMinutes(tools),
          ...originOf(call.request, { id: userId, name }),
        });
        return (await membershipsOf(tx, userId)).find(({ workspaceId }) => workspaceId === id);
      });
      if (!row) throw new Error('A workspace was made without its owner.');
      auth.invalidate({ type: 'member.changed' });
      return showMembership(row, await hasShownFactor(sessionId));
    },

    updateWorkspace: async (call) => {
      const { actor, params, body } = call;
      if (params.id !== actor.workspaceId) throw problem('request.not_found');
      const after = await inTenant(actor, async (tx) => {
        const before = await readWorkspace(tx);
        const renamed = await renameWorkspace(tx, params.id, body);
        if (!renamed) throw problem('request.not_found');
        const origin = auditOrigin(call);
        const subject = `workspace:${params.id}`;
        await recordAudit(tx, {
          ...origin,
          action: 'workspace.renamed',
          subject,
          title: renamed.name,
          before: { name: before.name, slug: before.slug },
          after: { name: renamed.name, slug: renamed.slug },
        });
        await appendEvent(tx, { type: 'settings.changed', subject, actor: origin.actor, data: { what: 'workspace' } });
        return renamed;
      });
      auth.invalidate({ type: 'workspace.changed' });
      const role = actor.role ?? 'viewer';
      return {
        ...after,
        role,
        permissions: actor.role ? [...rolePermissions[role]] : [...actor.permissions],
        needsSecondFactor: false,
      };
    },

    listAdministrators: async () => ({ data: await inSystem(system, listAdministrators) }),

    grantAdministrator: async (call) => {
      const granted = await inSystem(system, async (tx) => {
        const row = await grantAdministrator(tx, call.body.email);
        if (!row) throw problem('request.not_found');
        await tellOfGrant(tx, call, 'administrator.granted', row);
        return row;
      });
      auth.invalidate({ type: 'person.changed' });
      return granted;
    },

    revokeAdministrator: async (call) => {
      await inSystem(system, async (tx) => {
        const row = await revokeAdministrator(tx, call.params.id);
        if (!row) throw problem('request.not_found');
        await tellOfGrant(tx, call, 'administrator.revoked', row);
      });
      auth.invalidate({ type: 'person.changed' });
    },
  };
};
