import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failureOf } from '#tests/kit/query-failure.ts';
import { Secret } from '#system/secret.ts';
import { SfmcCalls } from './calls.ts';
import { readRowset, rowsetPath } from './rest.ts';
import { retrieveAll, retrievePage } from './soap.ts';
import { guardedAsk } from './transport.ts';

/** Answers what a test says, whatever is asked. */
let server: Server;
let answers: { status?: number; type?: string; body: string | Buffer; headers?: Record<string, string> }[] = [];
let asked = 0;
let origin = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    const answer = answers[Math.min(asked++, answers.length - 1)];
    response.writeHead(answer?.status ?? 200, { 'content-type': answer?.type ?? 'text/xml', ...answer?.headers });
    response.end(answer?.body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const calls = (allow = ['127.0.0.1']) => {
  const tokens = {
    accessToken: new Secret('t'),
    refreshToken: null,
    expiresAtMs: Number.MAX_SAFE_INTEGER,
    refreshAtMs: Number.MAX_SAFE_INTEGER,
    scopes: [],
    restUrl: `${origin}/rest/`,
    soapUrl: `${origin}/soap/`,
  };
  const source = { current: async () => tokens, renew: async () => tokens };
  return new SfmcCalls({ ask: guardedAsk({ allow }), tokens: source, sleep: async () => {} });
};
const given = (...list: typeof answers) => {
  answers = list;
  asked = 0;
};
const folders = { type: 'DataFolder', properties: ['ID'] };
const wrapped = (body: string) =>
  `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="x"><soap:Body>${body}</soap:Body></soap:Envelope>`;
const page = (status: string, id: string, ...names: string[]) =>
  wrapped(
    `<RetrieveResponseMsg><OverallStatus>${status}</OverallStatus><RequestID>${id}</RequestID>${names.map((name) => `<Results><ID>${name}</ID></Results>`).join('')}</RetrieveResponseMsg>`,
  );

test('a declaration of types is refused at once, and not asked for again', async () => {
  given({ body: `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${page('OK', 'r', '&x;')}` });
  expect(await failureOf(retrievePage(calls(), folders))).toMatchObject({
    code: 'answer_unreadable',
    retryable: false,
  });
  expect(asked).toBe(1);
});

test('a bomb of entities takes no time and no memory', async () => {
  const levels = Array.from({ length: 30 }, (_, at) => `<!ENTITY e${at + 1} "&e${at};&e${at};">`).join('');
  given({ body: `<?xml version="1.0"?><!DOCTYPE b [<!ENTITY e0 "boom">${levels}]><b>&e30;</b>` });
  expect(await failureOf(retrievePage(calls(), folders))).toMatchObject({ code: 'answer_unreadable' });
});

test('an answer larger than the cap is no answer, and not half of one', async () => {
  const filler = Buffer.alloc(65 * 1_048_576, 0x20);
  given({ body: Buffer.concat([Buffer.from('{"count":1,"items":['), filler]), type: 'application/json' });
  const facts = await failureOf(readRowset(calls(), rowsetPath('k', 10), []));
  expect(facts).toMatchObject({
    code: 'answer_unreadable',
    retryable: false,
    message: expect.stringContaining('larger'),
  });
});

test('what is cut off is asked for again, and given up after five tries', async () => {
  const whole = page('OK', 'r', '1', '2');
  given({ body: whole.slice(0, -40) }, { body: whole.slice(0, 100) }, { body: whole });
  expect((await retrievePage(calls(), folders)).results).toHaveLength(2);
  given({ body: whole.slice(0, -40) });
  expect(await failureOf(retrievePage(calls(), folders))).toMatchObject({
    kind: 'provider',
    code: 'answer_unreadable',
  });
  expect(asked).toBe(5);
});

test('a page of HTML is never read as XML, with whatever status and type it comes', async () => {
  const html = '<html><head><title>Maintenance</title></head><body><Results/></body></html>';
  for (const [status, type] of [
    [503, 'text/html'],
    [503, 'text/xml'],
    [200, 'text/html'],
    [200, 'text/xml'],
    [502, 'text/plain'],
  ] as const) {
    given({ status, type, body: html });
    expect(await failureOf(retrievePage(calls(), folders)), `${status} ${type}`).toMatchObject({
      kind: 'provider',
      retryable: true,
    });
  }
  given({ status: 503, type: 'text/html', body: html }, { body: page('OK', 'r') });
  expect((await retrievePage(calls(), folders)).results).toEqual([]);
});

test('one result and many are lists alike, and nil is nothing', async () => {
  given({ body: page('OK', 'r', '1') });
  expect((await retrieveAll(calls(), folders, { most: 10 })).results).toEqual([{ ID: '1' }]);
  given(
    { body: page('MoreDataAvailable', 'a', '1', '2') },
    { body: page('MoreDataAvailable', 'b', '3') },
    { body: page('OK', 'c', '4') },
  );
  expect((await retrieveAll(calls(), folders, { most: 10 })).results.map(({ ID }) => ID)).toEqual(['1', '2', '3', '4']);
});

test('a continuation that went stale makes the list begin again, once', async () => {
  const stale = { body: page('Error: The RequestID sent through ContinueRequest does not exist.', 'x') };
  given(
    { body: page('MoreDataAvailable', 'a', '1') },
    stale,
    { body: page('MoreDataAvailable', 'b', '1') },
    { body: page('OK', 'c', '2') },
  );
  expect((await retrieveAll(calls(), folders, { most: 10 })).results.map(({ ID }) => ID)).toEqual(['1', '2']);
  given({ body: page('MoreDataAvailable', 'a', '1') }, stale, { body: page('MoreDataAvailable', 'b', '1') }, stale);
  expect(await failureOf(retrieveAll(calls(), folders, { most: 10 }))).toMatchObject({ code: 'request_stale' });
});

test('a list without an end is cut, and says so', async () => {
  given({ body: page('MoreDataAvailable', 'a', '1', '2', '3') });
  expect(await retrieveAll(calls(), folders, { most: 7 })).toMatchObject({ isCut: true, results: { length: 7 } });
  expect(asked).toBe(3);
});

test('faults are told apart by their code, wrong properties by the status', async () => {
  const fault = (code: string, words: string) =>
    wrapped(`<soap:Fault><faultcode>${code}</faultcode><faultstring>${words}</faultstring></soap:Fault>`);
  given({ status: 500, body: fault('q0:Security', 'Token Expired') });
  expect(await failureOf(retrievePage(calls(), folders))).toMatchObject({ kind: 'auth', code: 'not_authorized' });
  expect(asked).toBe(2);
  given({ status: 500, body: fault('soap:Client', 'malformed') });
  expect(await failureOf(retrievePage(calls(), folders))).toMatchObject({
    kind: 'provider',
    code: 'soap_client',
    retryable: false,
  });
  expect(asked).toBe(1);
  given({ body: page('Error: The Request Property(s) X do not match with the fields of DataFolder retrieve', 'x') });
  expect(await failureOf(retrievePage(calls(), folders))).toMatchObject({
    message: expect.stringContaining('do not match'),
    retryable: false,
  });
});

test('a private address is refused before anything is sent', async () => {
  given({ body: page('OK', 'r') });
  expect(await failureOf(retrievePage(calls([]), folders))).toMatchObject({
    kind: 'network',
    code: 'http.address_refused',
    retryable: false,
    mayHaveActed: false,
  });
  expect(asked).toBe(0);
});

test('rows that are not as they should be are a failure without a word of them', async () => {
  for (const body of [
    '{"count":"many"}',
    '[]',
    'null',
    '{"count":1,"items":[{"values":"hunter2"}]}',
    '{"count":1,"items":"hunter2"}',
    '{"count":1',
  ]) {
    given({ body, type: 'application/json' });
    const facts = await failureOf(readRowset(calls(), rowsetPath('k', 10), []));
    expect(facts, body).toMatchObject({ kind: 'provider', code: 'answer_unreadable' });
    expect(JSON.stringify(facts)).not.toContain('hunter2');
  }
});
