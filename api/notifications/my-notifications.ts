import { randomInt } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { DeliveryAddress } from '#contracts/notifications/address.ts';
import { type CreateContact, myNotificationRoutes } from '#contracts/notifications/my-notifications.ts';
import { DeliveryFailure, deliver } from '#connectors/notifications/deliver.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { smsAddress } from '#db/notifications/channel-addresses.ts';
import {
  type ContactRow,
  contactHash,
  contactSeal,
  insertContact,
  listContacts,
  lockContact,
  removeContact,
  setCode,
  showContact,
  useCode,
  writePreferences,
} from '#db/notifications/contacts.ts';
import { readDeliveries } from '#db/notifications/deliveries.ts';
import { pagePeople, readPreferences } from '#db/notifications/page-people.ts';
import { readSettings } from '#db/settings/settings.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';

const codeTimeoutMs = 10_000;

/** How the caller is told in this workspace. */
export const myNotificationRoom = room(myNotificationRoutes, (tools) => ({
  getMyNotifications: ({ actor }) => tools.inTenant(actor, (tx) => read(tools, tx, personOf(actor))),

  setMyNotificationPreferences: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const personId = personOf(call.actor);
      const own = new Map((await listContacts(tx, personId)).map((row) => [row.id, row]));
      const faults = call.body.steps.flatMap(({ contactId }, at) =>
        contactId === null || own.get(contactId)?.verifiedAt
          ? []
          : [
              {
                path: `/body/steps/${at}/contactId`,
                code: 'not_verified',
                message: 'This is no verified contact of yours.',
              },
            ],
      );
      if (faults.length > 0) throw problem('notify.not_verified', {}, faults);
      await writePreferences(tx, personId, call.body);
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'notifications.preferences_set',
        subject: `person:${personId}`,
        title: call.actor.name,
      });
      return read(tools, tx, personId);
    }),

  addMyContact: async (call) => {
    const { actor, body, reservedId: id } = call;
    const personId = personOf(actor);
    const { workspaceId } = actor;
    await tools.inTenant(actor, async (tx) => {
      await insertContact(tx, {
        id,
        personId,
        kind: body.kind,
        label: body.label,
        shown: shownOf(body),
        sealedAddress: await tools.vault.seal(body.address, contactSeal(workspaceId, id)),
        addressHash: await tools.vault.keyedHash(body.address, { workspaceId, use: contactHash }),
      });
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'notifications.contact_added',
        subject: `person:${personId}`,
        title: body.label,
      });
    });
    try {
      return await sendCode(tools, actor, personId, id);
    } catch (error) {
      // What cannot be proven is not kept, so that it can be given again, corrected.
      await tools.inTenant(actor, (tx) => removeContact(tx, personId, id));
      throw error;
    }
  },
  sendMyContactCode: ({ actor, params }) => sendCode(tools, actor, personOf(actor), params.id),

  verifyMyContact: async (call) => {
    const { actor, params, body } = call;
    const personId = personOf(actor);
    const given = await codeHashOf(tools, actor.workspaceId, params.id, body.code);
    const contact = await tools.inTenant(actor, async (tx) => {
      const row = await mustLock(tx, personId, params.id);
      if (row.verifiedAt) return row;
      const isRight = row.codeHash !== null && tools.vault.isSameHash(row.codeHash, given);
      // A wrong one must be counted, so this transaction goes through either way.
      if (!(await useCode(tx, row, isRight, Date.now()))) return null;
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'notifications.contact_verified',
        subject: `person:${personId}`,
        title: row.label,
      });
      return mustLock(tx, personId, params.id);
    });
    if (!contact) throw problem('notify.code_wrong');
    return showContact(contact);
  },

  removeMyContact: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const personId = personOf(call.actor);
      const row = await mustLock(tx, personId, call.params.id);
      await removeContact(tx, personId, row.id);
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'notifications.contact_removed',
        subject: `person:${personId}`,
        title: row.label,
      });
    }),

  testMyNotifications: ({ actor, body }) =>
    tools.inTenant(actor, async (tx) => {
      const personId = personOf(actor);
      const dedupKey = `test/${uuidv7()}`;
      await pagePeople(tx, {
        dedupKey,
        targets: [{ kind: 'person', id: personId }],
        incidentId: null,
        severity: null,
        subject: 'Test of your notifications',
        text: 'If you read this, it works.',
        path: '/account',
        acts: [],
        isUrgent: true,
        at: new Date(),
      });
      let made = tx
        .selectFrom('deliveries as d')
        .innerJoin('pages as p', 'p.id', 'd.pageId')
        .select(['d.id', 'd.contactId']);
      made = made.where('p.dedupKey', '=', dedupKey);
      const rows = await made.execute();
      const wanted = body.contactId === undefined ? rows : rows.filter(({ contactId }) => contactId === body.contactId);
      if (wanted.length === 0) throw problem('notify.not_verified');
      const others = rows.filter((row) => !wanted.includes(row)).map(({ id }) => id);
      if (others.length > 0) await tx.deleteFrom('deliveries').where('id', 'in', others).execute();
      // A test does not wait for the delays that were chosen.
      await tx
        .updateTable('deliveries')
        .set({ dueAt: new Date() })
        .where(
          'id',
          'in',
          wanted.map(({ id }) => id),
        )
        .execute();
      return {
        deliveries: await readDeliveries(
          tx,
          wanted.map(({ id }) => id),
        ),
      };
    }),
}));

/** An API key is nobody who could be told. */
function personOf({ kind, id }: Pick<Actor, 'kind' | 'id'>): string {
  if (kind !== 'user') throw problem('notify.people_only');
  return id;
}

async function read(tools: ApiTools, tx: TenantTx, personId: string) {
  const person = await tx
    .selectFrom('members as m')
    .innerJoin('users as u', 'u.id', 'm.userId')
    .select('u.email')
    .where('u.id', '=', personId)
    .executeTakeFirst();
  const provider = await tx.selectFrom('channels').select('id').where('kind', '=', 'sms').limit(1).executeTakeFirst();
  return {
    accountMail: person?.email ?? '',
    contacts: (await listContacts(tx, personId)).map(showContact),
    preferences: await readPreferences(tx, personId),
    canSend: { email: tools.mail.isReady, sms: provider !== undefined },
  };
}

async function mustLock(tx: TenantTx, personId: string, id: string): Promise<ContactRow> {
  const row = await lockContact(tx, personId, id);
  if (!row) throw problem('request.not_found');
  return row;
}

const shownOf = ({ kind, address }: CreateContact): string => (kind === 'slack' ? new URL(address).host : address);

const codeHashOf = (tools: ApiTools, workspaceId: string, contactId: string, code: string): Promise<string> =>
  tools.vault.keyedHash(`${contactId}/${code}`, { workspaceId, use: 'contact-code' });

/** Sends a code to a contact, which its person gives back. @throws Problem where it cannot be sent */
async function sendCode(tools: ApiTools, actor: Actor, personId: string, id: string) {
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  const { workspaceId } = actor;
  const codeHash = await codeHashOf(tools, workspaceId, id, code);
  const { row, address, allow, workspace } = await tools.inTenant(actor, async (tx) => {
    const found = await mustLock(tx, personId, id);
    await setCode(tx, found, codeHash, Date.now());
    const space = await tx.selectFrom('workspaces').select('name').where('id', '=', workspaceId).executeTakeFirst();
    return {
      row: found,
      address: await addressOf(tools, tx, workspaceId, found),
      allow: (await readSettings(tx)).egressAllow,
      workspace: space?.name ?? '',
    };
  });
  const message = {
    key: `code/${id}/${uuidv7()}`,
    subject: `Code ${code}`,
    text: `${code} is the code by which ${actor.name} proves that this is theirs. It is good for 15 minutes. If you expected none, ignore this.`,
    isUrgent: false,
    workspace,
    run: null,
  };
  try {
    await deliver(
      address,
      message,
      { mail: tools.mail, guard: { allow, isOwnPort: tools.isOwnPort } },
      { timeoutMs: codeTimeoutMs },
    );
  } catch (error) {
    if (!(error instanceof DeliveryFailure)) throw error;
    throw problem('notify.code_unsent', { why: error.message });
  }
  return showContact(row);
}

async function addressOf(
  tools: ApiTools,
  tx: TenantTx,
  workspaceId: string,
  row: ContactRow,
): Promise<DeliveryAddress> {
  const own = (await tools.vault.open(row.sealedAddress, contactSeal(workspaceId, row.id))).reveal();
  if (row.kind === 'email') return { kind: 'email', email: own };
  if (row.kind === 'slack') return { kind: 'slack', url: own };
  const provider = await tx
    .selectFrom('channels')
    .selectAll()
    .where('kind', '=', 'sms')
    .orderBy('createdAt')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  const address = provider && (await smsAddress(tools.vault, workspaceId, null, provider, own));
  if (!address) throw problem('notify.no_provider');
  return address;
}
