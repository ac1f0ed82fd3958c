// From an alert to a closed incident, against real parts: Alertmanager, sshd, SMTP, a webhook, PostgreSQL and Temporal.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { IncidentStart } from '#contracts/incident-rules/incident-rules.ts';
import type { ListedIncident, ShownIncident, TimelineEntry } from '#contracts/incidents/incidents.ts';
import { incidentWorkflowId } from '#contracts/incidents/lifecycle.ts';
import { startSmtpServer, type SmtpServer } from '#simulators/smtp/smtp-server.ts';
import { actLinksIn, letterText } from '../kit/act-links.ts';
import { type Alertmanager, startAlertmanager } from '../kit/alertmanager.ts';
import { hastenIncident } from '../kit/hasten-incident.ts';
import { type Fleet, startFleet } from '../kit/host-fleet.ts';
import { httpPeer, type HttpPeer } from '../kit/http-peer.ts';
import { startTestApp, type TestApp, until } from '../kit/test-app.ts';

// Many real parts, one after the other: what takes 15 s takes minutes on a loaded machine.
const patienceMs = 240_000;

let app: TestApp;
let smtp: SmtpServer;
let chat: HttpPeer;
let fleet: Fleet;
beforeAll(async () => {
  [smtp, chat] = await Promise.all([startSmtpServer(), httpPeer()]);
  app = await startTestApp({ environment: { SMTP_URL: smtp.url } });
  await app.ok('PATCH', '/settings', { egressAllow: ['127.0.0.1'] });
  fleet = await startFleet(app, { hosts: 1 });
});
afterAll(async () => {
  await app?.close();
  await fleet?.stop();
  await smtp?.close();
  await chat?.close();
});

type Step = { targets: object[]; after?: string };

let made = 0;
/** A service of its own, with whoever is on call for it, what is promised, and a real Alertmanager that speaks of it. */
async function serviceOf(word: string, policyOf: (targets: { onCall: object; channel: object }) => object) {
  const name = `${word}-${Date.now().toString(36)}-${(made += 1)}`;
  const onCall = await app.addMember(`ana-${name}`, 'member');
  const schedule = await app.ok('POST', '/oncall/schedules', {
    name,
    timeZone: 'Europe/Berlin',
    layers: [
      {
        id: '01890000-0000-7000-8000-000000000001',
        name: 'Weeks',
        people: [onCall.id],
        startsAt: '2026-01-05T09:00',
        turn: { unit: 'weeks', count: 1 },
      },
    ],
  });
  const path = `/chat/${name}`;
  const channel = await app.ok('POST', '/channels', { kind: 'slack', name, url: `${chat.url}${path}` });
  const policy = await app.ok('POST', '/oncall/policies', {
    name,
    repeats: 0,
    repeatAfter: '1m',
    ...policyOf({ onCall: { kind: 'schedule', id: schedule.id }, channel: { kind: 'channel', id: channel.id } }),
  });
  const sla = {
    name,
    services: [name],
    targets: { sev1: { respond: '5m', resolve: '1h' }, sev2: { respond: '1m', resolve: null } },
    warnPercent: 1,
  };
  const { id: slaId } = await app.ok('POST', '/sla/policies', sla);
  const { source, address } = await app.ok('POST', '/alert-sources', { name, format: 'alertmanager' });
  await app.ok('POST', '/alert-rules', {
    name,
    when: `alert.source == '${name}'`,
    service: 'alert.labels.service',
    escalationPolicyId: policy.id,
  });
  const alertmanager: Alertmanager = await startAlertmanager({ webhook: address.url });
  onTestFinished(() => alertmanager.stop());
  const incidents = async (): Promise<ListedIncident[]> => (await app.ok('GET', `/incidents?service=${name}`)).data;
  return {
    name,
    onCall,
    alertmanager,
    incidents,
    opened: (): Promise<ListedIncident> => until(async () => (await incidents())[0]),
    alert: async (): Promise<{ count: number; status: string } | undefined> =>
      (await app.ok('GET', `/alerts?source=${source.id}`)).data[0],
    promise: (targets: object) => app.ok('PUT', `/sla/policies/${slaId}`, { ...sla, targets }),
    lettersTo: ({ email }: { email: string }, incidentId: string): string[] =>
      smtp.letters
        .filter(({ to }) => to.includes(email))
        .map(letterText)
        .filter((text) => text.includes(incidentId)),
    posts: (): string[] => chat.requests.filter(({ url }) => url === path).map(({ body }) => body),
  };
}

const shown = (id: string): Promise<ShownIncident> => app.ok('GET', `/incidents/${id}`);
const untilShown = (id: string, isWanted: (incident: ShownIncident) => boolean): Promise<ShownIncident> =>
  until(async () => {
    const incident = await shown(id);
    return isWanted(incident) && incident;
  });
const storyOf = async (id: string, ...kinds: TimelineEntry['kind'][]): Promise<string[]> => {
  const { data } = await app.ok('GET', `/incidents/${id}/timeline?limit=200&kind=${kinds.join(',')}`);
  return data.map(({ text }: TimelineEntry) => text).toReversed();
};
const move = (id: string, to: string, reason: string): Promise<ShownIncident> =>
  app.ok('POST', `/incidents/${id}/transitions`, { to, reason });
const boardCard = async (id: string): Promise<ListedIncident | undefined> => {
  const { columns }: { columns: { incidents: ListedIncident[] }[] } = await app.ok('GET', '/incidents/board');
  return columns.flatMap(({ incidents }) => incidents).find((one) => one.id === id);
};
const press = async (link: string): Promise<number> => (await fetch(link, { method: 'POST' })).status;
/** What became of an incident's workflow on the real server: how many timers fired and tasks failed. */
const onServer = async (incidentId: string): Promise<{ timers: number; failed: unknown[] }> => {
  const { workflow } = app.parts.workflows.client;
  const workflowId = incidentWorkflowId({ workspaceId: app.workspaceId, incidentId });
  const { events } = await workflow.getHandle(workflowId).fetchHistory();
  return {
    timers: (events ?? []).filter(({ timerFiredEventAttributes }) => timerFiredEventAttributes).length,
    failed: (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: told }) => (told ? [told] : [])),
  };
};

/** Diagnostics are collected from the host that the alert names, as soon as a sev1 of this service opens. */
async function collectsFor(service: string): Promise<void> {
  const { id } = await app.ok('POST', '/playbooks', {
    definition: {
      name: `Diagnose ${service}`,
      inputs: [
        { name: 'hosts', type: 'servers', required: true },
        { name: 'key', type: 'string', required: true },
      ],
      steps: [
        {
          id: 'look',
          kind: 'ssh',
          hosts: { from: '${{ inputs.hosts }}' },
          command: 'printf "%s %s" ${{ inputs.key }} "$HOME"; uptime >&2; df -k >&2',
        },
      ],
      outputs: { found: '${{ steps.look.output.stdout }}' },
    },
  });
  await app.ok('POST', '/incident-rules', {
    name: `Diagnose ${service}`,
    condition: `incident.severity == 'sev1' && incident.service == '${service}'`,
    target: { kind: 'playbook', id },
    mode: 'auto',
  });
}

test(
  'an alert that fires and fires is one incident: told once, diagnosed, acknowledged from the mail, ended, taken up, closed',
  { timeout: patienceMs },
  async () => {
    const [host] = fleet.hosts;
    const { name, onCall, alertmanager, opened, incidents, alert, lettersTo, posts, promise } = await serviceOf(
      'checkout',
      ({ onCall: first, channel }) => ({ steps: [{ targets: [first, channel] }, { after: '2h', targets: [first] }] }),
    );
    await collectsFor(name);
    const firing = {
      labels: { alertname: name, severity: 'critical', service: name, instance: `${host?.name}:9100` },
      annotations: { summary: `${name} answers 500`, description: 'Five in a hundred calls fail.' },
    };
    for (let times = 0; times < 3; times += 1) await alertmanager.fire(firing);
    const { id, key, severity } = await opened();
    expect(severity).toBe('sev1');
    await until(async () => ((await alert())?.count ?? 0) >= 3);
    expect(await incidents()).toHaveLength(1);

    // The playbook has begun by itself, on the host that the alert names; what it found stands at the incident.
    const ended = await until(async () => {
      const { data }: { data: IncidentStart[] } = await app.ok('GET', `/incidents/${id}/playbooks`);
      return data.find(({ status }) => !['pending', 'due', 'started'].includes(status));
    });
    expect(ended).toMatchObject({ status: 'ended', runStatus: 'succeeded', inputs: { hosts: [host?.name], key } });
    expect((await app.untilRun(ended.runId ?? '')).outputs).toEqual({ found: `${key} ${host?.home}` });
    expect((await shown(id)).links).toContainEqual(expect.objectContaining({ kind: 'run', ref: ended.runId }));

    // Board and page see the clocks count.
    const usedAt = async (): Promise<(number | undefined)[]> => {
      const [card, page] = [await boardCard(id), await shown(id)];
      for (const one of [card, page])
        expect(one?.clocks.map(({ kind, mode, targetMs }) => [kind, mode, targetMs])).toEqual([
          ['respond', 'counting', 300_000],
          ['resolve', 'counting', 3_600_000],
        ]);
      return [card?.clocks[0]?.usedMs, page.clocks[0]?.usedMs];
    };
    const [cardBefore = Infinity, pageBefore = Infinity] = await usedAt();
    await until(async () => {
      const [card = 0, page = 0] = await usedAt();
      return card > cardBefore && page > pageBefore;
    });

    // Who is on call got a letter and the channel a message; the letter's link acts, and acts once.
    const letter = await until(() => lettersTo(onCall, id)[0]);
    const post = await until(() => posts()[0]);
    const [acknowledge = ''] = actLinksIn(letter);
    expect((await fetch(acknowledge)).status).toBe(200);
    expect((await shown(id)).state).toBe('open');
    expect([await press(acknowledge), await press(acknowledge)]).toEqual([200, 409]);
    expect(await shown(id)).toMatchObject({
      state: 'acknowledged',
      clocks: [
        { kind: 'respond', mode: 'met' },
        { kind: 'resolve', mode: 'counting' },
      ],
    });
    expect(await press(actLinksIn(post)[0] ?? '')).toBe(409);
    expect(await storyOf(id, 'moved')).toEqual(['From Open to Acknowledged']);

    // The alert is over, and so is the incident; taken up by a person it stays so, whatever looks at it.
    await alertmanager.end(firing);
    await untilShown(id, ({ state }) => state === 'resolved');
    expect((await alert())?.status).toBe('resolved');
    await move(id, 'investigating', 'It is not over');
    await promise({ sev1: { respond: '5m', resolve: '2h' } });
    const looked = await untilShown(id, ({ clocks }) => clocks[1]?.targetMs === 7_200_000);
    expect([looked.state, looked.clocks[1]?.mode]).toEqual(['investigating', 'counting']);
    await move(id, 'resolved', 'The pool was too small');
    const closed = await move(id, 'closed', 'Nothing left to do');

    const told = [
      'opened: Opened as SEV1',
      'escalated: Level 1 is told',
      'run: Diagnose',
      'moved: From Open to Acknowledged',
      'alert: Alert is over',
      'moved: From Acknowledged to Resolved: All its alerts are resolved',
      'moved: Reopened: from Resolved to Investigating: It is not over',
      'moved: From Investigating to Resolved: The pool was too small',
      'moved: From Resolved to Closed',
    ];
    let from = 0;
    for (const line of told) {
      const words = line.slice(line.indexOf(': ') + 2);
      const at = closed.postmortem.indexOf(words, from);
      expect(at, `“${words}” in its place of\n${closed.postmortem}`).toBeGreaterThanOrEqual(from);
      from = at;
    }
    expect(await incidents()).toHaveLength(1);
    expect([lettersTo(onCall, id).length, posts().length]).toEqual([1, 1]);
    expect((await onServer(id)).failed).toEqual([]);
  },
);

test(
  'nobody answers: two levels and the fallback are told, each once, and the clock warns and is over, by timers of the real server',
  { timeout: patienceMs },
  async () => {
    const second = await app.addMember(`ben-${Date.now().toString(36)}`, 'member');
    const { name, onCall, alertmanager, opened, lettersTo, posts } = await serviceOf(
      'search',
      ({ onCall: first, channel }) => {
        const steps: Step[] = [{ targets: [first] }, { after: '2s', targets: [{ kind: 'person', id: second.id }] }];
        return { steps, fallback: [channel] };
      },
    );
    await alertmanager.fire({
      labels: { alertname: name, severity: 'high', service: name },
      annotations: { summary: `${name} is slow` },
    });
    const { id, severity } = await opened();
    expect(severity).toBe('sev2');
    const untilStory = (count: number, ...kinds: TimelineEntry['kind'][]): Promise<string[]> =>
      until(async () => {
        const lines = await storyOf(id, ...kinds);
        return lines.length >= count && lines;
      });
    await untilStory(2, 'escalated');
    await untilStory(1, 'sla_warned');
    // A minute each: the clock to answer, and the wait before the fallback.
    await hastenIncident(app, id);
    await untilStory(1, 'sla_breached');
    await hastenIncident(app, id);
    const levels = await untilStory(3, 'escalated');
    expect(levels.map((line) => line.split(':')[0])).toEqual([
      'Level 1 is told',
      'Level 2 is told',
      'Fallback is told',
    ]);
    await until(() => posts().length > 0);
    await until(() => lettersTo(second, id).length > 0);
    const rest = await shown(id);
    expect(rest).toMatchObject({ state: 'open', escalationLevel: 3, nextEscalationAt: null });
    expect(rest.clocks[0]).toMatchObject({ kind: 'respond', mode: 'counting', breachedAt: expect.any(String) });
    const said = await app.parts.inTenant(app.workspaceId, (tx) =>
      tx.selectFrom('events').select(['type', 'data']).where('subject', '=', `incident:${id}`).orderBy('seq').execute(),
    );
    const clock = said.flatMap(({ type, data }) =>
      type.startsWith('sla.') && data['clock'] === 'respond' ? [type] : [],
    );
    expect(clock).toEqual(['sla.warned', 'sla.breached']);
    expect(said.flatMap(({ type, data }) => (type === 'escalation.told' ? [data['level']] : []))).toEqual([1, 2, 3]);
    expect([lettersTo(onCall, id).length, lettersTo(second, id).length, posts().length]).toEqual([1, 1, 1]);
    const { timers, failed } = await onServer(id);
    expect(failed).toEqual([]);
    // The warning, the second level, the breach and the fallback.
    expect(timers).toBeGreaterThanOrEqual(4);
  },
);
