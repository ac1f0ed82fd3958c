import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import {
  type ChangeChannel,
  type Channel,
  type CreateChannel,
  type Delivery,
  notificationRoutes,
} from '#contracts/notifications/channels.ts';
import type { DeliveryAddress } from '#contracts/notifications/address.ts';
import { DeliveryFailure, deliver } from '#connectors/notifications/deliver.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { recordChange } from '#db/audit/record-change.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { listBreakers } from '#db/notifications/breakers.ts';
import { answersUrl, channelAddresses } from '#db/notifications/channel-addresses.ts';
import {
  type ChannelRow,
  type ChannelValues,
  channelSeal,
  deleteChannel,
  findChannel,
  insertChannel,
  listChannels,
  updateChannel,
} from '#db/notifications/channels.ts';
import { beginDelivery, endDelivery, listDeliveries, readDeliveries } from '#db/notifications/deliveries.ts';
import { readSettings } from '#db/settings/settings.ts';
import type { Vault } from '#system/vault/vault.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';

const testTimeoutMs = 10_000;

/** Channels that playbooks notify, and the log of what was sent. */
export const notificationRoom = room(notificationRoutes, (tools) => ({
  listChannels: ({ actor }) =>
    tools.inTenant(actor, async (tx) => ({
      data: (await listChannels(tx)).map((channel) => withAnswers(tools, actor.workspaceId, channel)),
      mailIsReady: tools.mail.isReady,
      mailBreaker: (await listBreakers(tx)).get('mail') ?? null,
    })),
  getChannel: ({ actor, params }) =>
    tools.inTenant(actor, async (tx) => withAnswers(tools, actor.workspaceId, await mustRead(tx, params.id))),

  createChannel: (call) => {
    const { actor, body, reservedId: id } = call;
    return tools.inTenant(actor, async (tx) => {
      const made =
        body.kind === 'webhook' && body.secret === undefined ? randomBytes(24).toString('base64url') : undefined;
      await insertChannel(
        tx,
        id,
        await valuesOf(
          tools.vault,
          actor.workspaceId,
          id,
          made === undefined ? body : ({ ...body, secret: made } as CreateChannel),
        ),
      );
      const channel = withAnswers(tools, actor.workspaceId, await mustRead(tx, id));
      await recordChange(tx, {
        ...auditOrigin(call),
        action: 'channel.created',
        subject: `channel:${id}`,
        title: channel.name,
        after: auditOf(channel),
      });
      return made === undefined ? channel : { ...channel, secret: made };
    });
  },

  changeChannel: (call) => {
    const { actor, params, body } = call;
    return tools.inTenant(actor, async (tx) => {
      const row = await mustFind(tx, params.id);
      const before = await mustRead(tx, params.id);
      await updateChannel(tx, params.id, await changesOf(tools.vault, actor.workspaceId, row, body));
      const after = withAnswers(tools, actor.workspaceId, await mustRead(tx, params.id));
      await recordChange(tx, {
        ...auditOrigin(call),
        action: 'channel.changed',
        subject: `channel:${params.id}`,
        title: after.name,
        before: auditOf(before),
        after: auditOf(after),
      });
      return after;
    });
  },

  deleteChannel: (call) =>
    tools.inTenant(call.actor, async (tx) => {
      const gone = await deleteChannel(tx, call.params.id);
      if (!gone) throw problem('request.not_found');
      await recordChange(tx, {
        ...auditOrigin(call),
        action: 'channel.removed',
        subject: `channel:${call.params.id}`,
        title: gone.name,
      });
    }),

  testChannel: async (call) => {
    const { actor, params } = call;
    const { row, allow, workspace } = await tools.inTenant(actor, async (tx) => {
      const found = await mustFind(tx, params.id);
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'channel.tested',
        subject: `channel:${params.id}`,
        title: found.name,
      });
      const space = await tx
        .selectFrom('workspaces')
        .select('name')
        .where('id', '=', actor.workspaceId)
        .executeTakeFirst();
      return { row: found, allow: (await readSettings(tx)).egressAllow, workspace: space?.name ?? '' };
    });
    const addresses = await channelAddresses(tools.vault, actor.workspaceId, tools.connections.publicUrl, row);
    const sent = await Promise.all(
      addresses.map((one) =>
        sendTest(tools, { row, allow, workspace, workspaceId: actor.workspaceId, by: actor.name }, one),
      ),
    );
    return { deliveries: await tools.inTenant(actor, (tx) => readDeliveries(tx, sent)) };
  },

  listDeliveries: ({ actor, query }) => tools.inTenant(actor, (tx) => listDeliveries(tx, query)),
}));

const withAnswers = (tools: ApiTools, workspaceId: string, channel: Channel): Channel => ({
  ...channel,
  answersUrl: channel.hasSecret
    ? answersUrl(tools.connections.publicUrl, { workspaceId, id: channel.id, kind: channel.kind })
    : null,
});

async function mustRead(tx: TenantTx, id: string): Promise<Channel> {
  const [channel] = await listChannels(tx, id);
  if (!channel) throw problem('request.not_found');
  return channel;
}
async function mustFind(tx: TenantTx, id: string): Promise<ChannelRow> {
  const row = await findChannel(tx, { id });
  if (!row) throw problem('request.not_found');
  return row;
}

async function valuesOf(vault: Vault, workspaceId: string, id: string, body: CreateChannel): Promise<ChannelValues> {
  const seal = (text: string): Promise<string> => vault.seal(text, channelSeal(workspaceId, id));
  const { name, kind, description } = body;
  const none = { recipients: [], url: null, sealedUrl: null, sealedSecret: null, account: null, sender: null };
  switch (body.kind) {
    case 'email':
      return { ...none, name, kind, description, recipients: plainEmails(body.recipients) };
    case 'webhook':
      return {
        ...none,
        name,
        kind,
        description,
        url: withoutCredentials(body.url),
        sealedSecret: body.secret === undefined ? null : await seal(body.secret),
      };
    case 'sms':
      return {
        ...none,
        name,
        kind,
        description,
        url: withoutCredentials(body.url),
        account: body.account,
        sender: body.sender,
        recipients: [...new Set(body.recipients)],
        sealedSecret: await seal(body.secret),
      };
    case 'slack':
    case 'teams':
      // The address is what lets one post: only its host is shown.
      return {
        ...none,
        name,
        kind,
        description,
        url: originOf(body.url),
        sealedUrl: await seal(withoutCredentials(body.url)),
        sealedSecret: body.kind === 'slack' && body.secret !== undefined ? await seal(body.secret) : null,
      };
  }
}

async function changesOf(
  vault: Vault,
  workspaceId: string,
  row: ChannelRow,
  body: ChangeChannel,
): Promise<Partial<ChannelValues>> {
  const seal = (text: string): Promise<string> => vault.seal(text, channelSeal(workspaceId, row.id));
  const refuse = (why: string): never => {
    throw problem('channel.config_invalid', { why });
  };
  const isNumbers = body.recipients?.every((one) => one.startsWith('+')) ?? false;
  if (body.recipients && row.kind !== 'email' && row.kind !== 'sms') refuse('only mail and SMS have recipients');
  if (body.recipients && body.recipients.length > 0 && isNumbers !== (row.kind === 'sms'))
    refuse(row.kind === 'sms' ? 'SMS goes to telephone numbers' : 'mail goes to mail addresses');
  if (body.recipients?.length === 0 && row.kind === 'email') refuse('a mail channel has one recipient at least');
  if ((body.account !== undefined || body.sender !== undefined) && row.kind !== 'sms')
    refuse('only SMS has an account and a sender');
  if (body.url !== undefined && row.kind === 'email') refuse('a mail channel has no address');
  if (body.secret !== undefined && (row.kind === 'email' || row.kind === 'teams')) refuse('it has no secret');
  return {
    ...(body.name !== undefined && { name: body.name }),
    ...(body.description !== undefined && { description: body.description }),
    ...(body.recipients && { recipients: plainEmails(body.recipients) }),
    ...(body.account !== undefined && { account: body.account }),
    ...(body.sender !== undefined && { sender: body.sender }),
    ...(body.url !== undefined &&
      (row.kind === 'slack' || row.kind === 'teams'
        ? { url: originOf(body.url), sealedUrl: await seal(withoutCredentials(body.url)) }
        : { url: withoutCredentials(body.url) })),
    ...(body.secret !== undefined && { sealedSecret: await seal(body.secret) }),
  };
}

const plainEmails = (emails: readonly string[]): string[] => [...new Set(emails.map((email) => email.toLowerCase()))];
const originOf = (url: string): string => new URL(url).origin;
function withoutCredentials(url: string): string {
  const { username, password } = new URL(url);
  if (username !== '' || password !== '')
    throw problem('channel.config_invalid', { why: 'an address must not hold a user name or password' });
  return url;
}

interface TestOf {
  row: ChannelRow;
  allow: readonly string[];
  workspace: string;
  workspaceId: string;
  by: string;
}
async function sendTest(
  tools: ApiTools,
  { row, allow, workspace, workspaceId, by }: TestOf,
  { address, shown }: { address: DeliveryAddress; shown: string },
): Promise<string> {
  const scope = { workspaceId, mids: '*' };
  const key = `test/${uuidv7()}`;
  const subject = `Test of ${row.name}`;
  const { id } = await tools.inTenant(scope, (tx) =>
    beginDelivery(tx, {
      key,
      channelId: row.id,
      channel: row.name,
      kind: row.kind,
      target: shown,
      runId: null,
      stepAddress: null,
      subject,
    }),
  );
  let error: Delivery['error'] = null;
  try {
    const message = {
      key,
      subject,
      text: `${by} tries this channel. If you read this, it works.`,
      isUrgent: false,
      workspace,
      run: null,
    };
    await deliver(
      address,
      message,
      { mail: tools.mail, guard: { allow, isOwnPort: tools.isOwnPort } },
      { timeoutMs: testTimeoutMs },
    );
  } catch (failure) {
    if (!(failure instanceof DeliveryFailure))
      tools.log.error({ err: failure }, 'a test message failed in an unforeseen way');
    error =
      failure instanceof DeliveryFailure
        ? { code: failure.code, message: failure.message }
        : { code: 'server.failed', message: 'Something went wrong on our side.' };
  }
  await tools.inTenant(scope, (tx) => endDelivery(tx, id, error));
  return id;
}

const auditOf = ({ name, kind, description, recipients, url, account, sender }: Channel) => ({
  name,
  kind,
  description,
  recipients,
  url,
  account,
  sender,
});
