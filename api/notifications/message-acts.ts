import { consoleAddress } from '#contracts/kit/console-address.ts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { messageActRoutes } from '#contracts/notifications/message-acts.ts';
import { actLabels, type PageAct } from '#contracts/notifications/page.ts';
import { guardedRequest } from '#connectors/http/guarded-request.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { type ActLink, actLinkKey, readActLink } from '#db/notifications/act-links.ts';
import { answersUrl } from '#db/notifications/channel-addresses.ts';
import { type ChannelRow, channelSeal, findChannel } from '#db/notifications/channels.ts';
import { contactHash, personByAddress } from '#db/notifications/contacts.ts';
import { noteSmsStatus } from '#db/notifications/delivery-attempts.ts';
import { findActedIncident, findActingMember, findDoneAct, type Via } from '#db/notifications/message-acts.ts';
import { readSettings } from '#db/settings/settings.ts';
import { receiveCall } from '../hooks/read-call.ts';
import { problem } from '../kit/problem.ts';
import { room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { actFromMessage, type DeedOutcome } from './act-from-message.ts';
import { type ActPage, sendActPage } from './act-page.ts';
import { isFromSlack, isFromTwilio } from './provider-signatures.ts';

/** Slack wants an answer within three seconds; what takes longer is told afterwards. */
const slackPatienceMs = 2_500;
const doneWords: Readonly<Record<PageAct, string>> = {
  acknowledge: 'acknowledged',
  resolve: 'resolved',
  escalate: 'escalated: the next level is told',
};
const viaWords: Readonly<Record<Via, string>> = {
  mail: 'mail',
  slack: 'Slack',
  sms: 'SMS',
  teams: 'Teams',
  webhook: 'webhook',
};

/** Acknowledging, resolving and escalating from the message itself. */
export const messageActRoom = room(messageActRoutes, (tools) => ({
  showActLink: async ({ params, reply }) => {
    const found = await findLink(tools, params.token);
    if (!found.link) return sendActPage(reply, found.page);
    const { link, who, incident, done } = found;
    if (done) return sendActPage(reply, usedPage(tools, done, link));
    return sendActPage(reply, {
      status: 200,
      title: `${actLabels[link.act]} ${incident.key}?`,
      lines: [incident.title, `It is ${incident.state} now. You act as ${who.name}.`],
      button: { label: actLabels[link.act] },
      link: openLink(tools, link),
    });
  },
  useActLink: async ({ params, reply }) => {
    const found = await findLink(tools, params.token);
    if (!found.link) return sendActPage(reply, found.page);
    const { link, who, via, incident } = found;
    const outcome = await actFromMessage(tools, {
      ...link,
      actor: { ...who, name: `${who.name} (by ${viaWords[via]} link)` },
      via,
      key: actLinkKey(link),
    });
    return sendActPage(reply, outcomePage(tools, outcome, link, incident.key));
  },

  answerFromSlack: async ({ params, request, reply }) => {
    const { channel, body } = await proven(tools, params, request, 'slack');
    const answer = slackAnswer(body);
    const link = answer && (await readActLink(tools.vault, answer.token, async (id) => id === params.workspaceId));
    if (!answer || !link || link.expiresAt <= Date.now() || link.contact.id !== channel.id)
      throw problem('notify.link_gone');
    const actor: ActorRef = { kind: 'system', id: null, name: `${answer.user} (by Slack, ${channel.name})` };
    const work = actFromMessage(tools, { ...link, actor, via: 'slack', key: actLinkKey(link) }).then((outcome) =>
      tellSlack(tools, params.workspaceId, answer.responseUrl, slackWords(outcome, link.act)),
    );
    work.catch((error: unknown) =>
      tools.log.warn({ err: error }, 'a button in Slack could not be followed to its end'),
    );
    await Promise.race([work.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, slackPatienceMs))]);
    return reply.code(200).send();
  },

  answerFromSms: async ({ params, request, reply }) => {
    const { body } = await proven(tools, params, request, 'sms');
    const text = await answerSms(tools, params.workspaceId, new URLSearchParams(body));
    return reply
      .header('content-type', 'text/xml; charset=utf-8')
      .send(`<?xml version="1.0" encoding="UTF-8"?><Response><Message>${xmlSafe(text)}</Message></Response>`);
  },
  reportSms: async ({ params, request, reply }) => {
    const { body } = await proven(tools, params, request, 'sms', '/status');
    const form = new URLSearchParams(body);
    const [ref, status] = [form.get('MessageSid'), form.get('MessageStatus')];
    if (ref && status)
      await tools.inTenant({ workspaceId: params.workspaceId, mids: '*' }, (tx) =>
        noteSmsStatus(tx, ref, status, form.get('ErrorCode')),
      );
    return reply.code(204).send();
  },
}));

const openLink = (tools: ApiTools, { workspaceId, incidentId }: Pick<ActLink, 'workspaceId' | 'incidentId'>) => ({
  label: 'Open in Windlass',
  url: consoleAddress(tools.connections.publicUrl, workspaceId, `/incidents/${incidentId}`),
});

type FoundLink =
  | { link: null; page: ActPage }
  | {
      link: ActLink;
      who: ActorRef;
      via: Via;
      incident: { key: string; title: string; state: string };
      done: { by: string; at: Date } | null;
    };

/** What a link's token leads to, for whoever holds it now. */
async function findLink(tools: ApiTools, token: string): Promise<FoundLink> {
  const link = await readActLink(tools.vault, token, (workspaceId) => isWorkspace(tools, workspaceId));
  if (!link || link.expiresAt <= Date.now())
    return gone(
      link ? 'This link has expired' : 'This link does not work',
      link ? 'It worked for a day.' : 'It was altered, or is not from here.',
      tools,
    );
  return inTenant(tools.db, { workspaceId: link.workspaceId }, async (tx): Promise<FoundLink> => {
    const incident = await findActedIncident(tx, { id: link.incidentId });
    if (!incident) return gone('This incident is gone', 'It was removed meanwhile.', tools);
    const who = await contactOf(tx, link);
    if (!who)
      return gone('You may not do this any more', 'Whoever this was sent to may not act on incidents now.', tools, 403);
    const sent = await tx.selectFrom('deliveries').select('kind').where('id', '=', link.deliveryId).executeTakeFirst();
    const via: Via =
      sent?.kind === 'slack' || sent?.kind === 'sms' || sent?.kind === 'teams' || sent?.kind === 'webhook'
        ? sent.kind
        : 'mail';
    return { link, who, via, incident, done: await findDoneAct(tx, actLinkKey(link)) };
  });
}

const gone = (title: string, why: string, tools: ApiTools, status = 410): FoundLink => ({
  link: null,
  page: {
    status,
    title,
    lines: [why, 'Nothing was done. Sign in to act.'],
    link: { label: 'Open Windlass', url: tools.connections.publicUrl },
  },
});

const isWorkspace = (tools: ApiTools, workspaceId: string): Promise<boolean> =>
  inTenant(tools.db, { workspaceId }, async (tx) =>
    Boolean(await tx.selectFrom('workspaces').select('id').where('id', '=', workspaceId).executeTakeFirst()),
  );

async function contactOf(tx: TenantTx, { contact }: ActLink): Promise<ActorRef | null> {
  if (contact.kind === 'person') {
    const member = await findActingMember(tx, contact.id);
    return member && { kind: 'user', ...member };
  }
  const channel = await findChannel(tx, { id: contact.id });
  return channel ? { kind: 'system', id: null, name: `Somebody in ${channel.name}` } : null;
}

const usedPage = (tools: ApiTools, { by, at }: { by: string; at: Date }, link: ActLink): ActPage => ({
  status: 409,
  title: 'This was done before',
  lines: [`${by}, on ${at.toISOString().slice(0, 16).replace('T', ' at ')} UTC. A link works once.`],
  link: openLink(tools, link),
});

function outcomePage(tools: ApiTools, outcome: DeedOutcome, link: ActLink, key: string): ActPage {
  if (outcome.kind === 'used') return usedPage(tools, outcome, link);
  if (outcome.kind === 'refused')
    return {
      status: 409,
      title: `${actLabels[link.act]} was refused`,
      lines: [outcome.message, 'Nothing was done.'],
      link: openLink(tools, link),
    };
  return {
    status: 200,
    title: `${outcome.incident?.key ?? key} is ${doneWords[link.act]}`,
    lines: [outcome.incident?.title ?? ''],
    link: openLink(tools, link),
  };
}

/** The channel that a provider calls for, once the call is proven to come from it. @throws Problem `notify.signature_invalid` */
async function proven(
  tools: ApiTools,
  { workspaceId, channelId }: { workspaceId: string; channelId: string },
  request: FastifyRequest,
  kind: 'slack' | 'sms',
  rest = '',
): Promise<{ channel: ChannelRow; body: string }> {
  const { body, headers } = receiveCall(request);
  const text = body.toString('utf8');
  const channel = await inTenant(tools.db, { workspaceId }, (tx) => findChannel(tx, { id: channelId }));
  if (!channel?.sealedSecret || channel.kind !== kind) throw problem('notify.signature_invalid');
  const secret = (await tools.vault.open(channel.sealedSecret, channelSeal(workspaceId, channelId))).reveal();
  const url = `${answersUrl(tools.connections.publicUrl, { workspaceId, id: channelId, kind })}${rest}`;
  const isGood =
    kind === 'slack'
      ? isFromSlack(
          secret,
          {
            body: text,
            timestamp: headers['x-slack-request-timestamp'] ?? '',
            signature: headers['x-slack-signature'] ?? '',
          },
          Date.now(),
        )
      : isFromTwilio(secret, url, new URLSearchParams(text), headers['x-twilio-signature'] ?? '');
  if (!isGood) throw problem('notify.signature_invalid');
  return { channel, body: text };
}

const SlackPayload = z.object({
  response_url: z.url({ protocol: /^https?$/ }).optional(),
  user: z.object({
    username: z.string().max(200).optional(),
    name: z.string().max(200).optional(),
    id: z.string().max(100),
  }),
  actions: z.array(z.object({ value: z.string().max(400).optional() })).min(1),
});

function slackAnswer(body: string): { token: string; user: string; responseUrl: string | null } | null {
  try {
    const payload = SlackPayload.parse(JSON.parse(new URLSearchParams(body).get('payload') ?? ''));
    const { user, actions, response_url: responseUrl } = payload;
    return {
      token: actions[0]?.value ?? '',
      user: user.username ?? user.name ?? user.id,
      responseUrl: responseUrl ?? null,
    };
  } catch {
    return null;
  }
}

function slackWords(outcome: DeedOutcome, act: PageAct): string {
  if (outcome.kind === 'used') return `This was done before, by ${outcome.by}.`;
  return outcome.kind === 'refused'
    ? outcome.message
    : `${outcome.incident?.key ?? 'The incident'} is ${doneWords[act]}.`;
}

async function tellSlack(tools: ApiTools, workspaceId: string, url: string | null, text: string): Promise<void> {
  if (url === null) return;
  const { egressAllow } = await inTenant(tools.db, { workspaceId }, readSettings);
  await guardedRequest(
    {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ text, replace_original: false, response_type: 'in_channel' }),
      timeoutMs: 10_000,
      keepBytes: 512,
    },
    { allow: egressAllow, isOwnPort: tools.isOwnPort },
  );
}

const smsWords: Readonly<Record<string, PageAct>> = {
  ack: 'acknowledge', acknowledge: 'acknowledge', res: 'resolve', resolve: 'resolve', esc: 'escalate', escalate: 'escalate',
}; // prettier-ignore

/** Does what an SMS asks for, and says what became of it. */
async function answerSms(tools: ApiTools, workspaceId: string, form: URLSearchParams): Promise<string> {
  const [, word = '', number = ''] = /^\s*([a-z]+)\s+(?:inc-?)?(\d{1,9})\s*$/i.exec(form.get('Body') ?? '') ?? [];
  const act = smsWords[word.toLowerCase()];
  const ref = form.get('MessageSid');
  if (!act || !ref) return 'Write ACK, RES or ESC and the number of the incident, such as ACK 328.';
  const address = await tools.vault.keyedHash(form.get('From') ?? '', { workspaceId, use: contactHash });
  const { person, incident } = await inTenant(tools.db, { workspaceId }, async (tx) => {
    const owner = await personByAddress(tx, 'sms', address);
    return {
      person: owner && (await findActingMember(tx, owner.id)),
      incident: await findActedIncident(tx, { number: Number(number) }),
    };
  });
  if (!person) return 'This number is nobody’s who may act on incidents here.';
  if (!incident) return `There is no incident ${number}.`;
  const actor: ActorRef = { kind: 'user', id: person.id, name: `${person.name} (by SMS)` };
  const outcome = await actFromMessage(tools, {
    workspaceId,
    incidentId: incident.id,
    act,
    actor,
    via: 'sms',
    key: `sms/${ref}`,
  });
  if (outcome.kind === 'used') return `This was done before, by ${outcome.by}.`;
  return outcome.kind === 'refused' ? outcome.message : `${incident.key} is ${doneWords[act]}.`;
}

const xmlSafe = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
