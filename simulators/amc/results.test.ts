import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { freshToken, quickScenario, startPlain } from './plain-client.ts';

const client = await startPlain({ ...quickScenario, knobs: { ...quickScenario.knobs, rowsPerPart: 3 } });
afterAll(() => client.simulator.stop());
const { simulator } = client;
const sql = 'SELECT campaign, SUM(impressions) AS i FROM dsp_impressions GROUP BY campaign';
const run = async (workflow: Record<string, unknown> = {}, query = sql) => {
  const id = String((await client.start(query, {}, workflow)).json['workflowExecutionId']);
  await client.ended(id);
  return id;
};

test('a result comes in files of which each has the header, five addresses a page', async () => {
  const id = await run();
  const first = (await client.send('GET', `/workflowExecutions/${id}/downloadUrls`)).json;
  expect(first['downloadUrls']).toHaveLength(5);
  expect(first['metadataDownloadUrls']).toHaveLength(1);
  const urls = await client.urls(id);
  expect(urls).toHaveLength(8);
  const texts = await Promise.all(urls.map(async (url) => (await fetch(url)).text()));
  expect(texts.every((text) => text.startsWith('campaign,i\n'))).toBe(true);
  expect(texts.flatMap((text) => text.trimEnd().split('\n').slice(1))).toHaveLength(24);
});

test('files are given in ranges for the tag they had, to bare requests only, and until their address expires', async () => {
  const [url = ''] = await client.urls(await run());
  const whole = await fetch(url);
  const body = Buffer.from(await whole.arrayBuffer());
  const etag = whole.headers.get('etag') ?? '';
  expect(etag).toBe(`"${createHash('md5').update(body).digest('hex')}"`);
  const part = await fetch(url, { headers: { range: 'bytes=5-', 'if-match': etag } });
  expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 5-${body.length - 1}/${body.length}`]);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(body.subarray(5));
  expect((await fetch(url, { headers: { 'if-match': '"other"' } })).status).toBe(412);
  expect((await fetch(url, { headers: { range: `bytes=${body.length}-` } })).status).toBe(416);
  expect((await fetch(url, { headers: { authorization: 'Bearer x' } })).status).toBe(400);
  expect((await fetch(url.replace(/Signature=../, 'Signature=zz'))).status).toBe(403);
  simulator.world.skip(600_001);
  const expired = await fetch(url);
  expect([expired.status, await expired.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
});

test('results are unavailable for a while after success, if so turned', async () => {
  simulator.world.knobs = { ...simulator.world.knobs, unavailableMs: 60_000 };
  const id = await run();
  expect((await client.send('GET', `/workflowExecutions/${id}/downloadUrls`)).json['details']).toBe(
    `Execution with ID ${id} is unavailable for download`,
  );
  simulator.world.skip(60_001);
  expect((await client.send('GET', `/workflowExecutions/${id}/downloadUrls`)).status).toBe(200);
  simulator.world.knobs = { ...simulator.world.knobs, unavailableMs: 0 };
});

test('the output format is kept; what holds a separator, a quote or a line break is quoted, null is nothing', async () => {
  const query = `SELECT k, SUM(n) AS n FROM (VALUES ('a;b', 1), ('say "hi"', 2), (NULL, 3), ('', 4)) AS t(k, n) GROUP BY k`;
  const [url = ''] = await client.urls(
    await run({ outputFormat: { separator: ';', quote: '"', escapeCharacter: '\\' } }, query),
  );
  const text = await (await fetch(url)).text();
  expect(text).toContain('k;n\n');
  const all = (
    await Promise.all(
      (
        await client.urls(await run({ outputFormat: { separator: ';', quote: '"', escapeCharacter: '\\' } }, query))
      ).map(async (one) => (await fetch(one)).text()),
    )
  ).join('');
  for (const line of ['"a;b";1\n', '"say \\"hi\\"";2\n', ';3\n', '"";4\n']) expect(all).toContain(line);
});

test('a report of the Ads API goes from PENDING to a gzip of one JSON array; the same request again is 425 and names it', async () => {
  const scope = {
    'amazon-advertising-api-scope': '11',
    'content-type': 'application/vnd.createasyncreportrequest.v3+json',
  };
  const today = new Date(simulator.world.now()).toISOString().slice(0, 10);
  const body = {
    name: 'x',
    startDate: today,
    endDate: today,
    configuration: {
      adProduct: 'SPONSORED_PRODUCTS',
      reportTypeId: 'spCampaigns',
      groupBy: ['campaign'],
      columns: ['date', 'impressions', 'cost'],
      timeUnit: 'DAILY',
      format: 'GZIP_JSON',
    },
  };
  const url = `${simulator.regions.na.ads}/reporting/reports`;
  const fresh = { authorization: `Bearer ${await freshToken(simulator)}` };
  simulator.world.knobs = { ...simulator.world.knobs, reportStepMs: 60_000 };
  const made = await client.send('POST', url, body, { ...fresh, ...scope });
  expect(made).toMatchObject({ status: 200, json: { status: 'PENDING', url: null } });
  const id = String(made.json['reportId']);
  expect(await client.send('POST', url, body, { ...fresh, ...scope })).toMatchObject({
    status: 425,
    json: { detail: expect.stringContaining(id) },
  });
  simulator.world.skip(60_000);
  expect((await client.send('GET', `${url}/${id}`, undefined, { ...fresh, ...scope })).json['status']).toBe(
    'PROCESSING',
  );
  simulator.world.skip(60_000);
  const done = await client.send('GET', `${url}/${id}`, undefined, { ...fresh, ...scope });
  expect(done.json).toMatchObject({ status: 'COMPLETED', fileSize: expect.any(Number) });
  const file = Buffer.from(await (await fetch(String(done.json['url']))).arrayBuffer());
  expect(JSON.parse(gunzipSync(file).toString())).toHaveLength(4);
  const long = await client.send('POST', url, { ...body, startDate: '2020-01-01' }, { ...fresh, ...scope });
  expect([long.status, long.json['detail']]).toEqual([400, expect.stringContaining('31 days')]);
});

test('a Selling Partner report ends DONE with a gzip document, or FATAL with one that says why; the rate is limited', async () => {
  simulator.world.knobs = { ...simulator.world.knobs, reportStepMs: 0 };
  const base = `${simulator.regions.na.sellingPartner}/reports/2021-06-30`;
  const headers = { 'x-amz-access-token': await freshToken(simulator), 'content-type': 'application/json' };
  const read = async (reportType: string) => {
    const made = await fetch(`${base}/reports`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ reportType, marketplaceIds: ['ATVPDKIKX0DER'] }),
    });
    expect([made.status, made.headers.get('x-amzn-ratelimit-limit')]).toEqual([202, '0.0167']);
    const { reportId } = (await made.json()) as { reportId: string };
    const report = (await (await fetch(`${base}/reports/${reportId}`, { headers })).json()) as {
      processingStatus: string;
      reportDocumentId: string;
    };
    const document = (await (await fetch(`${base}/documents/${report.reportDocumentId}`, { headers })).json()) as {
      url: string;
      compressionAlgorithm?: string;
    };
    const body = Buffer.from(await (await fetch(document.url)).arrayBuffer());
    return [report.processingStatus, (document.compressionAlgorithm ? gunzipSync(body) : body).toString()];
  };
  expect(await read('GET_FLAT_FILE_OPEN_LISTINGS_DATA')).toEqual([
    'DONE',
    expect.stringMatching(/^sku\tasin\tquantity\r\n/),
  ]);
  expect(await read('GET_FATAL_DATA')).toEqual(['FATAL', expect.stringContaining('could not be made')]);
  const more = await Promise.all(
    Array.from({ length: 20 }, () => fetch(`${base}/reports`, { method: 'POST', headers, body: '{}' })),
  );
  expect(more.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(5);
});

test('an audience needs two thousand people and tables for audiences', async () => {
  const headers = {
    authorization: `Bearer ${await freshToken(simulator)}`,
    'amazon-marketing-cloud-audience-instanceid': 'amcsim0001',
    'amazon-advertising-api-entityid': 'ENTITYSIM1',
  };
  const url = `${simulator.regions.na.ads}/amc/audiences/query`;
  const make = (query: string) =>
    client.send(
      'POST',
      url,
      {
        audienceName: 'x',
        advertiserId: '580000',
        query,
        timeWindowStart: '2025-11-01T00:00:00Z',
        timeWindowEnd: '2026-11-01T00:00:00Z',
      },
      headers,
    );
  const end = async (query: string) => {
    const id = String((await make(query)).json['audienceExecutionId']);
    const look = async () => (await client.send('GET', `${url}/${id}`, undefined, headers)).json;
    await expect.poll(async () => (await look())['status'], { timeout: 20_000 }).toMatch(/SUCCEEDED|FAILED/);
    return { id, ...(await look()) } as Record<string, unknown>;
  };
  expect(await end('SELECT user_id FROM dsp_impressions_for_audiences')).toMatchObject({
    audienceExecutionDescription: 'The audience was created.',
    status: 'SUCCEEDED',
  });
  const few = await end("SELECT user_id FROM dsp_clicks_for_audiences WHERE campaign = 'Loyalty 1'");
  expect(few).toMatchObject({ status: 'FAILED', audienceExecutionDescription: expect.stringContaining('2,000') });
  expect((await make('SELECT user_id FROM dsp_impressions')).json['details']).toBe(
    'Invalid tables in the SQL query: Use audience-specific tables in the query.',
  );
  expect(
    (
      await make(
        "SELECT user_id FROM dsp_clicks_for_audiences WHERE click_dt_utc > CURRENT_TIMESTAMP - INTERVAL '1' DAY",
      )
    ).status,
  ).toBe(400);
  expect((await client.send('DELETE', `${url}/${String(few['id'])}`, undefined, headers)).status).toBe(200);
});

test('faults are met once each, at the requests they name: 429 with Retry-After, a lost answer, a cut one, one by header', async () => {
  const fresh = { authorization: `Bearer ${await freshToken(simulator)}` };
  const fault = (body: object) => client.send('POST', `${simulator.origin}/simulator/faults`, body);
  await fault({ match: 'GET /amc/reporting', status: 429, retryAfterSeconds: 7 });
  const first = await client.send('GET', '/workflows', undefined, fresh);
  expect([first.status, first.headers.get('retry-after')]).toEqual([429, '7']);
  expect((await client.send('GET', '/workflows', undefined, fresh)).status).toBe(200);
  const before = simulator.assets().executions;
  await fault({ match: 'POST /amc/reporting', kind: 'lost' });
  await expect(client.send('POST', '/workflowExecutions', { workflow: { sqlQuery: sql } }, fresh)).rejects.toThrow(
    /fetch failed|terminated/,
  );
  expect(simulator.assets().executions).toBe(before + 1);
  await fault({ match: 'GET /amc/reporting', kind: 'cut' });
  await expect(client.send('GET', '/dataSources', undefined, fresh)).rejects.toThrow(/fetch failed|terminated/);
  const own = await client.send('GET', '/workflows', undefined, { ...fresh, 'x-simulator-fault': '{"status":504}' });
  expect(own.status).toBe(504);
});
