// The command line as a process, against the real API.
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { permissions } from '#contracts/identity/permissions.ts';
import { type CommandLine, commandLine, hasTerminals } from '../kit/command-line.ts';
import { type Fleet, startFleet } from '../kit/host-fleet.ts';
import { type FaultyProxy, startFaultyProxy } from '../kit/faulty-proxy.ts';
import { type TestApp, startTestApp, until } from '../kit/test-app.ts';

let app: TestApp;
let fleet: Fleet;
let proxy: FaultyProxy;
let cli: CommandLine;
beforeAll(async () => {
  app = await startTestApp();
  fleet = await startFleet(app, { hosts: 1 }, ['web']);
  proxy = await startFaultyProxy(app.origin);
});
afterAll(async () => {
  await proxy?.close();
  await app?.close();
  await fleet?.stop();
});
beforeEach(() => {
  cli = commandLine({ WINDLASS_URL: proxy.origin, WINDLASS_API_KEY: app.key });
  proxy.calls.length = 0;
});
afterEach(() => cli.close());

const asking = { name: 'Asks', steps: [{ id: 'ask', kind: 'approve', roles: ['owner'], message: 'Go on?' }] };

/** Without an address or key in the environment, as after a login. */
const signedIn = { WINDLASS_URL: '', WINDLASS_API_KEY: '' };

test('login tries the key, keeps it in a file for its owner alone, and prints it nowhere', async () => {
  const { code, out, err } = await cli.run(['login', '--url', `${app.origin}/api/v1/`, '--key-stdin', '--verbose'], {
    env: signedIn,
    input: `${app.key}\n`,
  });
  expect([code, out]).toEqual([0, '']);
  expect(err).toContain('Alder & Finch');
  expect(err).toMatch(/^GET \/api\/v1\/caller 200 \d+ ms \(getCaller\)$/m);
  expect(err).not.toContain(app.key);
  const file = join(cli.home, 'config/windlass/config.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    profiles: { default: { url: app.origin, apiKey: app.key } },
  });
  const who = await cli.run(['whoami'], { env: signedIn });
  expect(JSON.parse(who.out)).toMatchObject({
    kind: 'key',
    role: null,
    workspace: { id: app.workspaceId, name: 'Alder & Finch' },
    permissions: expect.arrayContaining([...permissions]),
  });
  expect(await cli.run(['logout'], { env: signedIn })).toMatchObject({ code: 0 });
  expect(await cli.run(['whoami'], { env: signedIn })).toMatchObject({ code: 4 });
});

test.skipIf(!hasTerminals)('on a terminal login asks, shows nothing of the key, and can be left', async () => {
  const left = cli.onTerminal(['login'], { env: signedIn });
  await until(() => left.shown().includes('Address'));
  left.type('\u0003');
  expect(await left.ended).toBe(3);
  const asked = cli.onTerminal(['login'], { env: signedIn });
  await until(() => asked.shown().includes('Address [http://127.0.0.1:3000]'));
  asked.type(`${app.origin}\r`);
  await until(() => asked.shown().includes('API key'));
  asked.type(`${app.key}\r`);
  expect(await asked.ended).toBe(0);
  expect(asked.shown()).toContain('Alder & Finch');
  expect(asked.shown()).not.toContain(app.key.slice(0, 12));
  await playbookId();
  const shown = cli.onTerminal(['list-playbooks'], { env: signedIn });
  expect(await shown.ended).toBe(0);
  expect(shown.shown()).toMatch(/^ID +NAME /);
});

test('a key that is refused is not kept', async () => {
  const wrong = 'wl_nobody_ever_made_this';
  const { code, err } = await cli.run(['login', '--url', app.origin, '--key-stdin'], { env: signedIn, input: wrong });
  expect(code).toBe(4);
  expect(err).toContain('identity.sign_in_needed');
  expect(err).not.toContain(wrong);
  expect(existsSync(join(cli.home, 'config/windlass'))).toBe(false);
});

test('the environment wins over the file, profiles stand apart, and a kept key goes only where it was kept for', async () => {
  const reader = await app.makeKey(['runs:read']);
  const login = (name: string, key: string) =>
    cli.run(['login', '--url', app.origin, '--key-stdin', '--profile', name], { env: signedIn, input: key });
  await login('default', app.key);
  await login('reader', reader.key);
  const may = async (args: string[], env: Record<string, string>): Promise<unknown> =>
    (JSON.parse((await cli.run(['whoami', ...args], { env })).out) as { permissions: unknown }).permissions;
  expect(await may(['--profile', 'reader'], signedIn)).toEqual(['runs:read']);
  expect(await may([], signedIn)).toHaveLength(permissions.length);
  expect(await may([], { WINDLASS_URL: '', WINDLASS_API_KEY: reader.key })).toEqual(['runs:read']);
  const { code, err } = await cli.run(['whoami'], { env: { WINDLASS_URL: proxy.origin, WINDLASS_API_KEY: '' } });
  expect([code, err]).toEqual([4, expect.stringContaining(`No key is known for ${proxy.origin}`)]);
  expect(proxy.calls).toEqual([]);
  const elsewhere = await cli.run(['whoami'], { env: { WINDLASS_WORKSPACE: 'no-such-place' } });
  expect([elsewhere.code, elsewhere.err]).toEqual([4, expect.stringContaining('identity.membership_needed')]);
});

test('a thing is made, listed, read, changed and deleted by the commands of the table', async () => {
  const definition = { name: 'By hand', steps: [{ id: 'a', kind: 'set', values: { x: 1 } }] };
  const created = await cli.run(['create-playbook', '--definition', JSON.stringify(definition), '--note', 'first']);
  expect([created.code, created.err]).toEqual([0, '']);
  const { id } = JSON.parse(created.out) as { id: string };
  expect(JSON.parse((await cli.run(['get-playbook', id])).out)).toMatchObject({ id, name: 'By hand', note: 'first' });
  const changed = await cli.run(['update-playbook', id, '--if-match', '1', '--data', '@-', '--note=second'], {
    input: JSON.stringify({ definition: { ...definition, description: 'Said later' } }),
  });
  expect(JSON.parse(changed.out)).toMatchObject({ version: 2, note: 'second', description: 'Said later' });
  const stale = await cli.run(['update-playbook', id, '--if-match', '1', '--note', 'third']);
  expect(stale.code).toBe(1);
  expect(await cli.run(['delete-playbook', id])).toMatchObject({ code: 0, out: '' });
  const gone = await cli.run(['get-playbook', id]);
  expect(gone.code).toBe(1);
  expect(gone.err).toMatch(/^windlass: request\.not_found: There is nothing here by that id\.\n {2}request \S+\n$/);
});

test('a document goes out as it is, its type told by its name; a secret comes from a file', async () => {
  const yaml = '# kept as written\nname: From a file\nsteps:\n  - {id: a, kind: set, values: {x: 1}}\n';
  writeFileSync(join(cli.home, 'site.yaml'), yaml);
  const created = await cli.run(['create-playbook', '--file', 'site.yaml']);
  expect(JSON.parse(created.out)).toMatchObject({ name: 'From a file', yaml });
  const piped = await cli.run(['validate-playbook', '--file', '-', '--content-type', 'application/yaml'], {
    input: yaml,
  });
  expect(JSON.parse(piped.out)).toMatchObject({ valid: true });
  writeFileSync(join(cli.home, 'word'), 'hush');
  const secret = await cli.run(['create-secret', '--name', 'db', '--value', '@word', '--description', 'null']);
  expect([secret.code, JSON.parse(secret.out)]).toEqual([
    0,
    expect.objectContaining({ name: 'db', description: null }),
  ]);
});

test('values are of the types that the schema has', async () => {
  const type = await cli.run([
    'create-schedule',
    '--name',
    'Nightly',
    '--target.kind',
    'playbook',
    '--target.id',
    await playbookId(),
    '--cron',
    '0 3 * * *',
    '--cron',
    '0 4 * * *',
    '--paused',
  ]);
  expect([type.err, type.code]).toEqual(['', 0]);
  expect(JSON.parse(type.out)).toMatchObject({ name: 'Nightly', cron: ['0 3 * * *', '0 4 * * *'] });
  const settings = await cli.run([
    'update-settings',
    '--concurrency',
    '7',
    '--legal-hold=false',
    '--egress-allow',
    '10.0.0.0/8',
    '--egress-allow',
    'localhost',
  ]);
  expect(JSON.parse(settings.out)).toMatchObject({
    concurrency: 7,
    legalHold: false,
    egressAllow: ['10.0.0.0/8', 'localhost'],
  });
});

async function playbookId(): Promise<string> {
  const definition = {
    name: `P ${randomBytes(4).toString('hex')}`,
    steps: [{ id: 'a', kind: 'set', values: { x: 1 } }],
  };
  return (await app.ok('POST', '/playbooks', { definition })).id;
}

test('--all walks every page, one thing a line', async () => {
  const names = Array.from({ length: 7 }, (_, at) => `paged-${at}`);
  for (const name of names)
    await app.ok('POST', '/playbooks', { definition: { name, steps: [{ id: 'a', kind: 'set', values: {} }] } });
  const { out, code } = await cli.run(['list-playbooks', '--q', 'paged-', '--limit', '3', '--all']);
  expect(code).toBe(0);
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { name: string }).name),
  ).toEqual(names);
  expect(proxy.calls.filter(({ line }) => line.includes('/playbooks?'))).toHaveLength(3);
  const page = JSON.parse((await cli.run(['listPlaybooks', '--q=paged-', '--limit=3'])).out) as { data: unknown[] };
  expect(page.data).toHaveLength(3);
});

test('what is wrong is told before anything is sent, with the nearest name', async () => {
  const cases: [string[], string][] = [
    [['list-rnus'], 'Did you mean list-runs?'],
    [['list-runs', '--stauts', 'failed'], 'Did you mean --status?'],
    [['get-run', 'not-an-id'], '<id>'],
    [['store-artifact', '--name', 'x'], 'The body is missing'],
    [['query', 'select 1'], '--connection is missing'],
  ];
  for (const [args, words] of cases) {
    const { code, err, out } = await cli.run(args);
    expect([args, code, out]).toEqual([args, 2, '']);
    expect(err).toContain(words);
    expect(err).not.toMatch(/^\s+at /m);
  }
  expect(proxy.calls).toEqual([]);
});

test('a refusal is its code, its message and what can be done; no secret, no stack', async () => {
  const { key } = await app.makeKey(['runs:read']);
  const { code, err, out } = await cli.run(['list-secrets', '--verbose'], { env: { WINDLASS_API_KEY: key } });
  expect([code, out]).toEqual([4, '']);
  expect(err).toContain('windlass: identity.permission_missing:');
  expect(err).toContain('secrets:read');
  expect(err).toMatch(/^GET \/api\/v1\/secrets 403 \d+ ms \(listSecrets\)$/m);
  expect(err).not.toContain(key);
  expect(err).not.toMatch(/^\s+at /m);
  const person = await cli.run(['get-me']);
  expect([person.code, person.err]).toEqual([4, expect.stringContaining('identity.person_needed')]);
});

test('what is safe to repeat is repeated as the server asks; what is not is not', async () => {
  proxy.befall('GET /api/v1/runs', { answer: 429, retryAfter: 1 });
  proxy.befall('GET /api/v1/runs', { answer: 503 });
  const { code, err } = await cli.run(['list-runs', '--verbose']);
  expect(code).toBe(0);
  expect(err).toMatch(/http\.429; again in 1000 ms/);
  expect(proxy.calls).toHaveLength(3);
  proxy.calls.length = 0;
  proxy.befall('PATCH /api/v1/settings', { answer: 503 });
  const patch = await cli.run(['update-settings', '--concurrency', '8']);
  expect([patch.code, proxy.calls.length]).toEqual([4, 1]);
});

test('a start whose answer was lost is not a second start', async () => {
  const { id } = await app.ok('POST', '/playbooks', { definition: { ...asking, name: 'Once' } });
  proxy.befall(`POST /api/v1/playbooks/${id}/runs`, { lose: true });
  const { code, out } = await cli.run(['run', 'Once']);
  expect(code).toBe(0);
  const { data } = await app.ok('GET', `/runs?subject=playbook:${id}`);
  expect(data.map((run: { id: string }) => run.id)).toEqual([out.trim()]);
});

test('a server that is not there is told in a line', async () => {
  const { code, err } = await cli.run(['get-setup'], { env: { WINDLASS_URL: 'http://127.0.0.1:9' } });
  expect(code).toBe(4);
  expect(err).toMatch(/^windlass: network\.unreachable: http:\/\/127\.0\.0\.1:9 cannot be reached/);
});

test('a file is there once it is whole; a broken or spoiled download leaves none and says so', async () => {
  const content = randomBytes(300_000);
  writeFileSync(join(cli.home, 'tool.bin'), content);
  const stored = await cli.run(['store-artifact', '--name', 'tool.bin', '--file', 'tool.bin']);
  const { id, sha256 } = JSON.parse(stored.out) as { id: string; sha256: string };
  expect(sha256).toBe(createHash('sha256').update(content).digest('hex'));
  mkdirSync(join(cli.home, 'got'));
  const take = (...more: string[]) => cli.run(['download-artifact', id, ...more]);
  for (const fault of [{ cutAfter: 100_000 }, { spoil: true }] as const) {
    proxy.befall('/content', fault);
    const { code, err } = await take('--out', 'got/tool.bin');
    expect(code).toBe(1);
    expect(err).toMatch(/download\.broken|export\.differs/);
    expect(readdirSync(join(cli.home, 'got'))).toEqual([]);
  }
  expect((await take('--out', 'got/tool.bin')).code).toBe(0);
  expect(readFileSync(join(cli.home, 'got/tool.bin')).equals(content)).toBe(true);
  expect(readdirSync(join(cli.home, 'got'))).toEqual(['tool.bin']);
  expect((await take()).bytes.equals(content)).toBe(true);
  expect(await take('--out', 'nowhere/tool.bin')).toMatchObject({ code: 1 });
});

test('a playbook is run, followed, waited for and canceled; the exit code says how it ended', async () => {
  const inputs = [
    { name: 'city', type: 'string' },
    { name: 'times', type: 'integer' },
    { name: 'tags', type: 'list', items: { type: 'string' } },
  ];
  const values = { said: '{{ inputs.city }}', tags: '{{ inputs.tags }}' };
  const definition = { name: 'Greets', inputs, steps: [{ id: 'a', kind: 'set', values }] };
  await app.ok('POST', '/playbooks', { definition });
  const done = await cli.run([
    'run',
    'greets',
    '--input',
    'city=Rome',
    '--input',
    'times=3',
    '--input',
    'tags=a',
    '--input',
    'tags=b',
    '--follow',
  ]);
  expect([done.code, done.err]).toEqual([0, expect.stringContaining('succeeded')]);
  const runId = /run (\S+)/.exec(done.err)?.[1] ?? '';
  expect((await app.ok('GET', `/runs/${runId}`)).inputs).toEqual({ city: 'Rome', times: 3, tags: ['a', 'b'] });
  const unknown = await cli.run(['run', 'Greets', '--input', 'citi=Rome']);
  expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('Did you mean city?')]);

  await app.ok('POST', '/playbooks', {
    definition: { name: 'Fails', steps: [{ id: 'a', kind: 'fail', code: 'own.reason', message: 'As told.' }] },
  });
  const failed = await cli.run(['run', 'Fails', '--follow']);
  expect([failed.code, failed.err]).toEqual([1, expect.stringContaining('own.reason: As told.')]);

  await app.ok('POST', '/playbooks', { definition: asking });
  const started = await cli.run(['run', 'Asks']);
  const waiting = started.out.trim();
  const follower = cli.start(['wait', waiting]);
  await until(() => follower.said().includes('waiting (for approval)'));
  expect(await cli.run(['cancel', waiting, '--reason', 'Enough'])).toMatchObject({ code: 0 });
  expect(await follower.ended).toMatchObject({ code: 3, out: 'canceled\n' });
});

test('the lines of a run come as they are written, through a break of the stream, and are the same afterwards', async () => {
  const command = 'for i in 1 2 3 4 5 6 7 8 9; do echo "line $i"; sleep 0.1; done; echo "to stderr" >&2';
  const steps = [{ id: 'count', kind: 'ssh', hosts: { tags: ['web'] }, command, timeout: '1m' }];
  await app.ok('POST', '/playbooks', { definition: { name: 'Counts', steps } });
  proxy.befall('/logs', { cutAfter: 900 });
  const { code, out, err } = await cli.run(['run', 'Counts', '--follow']);
  expect([code, err]).toEqual([0, expect.stringContaining('succeeded')]);
  const told = out.trimEnd().split('\n');
  expect(told.filter((line) => line.includes(' line ')).map((line) => line.split(' line ')[1])).toEqual([
    ...'123456789',
  ]);
  expect(told.find((line) => line.includes('to stderr'))).toMatch(/^\S+Z \S+ count ! to stderr$/);
  expect(proxy.calls.filter(({ line }) => line.includes('/logs')).length).toBeGreaterThan(1);
  const runId = /run (\S+)/.exec(err)?.[1] ?? '';
  expect(await cli.run(['logs', runId])).toMatchObject({ code: 0, out });
  expect(await cli.run(['logs', runId, '--follow'])).toMatchObject({ code: 0, out });
  expect((await cli.run(['logs', runId, '--stream', 'stderr'])).out).toBe(
    `${told.find((line) => line.includes('to stderr'))}\n`,
  );
  const pieces = await cli.run(['logs', runId, '--follow', '--json', '--stream', 'stdout']);
  const texts = pieces.out
    .trimEnd()
    .split('\n')
    .map((piece) => (JSON.parse(piece) as { text: string }).text);
  expect(texts.join('')).toBe([...'123456789'].map((digit) => `line ${digit}\n`).join(''));
});

test('who waits for a run waits for a server that is away, and is told', async () => {
  await app.ok('POST', '/playbooks', { definition: { ...asking, name: 'Waits' } });
  const runId = (await cli.run(['run', 'Waits'])).out.trim();
  const waiting = cli.start(['wait', runId]);
  await until(() => waiting.said().includes('waiting (for approval)'));
  for (let times = 0; times < 4; times++) proxy.befall(`GET /api/v1/runs/${runId}`, { answer: 503 });
  await until(() => waiting.said().includes('http.503'));
  await app.ok('POST', `/runs/${runId}/cancel`, {});
  expect(await waiting.ended).toMatchObject({ code: 3, out: 'canceled\n' });
});

test('an interrupt ends the following of a playbook and not the run', async () => {
  await app.ok('POST', '/playbooks', { definition: { ...asking, name: 'Goes on' } });
  const follower = cli.start(['run', 'Goes on', '--follow']);
  await until(() => follower.said().includes('waiting (for approval)'));
  follower.interrupt();
  const { code, err } = await follower.ended;
  const runId = /run (\S+)/.exec(err)?.[1] ?? '';
  expect([code, err]).toEqual([3, expect.stringContaining(`windlass cancel ${runId}`)]);
  expect((await app.ok('GET', `/runs/${runId}`)).status).toBe('waiting');
});

test('the live events are a line each, through a break of the stream, until an interrupt', async () => {
  proxy.befall('GET /api/v1/events', { cutAfter: 600 });
  const stream = cli.start(['stream-events', '--types', 'playbook.*']);
  await until(() => stream.printed().includes('hello'));
  const ids: string[] = [];
  for (let made = 0; made < 4; made++) ids.push(await playbookId());
  await until(() => stream.printed().includes(ids.at(-1) ?? ''));
  stream.interrupt();
  const { code, out } = await stream.ended;
  expect(code).toBe(3);
  const frames = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; data: { subject?: string } });
  expect(frames[0]?.event).toBe('hello');
  expect(frames.slice(1).map(({ event, data }) => [event, data.subject])).toEqual(
    ids.map((id) => ['playbook.saved', expect.stringContaining(id)]),
  );
  expect(proxy.calls.filter(({ line }) => line.startsWith('GET /api/v1/events'))).toHaveLength(2);
});

test('Node 20 hands over to the Node that the project brings, with its exit code', async () => {
  const node = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path)) ?? process.execPath;
  expect(await cli.run(['get-run'], { node })).toMatchObject({ code: 2 });
  expect((await cli.run(['whoami'], { node })).code).toBe(0);
});
