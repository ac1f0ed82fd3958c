import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Json } from '#contracts/playbooks/document.ts';
import type { HttpRequest, Reply } from '#contracts/playbooks/engine/effects.ts';
import { isRetryable } from '#contracts/playbooks/engine/failures.ts';
import { httpPeer, type HttpPeer } from '#tests/kit/http-peer.ts';
import { callHttp } from './call-http.ts';

let peer: HttpPeer;
const sealed: Record<string, Json> = {};
beforeAll(async () => void (peer = await httpPeer()));
afterAll(() => peer.close());
beforeEach(() => {
  peer.requests.length = 0;
  peer.answerWith(() => ({ body: 'fine' }));
});

const secrets: Record<string, Json> = {
  'secrets.api': 'hunter2-hunter2',
  'inputs.pw': 'pass word!',
  'steps.login.output': { token: 'tok-1234567' },
};
const tools = (allow: string[]) => ({
  openSecrets: () =>
    Promise.resolve({
      reveal: ({ $secret, path }: { $secret: string; path?: readonly (string | number)[] }) =>
        (path ?? []).reduce<Json>((part, key) => (part as Record<string, Json>)[key] ?? null, secrets[$secret] ?? null),
      values: ['hunter2-hunter2', 'pass word!', 'tok-1234567'],
    }),
  keepSealed: (_run: unknown, name: string, value: Json) => Promise.resolve(void (sealed[name] = value)),
  readAllowed: () => Promise.resolve(allow),
});
const send = (more: Partial<HttpRequest> = {}, allow = ['127.0.0.1'], signal?: AbortSignal): Promise<Reply> =>
  callHttp(
    tools(allow),
    {
      workspaceId: 'w',
      runId: 'r',
      request: {
        address: 'call',
        stepId: 'call',
        attempt: 1,
        execution: 1,
        safeToRepeat: true,
        timeoutMs: 5_000,
        method: 'GET',
        url: `${peer.url}/x`,
        headers: {},
        query: {},
        body: null,
        auth: null,
        expect: { status: ['2xx'], json: null },
        followRedirects: false,
        ...more,
      },
    },
    signal,
  );
const output = (reply: Reply): Record<string, Json> => {
  expect(reply.kind, JSON.stringify(reply)).toBe('ok');
  return reply.kind === 'ok' ? (reply.output as Record<string, Json>) : {};
};
const errorOf = (reply: Reply) => {
  expect(reply.kind, JSON.stringify(reply)).toBe('error');
  return reply.kind === 'error' ? reply.error : { code: '', message: '' };
};

test('JSON goes out and comes back as values', async () => {
  peer.answerWith(() => ({
    status: 201,
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-a': 'b' },
    body: '{"id":7,"tags":["a"]}',
  }));
  const answer = output(
    await send({ method: 'POST', body: { name: 'web', n: 1 }, query: { q: 'a b', list: ['x', 'y'], none: null } }),
  );
  expect(answer).toMatchObject({
    status: 201,
    body: { id: 7, tags: ['a'] },
    bytes: 21,
    truncated: false,
    headers: { 'x-a': 'b' },
  });
  expect(peer.requests[0]).toMatchObject({
    method: 'POST',
    url: '/x?q=a+b&list=x&list=y',
    body: '{"name":"web","n":1}',
    headers: { 'content-type': 'application/json' },
  });
});

test('text stays text, also what only says that it is JSON', async () => {
  peer.answerWith(() => ({ headers: { 'content-type': 'application/json' }, body: '{"half' }));
  expect(output(await send({ method: 'PUT', body: 'plain ü' }))).toMatchObject({ body: '{"half' });
  expect(peer.requests[0]).toMatchObject({ body: 'plain ü', headers: { 'content-type': 'text/plain; charset=utf-8' } });
});

test('secrets are put in on the way out and masked on the way back', async () => {
  peer.answerWith(({ headers, body }) => ({
    headers: { 'content-type': 'application/json', 'x-echo': String(headers['x-key']) },
    body: JSON.stringify({ auth: headers.authorization, got: JSON.parse(body) }),
  }));
  const answer = output(
    await send({
      method: 'POST',
      headers: { 'X-Key': { $secret: 'secrets.api' } },
      auth: { bearer: { $secret: 'steps.login.output', path: ['token'] } },
      body: { pw: { $text: ['pw=', { $secret: 'inputs.pw' }] }, keep: { $literal: { $secret: 'not one' } } },
    }),
  );
  expect(peer.requests[0]?.headers).toMatchObject({ 'x-key': 'hunter2-hunter2', authorization: 'Bearer tok-1234567' });
  expect(JSON.parse(peer.requests[0]?.body ?? '')).toEqual({ pw: 'pw=pass word!', keep: { $secret: 'not one' } });
  expect(JSON.stringify(answer)).not.toMatch(/hunter2|tok-1234567|pass word/);
  expect(answer).toMatchObject({
    headers: { 'x-echo': '[secret]' },
    body: { auth: 'Bearer [secret]', got: { pw: 'pw=[secret]' } },
  });
});

test('basic sign-in, in both ways of writing it', async () => {
  await send({ auth: { user: 'ana', password: { $secret: 'inputs.pw' } } });
  await send({ auth: { basic: { username: 'ana', password: 'x' } } });
  expect(peer.requests.map(({ headers }) => headers.authorization)).toEqual([
    `Basic ${btoa('ana:pass word!')}`,
    `Basic ${btoa('ana:x')}`,
  ]);
  expect(errorOf(await send({ auth: { cookie: 'x' } }))).toMatchObject({ code: 'value.wrong_type', retryable: false });
});

test('an answer outside of expect fails with the first 4 kB of its body, masked', async () => {
  peer.answerWith(() => ({
    status: 503,
    headers: { 'retry-after': '7' },
    body: `hunter2-hunter2 ${'x'.repeat(9_000)}`,
  }));
  const error = errorOf(await send({ headers: { k: { $secret: 'secrets.api' } } }));
  expect(error).toMatchObject({ code: 'http.unexpected_status', retryAfterMs: 7_000, details: { status: 503 } });
  expect(error.details?.['body']).toHaveLength(4_096);
  expect(error.details?.['body']).toMatch(/^\[secret\] x/);
  expect(isRetryable(error)).toBe(true);
  peer.answerWith(() => ({ status: 404 }));
  expect(isRetryable(errorOf(await send()))).toBe(false);
});

test('expect takes statuses, ranges and a condition on the answer', async () => {
  peer.answerWith(() => ({ status: 404, headers: { 'content-type': 'application/json' }, body: '{"state":"gone"}' }));
  expect(output(await send({ expect: { status: [200, '4xx'], json: null } }))).toMatchObject({ status: 404 });
  expect(output(await send({ expect: { status: ['404'], json: 'response.body.state == "gone"' } }))).toMatchObject({
    status: 404,
  });
  const error = errorOf(await send({ expect: { status: [404], json: 'response.body.state == "here"' } }));
  expect(error).toMatchObject({ code: 'http.unexpected_status', retryable: false });
  expect(errorOf(await send({ expect: { status: [404], json: 'response.body.nothing.there' } })).message).toContain(
    'could not be evaluated',
  );
});

test('a redirect is an answer unless it is to be followed', async () => {
  peer.answerWith(({ url }) => (url === '/x' ? { status: 302, headers: { location: '/y' } } : { body: 'there' }));
  expect(output(await send({ expect: { status: ['3xx'], json: null } }))).toMatchObject({ status: 302 });
  expect(output(await send({ followRedirects: true }))).toMatchObject({ status: 200, body: 'there' });
});

test('the result of a sensitive step is sealed where it arose, and leaves nothing in an error', async () => {
  peer.answerWith(() => ({ headers: { 'content-type': 'application/json' }, body: '{"token":"abc"}' }));
  expect(await send({ sealed: 'steps.login' })).toEqual({ kind: 'ok', output: null });
  expect(sealed['steps.login.output']).toMatchObject({ status: 200, body: { token: 'abc' } });
  peer.answerWith(() => ({ status: 500, body: 'private' }));
  expect(JSON.stringify(await send({ sealed: 'steps.login' }))).not.toContain('private');
});

test('private addresses, absent and slow servers each have their code', async () => {
  expect(errorOf(await send({}, []))).toMatchObject({ code: 'http.address_refused' });
  expect(errorOf(await send({ url: 'http://0x7f.1/' }, []))).toMatchObject({ code: 'http.address_refused' });
  expect(errorOf(await send({ url: 'http://127.0.0.1:9/' }))).toMatchObject({ code: 'http.unreachable' });
  expect(errorOf(await send({ url: 'file:///etc/passwd' }))).toMatchObject({ code: 'value.wrong_type' });
  peer.answerWith(() => null);
  expect(errorOf(await send({ timeoutMs: 100 }))).toMatchObject({ code: 'step.timed_out' });
});

test('a call that is canceled ends at once by the signal, as no failure of the other side', async () => {
  peer.answerWith(() => null);
  const controller = new AbortController();
  const call = send({}, ['127.0.0.1'], controller.signal);
  await expect.poll(() => peer.requests.length).toBe(1);
  controller.abort(new Error('canceled'));
  await expect(call).rejects.toThrow('canceled');
});

test('a header that would end the header is refused', async () => {
  expect(errorOf(await send({ headers: { 'x-a': 'b\r\nx-c: d' } }))).toMatchObject({ code: 'value.wrong_type' });
  expect(errorOf(await send({ headers: { 'x a': 'b' } }))).toMatchObject({ code: 'value.wrong_type' });
  expect(peer.requests).toEqual([]);
});
