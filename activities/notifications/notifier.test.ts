import { MockActivityEnvironment } from '@temporalio/testing';
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { notificationRoom } from '#api/notifications/channels.ts';
import { openMail, type MailClient } from '#connectors/mail/mailer.ts';
import type { Delivery } from '#contracts/notifications/channels.ts';
import type { NotifyRequest, Reply } from '#contracts/playbooks/engine/effects.ts';
import { startSmtpServer, type SmtpServer } from '#simulators/smtp/smtp-server.ts';
import { Secret } from '#system/secret.ts';
import { httpPeer, type HttpPeer } from '#tests/kit/http-peer.ts';
import { triggerWorld, type TriggerWorld } from '#tests/kit/trigger-world.ts';
import { notifier } from './notifier.ts';
import { notifyActivities } from './send-notification.ts';

let world: TriggerWorld;
let smtp: SmtpServer;
let mail: MailClient;
let peer: HttpPeer;
let runId: string;
let step = 0;

beforeAll(async () => {
  smtp = await startSmtpServer();
  peer = await httpPeer();
  mail = openMail(new Secret(smtp.url));
  world = await triggerWorld({ notifications: notificationRoom }, { mail });
  await world.sql(`update settings set egress_allow = '{127.0.0.1}'`);
  runId = await world.run(await world.playbook('Nightly'));
});
afterAll(async () => {
  mail.close();
  await world.close();
  await smtp.close();
  await peer.close();
});
beforeEach(() => {
  step += 1;
  smtp.letters.length = 0;
  peer.requests.length = 0;
  peer.answerWith(() => ({ body: 'ok' }));
});

const channel = async (body: object) => {
  const answer = await world.post('/channels', body);
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json();
};
const send = async (
  to: NotifyRequest['to'],
  more: Partial<NotifyRequest> = {},
  client: Pick<MailClient, 'isReady' | 'send'> = mail,
): Promise<Reply> => {
  const notify = notifier({ db: world.db, vault: world.vault, mail: client, log: world.log });
  const { sendNotification } = notifyActivities({ db: world.db, notify, publicUrl: 'https://wl.example' });
  const request: NotifyRequest = {
    address: `tell-${step}`,
    stepId: 'tell',
    attempt: 1,
    execution: 1,
    safeToRepeat: true,
    timeoutMs: 5_000,
    to,
    message: 'Disk <full> & hot',
    subject: 'Disk',
    ...more,
  };
  return new MockActivityEnvironment().run(sendNotification, { workspaceId: world.workspaceId, runId, request });
};
const deliveries = async (): Promise<Delivery[]> => (await world.get(`/deliveries?run=${runId}`)).json().data;

test('a message goes to channels and people by name, and says who got it', async () => {
  await channel({ kind: 'email', name: 'ops', recipients: ['one@example.com', 'TWO@example.com'] });
  const reply = await send([
    '#ops',
    'mia@example.com',
    { channel: 'ops', urgent: true },
    'Max',
    '#nowhere',
    'eve@example.com',
  ]);
  expect(reply).toMatchObject({ kind: 'ok' });
  const { delivered, failed } =
    reply.kind === 'ok' ? (reply.output as { delivered: string[]; failed: string[] }) : { delivered: [], failed: [] };
  expect([...delivered].sort()).toEqual(['#ops', 'Max', 'mia@example.com', 'ops']);
  expect([...failed].sort()).toEqual(['#nowhere', 'eve@example.com']);
  expect([...new Set(smtp.letters.flatMap(({ to }) => to))].sort()).toEqual([
    'max@example.com',
    'mia@example.com',
    'one@example.com',
    'two@example.com',
  ]);
  expect(smtp.letters.find(({ to }) => to.includes('mia@example.com'))?.raw).toContain('[Alder & Finch] Disk');
  expect(
    (await deliveries())
      .filter(({ stepAddress }) => stepAddress === `tell-${step}`)
      .every(({ status }) => status === 'delivered'),
  ).toBe(true);
});

test('what arrived is not sent again, whatever the attempt', async () => {
  await send(['mia@example.com', '#nowhere']);
  await send(['mia@example.com', '#nowhere'], { attempt: 2, execution: 2 });
  expect(smtp.letters).toHaveLength(1);
  await send(['mia@example.com'], { address: 'each[1].tell' });
  expect(smtp.letters).toHaveLength(2);
});

test('a webhook is signed over its body, and its secret is shown once', async () => {
  const made = await channel({ kind: 'webhook', name: 'hook', url: `${peer.url}/in` });
  expect(made.secret).toEqual(expect.any(String));
  expect((await world.get(`/channels/${made.id}`)).json()).not.toHaveProperty('secret');
  expect(await send(['#hook'])).toMatchObject({ kind: 'ok', output: { delivered: ['#hook'], failed: [] } });
  const [request] = peer.requests;
  expect(request?.headers['x-windlass-signature']).toBe(
    `v1=${createHmac('sha256', made.secret)
      .update(request?.body ?? '')
      .digest('hex')}`,
  );
  expect(JSON.parse(request?.body ?? '')).toMatchObject({
    type: 'notification',
    subject: 'Disk',
    message: 'Disk <full> & hot',
    workspace: 'Alder & Finch',
    run: { id: runId, url: `https://wl.example/w/${world.workspaceId}/runs/${runId}` },
  });
  const rows = await world.sql('select sealed_secret from channels where id = $1', [made.id]);
  expect(String(rows[0]?.['sealed_secret'])).not.toContain(made.secret);
});

test('Slack gets text in which nothing people wrote becomes a link or a mention; its address stays sealed', async () => {
  const made = await channel({ kind: 'slack', name: 'slack', url: `${peer.url}/services/T0/B0/very-secret-part` });
  expect(made.url).toBe(peer.url);
  await send(['#slack'], { message: 'Hi <!channel> & co' });
  expect(JSON.parse(peer.requests[0]?.body ?? '').text).toContain('Hi &lt;!channel&gt; &amp; co');
  expect(peer.requests[0]?.url).toBe('/services/T0/B0/very-secret-part');
  const everything = await world.sql(
    'select (select string_agg(row_to_json(c)::text, $1) from channels c) || (select string_agg(row_to_json(d)::text, $1) from deliveries d) as all',
    [''],
  );
  expect(String(everything[0]?.['all'])).not.toContain('very-secret-part');
});

test('a receiver that is busy is tried again, as it asks; the log counts the attempts', async () => {
  await channel({ kind: 'webhook', name: 'busy', url: `${peer.url}/busy` });
  let calls = 0;
  peer.answerWith(() => (calls++ === 0 ? { status: 503, headers: { 'retry-after': '0' } } : { status: 204 }));
  expect(await send(['#busy'])).toMatchObject({ kind: 'ok' });
  const [first, second] = peer.requests;
  expect(first?.headers['idempotency-key']).toBe(second?.headers['idempotency-key']);
  expect((await deliveries())[0]).toMatchObject({ channel: '#busy', status: 'delivered', attempts: 2, error: null });
});

test('a receiver that refuses is not, and nobody reached fails the step', async () => {
  await channel({ kind: 'webhook', name: 'deaf', url: `${peer.url}/deaf` });
  peer.answerWith(() => ({ status: 410 }));
  const reply = await send(['#deaf', '#nowhere']);
  expect(reply).toMatchObject({
    kind: 'error',
    error: {
      code: 'notify.undelivered',
      details: {
        failed: expect.arrayContaining([
          { to: '#deaf', code: 'http.unexpected_status', message: 'The receiver answered 410.' },
        ]),
      },
    },
  });
  expect(peer.requests).toHaveLength(1);
  expect((await deliveries())[0]).toMatchObject({
    status: 'failed',
    attempts: 1,
    error: { code: 'http.unexpected_status' },
  });
});

test('a private address is refused unless the workspace allows it', async () => {
  await channel({ kind: 'webhook', name: 'inner', url: 'http://169.254.169.254/latest' });
  expect(await send(['#inner'])).toMatchObject({
    kind: 'error',
    error: { details: { failed: [{ code: 'http.address_refused' }] } },
  });
});

test('without a mail server a letter fails and says why', async () => {
  expect(await send(['mia@example.com'], {}, openMail(undefined))).toMatchObject({
    kind: 'error',
    error: { code: 'notify.undelivered', details: { failed: [{ code: 'mail.not_configured' }] } },
  });
});

test('200: a test message says what became of it; names are unique; changes keep the secret', async () => {
  const made = await channel({ kind: 'webhook', name: '#try', url: `${peer.url}/try`, secret: 'known-secret' });
  expect(made).not.toHaveProperty('secret');
  const tried = await world.post(`/channels/${made.id}/test`);
  expect(tried.json().deliveries).toMatchObject([
    { channel: '#try', status: 'delivered', target: new URL(peer.url).host },
  ]);
  peer.answerWith(() => ({ status: 500 }));
  expect((await world.post(`/channels/${made.id}/test`)).json().deliveries).toMatchObject([
    { status: 'failed', error: { code: 'http.unexpected_status' } },
  ]);
  expect(
    (await world.post('/channels', { kind: 'email', name: 'TRY', recipients: ['a@example.com'] })).json(),
  ).toMatchObject({ error: 'channel.in_use', statusCode: 409 });
  peer.answerWith(() => ({ status: 200 }));
  const changed = await world.patch(`/channels/${made.id}`, { url: `${peer.url}/other`, description: 'd' });
  expect(changed.json()).toMatchObject({
    url: `${peer.url}/other`,
    description: 'd',
    lastDelivery: { status: 'failed' },
  });
  await world.post(`/channels/${made.id}/test`);
  const last = peer.requests.at(-1);
  expect(last?.headers['x-windlass-signature']).toBe(
    `v1=${createHmac('sha256', 'known-secret')
      .update(last?.body ?? '')
      .digest('hex')}`,
  );
  expect((await world.patch(`/channels/${made.id}`, { recipients: ['a@example.com'] })).statusCode).toBe(422);
  expect(
    (await world.post('/channels', { kind: 'webhook', name: 'cred', url: 'https://u:p@example.com/' })).json(),
  ).toMatchObject({ error: 'channel.config_invalid' });
  expect((await world.del(`/channels/${made.id}`)).statusCode).toBe(204);
  expect(
    await world.sql(`select action from audit_entries where subject = $1 order by at`, [`channel:${made.id}`]),
  ).toHaveLength(6);
});
