import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Interrupted, Refused, UsageError, describeError, exitOf, refusalOf } from './exits.ts';
import { framesOf } from './frames.ts';
import { tableOf } from './print-table.ts';
import { kebab, scanArguments } from './scan-arguments.ts';
import { addressOfServer, chosenProfile, isOpenToOthers, isPlain, keepProfile, settingsFile } from './settings.ts';

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'windlass-settings-'))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

const kept = { url: 'https://one.example', apiKey: 'wl_kept', workspace: 'home' };

test('profiles lie in a file for its owner alone, also where one was there that others could read', () => {
  const env = { XDG_CONFIG_HOME: home };
  const file = keepProfile(env, 'default', kept);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  chmodSync(file, 0o644);
  expect(isOpenToOthers(env)).toBe(true);
  keepProfile(env, 'other', { url: 'https://two.example', apiKey: 'wl_two' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    profiles: { default: kept, other: { url: 'https://two.example', apiKey: 'wl_two' } },
  });
  expect(chosenProfile(env, 'other')).toMatchObject({ apiKey: 'wl_two' });
  expect(() => chosenProfile(env, 'third')).toThrow(UsageError);
  keepProfile(env, 'other', undefined);
  expect(() => chosenProfile(env, 'other')).toThrow(UsageError);
  writeFileSync(file, '{');
  expect(() => chosenProfile(env, undefined)).toThrow('cannot be read');
});

test('without XDG_CONFIG_HOME the file lies below the home', () => {
  expect(settingsFile({ HOME: home })).toBe(join(home, '.config/windlass/config.json'));
});

test('the environment wins; a kept key and workspace go to their own address alone', () => {
  const env = { XDG_CONFIG_HOME: home };
  keepProfile(env, 'default', kept);
  expect(chosenProfile(env, undefined)).toEqual(kept);
  expect(chosenProfile({ ...env, WINDLASS_API_KEY: 'wl_env', WINDLASS_WORKSPACE: 'away' }, undefined)).toEqual({
    url: kept.url,
    apiKey: 'wl_env',
    workspace: 'away',
  });
  expect(chosenProfile({ ...env, WINDLASS_URL: 'https://else.example' }, undefined)).toEqual({
    url: 'https://else.example',
    apiKey: undefined,
    workspace: undefined,
  });
  expect(chosenProfile({ ...env, WINDLASS_URL: 'https://one.example/api/v1/' }, undefined)).toEqual(kept);
  expect(() => chosenProfile({ XDG_CONFIG_HOME: join(home, 'none') }, undefined)).toThrow(Refused);
});

test('addresses are taken as people paste them', () => {
  expect(addressOfServer('https://w.example/api/v1/')).toBe('https://w.example');
  expect(addressOfServer('w.example:3000')).toBe('http://w.example:3000');
  expect(addressOfServer('https://w.example/behind/')).toBe('https://w.example/behind');
  for (const wrong of ['ftp://w.example', 'https://user:word@w.example', 'http://'])
    expect(() => addressOfServer(wrong)).toThrow(UsageError);
  expect([isPlain('http://w.example'), isPlain('http://127.0.0.1:1'), isPlain('https://w.example')]).toEqual([
    true,
    false,
    false,
  ]);
});

test('names of fields are typed in kebab-case', () => {
  expect(['listRuns', 'connectionId', 'sha256', 'receiveOTLPLogs', 'q'].map(kebab)).toEqual([
    'list-runs',
    'connection-id',
    'sha256',
    'receive-otlp-logs',
    'q',
  ]);
});

test('a command line is sorted into words and options', () => {
  const defs = [
    { name: 'limit' },
    { name: 'all', isFlag: true },
    { name: 'tag', isMany: true },
    { name: 'inputs', hasParts: true },
  ];
  const { words, options } = scanArguments(
    ['one', '--limit=5', '-', '--all', '--tag', 'a', '--tag', '-b', '--inputs.a.b', 'x', '--', '--limit'],
    defs,
  );
  expect(words).toEqual(['one', '-', '--limit']);
  expect(Object.fromEntries([...options].map(([name, given]) => [name, given.map(({ value }) => value)]))).toEqual({
    limit: ['5'],
    all: ['true'],
    tag: ['a', '-b'],
    inputs: ['x'],
  });
  expect(options.get('inputs')?.[0]?.parts).toEqual(['a', 'b']);
  for (const wrong of [
    ['--limt', '5'],
    ['--limit'],
    ['--limit', '--all'],
    ['--limit', '1', '--limit', '2'],
    ['--limit.x', '1'],
    ['-l'],
  ])
    expect(() => scanArguments(wrong, defs), wrong.join(' ')).toThrow(UsageError);
});

test('each error has its exit code and a few lines without a stack', async () => {
  const page = await refusalOf(new Response('<html>', { status: 502 }));
  const ours = await refusalOf(
    Response.json(
      {
        error: 'contract.broken',
        message: 'It does not fit.',
        statusCode: 400,
        details: [{ path: '/body/x', code: 'c', message: 'Too long.' }],
        requestId: 'r-1',
      },
      { status: 400 },
    ),
  );
  expect([page, ours, new UsageError('u'), new Interrupted('i'), new Error('e')].map(exitOf)).toEqual([4, 1, 2, 3, 1]);
  expect(describeError(ours)).toBe('windlass: contract.broken: It does not fit.\n  /body/x: Too long.\n  request r-1');
  expect(describeError(new Error('odd'))).toBe('windlass: odd');
});

test('frames of a stream are read whatever pieces they come in, heartbeats left out', async () => {
  const text = 'id: 1\nevent: log\ndata: {"a":"ü"}\n\nevent: ping\ndata: {}\n\n: a comment\n\nevent: end\ndata: {}\n\n';
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
      controller.close();
    },
  });
  const frames = [];
  for await (const frame of framesOf(new Response(body))) frames.push(frame);
  expect(frames).toEqual([
    { event: 'log', id: '1', data: { a: 'ü' } },
    { event: 'end', id: undefined, data: {} },
  ]);
});

test('a table shows plain fields, as many as fit, ids whole', () => {
  const things = [
    {
      status: 'failed',
      id: 'a-long-id-of-something',
      title: 'One\nline',
      actor: { name: 'Ada' },
      steps: [{ a: 1 }],
      tags: ['x', 'y'],
      none: null,
    },
    {
      status: 'succeeded',
      id: 'another',
      title: 'x'.repeat(60),
      actor: { name: 'Grace' },
      steps: [],
      tags: [],
      none: null,
    },
  ];
  const lines = (width: number): string[] => tableOf(things, width).split('\n');
  expect(lines(160)).toEqual([
    'ID                      TITLE                                     STATUS     ACTOR  TAGS',
    'a-long-id-of-something  One line                                  failed     Ada    x, y',
    `another                 ${'x'.repeat(39)}…  succeeded  Grace`,
  ]);
  expect(lines(40)).toEqual([
    'ID                      STATUS',
    'a-long-id-of-something  failed',
    'another                 succeeded',
  ]);
  expect(lines(10)[0]).toBe('ID');
});
