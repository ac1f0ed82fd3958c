import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CallOptions, QueryEngine, StartQuery, Started } from '#contracts/queries/engine.ts';
import { QueryFailure, type QueryFailureKind, queryFailureKinds } from '#contracts/queries/failures.ts';
import type { Schedule } from '#contracts/schedules/schedules.ts';
import { startSmtpServer, type SmtpServer } from '#simulators/smtp/smtp-server.ts';
import { type QuerySchedules, querySchedules } from '#tests/kit/query-schedules.ts';
import { type QueryWorld, queryWorld } from '#tests/kit/query-world.ts';
import { testOwner, until } from '#tests/kit/test-app.ts';

let world: QueryWorld;
let smtp: SmtpServer;
let schedules: QuerySchedules;
let ops: { id: string };
beforeAll(async () => {
  smtp = await startSmtpServer();
  world = await queryWorld({ withSweeps: false, environment: { SMTP_URL: smtp.url }, instead: failing });
  schedules = querySchedules(world);
  ops = await world.app.ok('POST', '/channels', { kind: 'email', name: 'ops', recipients: ['ops@example.org'] });
});
afterAll(async () => {
  await world?.close();
  await smtp.close();
});
beforeEach(() => void smtp.letters.splice(0));

/** An engine that fails at its start as its text says: `fail:quota`. It has given up, so nothing is tried again. */
let isGone = false;
const failing = (engine: QueryEngine): QueryEngine => {
  if (isGone) throw new QueryFailure({ kind: 'auth', code: 'gone', message: 'It is gone.', hint: 'Sign in again.' });
  return { ...engine, start: (request, options) => startOf(engine, request, options) };
};
function startOf(engine: QueryEngine, request: StartQuery, options: CallOptions | undefined): Promise<Started> {
  isGone = request.sql.includes('gone');
  const kind = /fail:(\w+)/.exec(request.sql)?.[1] as QueryFailureKind | undefined;
  if (kind === undefined) return engine.start(request, options);
  throw new QueryFailure({
    kind,
    code: `${kind}_met`,
    message: `It met ${kind}.`,
    hint: 'See to it.',
    retryable: false,
  });
}
/** A letter with its words as they are read: what is packed for the way is unpacked. */
const plainOf = (raw: string): string =>
  raw
    .replaceAll('=\r\n', '')
    .replaceAll(/\?=\r\n =\?utf-8\?[qb]\?/gi, '')
    .replaceAll(/=\?utf-8\?b\?([^?]*)\?=/gi, (_, packed: string) => Buffer.from(packed, 'base64').toString())
    .replaceAll(/(?:=[0-9A-F]{2})+/g, (hex) => Buffer.from(hex.replaceAll('=', ''), 'hex').toString())
    .replaceAll('_', ' ');
const lettersTo = (address: string): string[] =>
  smtp.letters.filter(({ to }) => to[0] === address).map(({ raw }) => plainOf(raw));
const failure = () => ({ channelId: ops.id, when: { on: 'failure' } });
const late = () => ({ channelId: ops.id, when: { on: 'late', afterMs: 3_600_000 } });

test.each(queryFailureKinds)(
  'a failure of the kind %s is told to the channel that asked for failures',
  async (kind) => {
    const run = await schedules.run(`select 1 as n -- fail:${kind}`, { alerts: [failure()] });
    expect(run).toMatchObject({ status: 'failed', failure: { kind } });
    const [letter, ...more] = lettersTo('ops@example.org');
    expect(more).toEqual([]);
    expect(letter).toContain(`It met ${kind}.`);
  },
);

test('a failure is told although the service cannot be reached any more, which is why it failed', async () => {
  try {
    await schedules.run('select 1 as n -- fail:network gone', { alerts: [failure()] });
    expect(lettersTo('ops@example.org')).toHaveLength(1);
  } finally {
    isGone = false;
  }
});

const breaks: Record<string, (schedule: Schedule) => Promise<unknown>> = {
  'its connection is being taken away': () => world.sql(`update connections set state = 'disconnecting' where id = $1`, [world.connections.postgres]), // prettier-ignore
  'its query was deleted': ({ target }) => world.app.ok('DELETE', `/queries/${target.id}`),
  'its text asks for a value that nobody gives': ({ target }) =>
    world.app.ok('PATCH', `/queries/${target.id}`, {
      body: {
        engine: 'postgres',
        sql: 'select {{ city }} as n',
        parameters: [{ name: 'city', type: 'text', isRequired: true }],
        connectionId: world.connections.postgres,
      },
    }),
};
test.each(Object.keys(breaks))(
  'a time that starts no run because %s is told as failure and as late, each once',
  async (why) => {
    const schedule = await schedules.make('select 1 as n', { alerts: [failure(), late()] });
    try {
      await breaks[why]?.(schedule);
      const firing = await schedules.fire(schedule.id);
      expect(firing).toMatchObject({ status: 'failed', runId: null, error: { code: expect.any(String) } });
      await until(() => Promise.resolve(lettersTo('ops@example.org').length >= 2 ? true : undefined));
      const told = lettersTo('ops@example.org').map(
        (text) => /failed: it did not start|is late: it did not start/.exec(text)?.[0],
      );
      expect(told.sort()).toEqual(['failed: it did not start', 'is late: it did not start']);
      // The same time again is told to nobody twice.
      await schedules.fire(schedule.id);
      expect(lettersTo('ops@example.org')).toHaveLength(2);
    } finally {
      await world.sql(`update connections set state = 'connected' where id = $1`, [world.connections.postgres]);
    }
  },
);

test('a count that changes against the run before is told; the first run is compared with none', async () => {
  const change = { channelId: ops.id, when: { on: 'change', byPercent: 50 } };
  const { id, target } = await schedules.make('select n from generate_series(1, 10) n', { alerts: [change] });
  const rows = (count: number) =>
    world.app.ok('PATCH', `/queries/${target.id}`, {
      body: { engine: 'postgres', sql: `select n from generate_series(1, ${count}) n`, connectionId: world.connections.postgres }, // prettier-ignore
    });
  await schedules.fire(id, '2026-03-02');
  await rows(14);
  await schedules.fire(id, '2026-03-03');
  expect(smtp.letters).toEqual([]);
  await rows(21);
  await schedules.fire(id, '2026-03-04');
  expect(lettersTo('ops@example.org')).toEqual([expect.stringContaining('50 % more or fewer rows than before')]);
});

test('schedules of somebody who left go on under the workspace, those that mail rows to them are paused, and owners are told', async () => {
  const lea = await world.app.addMember('Lea', 'admin');
  const as = { token: lea.token };
  const query = await world.app.ok('POST', '/queries', { name: 'Of Lea', sharing: 'private', body: { engine: 'postgres', sql: 'select 1 as n', connectionId: world.connections.postgres } }, as); // prettier-ignore
  const make = (name: string, after: object): Promise<Schedule> =>
    world.app.ok('POST', '/schedules', { name, target: { kind: 'query', id: query.id, after }, cron: '0 7 * * *' }, as);
  const goesOn = await make('Goes on', { alerts: [failure()] });
  const mailsHer = await make('Mails her', { deliveries: [{ kind: 'mail', recipients: ['Lea@example.org'] }] });
  smtp.letters.length = 0;
  await world.app.ok('DELETE', `/members/${lea.id}`);
  await until(() => Promise.resolve(lettersTo(testOwner.email).length > 0 ? true : undefined));
  const [letter] = lettersTo(testOwner.email);
  expect(letter).toMatch(
    /go on under the workspace:\s+- Goes on\s+These are paused, because they mail rows to them:\s+- Mails her/,
  );
  expect(await world.app.ok('GET', `/schedules/${mailsHer.id}`)).toMatchObject({
    paused: true,
    pausedNote: expect.stringContaining('has left'),
  });
  // Also where what it runs is private to whoever left.
  expect(await schedules.fire(goesOn.id)).toMatchObject({ status: 'succeeded' });
  const [event] = await world.sql(`select data from events where type = 'schedule.changed' and subject = $1 and data->>'change' = 'owner_left'`, [`schedule:${goesOn.id}`]); // prettier-ignore
  expect(event).toBeDefined();
});
