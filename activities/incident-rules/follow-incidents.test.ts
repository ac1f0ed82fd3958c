import { afterAll, beforeAll, expect, test } from 'vitest';
import { incidentRuleRoom } from '#api/incident-rules/incident-rules.ts';
import type { IncidentStart, ShownIncidentRule } from '#contracts/incident-rules/incident-rules.ts';
import { runIncidentRules, startIncidentPlaybook } from '#db/incident-rules/on-incident.ts';
import { openIncident } from '#db/incidents/open-incident.ts';
import { endRun } from '#db/runs/end-run.ts';
import { triggerWorld, type TriggerWorld } from '#tests/kit/trigger-world.ts';
import { followIncidents } from './follow-incidents.ts';

let world: TriggerWorld;
let collect: string;
let made = 0;
const system = { kind: 'system', id: null, name: 'Test' } as const;

beforeAll(async () => {
  world = await triggerWorld({ rules: incidentRuleRoom });
  collect = await world.playbook('Collect', {
    inputs: [
      { name: 'key', type: 'string' },
      { name: 'what', type: 'string' },
      { name: 'labels', type: 'object' },
    ],
  });
});
afterAll(() => world.close());

const rule = async (fields: object = {}): Promise<ShownIncidentRule> => {
  const answer = await world.post('/incident-rules', {
    name: `Rule ${(made += 1)}`,
    target: { kind: 'playbook', id: collect },
    inputs: { what: 'incident.title' },
    mode: 'auto',
    ...fields,
  });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json<ShownIncidentRule>();
};
const look = async (id: string) => (await world.get(`/incident-rules/${id}`)).json<ShownIncidentRule>();
const turnOff = (id: string) => world.sql('update incident_rules set enabled = false where id = $1', [id]);
const sweep = () =>
  followIncidents({
    system: world.system,
    vault: world.vault,
    inTenant: (_id, work) => world.tx(work),
    startRuns: world.tools.startRuns,
  }).run();
/** Opens an incident; `opened` is told to the rules once, whether or not the incidents' own room has done so. */
const open = async (fields: { service?: string | null; cause?: string } = {}): Promise<string> => {
  const { id } = await world.tx((tx) =>
    openIncident(tx, {
      title: 'Disk full',
      description: '',
      severity: 'sev2',
      service: fields.service ?? null,
      ownerId: null,
      escalationPolicyId: null,
      links: fields.cause === undefined ? [] : [{ kind: 'run', ref: fields.cause, label: 'cause' }],
      actor: system,
    }),
  );
  return id;
};
const happen = (id: string, happened: 'severity' | 'state') =>
  world.tx(async (tx) => {
    const facts = await tx
      .selectFrom('incidents')
      .select(['id', 'key', 'title', 'severity', 'state', 'service'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    await runIncidentRules(tx, { incident: facts, happened });
  });
const startsOf = async (id: string) =>
  (await world.get(`/incidents/${id}/playbooks`)).json<{ data: IncidentStart[] }>().data;
const storyOf = async (id: string): Promise<string[]> =>
  (await world.sql('select text from incident_timeline where incident_id = $1 order by at, id', [id])).map(({ text }) =>
    String(text),
  );
const end = (runId: string, status: 'succeeded' | 'failed') =>
  world.tx((tx) => endRun(tx, runId, { status, error: status === 'failed' ? { code: 'x', message: 'exit 1' } : null }));

test('a rule starts its playbook once with the incident as its input, however many sweeps look; its story tells begin and end', async () => {
  const { id } = await rule({ condition: "incident.severity == 'sev2'" });
  const other = await rule({ condition: "incident.severity == 'sev1'" });
  const incident = await open();
  await Promise.all([sweep(), sweep(), sweep()]);
  const [start, ...more] = await startsOf(incident);
  expect(more).toEqual([]);
  expect(start).toMatchObject({ status: 'started', rule: { id }, inputs: { what: 'Disk full', labels: {} } });
  expect(start?.inputs?.['key']).toBe(start?.incident.key);
  await end(start?.runId ?? '', 'succeeded');
  await sweep();
  await sweep();
  expect((await startsOf(incident))[0]).toMatchObject({ status: 'ended', runStatus: 'succeeded' });
  expect((await storyOf(incident)).slice(1)).toEqual([
    expect.stringMatching(/^Collect began: Started by the rule/),
    'Collect succeeded',
  ]);
  expect((await look(other.id)).lastStarts).toEqual([]);
  for (const one of [id, other.id]) await turnOff(one);
});

test('a suggestion starts by the word of a person, once, and what is dismissed never does', async () => {
  const { id } = await rule({ mode: 'suggest' });
  const incident = await open();
  await sweep();
  const [suggested] = await startsOf(incident);
  expect(suggested).toMatchObject({ status: 'suggested', runId: null });
  const accept = () => world.post(`/incidents/${incident}/playbooks/${suggested?.id}/accept`, {});
  expect((await accept()).json()).toMatchObject({ status: 'started', decidedBy: { kind: 'user' } });
  expect((await accept()).json()).toMatchObject({ error: 'incident_rule.suggestion_settled' });
  const again = await open();
  await sweep();
  const [second] = await startsOf(again);
  const dismissed = await world.post(`/incidents/${again}/playbooks/${second?.id}/dismiss`, {});
  expect(dismissed.json()).toMatchObject({ status: 'dismissed' });
  await sweep();
  expect(await startsOf(again)).toEqual([]);
  await turnOff(id);
});

test('the same playbook does not run twice at once for an incident, whoever asks', async () => {
  const incident = await open();
  const want = () =>
    world.tx((tx) =>
      startIncidentPlaybook(tx, {
        incidentId: incident,
        playbookId: collect,
        inputs: { what: 'x' },
        actor: system,
        why: 'A test',
      }),
    );
  const [first, second] = [await want(), await want()];
  expect([first.isNew, second.isNew, second.runId]).toEqual([true, false, first.runId]);
  await sweep();
  const byHand = await world.post(`/incidents/${incident}/playbooks`, { playbookId: collect, inputs: { what: 'y' } });
  expect([byHand.statusCode, byHand.json().error]).toEqual([409, 'incident_rule.already_running']);
  await end(first.runId, 'succeeded');
  await sweep();
  const after = await world.post(`/incidents/${incident}/playbooks`, { playbookId: collect, inputs: { what: 'y' } });
  expect(after.statusCode, after.body).toBe(201);
  expect((await startsOf(incident)).map(({ status }) => status)).toEqual(['started', 'ended']);
});

test('limits hold a rule: so many an hour, and a rest for the same service', async () => {
  const { id } = await rule({ limits: { perHour: 2, coolDown: '10m', mostAtOnce: 1, mostFailures: 3 } });
  for (const service of ['shop', 'shop', 'mail', 'bank']) {
    await open({ service });
    await sweep();
  }
  const { lastStarts, tripped } = await look(id);
  expect(lastStarts.map(({ status }) => status)).toEqual(['held', 'started', 'held', 'started']);
  expect(lastStarts[0]?.why).toMatch(/its limit/);
  expect(lastStarts[2]?.why).toMatch(/less than 10m ago/);
  expect(tripped).toBeNull();
  await turnOff(id);
});

test('a rule whose runs fail in a row is stopped and says so, and goes on by a person’s word', async () => {
  const { id, name } = await rule({ limits: { perHour: 20, coolDown: '0s', mostAtOnce: 1, mostFailures: 2 } });
  let last = '';
  for (let n = 0; n < 2; n += 1) {
    last = await open();
    await sweep();
    const [start] = await startsOf(last);
    await end(start?.runId ?? '', 'failed');
    await sweep();
  }
  expect(await look(id)).toMatchObject({ failures: 2, tripped: { why: '2 of its runs in a row failed.' } });
  expect((await storyOf(last)).at(-1)).toBe(`The rule ${name} was stopped. 2 of its runs in a row failed.`);
  // Whoever made the rule is told, once.
  const told = await world.sql('select person_id, text from pages where subject = $1', [
    `The rule ${name} was stopped`,
  ]);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ person_id: world.people.olga.id, text: expect.stringMatching(/^2 of its runs in a row failed\./) }); // prettier-ignore
  const quiet = await open();
  await sweep();
  expect(await startsOf(quiet)).toEqual([]);
  const resumed = await world.post(`/incident-rules/${id}/resume`, {});
  expect(resumed.json()).toMatchObject({ tripped: null, failures: 0 });
  const heard = await open();
  await sweep();
  expect(await startsOf(heard)).toHaveLength(1);
  await turnOff(id);
});

test('a rule that sets itself off is stopped: by runs that open incidents, and by one incident that goes to and fro', async () => {
  const chain = await rule();
  let cause: string | undefined;
  for (let n = 0; n < 4; n += 1) {
    const incident: string = await open(cause === undefined ? {} : { cause });
    await sweep();
    cause = (await startsOf(incident))[0]?.runId ?? undefined;
  }
  expect((await look(chain.id)).tripped?.why).toMatch(/4 rules in a row/);
  expect(cause).toBeUndefined();
  const toAndFro = await rule({ happenings: ['state'] });
  const incident = await open();
  for (let n = 0; n < 7; n += 1) {
    await happen(incident, 'state');
    await sweep();
  }
  expect((await look(toAndFro.id)).tripped?.why).toMatch(/7 times in ten minutes/);
});

test('inputs that cannot be made are said with the note, and count as a failure', async () => {
  const { id } = await rule({ inputs: { what: 'incident.labels.host' } });
  await open();
  await sweep();
  const { lastStarts, failures } = await look(id);
  expect([lastStarts[0]?.status, lastStarts[0]?.error?.code, failures]).toEqual([
    'failed',
    'incident_rule.mapping_failed',
    1,
  ]);
  await turnOff(id);
});

test('422: a rule over names that are not there, and inputs that the playbook does not have', async () => {
  const answer = await world.post('/incident-rules', {
    name: 'Wrong',
    target: { kind: 'playbook', id: collect },
    condition: 'alert.severity > 3',
    inputs: { nothing: 'incident.key' },
  });
  expect(answer.statusCode).toBe(422);
  const paths = answer.json<{ details: { path: string }[] }>().details.map(({ path }) => path);
  expect(paths.sort()).toEqual(['/body/condition', '/body/inputs/nothing']);
});

test('a rule is tried on an incident without starting anything', async () => {
  const incident = await open({ service: 'shop' });
  const answer = await world.post('/incident-rules/check', {
    incidentId: incident,
    condition: "incident.service == 'shop'",
    target: { kind: 'playbook', id: collect },
    inputs: { what: "incident.key + '!'" },
  });
  expect(answer.json()).toMatchObject({ holds: true, inputs: { what: expect.stringMatching(/-\d+!$/) }, issues: [] });
  expect(await startsOf(incident)).toEqual([]);
});
