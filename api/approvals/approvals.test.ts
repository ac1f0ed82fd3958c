import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { deliverDecisions } from '#activities/approvals/deliver-decisions.ts';
import { mailApprovals } from '#activities/approvals/mail-approvals.ts';
import { openMail } from '#connectors/mail/mailer.ts';
import type { Approval } from '#contracts/approvals/approvals.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import type { AskApproval } from '#contracts/approvals/ask-approval.ts';
import {
  answersSeal,
  approvalOutcome,
  askApproval,
  expireApproval,
  withdrawApproval,
} from '#db/approvals/ask-approval.ts';
import { startSmtpServer, type SmtpServer } from '#simulators/smtp/smtp-server.ts';
import { Secret } from '#system/secret.ts';
import { triggerWorld, type TriggerWorld } from '#tests/kit/trigger-world.ts';
import { approvalRoom } from './approvals.ts';

let world: TriggerWorld;
let smtp: SmtpServer;
let runId: string;
let attempt = 0;

beforeAll(async () => {
  world = await triggerWorld({ approvals: approvalRoom });
  smtp = await startSmtpServer();
  runId = await world.run(await world.playbook());
});
afterAll(async () => {
  await world.close();
  await smtp.close();
});
beforeEach(() => {
  world.signals.length = 0;
  smtp.letters.length = 0;
});

const ask = async (more: Partial<AskApproval> = {}, withLetters = false): Promise<string> => {
  const question: AskApproval = {
    workspaceId: world.workspaceId,
    runId,
    stepId: 'ask',
    address: 'ask',
    attempt: (attempt += 1),
    round: 1,
    subject: 'Restart?',
    message: 'It takes a minute.',
    roles: ['admin'],
    users: [],
    quorum: 1,
    notStarter: false,
    form: [],
    default: null,
    onReject: 'fail',
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    ...more,
  };
  return (await world.tx((tx) => askApproval(tx, question, { withLetters }))).approvalId;
};
const decide = (id: string, by = world.people.adam, decision: 'approve' | 'reject' = 'approve', more: object = {}) =>
  world.post(`/approvals/${id}/decision`, { decision, reason: 'so it is', ...more }, by);
const settle = () => new Promise((resolve) => setTimeout(resolve, 50));

test('200: a decision takes effect, is on the record, and its run is told', async () => {
  const id = await ask();
  const answer = await decide(id);
  expect(answer.statusCode, answer.body).toBe(200);
  expect(answer.json()).toMatchObject({
    state: 'approved',
    missing: 0,
    decisions: [{ by: { name: 'Adam' }, decision: 'approve', reason: 'so it is', via: 'console' }],
  });
  expect(await world.tx((tx) => approvalOutcome(tx, id))).toMatchObject({
    decision: 'approved',
    by: ['Adam'],
    reason: 'so it is',
    expired: false,
  });
  await expect
    .poll(() => world.signals.filter(({ args }) => JSON.stringify(args).includes(id)))
    .toEqual([{ runId, signal: 'approvalDecided', args: [{ approvalId: id, address: 'ask', attempt, round: 1 }] }]);
  expect(await world.eventTypes(`approval:${id}`)).toEqual(['approval.asked', 'approval.decided', 'audit.appended']);
  expect(await world.sql('select action, address from audit_entries where subject = $1', [`approval:${id}`])).toEqual([
    { action: 'approval.approved', address: '127.0.0.1' },
  ]);
});

test('asking again finds the same question', async () => {
  const first = await ask({ attempt: 1_000 });
  expect(await ask({ attempt: 1_000 })).toBe(first);
  expect(await ask({ attempt: 1_000, round: 2 })).not.toBe(first);
});

test('409: a second decision says who decided', async () => {
  const id = await ask();
  await decide(id, world.people.adam, 'reject');
  const second = await decide(id, world.people.olga);
  expect(second.statusCode).toBe(409);
  expect(second.json()).toMatchObject({
    error: 'approval.already_decided',
    message: 'This was already rejected, by Adam.',
    details: { state: 'rejected', decisions: [{ by: { name: 'Adam' } }] },
  });
});

test('of two decisions at once exactly one counts', async () => {
  for (let round = 0; round < 5; round++) {
    const id = await ask();
    const answers = await Promise.all([
      decide(id, world.people.adam, 'approve'),
      decide(id, world.people.olga, 'reject'),
    ]);
    expect(answers.map(({ statusCode }) => statusCode).sort((a, b) => a - b)).toEqual([200, 409]);
    const { decisions } = (await world.get(`/approvals/${id}`)).json<Approval>();
    expect(decisions).toHaveLength(1);
  }
});

test('403: who is not asked learns who is, also the starter', async () => {
  const id = await ask({ notStarter: true, roles: ['member'] });
  const starter = await decide(id, world.people.mia);
  expect(starter.statusCode).toBe(403);
  expect(starter.json()).toMatchObject({ error: 'approval.starter_refused' });
  const owners = await ask({ roles: ['owner'], users: ['max@example.com'] });
  const refused = await decide(owners, world.people.adam);
  expect(refused.statusCode).toBe(403);
  expect(refused.json()).toMatchObject({
    error: 'approval.not_asked_of_you',
    message: 'This is asked of owner or max@example.com; you are admin.',
  });
  expect((await decide(owners, world.people.max)).statusCode).toBe(200);
  // An owner may stand in for whatever role is asked.
  expect((await decide(id, world.people.olga)).statusCode).toBe(200);
});

test('a quorum counts each person once, and one rejection decides', async () => {
  const id = await ask({ quorum: 2, roles: ['member'] });
  expect((await decide(id, world.people.mia)).json()).toMatchObject({ state: 'open', missing: 1 });
  const again = await decide(id, world.people.mia);
  expect([again.statusCode, again.json().error]).toEqual([409, 'approval.already_voted']);
  await settle();
  const told = () => world.signals.filter(({ args }) => JSON.stringify(args).includes(id));
  expect(told()).toEqual([]);
  expect((await decide(id, world.people.max)).json()).toMatchObject({ state: 'approved', missing: 0 });
  await expect.poll(() => told().length).toBe(1);
  expect(await world.tx((tx) => approvalOutcome(tx, id))).toMatchObject({ by: ['Mia', 'Max'] });
  const other = await ask({ quorum: 3, roles: ['member'] });
  await decide(other, world.people.mia);
  expect((await decide(other, world.people.max, 'reject')).json()).toMatchObject({ state: 'rejected' });
});

test('two votes at once reach a quorum of two', async () => {
  const id = await ask({ quorum: 2, roles: ['member'] });
  const answers = await Promise.all([decide(id, world.people.mia), decide(id, world.people.max)]);
  expect(answers.map((answer) => String(answer.json().state)).toSorted()).toEqual(['approved', 'open']);
});

test('422: a form is checked like every input; its values are sealed', async () => {
  const form: Record<string, Json>[] = [
    { name: 'minutes', type: 'integer', required: true, max: 30 },
    { name: 'code', type: 'secret' },
  ];
  const id = await ask({ form });
  const bad = await decide(id, world.people.adam, 'approve', { form: { minutes: 99, nonsense: 1 } });
  expect(bad.statusCode).toBe(422);
  expect(bad.json()).toMatchObject({
    error: 'approval.form_invalid',
    details: [
      { path: '/form/minutes', code: 'input.out_of_range' },
      { path: '/form/nonsense', code: 'input.unknown' },
    ],
  });
  expect(
    (await decide(id, world.people.adam, 'approve', { form: { minutes: 5, code: 'hunter2-hunter2' } })).statusCode,
  ).toBe(200);
  const outcome = await world.tx((tx) => approvalOutcome(tx, id));
  const opened = await world.vault.open(outcome?.sealedAnswers ?? '', answersSeal(world.workspaceId, id));
  expect(JSON.parse(opened.reveal())).toEqual({ minutes: 5, code: 'hunter2-hunter2' });
  const everything = await world.sql(
    'select row_to_json(a)::text || (select coalesce(string_agg(e.data::text, $2), $2) from events e) as all from approvals a where id = $1',
    [id, ''],
  );
  expect(String(everything[0]?.['all'])).not.toContain('hunter2');
});

test('a rejection needs no form', async () => {
  const id = await ask({ form: [{ name: 'minutes', type: 'integer', required: true }] });
  expect((await decide(id, world.people.adam, 'reject')).statusCode).toBe(200);
});

test('the inbox is a list: open ones first to expire first, and what is mine', async () => {
  await world.sql('delete from approvals');
  const late = await ask({ expiresAt: new Date(Date.now() + 9_000_000).toISOString() });
  const soon = await ask({ roles: ['owner'] });
  const done = await ask();
  await decide(done);
  const list = (await world.get('/approvals', world.people.adam)).json<Approval[]>();
  expect(list.map(({ id }) => id)).toEqual([soon, late]);
  expect(list[0]).toMatchObject({
    runId,
    stepId: 'ask',
    subject: 'Restart?',
    roles: ['owner'],
    mine: { mayDecide: false, code: 'approval.not_asked_of_you' },
  });
  expect((await world.get('/approvals?mine', world.people.adam)).json<Approval[]>().map(({ id }) => id)).toEqual([
    late,
  ]);
  expect((await world.get('/approvals?state=all', world.people.adam)).json<Approval[]>()).toHaveLength(3);
  expect((await world.get('/approvals', world.people.vic)).json<Approval[]>()).toHaveLength(2);
});

test('expiry decides by its default or not at all, and never over a decision', async () => {
  const withDefault = await ask({ default: 'approve' });
  expect(await world.tx((tx) => expireApproval(tx, withDefault, 'approve'))).toBe(true);
  expect(await world.tx((tx) => approvalOutcome(tx, withDefault))).toMatchObject({
    decision: 'approved',
    expired: true,
    by: [],
  });
  const without = await ask();
  await world.tx((tx) => expireApproval(tx, without, null));
  expect((await decide(without)).json()).toMatchObject({ error: 'approval.expired' });
  const decided = await ask();
  await decide(decided, world.people.adam, 'reject');
  expect(await world.tx((tx) => expireApproval(tx, decided, 'approve'))).toBe(false);
  expect(await world.tx((tx) => approvalOutcome(tx, decided))).toMatchObject({ decision: 'rejected', expired: false });
});

test('409: a withdrawn question takes no decision', async () => {
  const id = await ask();
  await world.tx((tx) => withdrawApproval(tx, id));
  expect((await decide(id)).json()).toMatchObject({ error: 'approval.withdrawn', statusCode: 409 });
});

test('a question asked anew shows how the plan differs from the one before', async () => {
  const first = await ask({ attempt: 2_000, plan: { hash: 'h1', plan: [{ id: 'a', rendered: 'x' }, { id: 'b' }] } });
  await decide(first);
  const second = await ask({
    attempt: 2_000,
    round: 2,
    plan: { hash: 'h2', plan: [{ id: 'a', rendered: 'y' }, { id: 'c' }] },
  });
  expect((await world.get(`/approvals/${first}`)).json()).toMatchObject({ state: 'superseded' });
  expect((await world.get(`/approvals/${second}`)).json()).toMatchObject({
    planHash: 'h2',
    planDiff: {
      added: [{ id: 'c' }],
      removed: [{ id: 'b' }],
      changed: [{ id: 'a', before: { rendered: 'x' }, after: { rendered: 'y' } }],
    },
  });
});

test('a decision that could not be delivered is delivered by the sweep, once', async () => {
  world.world.acceptSignals = false;
  const id = await ask();
  await decide(id);
  await settle();
  world.world.acceptSignals = true;
  const sweep = deliverDecisions(world.tools);
  await sweep.run();
  expect(world.signals.filter(({ args }) => JSON.stringify(args).includes(id))).toEqual([]); // too young: it may be on its way
  await world.sql(`update approvals set decided_at = now() - interval '1 minute' where id = $1`, [id]);
  await sweep.run();
  await sweep.run();
  expect(world.signals.filter(({ args }) => JSON.stringify(args).includes(id))).toHaveLength(1);
});

test('each person asked gets a letter whose link shows by GET, decides by POST, once', async () => {
  const id = await ask({ roles: ['admin'], users: ['max@example.com'], notStarter: true }, true);
  const mail = openMail(new Secret(smtp.url));
  const sweep = mailApprovals({ ...world.tools, mail, publicUrl: 'https://wl.example' });
  await sweep.run();
  await sweep.run();
  mail.close();
  expect(smtp.letters.flatMap(({ to }) => to).sort()).toEqual([
    'adam@example.com',
    'max@example.com',
    'olga@example.com',
  ]);
  const letter = smtp.letters.find(({ to }) => to.includes('max@example.com'));
  const token = /approve\/([\w-]+)/.exec(letter?.raw.replaceAll('=\r\n', '') ?? '')?.[1] ?? '';
  expect(Buffer.from(token, 'base64url').length).toBeGreaterThanOrEqual(16);
  expect(JSON.stringify(await world.sql('select * from approval_links'))).not.toContain(token);

  const shown = await world.get(`/approvals/by-token/${token}`, null);
  expect(shown.json()).toMatchObject({
    approval: { id, state: 'open', mine: { mayDecide: true } },
    person: { name: 'Max' },
    workspace: 'Alder & Finch',
  });
  expect((await world.get(`/approvals/by-token/${token}`, null)).statusCode).toBe(200); // a scanner's look used nothing up
  const decided = await Promise.all(
    [1, 2].map(() => world.post(`/approvals/by-token/${token}`, { decision: 'approve' }, null)),
  );
  expect(decided.map(({ statusCode }) => statusCode).sort((a, b) => a - b)).toEqual([200, 410]);
  expect((await world.get(`/approvals/${id}`)).json()).toMatchObject({
    state: 'approved',
    decisions: [{ by: { name: 'Max' }, via: 'link' }],
  });
  await expect.poll(() => world.signals.filter(({ args }) => JSON.stringify(args).includes(id)).length).toBe(1);
  expect(
    (await world.post(`/approvals/by-token/${token.slice(0, -1)}x`, { decision: 'approve' }, null)).statusCode,
  ).toBe(410);
});

test('410: a link past its time, and one of somebody who left, decide nothing', async () => {
  const id = await ask({ roles: [], users: ['max@example.com'] }, true);
  const mail = openMail(new Secret(smtp.url));
  await mailApprovals({ ...world.tools, mail, publicUrl: 'https://wl.example' }).run();
  mail.close();
  const token = /approve\/([\w-]+)/.exec(smtp.letters.at(-1)?.raw.replaceAll('=\r\n', '') ?? '')?.[1] ?? '';
  await world.sql('delete from members where user_id = $1', [world.people.max.id]);
  expect((await world.post(`/approvals/by-token/${token}`, { decision: 'approve' }, null)).statusCode).toBe(403);
  await world.sql(`insert into members (workspace_id, user_id, role) values ($1, $2, 'member')`, [
    world.workspaceId,
    world.people.max.id,
  ]);
  await world.sql(`update approval_links set expires_at = now() - interval '1 minute' where approval_id = $1`, [id]);
  expect((await world.post(`/approvals/by-token/${token}`, { decision: 'approve' }, null)).json()).toMatchObject({
    error: 'approval.link_gone',
    statusCode: 410,
  });
  expect((await world.get(`/approvals/by-token/${token}`, null)).statusCode).toBe(410);
});

test('an API key decides as the person who answers for it, who counts once', async () => {
  const id = await ask({ quorum: 2, roles: ['admin'] });
  const keyId = '01900000-0000-7000-8000-00000000000a';
  await world.sql(
    `insert into api_keys (workspace_id, id, name, prefix, key_hash, permissions, owner_id, created_by) values ($1, $2, 'ci', 'wl_x', 'h', '{approvals:decide}', $3, '{}') on conflict do nothing`,
    [world.workspaceId, keyId, world.people.adam.id],
  );
  const { decideApproval } = await import('#db/approvals/approvals.ts');
  const { voterOf } = await import('#db/approvals/voters.ts');
  const actor = { kind: 'key' as const, id: keyId, name: 'ci' };
  const byKey = () =>
    world.tx(async (tx) => {
      const voter = await voterOf(tx, actor);
      if (!voter) throw new Error('no voter');
      return decideApproval(tx, id, voter, {
        decision: 'approve',
        reason: '',
        actor,
        via: 'api',
        sealedAnswers: null,
        audit: {},
      });
    });
  expect((await byKey()).approval).toMatchObject({ missing: 1 });
  expect((await decide(id, world.people.adam)).json()).toMatchObject({ error: 'approval.already_voted' });
});
