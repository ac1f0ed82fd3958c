import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { startAmcWorld } from '#tests/kit/amc-world.ts';
import { failureOf } from '#tests/kit/query-failure.ts';
import { listAccounts, listInstances, listProfiles } from './accounts.ts';
import {
  createAudience,
  createLookalike,
  deleteAudience,
  listAudiences,
  readAudience,
  repeatAudience,
} from './audiences.ts';
import { cancelReport, createReport, readFile, readReport } from './reports.ts';
import {
  cancelSellerReport,
  createSellerReport,
  readFatalReason,
  readSellerDocument,
  readSellerReport,
  sellingPartnerClient,
} from './selling-partner.ts';

const world = await startAmcWorld();
afterAll(() => world.stop());
const textOf = async (chunks: AsyncIterable<Buffer>) => {
  const kept: Buffer[] = [];
  for await (const chunk of chunks) kept.push(chunk);
  return Buffer.concat(kept).toString('utf8');
};
const today = new Date(world.simulator.world.now()).toISOString().slice(0, 10);
const asked = {
  startDate: today,
  endDate: today,
  adProduct: 'SPONSORED_PRODUCTS',
  reportTypeId: 'spCampaigns',
  groupBy: ['campaign'],
  columns: ['date', 'campaignName', 'impressions'],
  timeUnit: 'DAILY',
} as const;

test('profiles of three regions are found with one token; accounts that are closed to us are skipped, one after the other', async () => {
  const profiles = await listProfiles(world.clients);
  expect(profiles.map(({ region, countryCode }) => `${region} ${countryCode}`)).toEqual([
    'na US',
    'na CA',
    'eu UK',
    'eu DE',
    'fe JP',
  ]);
  world.fault({ match: 'GET /v2/profiles', status: 403 });
  expect((await listProfiles(world.clients)).map(({ region }) => region)).not.toContain('na');
  const { instances, skipped } = await listInstances(world.client, await listAccounts(world.client));
  expect(instances.map(({ instanceId, isSandbox }) => [instanceId, isSandbox])).toEqual([
    ['amcsim0001', false],
    ['amcsim0002', true],
    ['amcsim0003', false],
  ]);
  expect(skipped.map(({ accountId }) => accountId)).toEqual(['ENTITYSIM3']);
});

test('a report of the Ads API is made, read and unpacked; the same asked again is adopted, not made twice', async () => {
  world.turn({ reportStepMs: 60_000 });
  const first = await createReport(world.client, '11', asked);
  expect(first.isAdopted).toBe(false);
  expect(await createReport(world.client, '11', asked)).toEqual({ reportId: first.reportId, isAdopted: true });
  expect((await readReport(world.client, '11', first.reportId)).status).toBe('PENDING');
  world.turn({ reportStepMs: 0 });
  const done = await readReport(world.client, '11', first.reportId);
  expect(done.status).toBe('COMPLETED');
  const rows = JSON.parse(await textOf(readFile(done.url ?? '', { guard: world.guard, isGzip: true }))) as unknown[];
  expect(rows).toContainEqual({ date: today, campaignName: 'Campaign 1', impressions: 1_000 });
  expect(await cancelReport(world.client, '11', first.reportId)).toBe(false);
  world.simulator.world.skip(600_001);
  expect(await failureOf(textOf(readFile(done.url ?? '', { guard: world.guard, isGzip: true })))).toMatchObject({
    code: 'url_expired',
    retryable: true,
  });
});

test('a report that waits can be cancelled; a request that is wrong is told in the service’s words', async () => {
  world.turn({ reportStepMs: 60_000 });
  const { reportId } = await createReport(world.client, '12', asked);
  expect(await cancelReport(world.client, '12', reportId)).toBe(true);
  expect((await readReport(world.client, '12', reportId)).failureReason).toContain('cancelled');
  expect(await failureOf(createReport(world.client, '11', { ...asked, startDate: '2020-01-01' }))).toMatchObject({
    kind: 'syntax',
    message: expect.stringContaining('31 days'),
  });
  expect(await failureOf(createReport(world.client, '999', asked))).toMatchObject({ kind: 'auth' });
});

test('a packed file that was cut, is none or unpacks without end is a failure', async () => {
  const packed = gzipSync('x'.repeat(1_000_000));
  let body: Buffer = packed;
  const server = createServer((_, response) => response.end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const text = (more = {}) => textOf(readFile(url, { guard: world.guard, isGzip: true, ...more }));
    const read = (more = {}) => failureOf(text(more));
    expect(await text()).toHaveLength(1_000_000);
    expect(await read({ mostBytes: 10_000 })).toMatchObject({ code: 'unreadable_answer' });
    body = packed.subarray(0, packed.length - 12);
    expect(await read()).toMatchObject({ code: 'unreadable_answer' });
    body = Buffer.from('not packed');
    expect(await read()).toMatchObject({ code: 'unreadable_answer' });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('a Selling Partner report is made, read and unpacked; one that ended FATAL says why; cancelling is truthful', async () => {
  world.turn({ reportStepMs: 0 });
  const client = sellingPartnerClient({
    base: world.simulator.regions.na.sellingPartner,
    clientId: world.login.clientId,
    tokens: world.tokens,
    guard: world.guard,
  });
  const ask = (reportType: string) => createSellerReport(client, { reportType, marketplaceIds: ['ATVPDKIKX0DER'] });
  const done = await readSellerReport(client, await ask('GET_FLAT_FILE_OPEN_LISTINGS_DATA'));
  expect(done.processingStatus).toBe('DONE');
  expect(await textOf(readSellerDocument(client, done.reportDocumentId ?? ''))).toMatch(/^sku\tasin\tquantity\r\n/);
  const fatal = await readSellerReport(client, await ask('GET_FATAL_DATA'));
  expect([fatal.processingStatus, await readFatalReason(client, fatal)]).toEqual([
    'FATAL',
    'The report could not be made: the time range is too long.',
  ]);
  expect(await cancelSellerReport(client, done.reportId)).toBe(false);
  world.turn({ reportStepMs: 60_000 });
  expect(await cancelSellerReport(client, await ask('GET_FLAT_FILE_OPEN_LISTINGS_DATA'))).toBe(true);
  const sent = world.simulator.world.requests.filter(({ path }) => path.includes('/sp/'));
  expect(
    sent.every(({ headers }) => headers.includes('x-amz-access-token') && !headers.includes('authorization')),
  ).toBe(true);
});

test('an audience is made of enough people and can be a seed; one that failed can be tried again or deleted', async () => {
  const base = {
    audienceName: 'seen',
    advertiserId: '580000',
    timeWindowStart: '2025-11-01T00:00:00Z',
    timeWindowEnd: '2026-11-01T00:00:00Z',
  };
  const { instance, client } = world;
  const ended = async (id: string) => {
    await expect
      .poll(async () => (await readAudience(client, instance, id)).status, { timeout: 20_000 })
      .toMatch(/SUCCEEDED|FAILED/);
    return readAudience(client, instance, id);
  };
  const made = await createAudience(client, instance, {
    ...base,
    query: 'SELECT user_id FROM dsp_impressions_for_audiences',
  });
  expect((await ended(made.audienceExecutionId)).status).toBe('SUCCEEDED');
  const like = await createLookalike(client, instance, {
    audienceName: 'like',
    advertiserId: '580000',
    seedAudienceId: made.audienceExecutionId,
    lookalikeAudienceExpectedReach: 'BALANCED',
  });
  expect((await ended(like.audienceExecutionId)).status).toBe('SUCCEEDED');
  const few = await createAudience(client, instance, {
    ...base,
    query: "SELECT user_id FROM dsp_clicks_for_audiences WHERE campaign = 'none'",
  });
  expect(await ended(few.audienceExecutionId)).toMatchObject({
    status: 'FAILED',
    audienceExecutionDescription: expect.stringContaining('2,000'),
  });
  expect(await failureOf(deleteAudience(client, instance, made.audienceExecutionId))).toMatchObject({ kind: 'syntax' });
  await repeatAudience(client, instance, few.audienceExecutionId, {
    ...base,
    query: 'SELECT user_id FROM dsp_impressions_for_audiences',
  });
  expect((await ended(few.audienceExecutionId)).status).toBe('SUCCEEDED');
  expect(await listAudiences(client, instance)).toHaveLength(3);
  expect(
    await failureOf(createAudience(client, instance, { ...base, query: 'SELECT user_id FROM dsp_impressions' })),
  ).toMatchObject({
    kind: 'syntax',
    message: 'Invalid tables in the SQL query: Use audience-specific tables in the query.',
  });
});
