import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Notice } from '#contracts/notices/notices.ts';
import { type NewDecision, decideApproval } from '#db/approvals/approvals.ts';
import { askApproval, expireApproval } from '#db/approvals/ask-approval.ts';
import { voterById } from '#db/approvals/voters.ts';
import { appendEvent } from '#db/events/append-event.ts';
import { drainQueue } from '#db/runs/queue-drains.ts';
import { recordCheck } from '#db/servers/checks.ts';
import { type TestPerson, type TriggerWorld, triggerWorld } from '#tests/kit/trigger-world.ts';
import { noticeRoom } from './notices.ts';

let world: TriggerWorld;
let playbook: string;
let mia: TestPerson;

beforeAll(async () => {
  world = await triggerWorld({ notices: noticeRoom });
  mia = world.people.mia;
  playbook = await world.playbook();
  await world.sql(`update members set created_at = now() - interval '1 hour'`);
});
beforeEach(async () => {
  for (const table of ['notice_marks', 'runs', 'approvals', 'events', 'servers', 'queue_drains'])
    await world.sql(`delete from ${table}`);
});
afterAll(() => world?.close());

const list = async (
  by: TestPerson,
  query = '',
): Promise<{ data: Notice[]; waiting: Notice[]; cursor: string | null }> => {
  const { data, waiting, pagination } = (await world.get(`/me/notices${query}`, by)).json();
  return { data, waiting, cursor: pagination.nextCursor };
};
const kinds = async (by: TestPerson) => (await list(by)).data.map(({ kind }) => kind);
const unseen = async (by: TestPerson): Promise<number> => (await world.get('/me/notices/count', by)).json().unseen;
const ended = async (status: string, tookMs: number, by = mia, agoMs = 0): Promise<string> => {
  const id = await world.run(playbook, by);
  await world.sql(
    `update runs set status = $2, ended_at = now() - make_interval(secs => $4), error = $5,
       started_at = now() - make_interval(secs => $4 + $3) where id = $1`,
    [id, status, tookMs / 1_000, agoMs / 1_000, JSON.stringify({ code: 'x', message: 'It did.', step: 'deploy' })],
  );
  return id;
};
const ask = async (roles: string[], starter = mia) => {
  const runId = await world.run(playbook, starter);
  const { approvalId } = await world.tx((tx) =>
    askApproval(tx, {
      workspaceId: world.workspaceId, runId, stepId: 'ask', address: 'ask', attempt: 1, round: 1, subject: 'May it go on?', message: 'm',
      roles, users: [], quorum: 1, notStarter: false, form: [], default: null, onReject: 'fail', expiresAt: null,
    }, { withLetters: false }),
  ); // prettier-ignore
  return { runId, approvalId };
};
const decide = (approvalId: string, by: TestPerson) =>
  world.tx(async (tx) => {
    const voter = await voterById(tx, by.id);
    const word = { decision: 'reject', reason: 'No.', via: 'console', sealedAnswers: null, audit: {} } as const;
    const actor = { kind: 'user' as const, id: by.id, name: by.name };
    if (voter) await decideApproval(tx, approvalId, voter, { ...word, actor } satisfies NewDecision);
  });

test('of one’s own runs those are told that ended badly, or well after more than a minute, and nobody else’s', async () => {
  await ended('succeeded', 59_000);
  const long = await ended('succeeded', 61_000, mia, 3_000);
  const bad = await ended('failed', 10, mia, 2_000);
  const late = await ended('timed_out', 10, mia, 1_000);
  await ended('canceled', 90_000);
  const { data } = await list(mia);
  expect(data.map(({ kind, runId }) => [kind, runId])).toEqual([
    ['run.timed_out', late],
    ['run.failed', bad],
    ['run.succeeded', long],
  ]);
  expect(data[1]).toMatchObject({ detail: 'deploy · It did.', tookMs: 10, isNew: true });
  expect(await kinds(world.people.max)).toEqual([]);
});

test('a question waits on top for who may decide it, and is gone from there once they have', async () => {
  const { runId, approvalId } = await ask(['admin']);
  expect((await list(world.people.adam)).waiting).toMatchObject([
    { kind: 'approval.asked', runId, detail: 'May it go on?', by: ['Mia'], isNew: true },
  ]);
  expect(await unseen(world.people.adam)).toBe(1);
  for (const other of [mia, world.people.vic]) expect((await list(other)).waiting).toEqual([]);
  await decide(approvalId, world.people.adam);
  expect((await list(world.people.adam)).waiting).toEqual([]);
});

test('the starter is told what others decided and what nobody decided in time, not what they decided themselves', async () => {
  const [theirs, own, nobodys] = [await ask(['admin']), await ask(['member']), await ask(['admin'])];
  await decide(theirs.approvalId, world.people.adam);
  await decide(own.approvalId, mia);
  await world.tx((tx) => expireApproval(tx, nobodys.approvalId, null));
  expect((await list(mia)).data).toMatchObject([
    { kind: 'approval.expired', runId: nobodys.runId, by: [] },
    { kind: 'approval.rejected', runId: theirs.runId, by: ['Adam'], detail: 'May it go on?' },
  ]);
});

test('a server that became unhealthy is told once, to who may manage servers, and not in maintenance', async () => {
  const id = uuidv7();
  await world.sql(
    `insert into servers (workspace_id, id, name, name_key, host, port, health) values ($1, $2, 'web-1', 'web-1', '192.0.2.1', 22, 'healthy')`,
    [world.workspaceId, id],
  );
  const check = (health: 'healthy' | 'no_answer') =>
    world.tx((tx) =>
      recordCheck(
        tx,
        id,
        { facts: null, health, reachable: health === 'healthy', latencyMs: null, code: 'ssh.unreachable', message: 'Nothing answers.' },
        new Date(),
      ),
    ); // prettier-ignore
  await check('no_answer');
  await check('no_answer');
  expect((await list(world.people.adam)).data).toMatchObject([
    { kind: 'server.unhealthy', title: 'web-1', serverId: id, detail: 'Nothing answers.' },
  ]);
  expect(await kinds(mia)).toEqual([]);
  await check('healthy');
  await world.sql('update servers set maintenance_since = now()');
  await check('no_answer');
  expect(await kinds(world.people.adam)).toEqual(['server.unhealthy']);
});

test('restarts and drained queues are told to everybody but to who did it', async () => {
  const actor = { kind: 'user' as const, id: world.people.adam.id, name: 'Adam' };
  await world.tx((tx) =>
    appendEvent(tx, { type: 'system.restarted', subject: 'system:work', data: { reason: 'It ended with 1.' } }),
  );
  await world.tx((tx) => drainQueue(tx, 'main', { actor, reason: 'Disks.' }));
  expect((await list(world.people.vic)).data).toMatchObject([
    { kind: 'queue.drained', title: 'main', by: ['Adam'], detail: 'Disks.' },
    { kind: 'system.restarted', title: 'work', by: [], detail: 'It ended with 1.' },
  ]);
  expect(await kinds(world.people.adam)).toEqual(['system.restarted']);
});

test('pages of every source together hold each notice once, in order', async () => {
  for (let index = 0; index < 5; index += 1) await ended('failed', 10, mia, index * 2_000);
  for (let index = 0; index < 4; index += 1) {
    await world.tx((tx) => appendEvent(tx, { type: 'system.restarted', subject: 'system:app' }));
    // Several in the same microsecond, as one transaction writes them.
    await world.sql(`update events set at = (select max(ended_at) - interval '1 second' from runs)`);
  }
  const all: Notice[] = [];
  let query = '?limit=2';
  for (let pages = 0; query && pages < 9; pages += 1) {
    const { data, cursor } = await list(mia, query);
    all.push(...data);
    query = cursor === null ? '' : `?limit=2&cursor=${encodeURIComponent(cursor)}`;
  }
  expect(all).toHaveLength(9);
  expect(new Set(all.map(({ id }) => id)).size).toBe(9);
  expect(all.map(({ at }) => at)).toEqual(
    all
      .map(({ at }) => at)
      .toSorted()
      .toReversed(),
  );
});

test('what was seen is no longer new, for this person alone; the mark goes forward only and not into the future', async () => {
  await ended('failed', 10, mia, 5_000);
  await world.tx((tx) => appendEvent(tx, { type: 'system.restarted', subject: 'system:app' }));
  expect([await unseen(mia), await unseen(world.people.max)]).toEqual([2, 1]);
  const { data } = await list(mia);
  const mark = async (upTo: string | undefined) =>
    (await world.post('/me/notices/seen', { upTo }, mia)).json() as { unseen: number; seenAt: string };
  expect((await mark(data[1]?.at)).unseen).toBe(1);
  expect((await mark(data[0]?.at)).unseen).toBe(0);
  expect((await mark(data[1]?.at)).unseen).toBe(0);
  expect((await list(mia)).data.map(({ isNew }) => isNew)).toEqual([false, false]);
  expect(await unseen(world.people.max)).toBe(1);
  const { seenAt } = await mark('2999-01-01T00:00:00Z');
  expect(Date.parse(seenAt)).toBeLessThanOrEqual(Date.now() + 1_000);
});

test('who joins today has seen what was before', async () => {
  await ended('failed', 10, mia, 90 * 60_000);
  expect(await unseen(mia)).toBe(0);
  expect(await kinds(mia)).toEqual(['run.failed']);
});

test('counting ends at a hundred', async () => {
  await world.tx(async (tx) => {
    for (let index = 0; index < 120; index += 1)
      await appendEvent(tx, { type: 'system.restarted', subject: 'system:app' });
  });
  expect(await unseen(mia)).toBe(100);
});
