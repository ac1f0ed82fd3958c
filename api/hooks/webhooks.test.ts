import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CreateWebhook, WebhookCall } from '#contracts/hooks/webhooks.ts';
import { endRun } from '#db/runs/end-run.ts';
import { triggerWorld, type TriggerWorld } from '#tests/kit/trigger-world.ts';
import { webhookRoom } from './webhooks.ts';

let world: TriggerWorld;
let playbook: string;
const secret = 'sesame-open-please';
const hidden = [
  { name: 'service', type: 'string', required: true },
  { name: 'count', type: 'integer' },
  { name: 'who', type: 'string' },
] as const;

beforeAll(async () => {
  world = await triggerWorld({ hooks: webhookRoom });
  playbook = await world.playbook('Restart', { inputs: [...hidden] });
});
afterAll(() => world.close());

const make = async (
  more: Partial<Omit<CreateWebhook, 'signature' | 'dedup'>> & { signature?: object; dedup?: object } = {},
): Promise<{ id: string; token: string }> => {
  const answer = await world.post('/webhooks', {
    name: 'From CI',
    target: { kind: 'playbook', id: playbook },
    inputs: { service: 'body.service', count: 'int(body.n)', who: 'headers["x-who"]' },
    ...more,
  });
  expect(answer.statusCode, answer.body).toBe(201);
  const { webhook, address } = answer.json();
  return { id: webhook.id, token: address.token };
};
const json = { 'content-type': 'application/json' };
const good = { service: 'nginx', n: '3' };
const call = (token: string, body: unknown = good, headers: Record<string, string> = {}) =>
  world.call('POST', `/hooks/${token}`, null, typeof body === 'string' ? body : JSON.stringify(body), {
    ...json,
    'x-who': 'ci',
    ...headers,
  });
const calls = async (id: string): Promise<WebhookCall[]> => (await world.get(`/webhooks/${id}/calls`)).json().data;

test('202: a call starts a run with the inputs it maps, and is on record', async () => {
  const { id, token } = await make();
  const answer = await call(token);
  expect(answer.statusCode, answer.body).toBe(202);
  const { runId } = answer.json();
  expect(await world.sql('select trigger, trigger_id, inputs, actor from runs where id = $1', [runId])).toMatchObject([
    {
      trigger: 'webhook',
      trigger_id: id,
      inputs: { service: 'nginx', count: 3, who: 'ci' },
      actor: { kind: 'system', name: 'From CI' },
    },
  ]);
  expect(world.started.map((run) => run.id)).toContain(runId);
  expect(await calls(id)).toMatchObject([{ status: 202, outcome: 'started', runId, isReplayable: true, bytes: 27 }]);
  expect(JSON.stringify(await world.sql('select * from webhook_tokens'))).not.toContain(token);
  expect((await world.get(`/webhooks/${id}`)).json()).toMatchObject({ tokens: [{ hint: token.slice(-4) }] });
});

test('404: an unknown, removed or switched-off address is none; only the switched-off one leaves a record', async () => {
  expect((await call('x'.repeat(32))).statusCode).toBe(404);
  const { id, token } = await make();
  await world.patch(`/webhooks/${id}`, { enabled: false });
  expect((await call(token)).json()).toMatchObject({ error: 'webhook.not_found', statusCode: 404 });
  expect(await calls(id)).toMatchObject([{ status: 404, outcome: 'webhook.not_found', runId: null }]);
  await world.del(`/webhooks/${id}`);
  expect((await call(token)).statusCode).toBe(404);
});

test('two tokens live at once; a third ends the oldest, and each can be ended', async () => {
  const { id, token } = await make();
  const second = (await world.post(`/webhooks/${id}/tokens`)).json();
  expect([(await call(token)).statusCode, (await call(second.address.token)).statusCode]).toEqual([202, 202]);
  const third = (await world.post(`/webhooks/${id}/tokens`)).json();
  expect(third.webhook.tokens).toHaveLength(2);
  expect([
    (await call(token)).statusCode,
    (await call(second.address.token)).statusCode,
    (await call(third.address.token)).statusCode,
  ]).toEqual([404, 202, 202]);
  expect((await world.del(`/webhooks/${id}/tokens/${second.address.tokenId}`)).statusCode).toBe(204);
  expect((await call(second.address.token)).statusCode).toBe(404);
});

test('413: a body over the webhook’s own limit, recorded without the body', async () => {
  const { id, token } = await make({ sizeLimit: 100 });
  const answer = await call(token, { ...good, fill: 'x'.repeat(100) });
  expect([answer.statusCode, answer.json().error]).toEqual([413, 'webhook.too_large']);
  expect(await calls(id)).toMatchObject([{ status: 413, outcome: 'webhook.too_large', bytes: expect.any(Number) }]);
  expect((await call(token, 'x'.repeat(3_000_000))).statusCode).toBe(413);
});

// GitHub’s documentation, “Validating webhook deliveries”: secret, payload and signature are its own.
test('a signature as GitHub documents it is accepted, and any other byte is not', async () => {
  const github = await make({
    inputs: { service: 'body' },
    signature: { header: 'X-Hub-Signature-256', prefix: 'sha256=' },
    secret: "It's a Secret to Everybody",
  });
  const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
  const send = (body: string, header: string) =>
    call(github.token, body, { 'content-type': 'text/plain', 'x-hub-signature-256': header });
  expect((await send('Hello, World!', signature)).statusCode).toBe(202);
  expect((await send('Hello, World?', signature)).json().error).toBe('webhook.signature_invalid');
  expect((await send('Hello, World!', signature.replace('7', '8'))).statusCode).toBe(401);
  expect((await send('Hello, World!', signature.slice(0, -2))).statusCode).toBe(401);
  expect((await send('Hello, World!', `sha256=0,${signature}`)).statusCode).toBe(202);
  expect((await call(github.token, 'Hello, World!', { 'content-type': 'text/plain' })).json()).toMatchObject({
    error: 'webhook.signature_missing',
    statusCode: 401,
  });
});

test('base64 signatures over timestamp and body, refused when the time is off', async () => {
  const { id, token } = await make({
    signature: { header: 'x-sig', encoding: 'base64', prefix: '', timestampHeader: 'x-at', tolerance: '5m' },
    secret,
  });
  const body = JSON.stringify(good);
  const send = (at: string) =>
    call(token, body, { 'x-at': at, 'x-sig': createHmac('sha256', secret).update(`${at}.${body}`).digest('base64') });
  const now = Math.floor(Date.now() / 1_000);
  expect((await send(String(now))).statusCode).toBe(202);
  expect((await send(String(now - 290))).statusCode).toBe(202);
  expect((await send(new Date().toISOString())).statusCode).toBe(202);
  for (const at of [String(now - 310), String(now + 310), 'yesterday'])
    expect((await send(at)).json(), at).toMatchObject({ error: 'webhook.timestamp_refused', statusCode: 401 });
  const outcomes = (await calls(id)).map(({ outcome }) => outcome);
  expect(outcomes.filter((outcome) => outcome === 'webhook.timestamp_refused')).toHaveLength(3);
  const rows = await world.sql(
    'select sealed_secret, (select string_agg(headers::text, $2) from webhook_calls) as headers from webhooks where id = $1',
    [id, ''],
  );
  expect(String(rows[0]?.['sealed_secret'])).not.toContain(secret);
  expect(String(rows[0]?.['headers'])).toContain('[secret]');
});

test('200: calls with one key start one run, by header or by an expression, until the window ends', async () => {
  const byHeader = await make({ dedup: { header: 'X-Delivery', window: '1h' } });
  const [one, two] = await Promise.all([1, 2].map(() => call(byHeader.token, good, { 'x-delivery': 'd-1' })));
  expect([one?.statusCode, two?.statusCode].toSorted((a, b) => Number(a) - Number(b))).toEqual([200, 202]);
  expect(one?.json().runId).toBe(two?.json().runId);
  expect([one, two].find((answer) => answer?.statusCode === 200)?.json()).toMatchObject({ duplicate: true });
  expect((await call(byHeader.token, good, { 'x-delivery': 'd-2' })).statusCode).toBe(202);
  expect((await call(byHeader.token)).statusCode).toBe(202); // without the key nothing can be told apart
  const byBody = await make({ dedup: { expression: '[body.service, body.n]' } });
  expect((await call(byBody.token)).statusCode).toBe(202);
  expect((await call(byBody.token, { n: '3', service: 'nginx' })).statusCode).toBe(200);
  expect((await call(byBody.token, { ...good, n: '4' })).statusCode).toBe(202);
  await world.sql(`update webhook_keys set expires_at = now() - interval '1 second'`);
  expect((await call(byBody.token)).statusCode).toBe(202);
  expect((await call(byBody.token, 'nothing', json)).json()).toMatchObject({
    error: 'webhook.not_json',
    statusCode: 400,
  });
  expect((await call(byBody.token, {})).json()).toMatchObject({ error: 'webhook.dedup_failed', statusCode: 422 });
});

test('a refused start leaves its key free', async () => {
  const { token } = await make({ dedup: { header: 'x-delivery' } });
  expect((await call(token, { service: null, n: '3' }, { 'x-delivery': 'k' })).statusCode).toBe(422);
  expect((await call(token, good, { 'x-delivery': 'k' })).statusCode).toBe(202);
});

test('422: what cannot be mapped or does not fit the declarations is told input by input', async () => {
  const { id, token } = await make();
  const mapping = await call(token, { service: 'nginx' });
  expect(mapping.statusCode).toBe(422);
  expect(mapping.json()).toMatchObject({
    error: 'webhook.mapping_failed',
    details: [{ path: '/inputs/count', code: 'expression.failed' }],
  });
  const checked = await call(token, { service: 5, n: '3' });
  expect(checked.json()).toMatchObject({
    error: 'webhook.mapping_failed',
    details: [{ path: '/inputs/service', code: 'input.wrong_type' }],
  });
  expect((await calls(id)).map(({ outcome, status }) => [outcome, status])).toEqual([
    ['webhook.mapping_failed', 422],
    ['webhook.mapping_failed', 422],
  ]);
});

test('a form is a map, and other texts are text', async () => {
  const form = await make({ inputs: { service: 'body.service', who: 'query.from' } });
  const answer = await world.call('POST', `/hooks/${form.token}?from=cron`, null, 'service=nginx&x=1&x=2', {
    'content-type': 'application/x-www-form-urlencoded',
  });
  expect(answer.statusCode, answer.body).toBe(202);
  expect(await world.sql('select inputs from runs where id = $1', [answer.json().runId])).toMatchObject([
    { inputs: { service: 'nginx', who: 'cron', count: null } },
  ]);
});

test('422: saving refuses names that are not there, inputs not declared, and a signature without a secret', async () => {
  const refused = await world.post('/webhooks', {
    name: 'x',
    target: { kind: 'playbook', id: playbook },
    inputs: { service: 'steps.a.output', nope: '1', count: '1 +' },
    signature: {},
  });
  expect(refused.statusCode).toBe(422);
  expect(refused.json().details.map(({ path, code }: { path: string; code: string }) => `${path} ${code}`)).toEqual([
    '/body/inputs/nope input.unknown',
    '/body/inputs/service expression.name_unknown',
    '/body/inputs/count expression.not_parsed',
    '/body/secret shape.missing_field',
  ]);
});

test('200: a webhook that waits answers with the result, or with 202 where that takes longer', async () => {
  const { token } = await make({ wait: '5s' });
  const waiting = call(token);
  await expect
    .poll(async () => {
      const [run] = await world.sql(
        `select id from runs where trigger = 'webhook' and ended_at is null and trigger_id = (select id from webhooks where wait_ms = 5000) limit 1`,
      );
      if (run)
        await world.tx((tx) =>
          endRun(tx, String(run['id']), {
            status: 'failed',
            error: { code: 'command.exited_nonzero', message: 'exit 1' },
          }),
        );
      return run !== undefined;
    })
    .toBe(true);
  const answer = await waiting;
  expect([answer.statusCode, answer.json().status, answer.json().error?.code]).toEqual([
    200,
    'failed',
    'command.exited_nonzero',
  ]);
  const brief = await make({ wait: '100ms' });
  expect((await call(brief.token)).statusCode).toBe(202);
});

test('429: over its rate, with Retry-After; a flood leaves few records', async () => {
  const { id, token } = await make({ rateLimit: 3 });
  const answers = [];
  for (let n = 0; n < 8; n++) answers.push(await call(token));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([202, 202, 202, 429, 429, 429, 429, 429]);
  expect(Number(answers[3]?.headers['retry-after'])).toBeGreaterThan(0);
  expect((await calls(id)).filter(({ outcome }) => outcome === 'webhook.too_many').length).toBeLessThan(4);
});

test('202: a kept call is made again, by today’s mapping and past its key; reading it is audited', async () => {
  const { id, token } = await make({ dedup: { header: 'x-delivery' } });
  await call(token, good, { 'x-delivery': 'r-1' });
  await world.patch(`/webhooks/${id}`, { inputs: { service: 'body.service + "-2"' } });
  const [kept] = await calls(id);
  const again = await world.post(`/webhooks/${id}/calls/${kept?.id}/replay`);
  expect(again.statusCode, again.body).toBe(202);
  expect(await world.sql('select inputs from runs where id = $1', [again.json().runId])).toMatchObject([
    { inputs: { service: 'nginx-2' } },
  ]);
  expect((await calls(id))[0]).toMatchObject({ replayOf: kept?.id, outcome: 'started' });
  const shown = (await world.get(`/webhooks/${id}/calls/${kept?.id}`)).json();
  expect(shown).toMatchObject({ body: JSON.stringify(good), headers: { 'x-who': 'ci' }, method: 'POST' });
  expect(
    await world.sql(`select action from audit_entries where subject = $1 and action = 'webhook.call_read'`, [
      `webhook:${id}`,
    ]),
  ).toHaveLength(1);
  const rows = await world.sql('select sealed_body from webhook_calls where id = $1', [kept?.id]);
  expect(String(rows[0]?.['sealed_body'])).not.toContain('nginx');
});

test('409: a call whose body was too large to keep cannot be made again', async () => {
  const { id, token } = await make();
  await call(token, { ...good, fill: 'x'.repeat(70_000) });
  const [kept] = await calls(id);
  expect(kept).toMatchObject({ outcome: 'started', isReplayable: false });
  expect((await world.post(`/webhooks/${id}/calls/${kept?.id}/replay`)).json()).toMatchObject({
    error: 'webhook.not_replayable',
    statusCode: 409,
  });
});
