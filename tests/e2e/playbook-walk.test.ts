// The walk of a newcomer, by the API alone with an API key, on three real SSH servers.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../kit/host-fleet.ts';
import { openSse } from '../kit/sse-client.ts';
import { startTestApp, type TestApp, until } from '../kit/test-app.ts';

let app: TestApp;
let fleet: Fleet;
beforeAll(async () => {
  app = await startTestApp();
  fleet = await startFleet(app, { hosts: 3 }, ['web']);
});
afterAll(async () => {
  await app?.close();
  await fleet?.stop();
});

let saved = 0;
const save = async (definition: object): Promise<string> =>
  (await app.ok('POST', '/playbooks', { definition: { name: `Playbook ${++saved}`, ...definition } })).id;
const start = async (playbookId: string, body: object = {}): Promise<string> =>
  (await app.ok('POST', `/playbooks/${playbookId}/runs`, body)).runId;
const all = { tags: ['web'] };
const file = (host: number, name: string): string => join(fleet.hosts[host]?.home ?? '', name);
const textOf = (host: number, name: string): string =>
  existsSync(file(host, name)) ? readFileSync(file(host, name), 'utf8') : '';
const textsOf = (name: string): string[] => [0, 1, 2].map((host) => textOf(host, name));

test('servers are checked, and what a check found is shown', async () => {
  for (const { id } of fleet.hosts)
    expect(await app.ok('POST', `/servers/${id}/check`)).toMatchObject({ reachable: true, code: null });
  const { data } = await app.ok('GET', '/servers?tag=web');
  expect(data.map(({ name, hostKeyState }: { name: string; hostKeyState: string }) => [name, hostKeyState])).toEqual([
    ['host-01', 'pinned'],
    ['host-02', 'pinned'],
    ['host-03', 'pinned'],
  ]);
  const [first] = fleet.hosts;
  // A new server is checked by itself as well.
  expect((await app.ok('GET', `/servers/${first?.id}/checks`)).data[0]).toMatchObject({ reachable: true, code: null });
});

test('a playbook is saved from YAML with its comments, and validation tells what is wrong and where', async () => {
  const yaml =
    'name: From YAML # why not\nsteps:\n  - id: hello\n    kind: ssh\n    hosts: {tags: [web]}\n    command: echo hello\n';
  const made = await app.ok('POST', '/playbooks', yaml, { headers: { 'content-type': 'application/yaml' } });
  expect(made).toMatchObject({ name: 'From YAML', version: 1, yaml });
  const broken = yaml.replace('command:', 'comand:');
  const { valid, errors } = await app.ok('POST', '/playbooks/validate', { yaml: broken });
  expect({
    valid,
    errors: errors.map(({ code, path, line }: Record<string, unknown>) => ({ code, path, line })),
  }).toEqual({
    valid: false,
    errors: [
      { code: 'shape.unknown_field', path: '/steps/0/comand', line: 6 },
      { code: 'shape.missing_field', path: '/steps/0/command', line: expect.any(Number) },
    ],
  });
  expect((await app.call('POST', '/playbooks', { yaml: broken })).status).toBe(422);
  const quoted = {
    name: 'Quoted',
    inputs: [{ name: 'x', type: 'string' }],
    steps: [{ id: 'a', kind: 'ssh', hosts: all, command: 'echo "${{ inputs.x }}"' }],
  };
  expect((await app.ok('POST', '/playbooks/validate', { definition: quoted })).errors).toMatchObject([
    { code: 'template.inside_quotes', path: '/steps/0/command' },
  ]);
});

test('a run on all servers: live log, values as data, outputs, and events that tell the same', async () => {
  const nasty = `it's $(touch ${file(0, 'pwned')}) \`id\` "q" \\ ; & | > < * ünï ✓\nsecond line`;
  const playbook = await save({
    inputs: [{ name: 'x', type: 'text', required: true }],
    steps: [
      {
        id: 'say',
        kind: 'ssh',
        hosts: all,
        command: 'printf "%s\\n" ${{ inputs.x }}; echo to stderr >&2; for i in 1 2 3; do echo line $i; sleep 0.2; done',
      },
      { id: 'one', kind: 'ssh', hosts: { names: ['host-02'] }, command: 'printf two' },
    ],
    outputs: { hosts: '${{ steps.say.output.succeeded }}', one: '${{ steps.one.output.stdout }}' },
  });
  const runId = await start(playbook, { inputs: { x: nasty } });
  const log = await openSse(`${app.origin}/api/v1/runs/${runId}/logs`, { token: app.key });
  await log.untilEnd();
  const run = await app.untilRun(runId);
  expect(run).toMatchObject({ status: 'succeeded', outputs: { hosts: ['host-01', 'host-02', 'host-03'], one: 'two' } });
  expect(existsSync(file(0, 'pwned'))).toBe(false);

  const chunks = log.frames.filter(({ event }) => event === 'log').map(({ data }) => data);
  for (const { name } of fleet.hosts) {
    const of = (stream: string): string =>
      chunks
        .filter((chunk) => chunk.host === name && chunk.stream === stream && chunk.address === 'say')
        .map(({ text }) => text)
        .join('');
    expect(of('stdout')).toBe(`${nasty}\nline 1\nline 2\nline 3\n`);
    expect(of('stderr')).toBe('to stderr\n');
  }
  expect(new Set(chunks.map(({ cursor }) => cursor)).size).toBe(chunks.length);
  const whole = await app.ok('GET', `/runs/${runId}/logs?limit=5000`);
  expect(whole.data.map(({ cursor }: { cursor: string }) => cursor)).toEqual(chunks.map(({ cursor }) => cursor));

  const { data: events } = await app.ok('GET', `/runs/${runId}/events?limit=200`);
  const types = events.map(({ type }: { type: string }) => type);
  expect(types[0]).toBe('run.queued');
  expect(types.at(-1)).toBe('run.ended');
  expect(types.filter((type: string) => type === 'run.started')).toHaveLength(1);
  const told = (status: string): string[] =>
    events
      .filter(
        (event: { type: string; data: { status?: string } }) =>
          event.type === 'host.updated' && event.data.status === status,
      )
      .map(({ data }: { data: { address: string; host: string } }) => `${data.address}@${data.host}`)
      .sort();
  const each = ['one@host-02', 'say@host-01', 'say@host-02', 'say@host-03'];
  expect([told('running'), told('succeeded')]).toEqual([each, each]);
});

test('an approval stops a run until somebody else than its starter decides', async () => {
  const maria = await app.addMember('Maria', 'member');
  const playbook = await save({
    steps: [
      { id: 'ask', kind: 'approve', roles: ['owner', 'admin', 'member'], notStarter: true, message: 'Restart?' },
      { id: 'go', kind: 'ssh', hosts: all, command: 'echo go >>$HOME/approved' },
    ],
    outputs: { by: '${{ steps.ask.output.by }}' },
  });
  const by = { token: app.owner.token };
  const { runId } = await app.ok('POST', `/playbooks/${playbook}/runs`, {}, by);
  await app.untilRun(runId, ({ status }) => status === 'waiting');
  const [approval] = await app.ok('GET', `/approvals?run=${runId}`, undefined, by);
  expect(approval).toMatchObject({ runId, stepId: 'ask', mine: { mayDecide: false }, state: 'open' });
  const path = `/approvals/${approval.id}/decision`;
  const refused = await app.call('POST', path, { decision: 'approve', reason: 'mine' }, by);
  expect([refused.status, refused.body.error]).toEqual([403, 'approval.starter_refused']);
  expect(textsOf('approved')).toEqual(['', '', '']);
  expect(await app.ok('POST', path, { decision: 'approve', reason: 'fine' }, { token: maria.token })).toMatchObject({
    state: 'approved',
  });
  expect((await app.call('POST', path, { decision: 'reject', reason: 'late' }, { token: maria.token })).status).toBe(
    409,
  );
  const run = await app.untilRun(runId);
  expect(run.status).toBe('succeeded');
  expect(textsOf('approved')).toEqual(['go\n', 'go\n', 'go\n']);
});

test('a rejection ends the run by its own code, and nothing after it runs', async () => {
  const playbook = await save({
    steps: [
      { id: 'ask', kind: 'approve', roles: ['owner'], message: 'Really?' },
      { id: 'go', kind: 'ssh', hosts: all, command: 'echo go >>$HOME/rejected' },
    ],
  });
  const runId = await start(playbook);
  await app.untilRun(runId, ({ status }) => status === 'waiting');
  const [approval] = await app.ok('GET', `/approvals?run=${runId}`);
  await app.ok(
    'POST',
    `/approvals/${approval.id}/decision`,
    { decision: 'reject', reason: 'no' },
    { token: app.owner.token },
  );
  const run = await app.untilRun(runId);
  expect(run).toMatchObject({ status: 'failed', error: { code: 'approval.rejected', step: 'ask' } });
  expect(textsOf('rejected')).toEqual(['', '', '']);
});

test('hosts that failed are run again alone, and the others’ results are kept', async () => {
  const playbook = await save({
    steps: [
      { id: 'before', kind: 'ssh', hosts: all, command: 'echo b >>$HOME/before' },
      { id: 'flaky', kind: 'ssh', hosts: all, maxFailures: 3, command: 'echo f >>$HOME/flaky; test ! -e $HOME/broken' },
      { id: 'check', kind: 'assert', that: 'size(steps.flaky.output.failed) == 0' },
    ],
    outputs: { good: '${{ steps.flaky.output.succeeded }}' },
  });
  writeFileSync(file(1, 'broken'), '');
  const first = await start(playbook);
  const failed = await app.untilRun(first);
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'assertion.failed', step: 'check' } });
  expect(
    failed.hosts
      .filter(({ address }) => address === 'flaky')
      .map(({ host, status, exitCode }) => [host, status, exitCode]),
  ).toEqual([
    ['host-01', 'succeeded', 0],
    ['host-02', 'failed', 1],
    ['host-03', 'succeeded', 0],
  ]);
  const { rmSync } = await import('node:fs');
  rmSync(file(1, 'broken'));
  const { runId } = await app.ok('POST', `/runs/${first}/rerun`, { fromStep: 'flaky', hosts: 'failed' });
  const again = await app.untilRun(runId);
  expect(again).toMatchObject({
    status: 'succeeded',
    rerunOf: first,
    outputs: { good: ['host-01', 'host-02', 'host-03'] },
  });
  expect(textsOf('before')).toEqual(['b\n', 'b\n', 'b\n']);
  expect(textsOf('flaky')).toEqual(['f\n', 'f\nf\n', 'f\n']);
});

test('a rerun from the failed step carries what came before, also after a cancel', async () => {
  const playbook = await save({
    steps: [
      { id: 'before', kind: 'ssh', hosts: all, command: 'echo b >>$HOME/carried; echo value' },
      { id: 'long', kind: 'ssh', hosts: all, command: 'echo l >>$HOME/carried; test -e $HOME/quick || sleep 300' },
    ],
    outputs: { before: '${{ steps.before.hosts["host-01"].stdout }}' },
  });
  const first = await start(playbook);
  await until(() => textsOf('carried').every((text) => text === 'b\nl\n'));
  await app.ok('POST', `/runs/${first}/cancel`, {});
  expect(await app.untilRun(first)).toMatchObject({ status: 'canceled' });
  fleet.hosts.forEach((_, host) => writeFileSync(file(host, 'quick'), ''));
  const { runId } = await app.ok('POST', `/runs/${first}/rerun`, { fromStep: 'failed' });
  const again = await app.untilRun(runId);
  expect(again).toMatchObject({ status: 'succeeded', outputs: { before: 'value\n' } });
  expect(again.steps.map(({ id, carried }) => [id, carried])).toEqual([
    ['before', true],
    ['long', false],
  ]);
  expect(textsOf('carried')).toEqual(['b\nl\nl\n', 'b\nl\nl\n', 'b\nl\nl\n']);
});

test('a cancel ends the whole process group on every host', async () => {
  const playbook = await save({
    steps: [
      {
        id: 'long',
        kind: 'ssh',
        hosts: all,
        command: '(sleep 301 & echo $! >>$HOME/pids; wait) & echo $$ >>$HOME/pids; wait',
      },
    ],
  });
  const runId = await start(playbook);
  const pids = await until(() => {
    const lines = textsOf('pids').map((text) => text.trim().split('\n'));
    return lines.every(({ length }) => length === 2) && lines.flat().map(Number);
  });
  const lives = (pid: number): boolean =>
    existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  expect(pids.every(lives)).toBe(true);
  await app.ok('POST', `/runs/${runId}/cancel`, { reason: 'enough' });
  const run = await app.untilRun(runId);
  expect(run.status).toBe('canceled');
  expect(run.hosts.map(({ status }) => status)).toEqual(['canceled', 'canceled', 'canceled']);
  await until(() => !pids.some(lives));
});

test('an idempotency key starts one run; with another body it is refused', async () => {
  const playbook = await save({
    inputs: [{ name: 'n', type: 'integer' }],
    steps: [{ id: 'a', kind: 'set', values: { n: '${{ inputs.n }}' } }],
  });
  const headers = { 'idempotency-key': 'once' };
  const path = `/playbooks/${playbook}/runs`;
  const both = await Promise.all([1, 2].map(() => app.call('POST', path, { inputs: { n: 1 } }, { headers })));
  const third = await app.call('POST', path, { inputs: { n: 1 } }, { headers });
  expect(new Set([...both, third].map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect((await app.ok('GET', `/runs?subject=playbook:${playbook}`)).data).toHaveLength(1);
  const other = await app.call('POST', path, { inputs: { n: 2 } }, { headers });
  expect([other.status, other.body.error]).toEqual([422, 'request.key_reused']);
});

test('a dry run shows hosts and commands and touches nothing; its hash changes with the inputs alone', async () => {
  const playbook = await save({
    inputs: [{ name: 'word', type: 'string', default: 'a b' }],
    steps: [
      { id: 'touch', kind: 'ssh', hosts: all, batch: 2, command: 'echo ${{ inputs.word }} >>$HOME/planned' },
      { id: 'after', kind: 'set', values: { x: '${{ steps.touch.output.succeeded }}' } },
    ],
  });
  const path = `/playbooks/${playbook}/plan`;
  const plan = await app.ok('POST', path, {});
  expect(plan.entries).toMatchObject([
    {
      id: 'touch',
      action: 'run',
      hosts: ['host-01', 'host-02', 'host-03'],
      batches: [['host-01', 'host-02'], ['host-03']],
    },
    { id: 'after', action: 'depends' },
  ]);
  expect(JSON.stringify(plan.entries[0].rendered)).toContain("echo 'a b' >>$HOME/planned");
  expect(Object.values(plan.reachability)).toMatchObject([
    { reachable: true },
    { reachable: true },
    { reachable: true },
  ]);
  expect((await app.ok('POST', path, {})).hash).toBe(plan.hash);
  expect((await app.ok('POST', path, { inputs: { word: 'c' } })).hash).not.toBe(plan.hash);
  const runId = await start(playbook, { dryRun: true });
  const run = await app.untilRun(runId);
  expect(run).toMatchObject({ status: 'succeeded', outputs: { hash: plan.hash } });
  expect(textsOf('planned')).toEqual(['', '', '']);
});

test('secrets reach the host by env and stdin, and are masked wherever the host says them', async () => {
  await app.ok('POST', '/secrets', { name: 'api_token', value: 'S3cret-of-workspace' });
  const playbook = await save({
    inputs: [{ name: 'pass', type: 'secret', required: true }],
    steps: [
      {
        id: 'use',
        kind: 'ssh',
        hosts: all,
        env: { TOKEN: '${{ secrets.api_token }}' },
        stdin: '${{ inputs.pass }}',
        command: 'read -r p; printf "%s/%s" "$TOKEN" "$p" | cksum; echo "token $TOKEN, pass $p"; echo "$p" >&2; exit 3',
        maxFailures: 3,
      },
    ],
    outputs: { said: '${{ steps.use.hosts["host-01"].stdout }}' },
  });
  const pass = 'pa$$ "word" with blanks';
  const runId = await start(playbook, { inputs: { pass } });
  const run = await app.untilRun(runId);
  expect(run.inputs).toEqual({ pass: '[secret]' });
  const log = await app.ok('GET', `/runs/${runId}/logs.txt`);
  const { execFileSync } = await import('node:child_process');
  expect(log).toContain(
    execFileSync('cksum', { input: `S3cret-of-workspace/${pass}` })
      .toString()
      .trim(),
  );
  expect(log).toContain('token [secret], pass [secret]');
  const told = JSON.stringify(run) + log + (await app.call('GET', `/runs/${runId}/events?limit=200`)).text;
  expect(told).not.toContain('S3cret-of');
  expect(told).not.toContain('with blanks');
});

test('a schedule starts its run when triggered, and a pause holds it', async () => {
  const playbook = await save({ steps: [{ id: 'a', kind: 'ssh', hosts: all, command: 'echo s >>$HOME/scheduled' }] });
  const schedule = await app.ok('POST', '/schedules', {
    name: 'Nightly',
    target: { kind: 'playbook', id: playbook },
    cron: '0 3 1 1 *',
    timeZone: 'Europe/Berlin',
  });
  expect(schedule.nextTimes).toHaveLength(5);
  await app.ok('POST', `/schedules/${schedule.id}/trigger`);
  const run = await until(async () => (await app.ok('GET', `/runs?subject=playbook:${playbook}`)).data[0]);
  expect(run.trigger).toBe('schedule');
  expect((await app.untilRun(run.id)).status).toBe('succeeded');
  expect(textsOf('scheduled')).toEqual(['s\n', 's\n', 's\n']);
  await until(async () => (await app.ok('GET', `/schedules/${schedule.id}/firings`)).data[0]?.status === 'succeeded');
  expect(await app.ok('POST', `/schedules/${schedule.id}/pause`, {})).toMatchObject({ state: 'paused' });
});

test('undo runs in reverse order when a later step fails, and the run keeps its error', async () => {
  const note = (id: string): object => ({
    id: `undo_${id}`,
    kind: 'ssh',
    hosts: { names: ['host-01'] },
    command: `echo -${id} >>$HOME/undone`,
  });
  const step = (id: string): object => ({
    id,
    kind: 'ssh',
    hosts: { names: ['host-01'] },
    command: `echo ${id} >>$HOME/undone`,
    undo: [note(id)],
  });
  const playbook = await save({
    steps: [step('a'), step('b'), { id: 'stop', kind: 'fail', message: 'Stop here', code: 'my.code' }],
  });
  const run = await app.untilRun(await start(playbook));
  expect(run).toMatchObject({
    status: 'failed',
    error: { code: 'my.code', message: 'Stop here', step: 'stop' },
    undo: { done: 2, failed: 0, skipped: 0 },
  });
  expect(textOf(0, 'undone')).toBe('a\nb\n-b\n-a\n');
});

test('a step fails by the host’s own code, and an http step cannot reach this machine', async () => {
  const server = createServer((_request, reply) => reply.end('inside'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  try {
    const playbook = await save({
      inputs: [{ name: 'url', type: 'string' }],
      steps: [{ id: 'get', kind: 'http', method: 'GET', url: '${{ inputs.url }}' }],
      outputs: { body: '${{ steps.get.output.body }}' },
    });
    for (const url of [
      `http://127.0.0.1:${port}/`,
      `http://2130706433:${port}/`,
      `http://[::ffff:127.0.0.1]:${port}/`,
      `http://localhost:${port}/`,
    ]) {
      expect(await app.untilRun(await start(playbook, { inputs: { url } }))).toMatchObject({
        status: 'failed',
        error: { code: 'http.address_refused' },
      });
    }
    await app.ok('PATCH', '/settings', { egressAllow: ['127.0.0.1'] });
    expect(await app.untilRun(await start(playbook, { inputs: { url: `http://127.0.0.1:${port}/` } }))).toMatchObject({
      status: 'succeeded',
      outputs: { body: 'inside' },
    });
  } finally {
    server.close();
  }
});
