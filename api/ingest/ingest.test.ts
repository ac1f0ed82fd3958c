// Each sender's form over HTTP, by the answer that this sender understands, and what can be found afterwards.
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogLine } from '#contracts/logs/logs.ts';
import { startTestApp, type TestApp, until } from '#tests/kit/test-app.ts';

let app: TestApp;
let made = 0;
beforeAll(async () => {
  app = await startTestApp({ withHosts: false });
});
afterAll(() => app?.close());

interface Source {
  id: string;
  token: string;
}
const newSource = async (fields: object = {}, options = {}): Promise<Source> => {
  const { source, address } = await app.ok('POST', '/log-sources', { name: `Source ${(made += 1)}`, sender: 'otel', ...fields }, options); // prettier-ignore
  expect(address.url).toMatch(new RegExp(`/api/v1/ingest/${address.token}$`));
  return { id: source.id, token: address.token };
};
const bring = async (
  token: string,
  path: string,
  body: string | Uint8Array<ArrayBuffer> | undefined,
  { type = 'application/json', method = 'POST', headers = {} }: { type?: string; method?: string; headers?: Record<string, string> } = {},
) => {
  const answer = await fetch(`${app.origin}/api/v1/ingest/${token}${path}`, { method, headers: { 'content-type': type, ...headers }, ...(body !== undefined && { body }) });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text) as unknown };
}; // prettier-ignore
const find = async (q: string, rest = ''): Promise<LogLine[]> =>
  (await app.ok('GET', `/logs?q=${encodeURIComponent(q)}${rest}`)).data;
const nanos = (): string => `${Date.now()}000000`;
const word = (): string => `w${Math.random().toString(36).slice(2)}`;

test('200: OTLP as JSON is found with its attributes once it is answered; a bad record is a partial success', async () => {
  const { id, token } = await newSource();
  const mark = word();
  const record = (text: string) => ({ timeUnixNano: nanos(), severityNumber: 17, body: { stringValue: text }, traceId: '5b8efff798038103d269b633813fc60c', attributes: [{ key: 'http.status', value: { intValue: '500' } }] }); // prettier-ignore
  const body = (records: unknown[]): string => JSON.stringify({ resourceLogs: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'checkout' } }, { key: 'host.name', value: { stringValue: 'web-1' } }] }, scopeLogs: [{ logRecords: records }] }] }); // prettier-ignore
  expect(await bring(token, '/v1/logs', body([record(`payment ${mark} failed`)]))).toMatchObject({
    status: 200,
    text: '{}',
  });
  expect(await find(mark)).toMatchObject([
    { severity: 'high', service: 'checkout', host: 'web-1', sourceId: id, text: `payment ${mark} failed`, attributes: { 'http.status': 500 }, traceId: '5b8efff798038103d269b633813fc60c' },
  ]); // prettier-ignore
  const partial = await bring(token, '/v1/logs', body([record('fine'), 7]));
  expect([partial.status, partial.json()]).toEqual([
    200,
    { partialSuccess: { rejectedLogRecords: '1', errorMessage: 'A log record is an object.' } },
  ]);
  expect(await bring(token, '/otlp/v1/logs', '')).toMatchObject({ status: 200, text: '{}' });
  const bad = await bring(token, '/v1/logs', '{"resourceLogs":7}');
  expect([bad.status, bad.json()]).toEqual([400, { code: 3, message: expect.stringContaining('ExportLogsServiceRequest') }]); // prettier-ignore
  const binary = await bring(token, '/v1/logs', Buffer.from([10, 0]), { type: 'application/x-protobuf' });
  expect([binary.status, binary.json()]).toMatchObject([415, { code: 3 }]);
});

test('204: Loki’s push, packed or not; one bad entry refuses all of it, in plain text', async () => {
  const { token } = await newSource();
  const mark = word();
  const push = (...values: unknown[]): string => JSON.stringify({ streams: [{ stream: { app: 'shop', host: 'web-2', level: 'warn' }, values }] }); // prettier-ignore
  const packed = gzipSync(push([nanos(), `${mark} one`], [nanos(), `${mark} two`, { user: 'ana' }]));
  const answer = await bring(token, '/loki/api/v1/push', packed, { headers: { 'content-encoding': 'gzip' } });
  expect([answer.status, answer.text]).toEqual([204, '']);
  expect(await find(`${mark} user=ana`)).toMatchObject([{ text: `${mark} two`, service: 'shop', host: 'web-2', severity: 'warning' }]); // prettier-ignore
  const refused = await bring(token, '/loki/api/v1/push', push([nanos(), `${mark} three`], [Date.now(), 'a number']));
  expect([refused.status, refused.headers.get('content-type')]).toEqual([400, 'text/plain; charset=utf-8']);
  expect(await find(`${mark} three`)).toEqual([]);
  expect((await bring(token, '/loki/api/v1/push', Buffer.from('x'), { type: 'application/x-protobuf' })).status).toBe(
    415,
  );
  const torn = await bring(token, '/loki/api/v1/push', packed.subarray(0, 20), {
    headers: { 'content-encoding': 'gzip' },
  });
  expect(torn.status).toBe(400);
});

test('200: `_bulk` answers by item, in order; an id that comes again is not written again', async () => {
  const { token } = await newSource();
  const mark = word();
  const doc = (text: string) => ({ '@timestamp': new Date().toISOString(), message: text, 'log.level': 'error', host: { name: 'db-1' }, service: { name: 'pg' }, event: { dataset: 'pg.log' } }); // prettier-ignore
  const body = `${[{ create: { _index: 'logs-pg', _id: mark } }, doc(`${mark} a`), { index: {} }, doc(`${mark} b`), { delete: { _id: '1' } }, { create: {} }, 'no object'].map((line) => JSON.stringify(line)).join('\n')}\n`; // prettier-ignore
  const first = await bring(token, '/_bulk', body, { type: 'application/x-ndjson' });
  expect([first.status, first.headers.get('x-elastic-product'), first.json()]).toMatchObject([
    200,
    'Elasticsearch',
    {
      errors: true,
      items: [
        { create: { _index: 'logs-pg', _id: mark, status: 201, result: 'created' } },
        { index: { _index: 'logs', status: 201 } },
        { delete: { status: 400, error: { type: 'illegal_argument_exception' } } },
        { create: { status: 400, error: { type: 'document_parsing_exception' } } },
      ],
    },
  ]);
  const again = await bring(token, '/logs-pg/_bulk', body, { type: 'application/x-ndjson', method: 'PUT' });
  expect(again.json()).toMatchObject({ items: [{ create: { status: 409, error: { type: 'version_conflict_engine_exception' } } }, { index: { status: 201 } }, {}, {}] }); // prettier-ignore
  const lines = await find(mark);
  expect(lines.map(({ text }) => text).sort()).toEqual([`${mark} a`, `${mark} b`, `${mark} b`]);
  expect(lines[0]).toMatchObject({
    severity: 'high',
    host: 'db-1',
    service: 'pg',
    attributes: { 'event.dataset': 'pg.log' },
  });
  const unended = await bring(token, '/_bulk', '{"index":{}}\n{}', { type: 'application/x-ndjson' });
  expect([unended.status, unended.json()]).toMatchObject([400, { status: 400, error: { type: 'illegal_argument_exception' } }]); // prettier-ignore
});

test('shippers that ask for Elasticsearch before they send find one; nobody else’s token does', async () => {
  const { token } = await newSource();
  const root = await bring(token, '/', undefined, { method: 'GET' });
  expect([root.status, root.headers.get('x-elastic-product'), root.json()]).toMatchObject([
    200,
    'Elasticsearch',
    { version: { number: expect.stringMatching(/^8\./) }, tagline: 'You Know, for Search' },
  ]);
  expect((await bring(token, '/', undefined, { method: 'HEAD' })).status).toBe(200);
  expect((await bring(token, '/_license', undefined, { method: 'GET' })).json()).toMatchObject({ license: { status: 'active' } }); // prettier-ignore
  const nobody = await bring('a-token-that-nobody-ever-made', '/', undefined, { method: 'GET' });
  expect([nobody.status, nobody.json()]).toMatchObject([401, { status: 401, error: { type: 'security_exception' } }]);
});

test('202: Datadog’s logs; more than a thousand at once, or more than 5 MB, are 413 in its words', async () => {
  const { token } = await newSource();
  const mark = word();
  const log = { message: `${mark} dd`, ddsource: 'nginx', ddtags: 'env:prod,team:web', hostname: 'web-3', service: 'front', status: 'error' }; // prettier-ignore
  expect(await bring(token, '/api/v2/logs', JSON.stringify([log]))).toMatchObject({ status: 202, text: '{}' });
  expect(await bring(token, '/v1/input', JSON.stringify(log))).toMatchObject({ status: 200, text: '{}' });
  expect(await find(`${mark} env=prod host=web-3`)).toHaveLength(2);
  const many = await bring(token, '/api/v2/logs', JSON.stringify(Array.from({ length: 1_001 }, () => ({}))));
  expect([many.status, many.json()]).toMatchObject([413, { errors: [{ status: '413' }] }]);
  const bomb = gzipSync(Buffer.alloc(6_000_000, 32));
  expect((await bring(token, '/api/v2/logs', bomb, { headers: { 'content-encoding': 'gzip' } })).status).toBe(413);
  expect((await bring(token, '/api/v2/logs', '"text"')).status).toBe(400);
});

describe('our own lines', () => {
  const post = (body: string, headers: Record<string, string> = {}, options = {}) =>
    app.call('POST', '/logs', body, { headers: { 'content-type': 'application/x-ndjson', ...headers }, ...options });

  test('200: what is no event is told by its line; what is an event is written', async () => {
    const mark = word();
    const { status, body } = await post(`{"text":"${mark} 1","severity":"warn","attributes":{"a":1}}\nnope\n{"msg":"${mark} 2"}\n`); // prettier-ignore
    expect([status, body]).toEqual([200, { accepted: 2, duplicates: 0, rejected: [{ line: 2, reason: 'The line is no JSON.' }], rejectedCount: 1 }]); // prettier-ignore
    expect(await find(mark)).toHaveLength(2);
    expect(await post('nope')).toMatchObject({ status: 400, body: { error: 'log.unreadable' } });
    expect((await post('')).body).toMatchObject({ accepted: 0 });
    const { token } = await newSource();
    expect((await bring(token, '/ndjson', `{"text":"${mark} 3"}`)).json()).toMatchObject({ accepted: 1 });
  });

  test('under one Idempotency-Key the same lines are written once, also when both come at once', async () => {
    const mark = word();
    const send = () => post(`{"text":"${mark} 1"}\n{"text":"${mark} 2"}\n`, { 'idempotency-key': mark });
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.map(({ body }) => body.accepted + body.duplicates)).toEqual([2, 2, 2]);
    expect(answers.reduce((sum, { body }) => sum + body.accepted, 0)).toBe(2);
    expect(await find(mark)).toHaveLength(2);
  });

  test('what no text of the database holds does not cost others their lines', async () => {
    const mark = word();
    const nasty = JSON.stringify({ text: `${mark} \u0000 \ud800 tab\tnew\nline back\\slash \\N`, attributes: { 'k\u0000\udc00': 'v\u0000\ud800', n: 1 } }); // prettier-ignore
    const [one, two] = await Promise.all([post(nasty), post(`{"text":"${mark} plain"}`)]);
    expect([one.status, two.status]).toEqual([200, 200]);
    const texts = (await find(mark)).map(({ text }) => text).sort();
    expect(texts).toEqual([`${mark}  \ufffd tab\tnew\nline back\\slash \\N`, `${mark} plain`]);
  });

  test('a time more than a day ahead is taken for now, and what was claimed is kept', async () => {
    const mark = word();
    await post(`{"at":"2999-01-01T00:00:00Z","text":"${mark}"}`);
    expect(await find(mark)).toMatchObject([{ attributes: { 'claimed.time': '2999-01-01T00:00:00.000Z' } }]);
  });

  test('lines of long ago are found in their time', async () => {
    const mark = word();
    await post(`{"at":"2020-02-29T12:00:00Z","text":"${mark}"}`);
    expect(await find(mark)).toEqual([]);
    expect(await find(mark, '&from=2020-02-01T00:00:00Z&to=2020-03-01T00:00:00Z')).toHaveLength(1);
  });
});

test('nothing is answered as taken that is not committed: a transaction that fails is an error in the sender’s words', async () => {
  const { token } = await newSource();
  const owner = new pg.Client({ connectionString: app.database.ownerUrl });
  await owner.connect();
  const mark = word();
  const loki = JSON.stringify({ streams: [{ stream: {}, values: [[nanos(), mark]] }] });
  try {
    // Every commit of lines fails from here on, at its very end.
    await owner.query(`create function refuse_logs() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = '53100'; end $$`); // prettier-ignore
    await owner.query(`create constraint trigger refuse after insert or update on log_days deferrable initially deferred for each row execute function refuse_logs()`); // prettier-ignore
    const answers = [
      await bring(token, '/v1/logs', JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: mark } }] }] }] })), // prettier-ignore
      await bring(token, '/loki/api/v1/push', loki),
      await bring(token, '/_bulk', `{"create":{"_id":"${mark}"}}\n{"message":"${mark}"}\n`),
      await bring(token, '/api/v2/logs', JSON.stringify({ message: mark })),
      await bring(token, '/ndjson', JSON.stringify({ text: mark, id: mark })),
    ];
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
    expect(answers.every(({ headers }) => Number(headers.get('retry-after')) > 0)).toBe(true);
    expect(answers[2]?.json()).toMatchObject({ error: { type: 'es_rejected_execution_exception' } });
  } finally {
    await owner.query('drop function refuse_logs() cascade');
    await owner.end();
  }
  expect(await find(mark)).toEqual([]);
  // A key whose transaction failed was not used: the same events are taken when they come again.
  const again = await bring(token, '/_bulk', `{"create":{"_id":"${mark}"}}\n{"message":"${mark}"}\n`);
  expect(again.json()).toMatchObject({ errors: false, items: [{ create: { status: 201 } }] });
  expect(await find(mark)).toHaveLength(1);
});

test('a workspace neither sees nor counts another’s lines, and no token brings lines to it', async () => {
  const mark = word();
  const other = await app.ok('POST', '/workspaces', { name: `Other ${mark}` }, { token: app.owner.token });
  const there = { token: app.owner.token, workspace: other.id };
  const { token, id } = await newSource({}, there);
  await bring(token, '/ndjson', JSON.stringify({ text: mark }));
  expect(await find(mark)).toEqual([]);
  expect((await app.ok('GET', `/logs/counts?q=${mark}`)).total).toBe(0);
  expect((await app.ok('GET', `/logs?q=${mark}`, undefined, there)).data).toHaveLength(1);
  expect((await app.ok('GET', `/logs/counts?q=${mark}`, undefined, there)).total).toBe(1);
  expect(JSON.stringify(await app.ok('GET', '/log-sources'))).not.toContain(id);
  expect((await app.call('PATCH', `/log-sources/${id}`, { enabled: false })).status).toBe(404);
});

test('two addresses of a source live at once; a third ends the oldest, and a removed or switched-off one takes nothing', async () => {
  const { id, token: first } = await newSource();
  const knock = (token: string) => bring(token, '/ndjson', '{"text":"x"}').then(({ status }) => status);
  const { address: second } = await app.ok('POST', `/log-sources/${id}/tokens`);
  expect(await Promise.all([knock(first), knock(second.token)])).toEqual([200, 200]);
  const { address: third, source } = await app.ok('POST', `/log-sources/${id}/tokens`);
  expect(source.tokens).toHaveLength(2);
  await until(async () => (await knock(first)) === 401);
  await app.ok('DELETE', `/log-sources/${id}/tokens/${second.tokenId}`);
  await until(async () => (await knock(second.token)) === 401);
  await app.ok('PATCH', `/log-sources/${id}`, { enabled: false });
  await until(async () => (await knock(third.token)) === 401);
  const { data: entries } = await app.ok('GET', `/audit?subject=log_source:${id}`);
  expect(entries.map(({ action }: { action: string }) => action)).toEqual(['log_source.changed', 'log_source.address_removed', 'log_source.address_added', 'log_source.address_added', 'log_source.created']); // prettier-ignore
}, 30_000);
