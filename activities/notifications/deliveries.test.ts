import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Page } from '#contracts/notifications/page.ts';
import { pagePeople } from '#db/notifications/page-people.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { startSmtpServer, type SmtpServer } from '#simulators/smtp/smtp-server.ts';
import { httpPeer, type HttpPeer } from '#tests/kit/http-peer.ts';
import { startTcpProxy, type TcpProxy } from '#tests/kit/tcp-proxy.ts';
import { startTestApp, type TestApp, until } from '#tests/kit/test-app.ts';

let app: TestApp;
let smtp: SmtpServer;
let peer: HttpPeer;
let mailRoad: TcpProxy;
let made = 0;

beforeAll(async () => {
  smtp = await startSmtpServer();
  peer = await httpPeer();
  mailRoad = await startTcpProxy({ address: '127.0.0.1', port: Number(new URL(smtp.url).port) });
  app = await startTestApp({ withHosts: false, environment: { SMTP_URL: `smtp://127.0.0.1:${mailRoad.port}` } });
  await app.ok('PATCH', '/settings', { egressAllow: ['127.0.0.1'] });
});
afterAll(async () => {
  await app?.close();
  await mailRoad?.stop();
  await smtp?.close();
  await peer?.close();
});
beforeEach(async () => {
  smtp.letters.length = 0;
  peer.requests.length = 0;
  peer.answerWith(() => ({ body: 'ok' }));
  mailRoad.accept();
  await tenant((tx) => tx.deleteFrom('deliveryBreakers').execute());
});

const tenant = <T>(work: (tx: TenantTx) => Promise<T>): Promise<T> => app.parts.inTenant(app.workspaceId, work);
const page = (fields: Partial<Page> & Pick<Page, 'targets'>) =>
  tenant((tx) =>
    pagePeople(tx, {
      dedupKey: `test-${(made += 1)}`,
      incidentId: null,
      severity: 'sev2',
      subject: `Disk ${made} is full`,
      text: 'On db-1.',
      path: '/incidents/x',
      acts: [],
      isUrgent: true,
      at: new Date(),
      ...fields,
    }),
  );
const person = async (): Promise<{ token: string; id: string; email: string }> =>
  app.addMember(`p${(made += 1)}-${Date.now()}`, 'member');
const rows = (personId: string) =>
  tenant((tx) => tx.selectFrom('deliveries').selectAll().where('personId', '=', personId).orderBy('ordinal').execute());
const settled = (personId: string, count: number) =>
  until(async () => {
    const all = await rows(personId);
    return all.filter(({ status }) => status === 'delivered').length >= count ? all : null;
  });
const lettersTo = (email: string): string[] =>
  smtp.letters
    .filter(({ to, raw }) => to.includes(email) && !raw.includes('Subject: Invitation'))
    .map(({ raw }) => raw);
const channel = (body: object) => app.ok('POST', '/channels', { name: `c${(made += 1)}`, ...body });

/** A person with an own contact, proven by the code that came to it. */
async function withContact(kind: 'slack' | 'sms', after = '0s') {
  const who = await person();
  if (kind === 'sms')
    await channel({ kind: 'sms', url: `${peer.url}/sms`, account: 'AC1', secret: 'tok', sender: '+15550001' });
  const options = { token: who.token };
  const address = kind === 'sms' ? `+1555${String(1_000_000 + made)}` : `${peer.url}/own/${made}`;
  const contact = await app.ok('POST', '/me/notifications/contacts', { kind, label: kind, address }, options);
  const code =
    /Code (\d{6})/.exec(decodeURIComponent(peer.requests.at(-1)?.body.replaceAll('+', ' ') ?? ''))?.[1] ?? '';
  expect(
    (await app.call('POST', `/me/notifications/contacts/${contact.id}/verify`, { code: '000000x' }, options)).body,
  ).toMatchObject({ error: 'notify.code_wrong' });
  await app.ok('POST', `/me/notifications/contacts/${contact.id}/verify`, { code }, options);
  const steps = [{ contactId: null }, { contactId: contact.id, after }];
  await app.ok('PUT', '/me/notifications/preferences', { timeZone: 'UTC', steps }, options);
  peer.requests.length = 0;
  return { ...who, contactId: String(contact.id), address };
}

test('a page is a run that mails the person once, however often it is asked for', async () => {
  const { id, email } = await person();
  const targets = [{ kind: 'person', id } as const, { kind: 'person', id } as const];
  const first = await page({ targets, dedupKey: `once-${id}` });
  expect(first).toMatchObject({ told: [{ personId: id, how: 'mail at once' }], unreached: [] });
  expect(await page({ targets, dedupKey: `once-${id}` })).toMatchObject({ told: [{ personId: id }] });
  const [delivery] = await settled(id, 1);
  expect(delivery).toMatchObject({ attempts: 1, tries: [{ outcome: 'delivered' }] });
  const run = await app.untilRun(delivery?.runId ?? '');
  expect(run).toMatchObject({ kind: 'notification', status: 'succeeded' });
  expect(lettersTo(email)).toHaveLength(1);
});

test('a server that is away for a while loses nothing and tells nobody twice', async () => {
  let away = 3;
  peer.answerWith(() => (away-- > 0 ? { status: 503 } : { body: 'ok' }));
  const { id } = await channel({ kind: 'webhook', url: `${peer.url}/hook` });
  await page({ targets: [{ kind: 'channel', id }] });
  const sent = await until(async () => {
    const { data } = await app.ok('GET', `/deliveries?channel=${id}`);
    return data[0]?.status === 'delivered' ? data : null;
  });
  expect(sent).toHaveLength(1);
  expect(sent[0].tries.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
    'failed',
    'failed',
    'failed',
    'delivered',
  ]);
  expect(peer.requests).toHaveLength(4);
  expect(new Set(peer.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
});

test(
  'a mail server that is down for a day loses nothing: each letter goes out once it is back, and once',
  { timeout: 180_000 },
  async () => {
    const { id, email } = await person();
    mailRoad.refuse();
    mailRoad.reset();
    await page({ targets: [{ kind: 'person', id }] });
    await page({ targets: [{ kind: 'person', id }] });
    await until(async () => (await rows(id)).every(({ tries }) => tries.some(({ outcome }) => outcome === 'failed')));
    // A day goes by.
    const aDay = sql<Date>`begun_at - interval '1 day'`;
    await tenant((tx) => tx.updateTable('deliveries').set({ begunAt: aDay }).where('personId', '=', id).execute());
    mailRoad.accept();
    const sent = await settled(id, 2);
    expect(sent.map(({ status, tries }) => [status, tries.at(0)?.code])).toEqual([
      ['delivered', 'mail.unreachable'],
      ['delivered', 'mail.unreachable'],
    ]);
    expect(lettersTo(email)).toHaveLength(2);
  },
);

test('more than five to one person in a minute: the fifth message names all the rest', async () => {
  const { id, email } = await person();
  await tenant(async (tx) => {
    for (let n = 1; n <= 9; n += 1)
      await pagePeople(tx, {
        dedupKey: `flood-${id}-${n}`, targets: [{ kind: 'person', id }], incidentId: null, severity: null, subject: `Flood ${n}`,
        text: '', path: '/', acts: [], isUrgent: true, at: new Date(),
      }); // prettier-ignore
  });
  await settled(id, 9);
  const letters = lettersTo(email);
  expect(letters).toHaveLength(5);
  expect(letters.filter((raw) => /Subject: .*5 messages/.test(raw))).toHaveLength(1);
});

test('an open breaker holds back the channel, and the person’s next way is taken at once', async () => {
  const { id, contactId, email } = await withContact('slack', '1h');
  await tenant((tx) =>
    tx
      .insertInto('deliveryBreakers')
      .values({
        key: 'mail',
        failures: 5,
        openedAt: new Date(),
        retryAt: new Date(Date.now() + 3_600_000),
        probingUntil: null,
        lastError: 'down',
      })
      .execute(),
  );
  await page({ targets: [{ kind: 'person', id }] });
  await until(() => peer.requests.length > 0);
  const all = await settled(id, 1);
  expect(all.map((row) => [row.contactId, row.status])).toEqual([[null, 'sending'], [contactId, 'delivered']]); // prettier-ignore
  expect(lettersTo(email)).toEqual([]);
  expect((await app.ok('GET', '/channels')).mailBreaker).toMatchObject({ state: 'open', lastError: 'down' });
});

test('five troubles in a row open the breaker; one that passes closes it', async () => {
  const { id } = await channel({ kind: 'teams', url: `${peer.url}/teams` });
  peer.answerWith(() => ({ status: 500 }));
  for (let n = 0; n < 5; n += 1) await page({ targets: [{ kind: 'channel', id }] });
  const broken = await until(async () => {
    const found = await app.ok('GET', `/channels/${id}`);
    return found.breaker?.state === 'open' ? found.breaker : null;
  });
  expect(broken.failures).toBeGreaterThanOrEqual(5);
  peer.answerWith(() => ({ status: 202 }));
  await tenant((tx) =>
    tx.updateTable('deliveryBreakers').set({ retryAt: new Date() }).where('key', '=', `channel:${id}`).execute(),
  );
  await page({ targets: [{ kind: 'channel', id }] });
  await until(async () => (await app.ok('GET', `/channels/${id}`)).breaker === null);
  const card = JSON.parse(peer.requests.at(-1)?.body ?? '{}');
  expect(card.attachments[0].content).toMatchObject({ type: 'AdaptiveCard', version: '1.4' });
});

test('an SMS goes over the provider with its account; a number that does not exist fails for good and the mail is sent', async () => {
  const { id, token, contactId, address, email } = await withContact('sms', '0s');
  peer.answerWith(() => ({ status: 201, body: JSON.stringify({ sid: 'SM1', status: 'queued' }) }));
  await page({ targets: [{ kind: 'person', id }] });
  await settled(id, 2);
  const sms = peer.requests.find(({ url }) => url === '/sms');
  const form = new URLSearchParams(sms?.body);
  expect([form.get('To'), form.get('From'), form.get('Body')?.includes('is full')]).toEqual([
    address,
    '+15550001',
    true,
  ]);
  expect(sms?.headers.authorization).toBe(`Basic ${Buffer.from('AC1:tok').toString('base64')}`);
  expect(lettersTo(email)).toHaveLength(1);
  await app.ok('PUT', '/me/notifications/preferences', { timeZone: 'UTC', steps: [{ contactId }] }, { token });
  peer.answerWith(() => ({ status: 400, body: JSON.stringify({ code: 21_211, message: 'not a number' }) }));
  await page({ targets: [{ kind: 'person', id }] });
  const all = await settled(id, 3);
  expect(all.filter(({ status }) => status === 'failed')).toMatchObject([{ kind: 'sms', attempts: 1 }]);
  expect(lettersTo(email)).toHaveLength(2);
});

test('a message of which nobody knows whether it arrived is sent once more, and not a third time', async () => {
  const { id } = await channel({ kind: 'slack', url: `${peer.url}/slack` });
  await page({ targets: [{ kind: 'channel', id }] });
  // What the tests before have left is still being tried elsewhere.
  const sent = () => peer.requests.filter(({ url }) => url === '/slack');
  await until(() => sent().length > 0);
  const unknown = { at: new Date().toISOString(), outcome: 'begun', code: null, answer: null };
  const again = async (tries: object[]) => {
    const [row] = await tenant((tx) =>
      tx
        .updateTable('deliveries')
        .set({ status: 'waiting', tries: JSON.stringify(tries), dueAt: new Date(), begunAt: null })
        .where('channelId', '=', id)
        .returning('id')
        .execute(),
    );
    return until(async () => {
      const found = await tenant((tx) =>
        tx
          .selectFrom('deliveries')
          .selectAll()
          .where('id', '=', row?.id ?? '')
          .executeTakeFirst(),
      );
      return found?.status === 'delivered' || found?.status === 'failed' ? found : null;
    });
  };
  await until(async () => (await app.ok('GET', `/deliveries?channel=${id}`)).data[0]?.status === 'delivered');
  expect(await again([unknown])).toMatchObject({ status: 'delivered' });
  expect(sent()).toHaveLength(2);
  expect(await again([unknown, unknown])).toMatchObject({
    status: 'failed',
    error: { code: 'notify.outcome_unknown' },
  });
  expect(sent()).toHaveLength(2);
});

test('quiet hours hold back what is not urgent until their end; what is urgent passes', async () => {
  const { id, token } = await person();
  const quietHours = { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', to: '24:00' };
  await app.ok(
    'PUT',
    '/me/notifications/preferences',
    { timeZone: 'Europe/Berlin', steps: [{ contactId: null }], quietHours },
    { token },
  );
  expect(await page({ targets: [{ kind: 'person', id }], isUrgent: false })).toMatchObject({
    told: [{ how: 'mail after quiet hours' }],
  });
  await page({ targets: [{ kind: 'person', id }], isUrgent: false });
  await page({ targets: [{ kind: 'person', id }] });
  await settled(id, 1);
  expect((await rows(id)).map(({ status, isHeld }) => [status, isHeld]).toSorted()).toEqual([
    ['delivered', false], ['waiting', true], ['waiting', true],
  ]); // prettier-ignore
  await tenant((tx) =>
    tx
      .updateTable('deliveries')
      .set({ dueAt: new Date() })
      .where('personId', '=', id)
      .where('isHeld', '=', true)
      .execute(),
  );
  const all = await settled(id, 3);
  expect(new Set(all.filter(({ isHeld }) => isHeld).map(({ runId }) => runId)).size).toBe(1);
});

test('another workspace sees none of it', async () => {
  const { id } = await person();
  await page({ targets: [{ kind: 'person', id }] });
  await settled(id, 1);
  const other = await app.ok('POST', '/workspaces', { name: `Other ${Date.now()}` }, { token: app.owner.token });
  const read = (path: string) =>
    app.ok('GET', path, undefined, { token: app.owner.token, workspace: other.slug ?? other.id });
  expect((await read('/deliveries')).data).toEqual([]);
  expect((await read('/me/notifications')).contacts).toEqual([]);
});
