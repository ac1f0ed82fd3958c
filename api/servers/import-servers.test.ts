import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Server } from '#contracts/servers/servers.ts';
import { type Db, openDatabase } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { insertCredential } from '#db/servers/credentials.ts';
import { importServers } from '#db/servers/import-servers.ts';
import { importKnownHosts } from '#db/servers/known-hosts.ts';
import { eachServer } from '#db/servers/list-servers.ts';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { csvHeader, csvLine, readServersCsv } from './servers-csv.ts';

let database: TestDatabase;
let db: Db;
const doer = { actor: { kind: 'user' as const, id: uuidv7(), name: 'Ada' } };

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase(database.appUrl);
});
afterAll(async () => {
  await db.destroy();
  await database.close();
});

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0zXZ1n0h0m3Qb1oQf0wq3Hn6lYb1mXk2mJ8f5gZ9aB';
const otherKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/** A workspace of a test's own, with a credential `deploy`. */
async function workspace() {
  const id = uuidv7();
  const work = <T>(act: Parameters<typeof inTenant<T>>[2]) => inTenant(db, id, act);
  await work((tx) =>
    insertCredential(tx, doer, {
      id: uuidv7(),
      name: 'deploy',
      kind: 'password',
      username: 'deploy',
      description: '',
      key: null,
      sealed: {},
    }),
  );
  return {
    work,
    take: (csv: string, options: { dryRun?: boolean; allOrNothing?: boolean } = {}) => {
      const { lines, fileErrors } = readServersCsv(csv);
      expect(fileErrors).toEqual([]);
      return work((tx) => importServers(tx, doer, lines, { dryRun: false, allOrNothing: false, ...options }));
    },
    servers: () =>
      work(async (tx) => {
        const all: Server[] = [];
        for await (const server of eachServer(tx)) all.push(server);
        return all;
      }),
  };
}

test('good lines are taken, wrong ones are told by line, column and code', async () => {
  const { take, servers } = await workspace();
  const report = await take(
    [
      'name,host,port,tags,credential,jump,hostKey',
      `web-1,10.0.0.1,2222,"web, eu",deploy,bastion,${key}`,
      'bastion,10.0.0.2,,,,,',
      'web-2,10.0.0.3:22,22,,,,',
      'web-3,10.0.0.4,70000,bad tag!,nobody,nowhere,garbage',
      '',
      'web-1,10.0.0.5,22,,,,',
      'short,10.0.0.6',
      'loop,10.0.0.7,,,,loop,',
      ',10.0.0.8,,,,,',
      'through,10.0.0.9,,,,web-2,',
      'further,10.0.0.9,,,,through,',
    ].join('\n'),
  );
  expect(report).toMatchObject({ created: 2, updated: 0, unchanged: 0, refused: 8, dryRun: false });
  expect(report.errors.map(({ line, column, code }) => [line, column, code])).toEqual([
    [4, 'host', 'csv.value_refused'],
    [5, 'port', 'csv.value_refused'],
    [5, 'tags', 'csv.value_refused'],
    [5, 'hostKey', 'csv.value_refused'],
    [5, 'credential', 'csv.credential_unknown'],
    [7, 'name', 'csv.name_twice'],
    [8, null, 'csv.row_broken'],
    [9, 'jump', 'jump.cycle'],
    [10, 'name', 'csv.value_refused'],
    [11, 'jump', 'csv.jump_unknown'], // its jump host's own line was refused
    [12, 'jump', 'csv.jump_unknown'], // and so on
  ]);
  expect(
    (await servers()).map(({ name, port, tags, credential, jumpServer, hostKey }) => [
      name,
      port,
      tags,
      credential?.name,
      jumpServer?.name,
      hostKey?.pinnedBy,
    ]),
  ).toEqual([
    ['bastion', 22, [], undefined, undefined, undefined],
    ['web-1', 2222, ['eu', 'web'], 'deploy', 'bastion', 'import'],
  ]);
});

test('the export is taken back unchanged, whatever the names and descriptions hold', async () => {
  const { work, take, servers } = await workspace();
  await take(
    `name;host;tags;credential;jump;hostKey;description\n"a ""quoted"" name";::1;"x;y";deploy;b;${key};"two\nlines, and a comma"\nb;b.internal;;;;SHA256:${'a'.repeat(43)};"'=already guarded"\nc;c;;;;;=SUM(A1)\n'-d;d;;;;;" blanks "`,
  );
  const before = await servers();
  expect(before.map(({ name, description }) => [name, description])).toEqual([
    ['-d', ' blanks '],
    ['a "quoted" name', 'two\nlines, and a comma'],
    ['b', '=already guarded'],
    ['c', '=SUM(A1)'],
  ]);
  const csv = csvHeader + before.map(csvLine).join('');
  expect(csv).toContain("'=SUM(A1)"); // a spreadsheet shows it instead of running it
  expect(await take(csv)).toMatchObject({ created: 0, updated: 0, unchanged: 4, refused: 0 });
  expect(await servers()).toEqual(before);
  const elsewhere = await workspace();
  expect(await elsewhere.take(csv)).toMatchObject({ created: 4, refused: 0 });
  const plain = (all: typeof before) =>
    all.map(({ name, host, port, tags, description, hostKey, jumpServer }) => ({
      name,
      host,
      port,
      tags,
      description,
      key: hostKey?.fingerprint,
      jump: jumpServer?.name,
    }));
  expect(plain(await elsewhere.servers())).toEqual(plain(before));
  expect(
    await work((tx) => tx.selectFrom('auditEntries').select('action').where('action', 'like', 'server.%').execute()),
  ).toHaveLength(4);
});

test('a second import changes what the file says and leaves what it does not say', async () => {
  const { take, servers } = await workspace();
  await take(`name,host,port,tags,credential,hostKey\nweb-1,10.0.0.1,2222,web,deploy,${key}`);
  const report = await take(`Name,Host,Credential,host_key\nweb-1,10.0.0.9,,\nnew,10.0.0.2,deploy,`);
  expect(report.rows).toMatchObject([{ act: 'update', changes: ['host', 'credential'] }, { act: 'create' }]);
  expect((await servers()).find(({ name }) => name === 'web-1')).toMatchObject({
    host: '10.0.0.9',
    port: 2222,
    tags: ['web'],
    credential: null,
    hostKeyState: 'pinned',
    version: 2,
  });
});

test('a pinned key is never replaced by a file', async () => {
  const { take, servers } = await workspace();
  await take(`name,host,hostKey\nweb-1,10.0.0.1,${key}`);
  const report = await take(`name,host,hostKey\nweb-1,10.0.0.2,${otherKey}`);
  expect(report.errors).toMatchObject([{ line: 2, column: 'hostKey', code: 'csv.host_key_differs' }]);
  expect(await servers()).toMatchObject([{ host: '10.0.0.1', hostKey: { key: key.split(' ')[1] } }]);
});

test('a dry run and a refused all-or-nothing change nothing', async () => {
  const { take, servers } = await workspace();
  const csv = 'name,host\nweb-1,10.0.0.1\nweb-2,not a host';
  expect(await take(csv, { dryRun: true })).toMatchObject({ dryRun: true, created: 1, refused: 1 });
  await expect(take(csv, { allOrNothing: true })).rejects.toMatchObject({
    code: 'import.refused',
    details: { errors: [{ line: 3 }] },
  });
  expect(await servers()).toEqual([]);
});

test('a file that cannot be read as one is refused with the line', () => {
  const errors = (csv: string) => readServersCsv(csv).fileErrors.map(({ line, column, code }) => [line, column, code]);
  expect(errors('')).toEqual([
    [1, 'name', 'csv.header_missing'],
    [1, 'host', 'csv.header_missing'],
  ]);
  expect(errors('name,address\nx,y')).toEqual([
    [1, 'host', 'csv.header_missing'],
    [1, 'address', 'csv.header_unknown'],
  ]);
  expect(errors('name,host\nweb-1,"10.0.0.1\nweb-2,x').map(([, , code]) => code)).toEqual(['csv.row_broken']);
  expect(errors(`name,host\n${'a,b\n'.repeat(5_001)}`)).toEqual([[5_002, null, 'csv.too_many_rows']]);
  expect(readServersCsv('\uFEFFname\thost\r\nweb-1\t10.0.0.1\r\n').lines).toMatchObject([
    { name: 'web-1', host: '10.0.0.1', line: 2, errors: [] },
  ]);
});

test('two thousand servers are imported within one transaction’s time', async () => {
  const { take, servers } = await workspace();
  const lines = Array.from(
    { length: 2_000 },
    (_, index) =>
      `web-${index},10.0.${index >> 8}.${index & 255},web,${index === 0 ? '' : `web-${index % 4 === 0 ? 0 : index - (index % 4)}`}`,
  );
  expect(await take(`name,host,tags,jump\n${lines.join('\n')}`)).toMatchObject({ created: 2_000, refused: 0 });
  expect(await servers()).toHaveLength(2_000);
});

test('known_hosts pins keys on servers that have none, also hashed names and ports', async () => {
  const { work, take, servers } = await workspace();
  await take(
    `name,host,port,hostKey\nplain,web-1,22,\nport,10.0.0.1,2222,\nhashed,github.com,22,\npinned,10.0.0.3,22,${key}\nabsent,10.0.0.4,22,`,
  );
  const file = [
    '# comment',
    `web-1,other ecdsa-sha2-nistp256 ${'A'.repeat(100)}`,
    `web-1 ${key} comment`,
    `[10.0.0.1]:2222 ${key}`,
    `10.0.0.1 ${otherKey}`,
    // ssh-keygen -H of "github.com"
    `|1|dGVzdHNhbHR0ZXN0c2FsdHQ=|${(await import('node:crypto')).createHmac('sha1', Buffer.from('dGVzdHNhbHR0ZXN0c2FsdHQ=', 'base64')).update('github.com').digest('base64')} ${otherKey}`,
    `10.0.0.3 ${otherKey}`,
    'broken line',
  ].join('\n');
  const dry = await work((tx) => importKnownHosts(tx, doer, file, true));
  expect(dry.pinned.map(({ name }) => name)).toEqual(['hashed', 'plain', 'port']);
  expect(dry).toMatchObject({ different: [{ name: 'pinned' }], unreadableLines: [8] });
  expect((await servers()).filter(({ hostKey }) => hostKey)).toHaveLength(1);
  await work((tx) => importKnownHosts(tx, doer, file, false));
  expect(
    (await servers()).map(({ name, hostKey }) => [name, hostKey?.algorithm, hostKey?.key === key.split(' ')[1]]),
  ).toEqual([
    ['absent', undefined, false],
    ['hashed', 'ssh-ed25519', false],
    ['pinned', 'ssh-ed25519', true],
    ['plain', 'ssh-ed25519', true],
    ['port', 'ssh-ed25519', true],
  ]);
});
