import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SmtpServer, startSmtpServer } from '#simulators/smtp/smtp-server.ts';
import { type HttpPeer, httpPeer } from '../kit/http-peer.ts';
import { type TestApp, startTestApp, until } from '../kit/test-app.ts';

// What sets playbooks going and what they tell and ask, through the whole product: API, Temporal, worker, database, with
// real mail and HTTP peers on loopback.
let app: TestApp;
let smtp: SmtpServer;
let peer: HttpPeer;
let echo: string;

beforeAll(async () => {
  smtp = await startSmtpServer();
  peer = await httpPeer();
  app = await startTestApp({ withHosts: false, environment: { SMTP_URL: smtp.url } });
  await app.ok('PATCH', '/settings', { egressAllow: ['127.0.0.1'] });
  echo = await playbook('Echo', {
    inputs: [
      { name: 'word', type: 'string', default: 'none' },
      { name: 'key', type: 'secret' },
    ],
    steps: [{ id: 'say', kind: 'set', values: { word: '${{ inputs.word }}' } }],
    outputs: { word: '${{ steps.say.output.word }}' },
  });
});
afterAll(async () => {
  await app.close();
  await smtp.close();
  await peer.close();
});

const playbook = async (name: string, more: object): Promise<string> =>
  (await app.ok('POST', '/playbooks', { definition: { name, ...more } })).id;
const runsOf = async (trigger: string): Promise<{ id: string; status: string }[]> =>
  (await app.ok('GET', `/runs?trigger=${trigger}`)).data;

test('a schedule runs its playbook by the clock, secrets and all, and shows each result', async () => {
  const made = await app.ok('POST', '/schedules', {
    name: 'Every second',
    cron: '* * * * * *',
    target: { kind: 'playbook', id: echo, inputs: { word: 'tick', key: 'a very secret word' } },
    overlap: 'skip',
  });
  expect(made.state).toBe('active');
  const shown = await until(async () => {
    const schedule = await app.ok('GET', `/schedules/${made.id}`);
    return (
      schedule.lastResults.filter(({ status }: { status: string }) => status === 'succeeded').length > 1 && schedule
    );
  });
  await app.ok('POST', `/schedules/${made.id}/pause`, { note: 'seen' });
  const run = await app.ok('GET', `/runs/${shown.lastResults[0].runId}`);
  expect(run).toMatchObject({
    trigger: 'schedule',
    inputs: { word: 'tick', key: '[secret]' },
    outputs: { word: 'tick' },
  });
  const described = await app.parts.workflows.client.workflow.getHandle(run.id).describe();
  expect(described.raw.workflowExecutionInfo?.parentExecution?.workflowId).toMatch(/^schedule\//);
  expect((await runsOf('schedule')).every(({ status }) => status !== 'failed')).toBe(true);
  await app.ok('DELETE', `/schedules/${made.id}`);
});

test('a signed webhook that waits answers with the playbook’s result, and a duplicate with the first run', async () => {
  const secret = 'shared-with-the-sender';
  const { address } = await app.ok('POST', '/webhooks', {
    name: 'From outside',
    target: { kind: 'playbook', id: echo },
    inputs: { word: 'body.word' },
    signature: { header: 'x-sig' },
    secret,
    dedup: { header: 'x-id' },
    wait: '20s',
  });
  const body = JSON.stringify({ word: 'hello' });
  const send = (id: string): Promise<Response> =>
    fetch(address.url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-id': id,
        'x-sig': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      },
    });
  const first = await send('1');
  expect(first.status).toBe(200);
  const answer = (await first.json()) as { runId: string };
  expect(answer).toMatchObject({ status: 'succeeded', outputs: { word: 'hello' }, error: null });
  const again = await send('1');
  expect([again.status, await again.json()]).toEqual([200, { runId: answer.runId, duplicate: true }]);
});

test('the end of a run starts the playbook that follows it', async () => {
  await app.ok('POST', '/run-triggers', {
    name: 'After the echo',
    playbooks: [echo],
    condition: 'run.inputs.word == "go"',
    target: { kind: 'playbook', id: await playbook('After', { inputs: [{ name: 'heard', type: 'string' }], steps: [{ id: 'a', kind: 'assert', that: 'inputs.heard == "go"' }] }) }, // prettier-ignore
    inputs: { heard: 'run.outputs.word' },
  });
  const { runId } = await app.ok('POST', `/playbooks/${echo}/runs`, { inputs: { word: 'go' } });
  await app.untilRun(runId);
  const follower = await until(async () => (await runsOf('run'))[0]);
  expect(await app.untilRun(follower.id)).toMatchObject({
    status: 'succeeded',
    title: 'After',
    inputs: { heard: 'go' },
  });
});

test('a step asks by mail, the link decides, and the run goes on with the form', async () => {
  const admin = await app.addMember('Ada', 'admin');
  const id = await playbook('Ask', {
    steps: [
      { id: 'ask', kind: 'approve', roles: ['admin'], notStarter: true, message: 'Go on?', form: [{ name: 'minutes', type: 'integer', required: true }] },
      { id: 'go', kind: 'set', values: { minutes: '${{ steps.ask.output.form.minutes }}', by: '${{ steps.ask.output.by }}' } },
    ],
    outputs: { go: '${{ steps.go.output }}' },
  }); // prettier-ignore
  const { runId } = await app.ok('POST', `/playbooks/${id}/runs`, { inputs: {} });
  const [asked] = await until(async () => {
    const list = await app.ok('GET', '/approvals');
    return list.length > 0 && list;
  });
  expect(asked).toMatchObject({ runId, stepId: 'ask', state: 'open', roles: ['admin'] });
  // The key that started the run belongs to its owner, who may not decide.
  const own = await app.call('POST', `/approvals/${asked.id}/decision`, { decision: 'approve', form: { minutes: 1 } });
  expect([own.status, own.body.error]).toEqual([403, 'approval.starter_refused']);
  const letter = await until(() =>
    smtp.letters.find(({ to, raw }) => to.includes(admin.email) && raw.includes('approve/')),
  );
  const token = /approve\/([\w-]+)/.exec(letter.raw.replaceAll('=\r\n', ''))?.[1] ?? '';
  expect(
    (await app.ok('GET', `/approvals/by-token/${token}`, undefined, { token: null })).approval.mine.mayDecide,
  ).toBe(true);
  await app.ok(
    'POST',
    `/approvals/by-token/${token}`,
    { decision: 'approve', reason: 'fine', form: { minutes: 7 } },
    { token: null },
  );
  expect((await app.untilRun(runId)).outputs).toEqual({ go: { minutes: 7, by: ['Ada'] } });
  const second = await app.call(
    'POST',
    `/approvals/${asked.id}/decision`,
    { decision: 'reject' },
    { token: admin.token },
  );
  expect([second.status, second.body.error]).toEqual([409, 'approval.already_decided']);
});

test('http and notify steps reach what the workspace allows, with secrets that show nowhere', async () => {
  await app.ok('POST', '/secrets', { name: 'api', value: 'hunter2-hunter2' });
  await app.ok('POST', '/channels', { kind: 'webhook', name: '#ops', url: `${peer.url}/notify` });
  peer.answerWith(({ url, headers }) => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url, seen: headers.authorization }),
  }));
  const id = await playbook('Call', {
    steps: [
      { id: 'call', kind: 'http', method: 'GET', url: `${peer.url}/api`, auth: { bearer: '${{ secrets.api }}' } },
      { id: 'tell', kind: 'notify', to: ['#ops', 'mara@example.org'], message: 'Got ${{ steps.call.output.body.seen }}' },
      { id: 'inner', kind: 'http', method: 'GET', url: 'http://0xa.0.0.1/', continueOnError: true },
    ],
    outputs: { told: '${{ steps.tell.output }}', code: '${{ steps.inner.error.code }}' },
  }); // prettier-ignore
  const { runId } = await app.ok('POST', `/playbooks/${id}/runs`, { inputs: {} });
  const run = await app.untilRun(runId);
  expect(run).toMatchObject({
    status: 'succeeded',
    outputs: { told: { delivered: ['#ops', 'mara@example.org'], failed: [] }, code: 'http.address_refused' },
  });
  expect(peer.requests.find(({ url }) => url === '/api')?.headers.authorization).toBe('Bearer hunter2-hunter2');
  expect(JSON.parse(peer.requests.find(({ url }) => url === '/notify')?.body ?? '')).toMatchObject({
    message: 'Got Bearer [secret]',
  });
  expect(JSON.stringify(run)).not.toContain('hunter2');
});
