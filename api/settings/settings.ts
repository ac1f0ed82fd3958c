import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import type { Settings, Variable, WorkspaceSecret } from '#contracts/settings/settings.ts';
import { settingsRoutes } from '#contracts/settings/settings.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { appendEvent } from '#db/events/append-event.ts';
import {
  type SecretRow,
  deleteSecret,
  findSecret,
  insertSecret,
  listSecrets,
  secretContext,
  updateSecret,
} from '#db/settings/secrets.ts';
import { type SettingsRow, readSettings, updateSettings } from '#db/settings/settings.ts';
import { type VariableRow, deleteVariable, findVariable, listVariables, putVariable } from '#db/settings/variables.ts';
import { loadSession } from '#db/system/load-session.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, room } from '../kit/room.ts';

const showSettings = ({ updatedAt, ...settings }: SettingsRow): z.input<typeof Settings> => ({
  ...settings,
  updatedAt: updatedAt.toISOString(),
});
const showSecret = ({ createdAt, updatedAt, ...secret }: SecretRow): z.input<typeof WorkspaceSecret> => ({
  ...secret,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
const showVariable = ({ updatedAt, ...variable }: VariableRow): z.input<typeof Variable> => ({
  ...variable,
  updatedAt: updatedAt.toISOString(),
});

/** The workspace's settings, stored secrets and variables. */
export const settingsRoom = room(settingsRoutes, ({ inTenant, system, vault, auth }) => ({
  getSettings: async ({ actor, reply }) => withEtag(reply, showSettings(await inTenant(actor, readSettings))),

  updateSettings: async (call) => {
    const { actor, body, request, reply } = call;
    const origin = auditOrigin(call);
    const version = versionOf(request);
    if (body.requireMfa && actor.sessionId !== null) {
      const asker = await loadSession(system, actor.sessionId);
      if (!asker?.session.mfaAt) throw problem('settings.own_factor_needed');
    }
    const settings = await inTenant(actor, async (tx) => {
      const { before, after } = await updateSettings(tx, body, {
        actor: origin.actor,
        ...(version !== undefined && { version }),
      });
      const names = (Object.keys(body) as (keyof typeof body)[]).filter(
        (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
      );
      if (names.length === 0) return after;
      const part = (row: SettingsRow) => Object.fromEntries(names.map((name) => [name, row[name]]));
      await recordAudit(tx, {
        ...origin,
        action: 'settings.changed',
        subject: 'settings',
        before: part(before),
        after: part(after),
      });
      await appendEvent(tx, {
        type: 'settings.changed',
        subject: 'settings',
        actor: origin.actor,
        data: { what: 'settings', names, version: after.version },
      });
      return after;
    });
    auth.invalidate({ type: 'settings.changed' });
    return withEtag(reply, showSettings(settings));
  },

  listSecrets: async ({ actor }) => ({ data: (await inTenant(actor, listSecrets)).map(showSecret) }),

  createSecret: async (call) => {
    const { actor, body } = call;
    const origin = auditOrigin(call);
    const id = uuidv7();
    const sealed = await vault.seal(body.value, secretContext(actor.workspaceId, id));
    const made = await inTenant(actor, async (tx) => {
      const row = await insertSecret(tx, {
        id,
        name: body.name,
        sealed,
        description: body.description ?? null,
        actor: origin.actor,
      });
      await recordAudit(tx, { ...origin, action: 'secret.created', subject: `secret:${id}`, title: body.name });
      await appendEvent(tx, {
        type: 'secret.changed',
        subject: `secret:${id}`,
        actor: origin.actor,
        data: { name: body.name },
      });
      return row;
    });
    return showSecret(made);
  },

  updateSecret: async (call) => {
    const { actor, body, params } = call;
    const origin = auditOrigin(call);
    const sealed =
      body.value === undefined ? undefined : await vault.seal(body.value, secretContext(actor.workspaceId, params.id));
    const changed = await inTenant(actor, async (tx) => {
      const before = await findSecret(tx, params.id);
      const row =
        before && (await updateSecret(tx, params.id, { sealed, description: body.description, actor: origin.actor }));
      if (!row) throw problem('request.not_found');
      const subject = `secret:${row.id}`;
      const after = { isValueReplaced: sealed !== undefined, description: row.description };
      await recordAudit(tx, {
        ...origin,
        action: 'secret.changed',
        subject,
        title: row.name,
        before: { description: before.description },
        after,
      });
      await appendEvent(tx, { type: 'secret.changed', subject, actor: origin.actor, data: { name: row.name } });
      return row;
    });
    return showSecret(changed);
  },

  deleteSecret: async (call) => {
    const { actor, params } = call;
    const origin = auditOrigin(call);
    await inTenant(actor, async (tx) => {
      const row = await deleteSecret(tx, params.id);
      if (!row) throw problem('request.not_found');
      const subject = `secret:${row.id}`;
      await recordAudit(tx, { ...origin, action: 'secret.deleted', subject, title: row.name });
      await appendEvent(tx, {
        type: 'secret.changed',
        subject,
        actor: origin.actor,
        data: { name: row.name, isDeleted: true },
      });
    });
  },

  listVariables: async ({ actor }) => ({ data: (await inTenant(actor, listVariables)).map(showVariable) }),

  putVariable: async (call) => {
    const { actor, params, body } = call;
    const origin = auditOrigin(call);
    const { name } = params;
    const put = await inTenant(actor, async (tx) => {
      const before = await findVariable(tx, name);
      const row = await putVariable(tx, {
        name,
        value: body.value,
        description: body.description,
        actor: origin.actor,
      });
      const subject = `variable:${name}`;
      await recordAudit(tx, {
        ...origin,
        action: before ? 'variable.changed' : 'variable.created',
        subject,
        title: name,
        before: before && { value: before.value },
        after: { value: row.value },
      });
      await appendEvent(tx, {
        type: 'settings.changed',
        subject,
        actor: origin.actor,
        data: { what: 'variable', name },
      });
      return row;
    });
    return showVariable(put);
  },

  deleteVariable: async (call) => {
    const { actor, params } = call;
    const origin = auditOrigin(call);
    await inTenant(actor, async (tx) => {
      const row = await deleteVariable(tx, params.name);
      if (!row) throw problem('request.not_found');
      const subject = `variable:${row.name}`;
      await recordAudit(tx, {
        ...origin,
        action: 'variable.deleted',
        subject,
        title: row.name,
        before: { value: row.value },
      });
      await appendEvent(tx, {
        type: 'settings.changed',
        subject,
        actor: origin.actor,
        data: { what: 'variable', name: row.name, isDeleted: true },
      });
    });
  },
}));
