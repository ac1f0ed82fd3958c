import { createHash } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportFormatNames } from '#contracts/queries/export-formats.ts';
import { type QueryWorld, queryWorld } from '#tests/kit/query-world.ts';

let world: QueryWorld;
beforeAll(async () => void (world = await queryWorld({ withSweeps: false })));
afterAll(() => world?.close());

/** Without a client's own unpacking and checks: what is on the wire. */
function take(
  runId: string,
  query: string,
  headers: Record<string, string> = {},
): Promise<{ response: IncomingMessage; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    get(
      `${world.app.origin}/api/v1/query-runs/${runId}/export?${query}`,
      { headers: { authorization: `Bearer ${world.app.key}`, ...headers }, agent: false },
      (response) => buffer(response).then((bytes) => resolve({ response, bytes }), reject),
    ).once('error', reject);
  });
}
const endOf = (runId: string, exportId: unknown) =>
  world.app.call('GET', `/query-runs/${runId}/exports/${String(exportId)}`);
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const ready = async (sql: string): Promise<string> => {
  const runId = await world.start('postgres', sql);
  expect(await world.until(runId)).toMatchObject({ status: 'succeeded' });
  return runId;
};
const mixed = `select n, n * 1.5 as price, 'text "' || n as t, n % 2 = 0 as ok, timestamptz '2026-01-31 08:00+00' as at,
  case when n % 3 = 0 then null else n end as some from generate_series(1, 3000) n`;

test('a download can be checked: by its trailers, and by an address for clients that see none', async () => {
  const runId = await ready(mixed);
  for (const format of exportFormatNames) {
    const { response, bytes } = await take(runId, `format=${format}`);
    const { headers, trailers } = response;
    expect(headers['content-encoding']).toBeUndefined();
    expect(trailers).toMatchObject({ 'x-export-rows': '3000', 'x-export-sha256': sha256(bytes) });
    const end = await endOf(runId, headers['x-export-id']);
    expect(end.status).toBe(200);
    expect(end.body).toMatchObject({ format, state: 'whole', rows: 3000, bytes: bytes.length, sha256: sha256(bytes) });
  }
  expect((await endOf(runId, runId)).status).toBe(404);
});

test('texts go packed to whoever takes them so, and are the same file', async () => {
  const runId = await ready(mixed);
  const plain = await take(runId, 'format=csv');
  const packed = await take(runId, 'format=csv', { 'accept-encoding': 'br, gzip;q=0.5' });
  expect(packed.response.headers['content-encoding']).toBe('gzip');
  expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 2);
  expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true);
  const refused = await take(runId, 'format=csv', { 'accept-encoding': 'gzip;q=0' });
  expect(refused.bytes.equals(plain.bytes)).toBe(true);
});

test('a download goes on where it broke, in every format, and is the very file', async () => {
  const runId = await ready(mixed);
  for (const format of exportFormatNames) {
    const whole = await take(runId, `format=${format}`);
    const half = Math.floor(whole.bytes.length / 2);
    const rest = await take(runId, `format=${format}&fromByte=${half}`);
    expect([format, sha256(Buffer.concat([whole.bytes.subarray(0, half), rest.bytes]))]).toEqual([
      format,
      rest.response.trailers['x-export-sha256'],
    ]);
    expect(rest.response.trailers['x-export-sha256']).toBe(sha256(whole.bytes));
  }
  const rows = await take(runId, 'format=ndjson&from=2999');
  expect(rows.bytes.toString()).toMatch(/^\{"n":3000,.*\}\n$/);
  expect((await world.app.call('GET', `/query-runs/${runId}/export?format=xlsx&from=1`)).status).toBe(400);
  expect((await world.app.call('GET', `/query-runs/${runId}/export?format=csv&from=1&fromByte=1`)).status).toBe(400);
});

test('a database that fails in the middle breaks a download that has begun, and the end is told as broken', async () => {
  const runId = await ready(
    `select n, repeat(md5(n::text), 20) as t, 1 / (12000 - n) as late from generate_series(1, 16000) n`,
  );
  const begun = new Set<string>();
  for (const format of exportFormatNames)
    for (const encoding of ['identity', 'gzip']) {
      let exportId: unknown;
      let status: number | undefined;
      const end = await new Promise<unknown>((resolve) => {
        get(
          `${world.app.origin}/api/v1/query-runs/${runId}/export?format=${format}`,
          { headers: { authorization: `Bearer ${world.app.key}`, 'accept-encoding': encoding }, agent: false },
          (response) => {
            status = response.statusCode;
            exportId = response.headers['x-export-id'];
            buffer(response).then(
              () => resolve('whole'),
              (error: { code: string }) => resolve(error.code),
            );
          },
        ).once('error', resolve);
      });
      // What is packed by large groups of rows may have sent nothing yet: then it is refused instead.
      if (status === 502) continue;
      begun.add(format);
      expect([format, encoding, status, end]).toEqual([format, encoding, 200, 'ECONNRESET']);
      await expect
        .poll(async () => (await endOf(runId, exportId)).body)
        .toMatchObject({ format, state: 'broken', rows: null, sha256: null });
    }
  expect([...begun]).toEqual(expect.arrayContaining(['csv', 'json', 'ndjson']));
});

test('what fails before its first row is refused alike in each format, with its reason, and begins no file', async () => {
  // The database takes it, and fails when it makes the first row.
  const runId = await ready('select 1 / (n - 1) as quotient from generate_series(1, 3) n');
  for (const format of exportFormatNames) {
    const answer = await world.app.call('GET', `/query-runs/${runId}/export?format=${format}`);
    expect([format, answer.status, answer.body.error]).toEqual([format, 502, 'rows.unavailable']);
    expect([format, answer.body.message]).toEqual([format, expect.stringContaining('division by zero')]);
  }
});

test('a client that hangs up ends the query at the database, and whoever asks only for the head gets no rows', async () => {
  const runId = await ready(`select repeat('x', 1000) as t from generate_series(1, 10000000) n`);
  const sessions = async () =>
    (await world.own.query(`select 1 from pg_stat_activity where application_name = $1`, [`windlass ${runId}`]))
      .rowCount;
  await new Promise<void>((resolve, reject) => {
    const request = get(
      `${world.app.origin}/api/v1/query-runs/${runId}/export?format=ndjson`,
      { headers: { authorization: `Bearer ${world.app.key}` }, agent: false },
      (response) => response.once('data', () => (request.destroy(), resolve())),
    );
    request.once('error', reject);
  }).catch(() => undefined);
  await expect.poll(sessions).toBe(0);
  const head = await fetch(`${world.app.origin}/api/v1/query-runs/${runId}/export?format=csv`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${world.app.key}` },
  });
  expect(head.headers.get('content-disposition')).toContain('.csv');
  await expect.poll(sessions).toBe(0);
});
