import { afterAll, expect, test } from 'vitest';
import { startPlain } from './plain-client.ts';

const client = await startPlain();
afterAll(() => client.simulator.stop());
const { ads } = client.simulator.regions.na;

test('accounts and profiles need no account’s headers; profiles are those of the region that is asked', async () => {
  const bare = {
    authorization: client.headers['authorization'] ?? '',
    'amazon-advertising-api-clientid': client.simulator.clientId,
  };
  const accounts = (await (await fetch(`${ads}/amc/accounts`, { headers: bare })).json()) as { amcAccounts: object[] };
  expect(accounts.amcAccounts[0]).toEqual({
    accountId: 'ENTITYSIM1',
    accountName: 'Aurora Home',
    marketplaceId: 'ATVPDKIKX0DER',
  });
  const countries = async (region: 'na' | 'eu' | 'fe') => {
    const answer = await fetch(`${client.simulator.regions[region].ads}/v2/profiles`, { headers: bare });
    return ((await answer.json()) as { countryCode: string }[]).map(({ countryCode }) => countryCode);
  };
  expect([await countries('na'), await countries('eu'), await countries('fe')]).toEqual([
    ['US', 'CA'],
    ['UK', 'DE'],
    ['JP'],
  ]);
});

test('instances are those of the account in the headers; a closed account is 403 in the words of administration', async () => {
  const { json } = await client.send('GET', `${ads}/amc/instances?limit=1`);
  expect(json).toMatchObject({
    instances: [{ instanceId: 'amcsim0001', instanceType: 'STANDARD', creationStatus: 'COMPLETED' }],
    nextToken: expect.any(String),
  });
  const second = await client.send('GET', `${ads}/amc/instances?limit=1&nextToken=${String(json['nextToken'])}`);
  expect(second.json).toMatchObject({ instances: [{ instanceId: 'amcsim0002', instanceType: 'SANDBOX' }] });
  const closed = await client.send('GET', `${ads}/amc/instances`, undefined, {
    'amazon-advertising-api-advertiserid': 'ENTITYSIM3',
    'amazon-advertising-api-marketplaceid': 'A1PA6795UKMFR9',
  });
  expect(closed).toMatchObject({ status: 403, json: { message: expect.any(String), requestId: expect.any(String) } });
});

test('an instance is made, renamed and deleted with 204; its name has rules', async () => {
  expect((await client.send('POST', `${ads}/amc/instances`, { instanceName: 'no!' })).status).toBe(400);
  const made = await client.send('POST', `${ads}/amc/instances`, { instanceName: 'Summer 26' });
  const { instanceId } = made.json['instance'] as { instanceId: string };
  expect(
    (await client.send('PUT', `${ads}/amc/instances/${instanceId}`, { instanceName: 'Autumn 26' })).json,
  ).toMatchObject({ instance: { instanceName: 'Autumn 26' } });
  expect((await client.send('DELETE', `${ads}/amc/instances/${instanceId}`)).status).toBe(204);
  expect((await client.send('GET', `${ads}/amc/instances/${instanceId}`)).status).toBe(404);
});

test('advertisers are listed with their count; at most ten are changed by a call, which takes its time', async () => {
  const url = `${ads}/amc/instances/amcsim0001/advertisers`;
  expect((await client.send('GET', `${url}?limit=2`)).json).toMatchObject({
    totalCount: 3,
    advertisers: [{ advertiserId: '580000' }, { advertiserId: '580001' }],
  });
  const eleven = Array.from({ length: 11 }, (_, at) => ({ advertiserId: String(at), operation: 'ADD' }));
  expect((await client.send('POST', `${url}/updates`, { updates: eleven })).status).toBe(400);
  client.simulator.world.knobs = { ...client.simulator.world.knobs, reportStepMs: 60_000 };
  expect((await client.send('POST', `${url}/updates`, { updates: eleven.slice(1) })).json).toMatchObject({
    updates: [{ status: 'PENDING' }, {}, {}, {}, {}, {}, {}, {}, {}, {}],
  });
  client.simulator.world.skip(120_000);
  expect((await client.send('GET', `${url}/updates?limit=1`)).json).toMatchObject({
    updates: [{ status: 'COMPLETED' }],
  });
});

test('only the advertisers that are asked for are counted', async () => {
  const sql = 'SELECT advertiser, COUNT(*) AS c FROM dsp_impressions GROUP BY 1';
  const names = (rows: string[][]) =>
    rows
      .slice(1)
      .map(([name]) => name)
      .toSorted();
  expect(names(await client.rows(sql, { advertisers: ['580001'] }))).toEqual(['Borealis Sport']);
  expect(names(await client.rows(sql))).toEqual(['Aurora Home', 'Borealis Sport', 'Cirrus Kids']);
});
