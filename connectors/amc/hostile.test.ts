import { afterAll, expect, test } from 'vitest';
import { startAmcWorld } from '#tests/kit/amc-world.ts';
import { failureOf as queryFailureOf } from '#tests/kit/query-failure.ts';
import { listAccounts } from './accounts.ts';
import { allPages, part, queryOf } from './ads-client.ts';
import { readSchema } from './data-sources.ts';
import { executionFailure, failureOf, wordsOf } from './failures.ts';

const world = await startAmcWorld();
afterAll(() => world.stop());

test.each([
  ['garbage', { kind: 'garbage', times: 9 }, { kind: 'provider', code: 'unreadable_answer' }],
  ['an answer without end', { kind: 'huge', times: 9 }, { kind: 'provider', code: 'unreadable_answer' }],
  ['an answer cut in its middle', { kind: 'cut', times: 9 }, { kind: 'network' }],
  ['no answer', { kind: 'lost', times: 9 }, { kind: 'network' }],
  ['500 again and again', { status: 500, times: 9 }, { kind: 'provider', code: 'service_unavailable', status: 500 }],
  [
    'a patience beyond ours',
    { status: 429, retryAfterSeconds: 3_000, times: 9 },
    { kind: 'quota', code: 'throttled', retryAfterMs: 3_000_000 },
  ],
] as const)('%s ends as a typed failure within bounds', async (_, fault, facts) => {
  world.fault({ match: 'GET /amc/accounts', ...fault });
  expect(await queryFailureOf(listAccounts(world.client))).toMatchObject(facts);
  world.simulator.world.faults.length = 0;
});

test('what passes is waited out: 429, 500 and 504 in a row, then the answer; each wait after Retry-After', async () => {
  world.waits.length = 0;
  world.fault({ match: 'GET /amc/accounts', status: 429, retryAfterSeconds: 2 });
  world.fault({ match: 'GET /amc/accounts', status: 500 });
  world.fault({ match: 'GET /amc/accounts', status: 504 });
  expect(await listAccounts(world.client)).toHaveLength(3);
  expect(world.waits).toHaveLength(3);
  expect(world.waits[0]).toBeGreaterThanOrEqual(2_000);
});

test('a token that is refused even when new is no loop: one refresh, then the failure', async () => {
  const refreshes = () => world.simulator.world.requests.filter(({ path }) => path.endsWith('/token')).length;
  const before = refreshes();
  world.fault({ match: 'GET /amc/accounts', status: 401, times: 2 });
  expect(await queryFailureOf(listAccounts(world.client))).toMatchObject({ kind: 'auth', code: 'token_refused' });
  expect(refreshes()).toBe(before + 1);
});

test('pages that repeat themselves, or never end, are cut off', async () => {
  let reads = 0;
  expect(await allPages(async () => ({ items: [++reads], nextToken: 'same' }))).toEqual([1, 2]);
  reads = 0;
  expect(await allPages(async () => ({ items: [0], nextToken: String(++reads) }), 10)).toHaveLength(10);
});

test('an id can lead to no other path, and nothing that is not given is asked', () => {
  expect(new URL(`http://a/x/${part('../../v2/profiles?x=1')}/y`).pathname.split('/')).toHaveLength(4);
  for (const step of ['', '.', '..'])
    expect(() => part(step)).toThrow(
      expect.objectContaining({ facts: expect.objectContaining({ code: 'id_invalid' }) }),
    );
  expect(queryOf({ a: undefined, b: 1, c: 'x y' })).toBe('?b=1&c=x+y');
});

test('words are found in each form of refusal, and never more than can be shown', () => {
  expect(wordsOf('{"code":"400","details":"A"}')).toBe('A');
  expect(wordsOf('{"message":"B","requestId":"r"}')).toBe('B');
  expect(wordsOf('{"code":"425","detail":"C"}')).toBe('C');
  expect(wordsOf('{"errors":[{"code":"x","message":"D"}]}')).toBe('D');
  expect(wordsOf('<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>E</Message></Error>')).toBe('E');
  expect(wordsOf('{"details":')).toBe('{"details":');
  expect(wordsOf(`{"details":"${'x'.repeat(9_000)}"}`)).toHaveLength(2_000);
});

test('each status is what it is: 401 and 403 need a person, 404 and 410 stay, 429 and 5xx pass', () => {
  const kinds = [400, 401, 403, 404, 410, 422, 425, 429, 500, 503, 504].map((status) => {
    const { kind, retryable } = failureOf({ status, body: '', retryAfterMs: null }, true).facts;
    return `${status} ${kind} ${retryable}`;
  });
  expect(kinds).toEqual([
    '400 syntax false',
    '401 auth false',
    '403 auth false',
    '404 provider false',
    '410 provider false',
    '422 syntax false',
    '425 quota false',
    '429 quota true',
    '500 provider true',
    '503 provider true',
    '504 provider true',
  ]);
  expect(failureOf({ status: 504, body: '', retryAfterMs: null }, false).facts.mayHaveActed).toBe(true);
  expect(failureOf({ status: 429, body: '', retryAfterMs: null }, false).facts.mayHaveActed).toBe(false);
  expect(executionFailure('FAILED', '').facts).toMatchObject({
    kind: 'provider',
    code: 'execution_failed',
    message: 'The execution ended as FAILED.',
  });
});

test('no token, secret or presigned address stands in a failure', async () => {
  world.fault({ match: 'GET /amc/reporting', kind: 'lost', times: 9 });
  const error = await readSchema(world.client, world.instance).catch((thrown: unknown) => thrown);
  const { inspect } = await import('node:util');
  expect(inspect(error, { depth: 9 })).not.toMatch(/Atza|Atzr|simulated-client-secret|X-Amz-Signature/);
});
