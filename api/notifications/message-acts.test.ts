import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PageAct } from '#contracts/notifications/page.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { signActLink } from '#db/notifications/act-links.ts';
import { pagePeople } from '#db/notifications/page-people.ts';
import { startSmtpServer, type SmtpServer } from '#simulators/smtp/smtp-server.ts';
import { actLinksIn, letterText } from '#tests/kit/act-links.ts';
import { httpPeer, type HttpPeer } from '#tests/kit/http-peer.ts';
import { startTestApp, type TestApp, until } from '#tests/kit/test-app.ts';

let app: TestApp;
let smtp: SmtpServer;
let peer: HttpPeer;
let made = 0;

beforeAll(async () => {
  smtp = await startSmtpServer();
  peer = await httpPeer();
  app = await startTestApp({ withHosts: false, environment: { SMTP_URL: smtp.url } });
  await app.ok('PATCH', '/settings', { egressAllow: ['127.0.0.1'] });
});
afterAll(async () => {
  await app?.close();
  await smtp?.close();
  await peer?.close();
});
beforeEach(() => {
  peer.requests.length = 0;
  peer.answerWith(() => ({ body: 'ok' }));
});

const tenant = <T>(work: (tx: TenantTx) => Promise<T>): Promise<T> => app.parts.inTenant(app.workspaceId, work);
const incident = (): Promise<{ id: string; key: string; number: number; state: string }> =>
  app.ok('POST', '/incidents', { title: `Disk <${(made += 1)}>`, severity: 'sev2' });
const stateOf = async (id: string): Promise<string> => (await app.ok('GET', `/incidents/${id}`)).state;
const actorsOf = async (id: string): Promise<string[]> =>
  (await app.ok('GET', `/incidents/${id}/timeline`)).data.map(({ actor }: { actor: { name: string } }) => actor.name);
const page = (targets: { kind: 'person' | 'channel'; id: string }[], incidentId: string, acts: PageAct[]) =>
  tenant((tx) =>
    pagePeople(tx, {
      dedupKey: `acts-${(made += 1)}`, targets, incidentId, severity: 'sev2', subject: 'Disk is full', text: 'On db-1.',
      path: `/incidents/${incidentId}`, acts, isUrgent: true, at: new Date(),
    }),
  ); // prettier-ignore
const open = async (url: string, method = 'GET') => {
  const answer = await fetch(url.replace(/^https?:\/\/[^/]+/, app.origin), {
    method,
    ...(method === 'POST' && { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '' }),
  });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
};
/** The links of the letter that a person got, by their act. */
const linksTo = (email: string): Promise<string[]> =>
  until(() => {
    const letter = smtp.letters.findLast(({ to, raw }) => to.includes(email) && raw.includes('/api/v1/act/'));
    const links = letter ? actLinksIn(letterText(letter)) : [];
    return links.length > 0 ? links : null;
  });

test('looking at a link does nothing; posting acts once, in the person’s name, and never again', async () => {
  const { id, email } = await app.addMember(`ana${Date.now()}`, 'member');
  const { id: incidentId, key } = await incident();
  await page([{ kind: 'person', id }], incidentId, ['acknowledge', 'resolve']);
  const [acknowledge = '', resolve = ''] = await linksTo(email);
  const shown = await open(acknowledge);
  expect([shown.status, shown.headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(shown.text).toContain(`Acknowledge ${key}?`);
  expect(shown.text).toContain('&lt;');
  expect(shown.text).not.toContain('<script');
  expect(await stateOf(incidentId)).toBe('open');
  const answers = await Promise.all([open(acknowledge, 'POST'), open(acknowledge, 'POST')]);
  expect(answers.some(({ status }) => status === 200)).toBe(true);
  expect(await stateOf(incidentId)).toBe('acknowledged');
  expect((await actorsOf(incidentId)).filter((name) => name.includes('(by mail link)'))).toHaveLength(1);
  const again = await open(acknowledge, 'POST');
  expect([again.status, again.text.includes('This was done before')]).toEqual([409, true]);
  expect((await open(resolve, 'POST')).status).toBe(200);
  expect(await stateOf(incidentId)).toBe('resolved');
});

test('410: a link that was altered, has expired, or is of a workspace that is not there; 403: whoever may not act any more', async () => {
  const { id, email } = await app.addMember(`ben${Date.now()}`, 'member');
  const { id: incidentId } = await incident();
  await page([{ kind: 'person', id }], incidentId, ['acknowledge']);
  const [link = ''] = await linksTo(email);
  const [address = '', token = ''] = link.split('/act/');
  const altered = `${token.slice(0, 4)}${token[4] === 'A' ? 'B' : 'A'}${token.slice(5)}`;
  expect((await open(`${address}/act/${altered}`, 'POST')).status).toBe(410);
  const made = (fields: object) =>
    signActLink(app.parts.vault, {
      workspaceId: app.workspaceId, incidentId, act: 'acknowledge', contact: { kind: 'person', id }, deliveryId: incidentId,
      expiresAt: Date.now() + 60_000, ...fields,
    }); // prettier-ignore
  const expired = await open(`${address}/act/${await made({ expiresAt: Date.now() - 1_000 })}`, 'POST');
  expect([expired.status, expired.text.includes('Sign in to act')]).toEqual([410, true]);
  expect((await open(`${address}/act/${await made({ workspaceId: incidentId })}`, 'POST')).status).toBe(410);
  await app.ok('PATCH', `/members/${id}`, { role: 'viewer' });
  expect((await open(link, 'POST')).status).toBe(403);
  expect(await stateOf(incidentId)).toBe('open');
});

test('a button in Slack acts, signed and young only, and the channel is told', async () => {
  const secret = 'a-signing-secret';
  const { id, name } = await app.ok('POST', '/channels', {
    kind: 'slack',
    name: `s${Date.now()}`,
    url: `${peer.url}/slack`,
    secret,
  });
  const { id: incidentId, key } = await incident();
  await page([{ kind: 'channel', id }], incidentId, ['acknowledge']);
  await until(() => peer.requests.length > 0);
  const { blocks } = JSON.parse(peer.requests[0]?.body ?? '{}');
  const { value } = blocks[1].elements[0];
  const body = new URLSearchParams({
    payload: JSON.stringify({
      user: { id: 'U1', username: 'mara' },
      actions: [{ value }],
      response_url: `${peer.url}/response`,
    }),
  }).toString();
  const press = (at: number, key2 = secret) =>
    fetch(`${app.origin}/api/v1/notify/${app.workspaceId}/slack/${id}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': String(at),
        'x-slack-signature': `v0=${createHmac('sha256', key2).update(`v0:${at}:${body}`).digest('hex')}`,
      },
      body,
    });
  const now = Math.floor(Date.now() / 1_000);
  expect((await press(now - 400)).status).toBe(401);
  expect((await press(now, 'another-secret')).status).toBe(401);
  expect((await press(now)).status).toBe(200);
  await until(async () => (await stateOf(incidentId)) === 'acknowledged');
  expect(await actorsOf(incidentId)).toContain(`mara (by Slack, ${name})`);
  const told = await until(() => peer.requests.find(({ url }) => url === '/response'));
  expect(JSON.parse(told.body).text).toBe(`${key} is acknowledged.`);
});

test('an SMS reply acts for whose number it came from, once; a stranger’s does nothing', async () => {
  const { id, url } = await app.ok('POST', '/channels', {
    kind: 'sms', name: `t${Date.now()}`, url: `${peer.url}/sms`, account: 'AC1', secret: 'token', sender: '+15550001',
  }).then(({ id: channelId, answersUrl }) => ({ id: channelId, url: answersUrl })); // prettier-ignore
  const who = await app.addMember(`cleo${Date.now()}`, 'member');
  const number = '+15557654321';
  const contact = await app.ok(
    'POST',
    '/me/notifications/contacts',
    { kind: 'sms', label: 'Phone', address: number },
    { token: who.token },
  );
  const code = /(\d{6}) is the code/.exec(new URLSearchParams(peer.requests.at(-1)?.body).get('Body') ?? '')?.[1];
  await app.ok('POST', `/me/notifications/contacts/${contact.id}/verify`, { code }, { token: who.token });
  const { id: incidentId, key, number: incidentNumber } = await incident();
  const reply = async (from: string, text: string, sid: string, token = 'token') => {
    const form = new URLSearchParams({ MessageSid: sid, From: from, Body: text });
    const said =
      url +
      [...form]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([field, value]) => field + value)
        .join('');
    const answer = await fetch(`${app.origin}/api/v1/notify/${app.workspaceId}/sms/${id}`, {
      method: 'POST',
      headers: { 'x-twilio-signature': createHmac('sha1', token).update(said).digest('base64') },
      body: form,
    });
    return { status: answer.status, text: await answer.text() };
  };
  expect((await reply(number, `ACK ${incidentNumber}`, 'SM1', 'wrong')).status).toBe(401);
  expect((await reply('+15550000000', `ACK ${incidentNumber}`, 'SM2')).text).toContain('nobody');
  expect(await stateOf(incidentId)).toBe('open');
  expect((await reply(number, ` ack inc-${incidentNumber}`, 'SM3')).text).toContain(`${key} is acknowledged.`);
  expect((await reply(number, `ack ${incidentNumber}`, 'SM3')).text).toContain('done before');
  expect((await actorsOf(incidentId)).some((name) => name.endsWith('(by SMS)'))).toBe(true);
});
