import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, expect, test } from 'vitest';
import { startAmcWorld } from '#tests/kit/amc-world.ts';
import { failureOf } from '#tests/kit/query-failure.ts';
import { type DownloadOptions, firstPlace, readRows } from './downloads.ts';

const world = await startAmcWorld();
/** A file server that does what a test tells it to. */
let respond: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end();
const asked: IncomingMessage['headers'][] = [];
const server = createServer((request, response) => {
  asked.push(request.headers);
  respond(request, response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await world.stop();
});
afterEach(() => void (asked.length = 0));

const options = (more: Partial<DownloadOptions> = {}): DownloadOptions => ({
  urls: async () => [`${origin}/1.csv`],
  guard: world.guard,
  sleep: async () => {},
  ...more,
});
async function all(given = options(), from = firstPlace) {
  const rows: (readonly (string | null)[])[] = [];
  let header: readonly string[] = [];
  for await (const { cells } of readRows(from, given, (names) => (header = names))) rows.push(cells);
  return { header, rows };
}
const text = `k,n\n${Array.from({ length: 200 }, (_, at) => `"row ${at}\nof ""two"" lines",${at}`).join('\n')}\n`;
/** Serves ranges of a text, cutting each answer off after so many bytes. */
const cutAfter =
  (bytes: number, body = Buffer.from(text), etag = () => '"e"') =>
  (request: IncomingMessage, response: ServerResponse) => {
    const from = Number(/bytes=(\d+)/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (request.headers['if-match'] !== undefined && request.headers['if-match'] !== etag())
      return void response.writeHead(412).end();
    if (from >= body.length) return void response.writeHead(416).end();
    const rest = body.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      etag: etag(),
      'content-length': rest.length,
      ...(from > 0 && { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` }),
    });
    if (rest.length <= bytes) return void response.end(rest);
    response.write(rest.subarray(0, bytes), () => setImmediate(() => response.destroy()));
  };

test('a connection that breaks again and again goes on at its byte with the tag it had; no row is lost or doubled', async () => {
  respond = cutAfter(700);
  const { header, rows } = await all();
  expect(header).toEqual(['k', 'n']);
  expect(rows).toEqual(Array.from({ length: 200 }, (_, at) => [`row ${at}\nof "two" lines`, String(at)]));
  expect(asked.length).toBeGreaterThan(3);
  expect(
    asked.slice(1).every((headers) => headers['if-match'] === '"e"' && /^bytes=\d+-$/.test(headers.range ?? '')),
  ).toBe(true);
  expect(asked.every((headers) => headers.authorization === undefined)).toBe(true);
});

test('a file that changed in between is no longer read on', async () => {
  let reads = 0;
  respond = (request, response) =>
    cutAfter(700, Buffer.from(text), () => (reads < 2 ? '"e"' : '"other"'))(request, (reads++, response));
  expect(await failureOf(all())).toMatchObject({ code: 'result_changed', retryable: false });
});

test('a server without ranges is read from its start, and what was read before is skipped', async () => {
  let reads = 0;
  respond = (_, response) => {
    response.writeHead(200, { etag: '"e"', 'content-length': Buffer.byteLength(text) });
    if (reads++ > 0) return void response.end(text);
    response.write(text.slice(0, 900), () => setImmediate(() => response.destroy()));
  };
  expect((await all()).rows).toHaveLength(200);
});

test('one that always breaks without a byte is given up as a network failure, never as an end', async () => {
  respond = (_, response) => void response.destroy();
  expect(await failureOf(all())).toMatchObject({ kind: 'network' });
  expect(asked).toHaveLength(7);
});

test('a length that is not kept, and a value without end, are failures', async () => {
  respond = (_, response) => void response.writeHead(200, { 'content-length': 3 }).end('k\n"');
  expect(await failureOf(all())).toMatchObject({ kind: 'provider', code: 'unreadable_answer' });
});

test('an answer that ends politely before the file does is not taken for its end', async () => {
  const body = Buffer.from(text);
  respond = (request, response) => {
    const from = Number(/bytes=(\d+)/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from === 0) return cutAfter(700)(request, response);
    response.writeHead(206, { etag: '"e"', 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` });
    response.end(body.subarray(from, from + 900));
  };
  expect((await all()).rows).toHaveLength(200);
});

test('an address that has expired is renewed once and read on; if that is refused too, it is told', async () => {
  let isGood = false;
  respond = (request, response) =>
    isGood
      ? cutAfter(1e9)(request, response)
      : void response
          .writeHead(403)
          .end('<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>');
  const urls: boolean[] = [];
  const source: DownloadOptions['urls'] = async ({ isFresh }) => {
    urls.push(isFresh);
    isGood = isFresh;
    return [`${origin}/1.csv`];
  };
  expect((await all(options({ urls: source }))).rows).toHaveLength(200);
  expect(urls).toEqual([false, true]);
  respond = (_, response) => void response.writeHead(403).end('<Error><Message>Request has expired</Message></Error>');
  expect(await failureOf(all())).toMatchObject({ kind: 'auth', status: 403, message: 'Request has expired' });
});

test('several files are one result, each with its own header; a place within can be taken up', async () => {
  respond = (request, response) =>
    void response.writeHead(200, { etag: '"x"' }).end(request.url === '/1.csv' ? 'k,n\na,1\nb,2\n' : 'k,n\nc,3');
  const two = options({ urls: async () => [`${origin}/1.csv`, `${origin}/2.csv`] });
  expect(await all(two)).toEqual({
    header: ['k', 'n'],
    rows: [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ],
  });
  const places = [];
  for await (const { next } of readRows(firstPlace, two)) places.push(next);
  expect(places.map(({ part, row }) => [part, row])).toEqual([
    [0, 1],
    [0, 2],
    [1, 3],
  ]);
});

test('a private address is refused: what the service names as a file leads nowhere into our network', async () => {
  expect(await failureOf(all(options({ guard: { allow: [] } })))).toMatchObject({
    kind: 'network',
    code: 'address_refused',
    retryable: false,
  });
  expect(asked).toEqual([]);
});

test('a hundred megabytes pass through without being kept', async () => {
  const row = Buffer.from(`${'x'.repeat(500)},${'y'.repeat(500)}\n`);
  const block = Buffer.concat(Array.from({ length: 64 }, () => row));
  respond = (_, response) => {
    response.writeHead(200);
    let left = 1_600;
    const go = (): void => {
      while (left-- > 0) if (!response.write(block)) return void response.once('drain', go);
      response.end();
    };
    go();
  };
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let most = 0;
  let rows = 0;
  for await (const _ of readRows(firstPlace, options()))
    if (++rows % 10_000 === 0) most = Math.max(most, process.memoryUsage().rss);
  expect(rows).toBe(64 * 1_600 - 1);
  expect((most - before) / 1_048_576).toBeLessThan(80);
});

test('against the service: pages survive an expired address, results that are not ready are waited for, breaks are mended', async () => {
  const sql = 'SELECT tracked_asin, event_date_utc, SUM(conversions) AS n FROM conversions GROUP BY 1, 2';
  world.turn({ rowsPerPart: 100, unavailableMs: 30 });
  const started = await world.engine.start(world.asked(sql));
  const { ref } = await world.ended(started.ref);
  const first = await world.engine.page({ ref, columns: [], cursor: null, limit: 50 });
  world.simulator.world.skip(600_001);
  world.fault({ match: 'GET /s3/', kind: 'cut' });
  const rest = await world.engine.page({ ref, columns: [], cursor: first.cursor, limit: 10_000 });
  let streamed = 0;
  let header: readonly string[] = [];
  for await (const _ of world.engine.stream(ref, (names) => (header = names))) streamed++;
  expect(first.rows.length + rest.rows.length).toBe(streamed);
  expect(rest.cursor).toBeNull();
  expect(header[0]).toBe('tracked_asin');
  expect(streamed).toBeGreaterThan(100);
});
