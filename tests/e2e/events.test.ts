import { WebSocket } from 'ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SseFrame, openSse } from '../kit/sse-client.ts';
import { startTestApp, type TestApp, until } from '../kit/test-app.ts';

let app: TestApp;
let events: string;
beforeAll(async () => {
  app = await startTestApp({ withHosts: false });
  events = `${app.origin}/api/v1/events`;
});
afterAll(() => app?.close());

let named = 0;
/** One event each: the variable is set, and `settings`-readers hear of it. */
const touch = (): Promise<unknown> => app.ok('POST', '/secrets', { name: `s_${++named}`, value: 'x' });
const isSecret = ({ event }: SseFrame): boolean => event.startsWith('secret.');
const subjectsOf = (frames: readonly SseFrame[]): string[] =>
  frames.filter(isSecret).map(({ data }) => String(data.subject));
const idsOf = (frames: readonly SseFrame[]): (string | undefined)[] =>
  frames.filter(({ event }) => event !== 'hello').map(({ id }) => id);

test(
  'while many write at once, a stream that is cut again and again loses nothing and doubles nothing',
  { timeout: 120_000 },
  async () => {
    const whole = await openSse(events, { token: app.key });
    await whole.untilFrame(({ event }) => event === 'hello');
    const cut: SseFrame[] = [];
    // What came before, of making the key, is not the cut stream's.
    const begin = whole.lastId();
    let lastId = begin;
    let isOver = false;
    const follow = async (): Promise<void> => {
      for (let goal = 3; !isOver; goal = (goal * 7) % 11) {
        const stream = await openSse(events, { token: app.key, lastId });
        await until(() => isOver || stream.frames.length > goal, 5);
        stream.close();
        cut.push(...stream.frames.filter(({ event }) => event !== 'hello'));
        lastId = stream.lastId() ?? lastId;
      }
    };
    const following = follow();
    const writer = async (): Promise<void> => {
      for (let i = 0; i < 25; i++) await touch();
    };
    const before = named;
    await Promise.all(Array.from({ length: 8 }, writer));
    const written = named - before;
    expect(written).toBe(200);
    await until(() => subjectsOf(whole.frames).length >= written && cut.length >= 1);
    const last = idsOf(whole.frames).at(-1);
    await until(async () => {
      if (cut.at(-1)?.id === last) return true;
      await touch(); // something for the cut stream to reach its goal by
      return subjectsOf(whole.frames).length > 0 && cut.some(({ id }) => id === last);
    });
    isOver = true;
    await following;
    whole.close();
    expect(subjectsOf(whole.frames).length).toBe(new Set(subjectsOf(whole.frames)).size);
    const wholeIds = idsOf(whole.frames);
    expect(idsOf(cut).slice(0, idsOf(cut).indexOf(last) + 1)).toEqual(
      wholeIds.slice(wholeIds.indexOf(begin) + 1, wholeIds.indexOf(last) + 1),
    );
  },
);

test('410 for a cursor of another epoch and for what is no cursor', async () => {
  for (const lastId of ['00ff00ff.12.34', 'nonsense']) {
    await expect(openSse(events, { token: app.key, lastId })).rejects.toMatchObject({
      status: 410,
      body: { error: 'events.cursor_gone' },
    });
  }
});

test('filters by type, subject and run let through what was asked for alone', async () => {
  const { id } = await app.ok('POST', '/playbooks', {
    definition: { name: 'Filtered', steps: [{ id: 'a', kind: 'wait', for: '1s' }] },
  });
  const byType = await openSse(`${events}?types=run.*`, { token: app.key });
  const bySubject = await openSse(`${events}?subject=playbook:${id}`, { token: app.key });
  await byType.untilFrame(({ event }) => event === 'hello');
  await bySubject.untilFrame(({ event }) => event === 'hello');
  const [first, second] = [
    await app.ok('POST', `/playbooks/${id}/runs`, {}),
    await app.ok('POST', `/playbooks/${id}/runs`, {}),
  ];
  const byRun = await openSse(`${events}?run=${second.runId}`, { token: app.key });
  await app.ok('PATCH', `/playbooks/${id}`, {
    definition: { name: 'Filtered', steps: [{ id: 'a', kind: 'set', values: {} }] },
  });
  await touch();
  for (const { runId } of [first, second])
    await byType.untilFrame(({ event, data }) => event === 'run.ended' && data.run === runId);
  await byRun.untilFrame(({ event }) => event === 'run.ended');
  await bySubject.untilFrame(({ event }) => event === 'playbook.saved');
  for (const stream of [byType, bySubject, byRun]) stream.close();
  expect(byType.frames.slice(1).every(({ event }) => event.startsWith('run.'))).toBe(true);
  expect(
    byRun.frames
      .slice(1)
      .map(({ data }) => data.run)
      .every((run) => run === second.runId),
  ).toBe(true);
  expect(bySubject.frames.slice(1).every(({ data }) => data.subject === `playbook:${id}`)).toBe(true);
});

test('a stream shows what its caller may read, and nothing else', async () => {
  const { key } = await app.makeKey(['events:read', 'settings:read']);
  const narrow = await openSse(events, { token: key });
  await narrow.untilFrame(({ event }) => event === 'hello');
  await touch();
  const { concurrency } = await app.ok('GET', '/settings');
  await app.ok('PATCH', '/settings', { concurrency: concurrency + 1 });
  await narrow.untilFrame(({ event }) => event === 'settings.changed');
  narrow.close();
  expect(narrow.frames.filter(isSecret)).toEqual([]);
  const { key: without } = await app.makeKey(['settings:read']);
  await expect(openSse(events, { token: without })).rejects.toMatchObject({ status: 403 });
});

test('a stream ends when its key is revoked, and when its member is removed', async () => {
  const { id, key } = await app.makeKey(['events:read', 'secrets:read']);
  const ofKey = await openSse(events, { token: key });
  const member = await app.addMember('Leaving', 'member');
  const ofMember = await openSse(events, { token: member.token });
  const other = await openSse(events, { token: app.key });
  for (const stream of [ofKey, ofMember, other]) await stream.untilFrame(({ event }) => event === 'hello');
  await app.ok('DELETE', `/api-keys/${id}`, undefined, { token: app.owner.token });
  await ofKey.untilEnd();
  expect(ofKey.frames.at(-1)?.event).toBe('end');
  expect(ofMember.isEnded()).toBe(false);
  await app.ok('DELETE', `/members/${member.id}`, undefined, { token: app.owner.token });
  await ofMember.untilEnd();
  expect(await (await fetch(`${app.origin}/metrics`)).text()).toMatch(
    /windlass_streams_cut_total\{reason="access"\} 2\b/,
  );
  await expect(openSse(events, { token: key })).rejects.toMatchObject({ status: 401 });
  await touch();
  await other.untilFrame(isSecret);
  expect(other.isEnded()).toBe(false);
  other.close();
});

/** A socket with what it has said and how it was closed. */
function openSocket(
  token: string,
  query = '',
): {
  socket: WebSocket;
  frames: SseFrame[];
  closed: () => { code: number; reason: string } | undefined;
  failure: () => number | undefined;
} {
  const socket = new WebSocket(`${app.origin.replace('http', 'ws')}/api/v1/ws${query}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const frames: SseFrame[] = [];
  let closed: { code: number; reason: string } | undefined;
  let failure: number | undefined;
  socket.on('message', (bytes: Buffer) => frames.push(JSON.parse(bytes.toString()) as SseFrame));
  socket.on('unexpected-response', (_request, answer) => (failure = answer.statusCode));
  socket.on('close', (code, reason) => (closed = { code, reason: reason.toString() }));
  socket.on('error', () => {});
  return { socket, frames, closed: () => closed, failure: () => failure };
}

test(
  'a WebSocket has the same events under the same ids, resumes, and ends with its key',
  { timeout: 90_000 },
  async () => {
    const { id, key } = await app.makeKey(['events:read', 'secrets:read']);
    const sse = await openSse(`${events}?types=secret.*`, { token: key });
    const first = openSocket(key, '?types=secret.*');
    await sse.untilFrame(({ event }) => event === 'hello');
    await until(() => first.frames.some(({ event }) => event === 'hello'));
    await Promise.all(Array.from({ length: 20 }, touch));
    await until(() => first.frames.filter(isSecret).length === 20 && sse.frames.filter(isSecret).length === 20);
    expect(idsOf(first.frames.filter(isSecret))).toEqual(idsOf(sse.frames.filter(isSecret)));
    first.socket.terminate();
    const after = first.frames.filter(isSecret)[9]?.id;
    const second = openSocket(key, `?types=secret.*&after=${after}`);
    await until(() => second.frames.filter(isSecret).length === 10);
    expect(idsOf(second.frames.filter(isSecret))).toEqual(idsOf(sse.frames.filter(isSecret)).slice(10));
    const gone = openSocket(key, '?after=00ff00ff.1.1');
    await until(() => gone.closed() ?? gone.failure());
    expect(gone.closed()).toEqual({ code: 1008, reason: 'events.cursor_gone' });
    await app.ok('DELETE', `/api-keys/${id}`, undefined, { token: app.owner.token });
    await until(() => second.closed());
    expect(second.closed()?.code).toBe(1008);
    const refused = openSocket(key);
    expect(await until(() => refused.failure())).toBe(401);
    sse.close();
  },
);
