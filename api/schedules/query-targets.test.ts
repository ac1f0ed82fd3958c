import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { SfmcCalls } from '#connectors/sfmc/calls.ts';
import { ask, numberColumn, textColumn } from '#connectors/sfmc/fixtures/world.ts';
import { createResultExtension, ensureFolder } from '#connectors/sfmc/objects.ts';
import { countRows } from '#connectors/sfmc/rest.ts';
import { fingerprintOf } from '#db/servers/host-keys.ts';
import { type QuerySchedules, querySchedules } from '#tests/kit/query-schedules.ts';
import { type QueryWorld, queryWorld } from '#tests/kit/query-world.ts';
import { type Sshd, startSshd } from '#tests/kit/sshd.ts';

let world: QueryWorld;
let sshd: Sshd;
let schedules: QuerySchedules;
let credentialId: string;
let calls: SfmcCalls;
beforeAll(async () => {
  [world, sshd] = await Promise.all([queryWorld({ withSweeps: false }), startSshd({ hosts: 1 })]);
  schedules = querySchedules(world);
  const credential = await world.app.ok('POST', '/credentials', {
    name: 'files',
    kind: 'ssh_key',
    username: sshd.username,
    privateKey: sshd.privateKey,
  });
  credentialId = credential.id;
  calls = new SfmcCalls({ ask, tokens: world.sfmc.tokensOf() });
});
afterAll(async () => {
  await world?.close();
  await sshd?.stop();
});
beforeEach(() => {
  world.sfmc.simulator.world.faults = [];
});

const host = () => {
  const [first] = sshd.hosts;
  if (!first) throw new Error('There is a host.');
  return first;
};
/** A folder of its own on the host. */
let folders = 0;
const folder = (): string => {
  const path = join(host().home, `in-${++folders}`);
  mkdirSync(path);
  return path;
};
const sftp = (path: string, more: object = {}) => ({
  kind: 'sftp',
  host: host().address,
  port: host().port,
  credentialId,
  fingerprint: fingerprintOf(host().hostKey.split(' ')[1] ?? ''),
  path,
  ...more,
});
const orders = (count: number): string => `select n, 'plan' || 'ted' || n as word from generate_series(1, ${count}) n`;

test('rows come to an SFTP host whole, under the name that their run always has, and nothing is left beside them', async () => {
  const path = folder();
  const run = await schedules.run(orders(20_000), { deliveries: [sftp(`${path}/{date}-{run}.csv`)] });
  expect(run).toMatchObject({ status: 'succeeded', deliveries: [{ kind: 'sftp', state: 'delivered', rows: 20_000 }] });
  // The date is that of the schedule's time, not of today.
  expect(readdirSync(path)).toEqual([`2026-03-02-${run.runId}.csv`]);
  const text = readFileSync(join(path, `2026-03-02-${run.runId}.csv`), 'utf8');
  expect(text.split('\n').slice(0, 2)).toEqual(['n,word', '1,planted1']);
  expect(text.trim().split('\n')).toHaveLength(20_001);
  expect(run.deliveries[0]).toMatchObject({ bytes: Buffer.byteLength(text) });
  const [read] = await world.sql(`select after from audit_entries where action = 'credential.read' and subject = $1`, [
    `credential:${credentialId}`,
  ]);
  expect(read).toMatchObject({ after: { runId: run.runId } });
  for (const table of ['query_runs', 'runs', 'events', 'schedules'])
    expect(await world.sql(`select 1 from ${table} t where to_jsonb(t)::text like '%planted1%'`)).toEqual([]);
});

test('a file of that name is replaced in one step by the next run', async () => {
  const path = folder();
  writeFileSync(join(path, 'latest.csv'), 'what was there');
  await schedules.run(orders(2), { deliveries: [sftp(`${path}/latest.csv`)] });
  expect(readFileSync(join(path, 'latest.csv'), 'utf8')).toBe('n,word\n1,planted1\n2,planted2\n');
  expect(readdirSync(path)).toEqual(['latest.csv']);
});

test('a host that shows another key gets nothing, and a folder that is not there is told', async () => {
  const path = folder();
  const other = `SHA256:${'A'.repeat(43)}`;
  const changed = await schedules.run(orders(2), { deliveries: [sftp(`${path}/a.csv`, { fingerprint: other })] });
  expect(changed.deliveries).toMatchObject([
    { state: 'failed', attempts: 1, failure: { code: 'ssh.host_key_changed' } },
  ]);
  const missing = await schedules.run(orders(2), { deliveries: [sftp(`${path}/none/a.csv`)] });
  expect(missing).toMatchObject({ status: 'failed', failure: { code: 'undelivered' } });
  expect(missing.deliveries).toMatchObject([
    {
      state: 'failed',
      attempts: 1,
      failure: { code: 'sftp.refused', message: expect.stringContaining('no such folder') },
    },
  ]);
  expect(existsSync(join(path, 'a.csv'))).toBe(false);
});

test('403: who may not point credentials at hosts makes no such delivery; 422: a credential that is not there', async () => {
  const body = await schedules.bodyOf('select 1', { deliveries: [sftp('a.csv')] });
  const member = await world.app.addMember('max', 'member');
  const refused = await world.app.call('POST', '/schedules', body, { token: member.token });
  expect([refused.status, refused.body.error]).toEqual([403, 'identity.permission_missing']);
  const unknown = await schedules.bodyOf('select 1', {
    deliveries: [sftp('a.csv', { credentialId: world.connections.amc })],
  });
  expect((await world.app.call('POST', '/schedules', unknown)).body).toMatchObject({ error: 'schedule.after_unfit' });
});

const columns = [
  { ...textColumn('SubscriberKey', 50), isKey: true, isRequired: true },
  textColumn('City', 80),
  numberColumn('Points'),
];
const members = (below: number) => `SELECT SubscriberKey, City, Points FROM Members WHERE Points < ${below}`;
let audiences = 0;
const audience = async (fields = columns): Promise<string> => {
  const key = `AUDIENCE_${++audiences}`;
  const folderId = await ensureFolder(calls, { name: 'Audiences', key: 'audiences' });
  await createResultExtension(calls, { key, folderId, columns: fields });
  return key;
};
const into = (key: string, guard: object = {}) => ({ kind: 'data_extension', key, mode: 'overwrite', guard });
const temporary = () => [...world.sfmc.simulator.world.extensions.values()].filter(({ key }) => key.startsWith('QC_'));

test('a schedule writes its rows into a data extension, and what it makes on the way is on record and goes', async () => {
  const key = await audience();
  const schedule = await schedules.make(members(500), { deliveries: [into(key)] }, 'sfmc');
  const firing = await schedules.fire(schedule.id);
  const run = await world.app.ok('GET', `/query-runs/${firing.runId}`);
  expect(run).toMatchObject({
    status: 'succeeded',
    deliveries: [{ kind: 'data_extension', target: key, state: 'delivered', rows: run.rowCount, bytes: null }],
  });
  expect(firing.deliveries).toMatchObject([{ state: 'delivered', rows: run.rowCount }]);
  expect(await countRows(calls, key)).toBe(run.rowCount);
  // What was made for the copy is gone with the cleanup after the run; the rows can still be read.
  expect(temporary().map(({ key: of }) => of)).toEqual([expect.stringMatching(/^QC_[0-9a-f]{32}$/)]);
  await world.app.ok('POST', `/query-runs/${run.runId}/close`);
  expect(await world.sql('select name from remote_assets where run_id = $1', [run.runId])).toHaveLength(1);
}, 60_000);

test('outside its guard nothing is written, the delivery is held and the run has failed', async () => {
  const key = await audience();
  const schedule = await schedules.make(members(500), { deliveries: [into(key, { withinPercent: 10 })] }, 'sfmc');
  const first = await schedules.fire(schedule.id);
  const before = await countRows(calls, key);
  expect(first.deliveries).toMatchObject([{ state: 'delivered', rows: before }]);
  await world.app.ok('PATCH', `/queries/${schedule.target.id}`, { body: { engine: 'sfmc', sql: members(100), connectionId: world.connections.sfmc, unit: '7000001' } }); // prettier-ignore
  const second = await schedules.fire(schedule.id, '2026-03-03');
  expect(second).toMatchObject({
    status: 'failed',
    deliveries: [
      {
        state: 'held',
        attempts: 1,
        failure: { code: 'target.guarded', message: expect.stringContaining('Nothing was written') },
      },
    ],
  });
  expect(await countRows(calls, key)).toBe(before);
}, 60_000);

test('fields that do not fit are told by the check before, and hold the delivery', async () => {
  const key = await audience([textColumn('City', 80), { name: 'Points', type: 'timestamp' } as never]);
  const schedule = await schedules.make(members(500), { deliveries: [into(key)] }, 'sfmc');
  const checked = await world.app.ok('POST', '/schedules/check-target', { query: { id: schedule.target.id, parameters: {} }, key, mode: 'overwrite' }); // prettier-ignore
  expect(checked).toMatchObject({ key, rowCount: 0, isFit: false, unknownBecause: null });
  expect(checked.diff.map(({ verdict }: { verdict: string }) => verdict)).toEqual(['fits', 'refused', 'refused']);
  const { deliveries } = await schedules.fire(schedule.id);
  expect(deliveries).toMatchObject([{ state: 'held', failure: { code: 'target.fields_differ' } }]);
  const unknown = await world.app.call('POST', '/schedules/check-target', { query: { id: schedule.target.id, parameters: {} }, key: 'NONE', mode: 'update' }); // prettier-ignore
  expect(unknown.body).toMatchObject({ error: 'query.refused' });
  const elsewhere = await schedules.bodyOf('select 1', { deliveries: [into(key)] });
  expect((await world.app.call('POST', '/schedules', elsewhere)).body).toMatchObject({ error: 'schedule.after_unfit' });
}, 60_000);
